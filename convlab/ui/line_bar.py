"""Which row or column of the photo is the signal."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.source import Line
from convlab.ui.typed_number import WholeBox


class LineBar(QWidget):
    """There while the signal is a line of a photo. A drag over the photo is one undo step."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.along = QComboBox()
        self.along.setAccessibleName(self.tr("row or column"))
        self.along.addItem(self.tr("row"), "row")
        self.along.addItem(self.tr("column"), "column")
        self.along.activated.connect(self._turned)
        self.index = WholeBox(0, 0)
        self.index.setAccessibleName(self.tr("number of the row or column"))
        self.index.setToolTip(self.tr("Drag the line on the photo"))
        self.index.valueChanged.connect(self._moved)
        self.index.editingFinished.connect(session.seal)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.along)
        row.addWidget(self.index, 1)
        session.document_changed.connect(self._show)
        self._show()

    def move_to(self, y: float, x: float) -> None:
        """The line through the photo's point (y, x)."""
        line = self._session.document.reading.line
        if line is not None:
            self._set(Line(line.along, int(y if line.along == "row" else x)))

    @Slot()
    def _show(self) -> None:
        line = self._session.document.reading.line
        self.setVisible(line is not None)
        if line is None:
            return
        with QSignalBlocker(self.along), QSignalBlocker(self.index):
            self.along.setCurrentIndex(self.along.findData(line.along))
            self.index.setRange(0, self._lines(line.along) - 1)
            self.index.setValue(line.index)

    @Slot(int)
    def _turned(self, _index: int) -> None:
        along = self.along.currentData()
        self._set(Line(along, self._lines(along) // 2))
        self._session.seal()

    @Slot(int)
    def _moved(self, index: int) -> None:
        line = self._session.document.reading.line
        if line is not None:
            self._set(Line(line.along, index))

    def _lines(self, along: str) -> int:
        """How many rows or columns there are."""
        return self._session.document.source.size[0 if along == "row" else 1]

    def _set(self, line: Line) -> None:
        label = message(QT_TRANSLATE_NOOP("model", "move the line"))
        self._session.apply(partial(_with_line, line), label, "line")


def _with_line(line: Line, document: Document) -> Document:
    return edits.set_line(document, line)
