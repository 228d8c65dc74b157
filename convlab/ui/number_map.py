"""A small map by itself: its numbers on grays, or where there are too many its picture, of one row a curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convlab.model.numbers import value_text
from convlab.model.view import Display
from convlab.render.contrast import contrast_limits
from convlab.render.pixels import to_pixels
from convlab.ui.theme import figures_font, mixed, text_on
from convlab.ui.tile_painter import pixels_image

LARGEST_NUMBERS = 9
"""Rows and columns up to which the numbers are written."""
CELL_HEIGHT = 18
PICTURE_SIDE = 120

Values = NDArray[np.floating]
Limits = tuple[float, float]


def shared_limits(maps: list[Values]) -> Limits:
    """The values that are black and white in all of some maps."""
    return contrast_limits([np.concatenate([values.ravel() for values in maps])[None]], Display("shared"))[0]


class NumberMap(QWidget):
    """Shows values [rows, cols] with black and white at given limits. Its accessible description is the numbers."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Values | None = None
        self._limits: Limits = (0.0, 1.0)
        self.setAccessibleName(name)
        self.setFont(figures_font(self))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def values(self) -> Values | None:
        """What is shown."""
        return self._values

    def show_values(self, values: Values | None, limits: Limits) -> None:
        """Change what is shown; None empties it."""
        self._values, self._limits = values, limits
        self.setAccessibleDescription("\n".join(" ".join(row) for row in self._texts()))
        self.setFixedSize(self._size())
        self.update()

    def _texts(self) -> list[list[str]]:
        if self._values is None or max(self._values.shape) > LARGEST_NUMBERS:
            return []
        return [[value_text(float(value)) for value in row] for row in self._values]

    def _size(self) -> QSize:
        if self._values is None or not self._values.size:
            return QSize(PICTURE_SIDE, CELL_HEIGHT)
        rows, cols = self._values.shape
        texts = self._texts()
        if texts:
            widest = max(QFontMetrics(self.font()).horizontalAdvance(text) for row in texts for text in row)
            return QSize(cols * max(widest + 6, CELL_HEIGHT) + 1, rows * CELL_HEIGHT + 1)
        if rows == 1:
            return QSize(PICTURE_SIDE, PICTURE_SIDE // 2)
        scale = PICTURE_SIDE / max(rows, cols)
        return QSize(max(1, round(cols * scale)), max(1, round(rows * scale)))

    def _paint_curve(self, painter: QPainter, row: Values) -> None:
        """A row's values from the lower limit at the bottom to the upper one at the top; none where it is no number."""
        low, high = self._limits
        painter.fillRect(self.rect(), self.palette().base())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().windowText().color(), 1))
        across = np.linspace(1, self.width() - 1, row.size)
        down = 1 + (self.height() - 2) * (1 - (row - low) / max(high - low, 1e-30))
        points = [QPointF(x, float(np.clip(y, -1e4, 1e4))) for x, y in zip(across, down, strict=True) if np.isfinite(y)]
        painter.drawPolyline(points)

    # Qt's names

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Numbers on their grays, or the picture."""
        if self._values is None or not self._values.size:
            return
        painter = QPainter(self)
        if len(self._values) == 1 and self._values.size > LARGEST_NUMBERS:
            self._paint_curve(painter, self._values[0])
            return
        levels = to_pixels(self._values, self._limits)
        texts = self._texts()
        if not texts:
            shrunk = max(self._values.shape) > PICTURE_SIDE * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
            painter.drawImage(QRectF(self.rect()), pixels_image(levels))
            return
        line = mixed(self.palette().windowText().color(), self.palette().window().color(), 0.6)
        width = (self.width() - 1) / len(texts[0])
        for row, col in np.ndindex(*self._values.shape):
            level = levels[row, col]
            ground = QColor(*(int(v) for v in level)) if level.ndim else QColor(int(level), int(level), int(level))
            cell = QRectF(col * width, row * CELL_HEIGHT, width, CELL_HEIGHT)
            painter.fillRect(cell, ground)
            painter.setPen(QPen(line, 1))
            painter.drawRect(cell)
            painter.setPen(text_on(ground))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, texts[row][col])
