"""The table of a layer's numbers for each channel, where its kind has any."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from convlab.app.session import Session
from convlab.ui.norm_model import NormModel


class NumbersTable(QTableView):
    """A row for each channel, a column for each such parameter; hidden where there is none."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = NormModel(session, self)
        self.setModel(self.numbers)
        self.setAccessibleName(self.tr("numbers of each channel"))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.hide()

    def show_layer(self, place: int) -> None:
        """That of the layer at `place`."""
        self.numbers.show_layer(place)
        self.setVisible(self.numbers.columnCount() > 0)
