"""A rectangle that is drawn over the photo with Shift and the mouse."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QRubberBand, QWidget

from convlab.model.region import Region
from convlab.ui.tile_painter import Place

LEAST = 4
"""Logical pixels of a drag: less is a click."""


class Rectangle(QRubberBand):
    """From where the button went down to the mouse; seen from the first move on."""

    def __init__(self, start: QPointF, parent: QWidget) -> None:
        super().__init__(QRubberBand.Shape.Rectangle, parent)
        self._start = start

    def draw_to(self, point: QPointF) -> None:
        """The mouse has moved."""
        self.setGeometry(QRectF(self._start, point).normalized().toAlignedRect())
        self.show()

    def region(self, end: QPointF, place: Place, size: tuple[int, int]) -> Region | None:
        """The pixels of a picture of `size` (height, width) that it covers; None for a click."""
        if (end - self._start).manhattanLength() < LEAST:
            return None
        corners = [place.to_input(point) for point in (self._start, end)]
        top, bottom = (min(max(floor(y), 0), size[0] - 1) for y in sorted(y for y, _ in corners))
        left, right = (min(max(floor(x), 0), size[1] - 1) for x in sorted(x for _, x in corners))
        return Region(top, left, bottom - top + 1, right - left + 1)
