"""The way back in words and as a table: what an input pixel feeds, what a weight touches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from convlab.model.document import Document
from convlab.model.numbers import format_weight
from convlab.model.reverse import (
    Feeding,
    feeding,
    feeding_message,
    feeding_table,
    touched,
    touched_message,
)
from convlab.model.view import ViewState
from convlab.ui.rows_model import RowsModel
from convlab.ui.theme import SPACE, shown

MOST_COLUMNS = 12
"""Channels beyond these columns are in the copied table only."""


class ReverseView(QWidget):
    """A sentence, and under it the taps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[list[str]] = []
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.model = RowsModel(self)
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("pixels that are fed"))
        self.table.setModel(self.model)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, 0)
        column.addWidget(self.sentence)
        column.addWidget(self.table, 1)

    def show_feeding(self, document: Document, output: int, position: tuple[int, int]) -> None:
        """What the input pixel at `position` feeds in map `output`; the document has no problems."""
        found = feeding(document, output, *position)
        self.sentence.setText(shown(feeding_message(found)))
        self.rows = feeding_table(found)
        self.model.show_rows(self._titles(found), _short_rows(found))
        self.table.show()

    def show_touched(self, document: Document, view: ViewState) -> None:
        """What the weight under the mouse touches; the document has no problems."""
        if view.tap is None:
            return
        number = document.layer.group_inputs(view.chosen_output)[view.chosen_input]
        name = document.source.channel_names[document.input_channels[number].index]
        self.sentence.setText(shown(touched_message(touched(document, view.tap), view.chosen_output, name)))
        self.rows = []
        self.table.hide()

    def _titles(self, found: Feeding) -> tuple[str, ...]:
        titles = [
            self.tr("output row"),
            self.tr("output column"),
            self.tr("kernel row"),
            self.tr("kernel column"),
        ]
        for name in found.channel_names:
            titles += [self.tr("{name}: weight").format(name=name), self.tr("{name}: product").format(name=name)]
        return tuple(titles[:MOST_COLUMNS])


def _short_rows(found: Feeding) -> list[list[str]]:
    """The table's rows for the eye: few digits, as many channels as there are columns for."""
    channels = (MOST_COLUMNS - 4) // 2
    pairs = np.stack([found.weights[:, :channels], found.products[:, :channels]], axis=2).reshape(len(found.places), -1)
    return [
        [*(str(int(n)) for n in place), *(format_weight(float(n)) for n in numbers)]
        for place, numbers in zip(found.places, pairs, strict=True)
    ]
