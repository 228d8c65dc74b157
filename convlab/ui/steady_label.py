"""A label whose text changes at every step of a drag, and moves nothing around it."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

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

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs other room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()
