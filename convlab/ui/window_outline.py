"""The window of an explained value, drawn on the input: its taps, those in the padding, and what these repeat."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen

from convlab.app.tiles import SMALL_NUMBERS_FROM
from convlab.model.explanation import Explanation
from convlab.model.receptive import Bounds
from convlab.model.unit import shown_value
from convlab.model.viewport import MapGeometry
from convlab.ui.tile_painter import Place

LEAST_TAP = 4.0
"""Logical pixels of an input pixel from which each tap is outlined; below that the whole window is."""
MOST_ARROWS = 120


def draw_window(painter: QPainter, place: Place, explanation: Explanation, color: QColor) -> None:
    """Outline each tap, dashed in the padding, with a line to the pixel that it repeats; or the window as one."""
    painter.save()
    painter.setClipRect(place.rect)
    if place.view.zoom / place.ratio < LEAST_TAP:
        last = explanation.weights.shape[1] - 1, explanation.weights.shape[2] - 1
        whole = _tap(place, explanation, 0, 0).united(_tap(place, explanation, *last))
        _outline(painter, _at_least(whole, 5), color, Qt.PenStyle.SolidLine)
    else:
        _draw_taps(painter, place, explanation, color)
    painter.restore()


def draw_padding(
    painter: QPainter,
    place: Place,
    explanation: Explanation,
    channel: int,
    palette: QPalette,
    font: QFont,
    unit: float,
) -> None:
    """Write what the taps in the padding read of a channel, on a ground that is no pixel of the picture."""
    if place.view.zoom < SMALL_NUMBERS_FROM:
        return
    painter.save()
    painter.setClipRect(place.rect)
    small = QFont(font)
    side = place.view.zoom / place.ratio
    small.setPixelSize(max(8, min(14, int(side / 3.6))))
    painter.setFont(small)
    for row, col in np.ndindex(*explanation.weights.shape[1:]):
        if explanation.padded(row, col):
            cell = _tap(place, explanation, row, col).adjusted(2, 2, -2, -2)
            painter.fillRect(cell, palette.color(QPalette.ColorRole.Window))
            text = shown_value(float(explanation.values[channel, row, col]), unit)
            if painter.fontMetrics().horizontalAdvance(text) <= cell.width() + 4:
                painter.setPen(palette.color(QPalette.ColorRole.WindowText))
                painter.drawText(cell.adjusted(-2, -2, 2, 2), Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def draw_field(painter: QPainter, place: Place, geometry: MapGeometry, bounds: Bounds, color: QColor) -> None:
    """Frame what a value of a later layer sees of a map, or of the input."""
    top, left, bottom, right = bounds
    painter.save()
    painter.setClipRect(place.rect)
    corners = place.to_point(*geometry.to_input(top, left)), place.to_point(*geometry.to_input(bottom, right))
    frame = _at_least(QRectF(*corners), 7).adjusted(1, 1, -1, -1)
    for pen in (QPen(Qt.GlobalColor.black, 5), QPen(Qt.GlobalColor.white, 3.5), QPen(color, 2, Qt.PenStyle.DashLine)):
        painter.setPen(pen)
        painter.drawRect(frame)
    painter.restore()


def _draw_taps(painter: QPainter, place: Place, explanation: Explanation, color: QColor) -> None:
    height, width = explanation.weights.shape[1:]
    padded = [(r, c) for r, c in np.ndindex(height, width) if explanation.padded(r, c)]
    for row, col in np.ndindex(height, width):
        style = Qt.PenStyle.DashLine if explanation.padded(row, col) else Qt.PenStyle.SolidLine
        _outline(painter, _tap(place, explanation, row, col), color, style)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for row, col in padded[:MOST_ARROWS]:
        source = (int(explanation.source_rows[row]), int(explanation.source_cols[col]))
        if -1 not in source:
            start = _tap(place, explanation, row, col).center()
            _arrow(painter, start, _pixel(place, *source).center(), color)


def _pixel(place: Place, row: int, col: int) -> QRectF:
    return QRectF(place.to_point(row, col), place.to_point(row + 1, col + 1))


def _tap(place: Place, explanation: Explanation, row: int, col: int) -> QRectF:
    """A tap's pixel; between the pixels that a transposed layer has spread, a cell of its own."""
    at = [int(explanation.rows[row]), int(explanation.cols[col])]
    rests = [position % spread for position, spread in zip(at, explanation.spread, strict=True)]
    y, x = (position // spread for position, spread in zip(at, explanation.spread, strict=True))
    if not any(rests):
        return _pixel(place, y, x)
    (top, bottom), (left, right) = (
        _between(pixel, rest, spread) for pixel, rest, spread in zip((y, x), rests, explanation.spread, strict=True)
    )
    return QRectF(place.to_point(top, left), place.to_point(bottom, right))


def _between(pixel: int, rest: int, spread: int) -> tuple[float, float]:
    """A place `rest` / `spread` of the way from a pixel to the next, drawn across their border."""
    if rest == 0:
        return pixel + 0.2, pixel + 0.8
    middle, half = pixel + 0.5 + rest / spread, 0.5 / spread
    return middle - half, middle + half


def _outline(painter: QPainter, rect: QRectF, color: QColor, style: Qt.PenStyle) -> None:
    painter.setPen(QPen(Qt.GlobalColor.black, 3))
    painter.drawRect(rect)
    painter.setPen(QPen(color, 1.5, style))
    painter.drawRect(rect)


def _arrow(painter: QPainter, start: QPointF, end: QPointF, color: QColor) -> None:
    along = end - start
    length = (along.x() ** 2 + along.y() ** 2) ** 0.5
    if length < 2:
        return
    unit = along / length
    across = QPointF(-unit.y(), unit.x())
    for pen in (QPen(Qt.GlobalColor.black, 3), QPen(color, 1.5)):
        painter.setPen(pen)
        painter.drawLine(start, end)
        for side in (across, -across):
            painter.drawLine(end, end - unit * 6 + side * 3)


def _at_least(rect: QRectF, side: float) -> QRectF:
    """The rectangle grown about its centre to be seen."""
    width, height = max(rect.width(), side), max(rect.height(), side)
    return QRectF(rect.center() - QPointF(width / 2, height / 2), rect.center() + QPointF(width / 2, height / 2))
