"""Labels whose text changes while the mouse moves, and that move nothing around them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convlab.ui.plain import PlainLabel


class SteadyLabel(PlainLabel):
    """Has a width of its own, that grows for a longer text and never shrinks: a new text is no new layout.

    Painted on a ground of its own, so that what is under it is not painted again with it.
    """

    def __init__(self, widest: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAutoFillBackground(True)
        self._widest = widest
        self._make_room()

    def setText(self, text: str) -> None:
        """Show a text, with the room that it needs."""
        if text == self.text():
            return
        super().setText(text)
        if self._width_of(text) > self.minimumWidth():
            self._widest = text
            self._make_room()

    def _width_of(self, text: str) -> int:
        margins = self.contentsMargins()
        return self.fontMetrics().horizontalAdvance(text) + margins.left() + margins.right() + 2 * self.margin()

    def _make_room(self) -> None:
        self.setFixedSize(self._width_of(self._widest), self.fontMetrics().height())

    # Qt's names

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()


class LabelRoom(QWidget):
    """Gives its label all the room that there is and asks for none, so that a new text is no new layout."""

    def __init__(self, label: PlainLabel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = label
        label.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    # Qt's names

    def sizeHint(self) -> QSize:
        """The height of a line."""
        return QSize(0, self._label.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The label is as large as this."""
        super().resizeEvent(event)
        self._label.resize(event.size())
