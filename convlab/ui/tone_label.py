"""A label whose colour means something and follows light and dark."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from convlab.ui.plain import PlainLabel
from convlab.ui.theme import quiet_text, warning_color

Tone = Literal["plain", "quiet", "warning"]


class ToneLabel(PlainLabel):
    """A label in the text colour, the quiet one, or the warning one."""

    def __init__(self, text: str = "", tone: Tone = "plain", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._tone = tone
        self._recolor()

    def set_tone(self, tone: Tone) -> None:
        """Change what the colour says."""
        if tone != self._tone:
            self._tone = tone
            self._recolor()

    def _recolor(self) -> None:
        ground = QApplication.palette()
        colors = {
            "plain": ground.color(QPalette.ColorRole.WindowText),
            "quiet": quiet_text(ground),
            "warning": warning_color(ground),
        }
        if self.palette().color(QPalette.ColorRole.WindowText) != colors[self._tone]:
            palette = self.palette()
            palette.setColor(QPalette.ColorRole.WindowText, colors[self._tone])
            self.setPalette(palette)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colour of the new palette."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._recolor()
