"""The small chain between two values that change together."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QToolButton, QWidget

from convlab.ui.theme import quiet_text

_SIDE = 22


class LinkButton(QToolButton):
    """A checkable button: two closed links when checked, two parted ones when not. Painted, so sharp at any scale."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """A small square."""
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        """The same: the drawing does not shrink."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's button, then the chain on it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        color = palette.color(QPalette.ColorRole.ButtonText) if self.isChecked() else quiet_text(palette)
        if not self.isEnabled():
            color = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        painter.setPen(QPen(color, 1.5))
        painter.translate(QPointF(self.rect().center()) + QPointF(0.5, 0.5))
        painter.rotate(-45)
        gap = 0.5 if self.isChecked() else 2.5
        for side in (-1, 1):
            link = QRectF(-4.0, -2.5, 8.0, 5.0).translated(side * (2.75 + gap), 0)
            painter.drawRoundedRect(link, 2.5, 2.5)
        painter.end()
