"""The way back, drawn: the map pixels that an input pixel feeds, the input pixels that a weight touches."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from convlab.model.reverse import Touched
from convlab.model.viewport import MapGeometry
from convlab.ui.tile_painter import Place

LEAST_MARK = 3.0
"""Logical pixels of a pixel from which each is marked; below that, what they cover together."""
MOST_MARKS, MOST_OUTLINES = 4000, 1000


def draw_pixels(
    painter: QPainter, place: Place, geometry: MapGeometry, pixels: tuple[tuple[int, int], ...], color: QColor
) -> None:
    """Outline pixels of a map or of the input, each by itself where they are large enough."""
    if not pixels:
        return
    painter.save()
    painter.setClipRect(place.rect)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    first = _rect(place, geometry, *pixels[0])
    if min(first.width(), first.height()) < LEAST_MARK or len(pixels) > MOST_OUTLINES:
        rows, cols = zip(*pixels, strict=True)
        ends = _rect(place, geometry, min(rows), min(cols)), _rect(place, geometry, max(rows), max(cols))
        rects = [_grown(ends[0].united(ends[1]), 7)]
    else:
        rects = [_rect(place, geometry, row, col) for row, col in pixels]
    for pen in (QPen(Qt.GlobalColor.black, 3), QPen(color, 1.5)):
        painter.setPen(pen)
        for rect in rects:
            painter.drawRect(rect)
    painter.restore()


def draw_touched(painter: QPainter, place: Place, geometry: MapGeometry, found: Touched, color: QColor) -> None:
    """Tint the rows' and columns' crossings; where they are small or many, the rectangle that they span."""
    if not len(found.rows) or not len(found.cols):
        return
    painter.save()
    painter.setClipRect(place.rect)
    tint = QColor(color)
    tint.setAlphaF(0.45)
    first = _rect(place, geometry, int(found.rows[0]), int(found.cols[0]))
    last = _rect(place, geometry, int(found.rows[-1]), int(found.cols[-1]))
    single = min(first.width(), first.height()) >= LEAST_MARK and len(found.rows) * len(found.cols) <= MOST_MARKS
    painter.setPen(QPen(color, 1.5))
    if single:
        for row in found.rows:
            for col in found.cols:
                rect = _rect(place, geometry, int(row), int(col))
                painter.fillRect(rect, tint)
                painter.drawRect(rect)
    else:
        painter.fillRect(first.united(last), tint)
        painter.drawRect(first.united(last))
    painter.restore()


def _rect(place: Place, geometry: MapGeometry, row: int, col: int) -> QRectF:
    return QRectF(place.to_point(*geometry.to_input(row, col)), place.to_point(*geometry.to_input(row + 1, col + 1)))


def _grown(rect: QRectF, side: float) -> QRectF:
    """The rectangle, large enough to be seen."""
    width, height = max(rect.width(), side), max(rect.height(), side)
    return QRectF(rect.center().x() - width / 2, rect.center().y() - height / 2, width, height)
