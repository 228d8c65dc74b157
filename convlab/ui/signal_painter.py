"""A signal as a line plot; where its samples lie far apart, as stems with their numbers."""

from __future__ import annotations

from math import ceil, floor, isfinite

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen, QPolygonF

from convlab.app.tiles import Curve, Tile
from convlab.ui.theme import mixed, number_text, quiet_text, weight_color
from convlab.ui.tile_painter import Place, pixel_text

MARGIN = 0.08
"""Of the height, above the largest and below the smallest value."""
STEMS_FROM, NUMBERS_FROM = 9.0, 26.0
"""Logical pixels a sample from which samples are stems, and carry their numbers."""
DOT = 2.6


def draw_signal(painter: QPainter, place: Place, tile: Tile, palette: QPalette, color: QColor, font: QFont) -> None:
    """Paint the tile's curve within its limits, with the zero line and the limits' numbers."""
    if tile.curve is None or tile.limits is None:
        return
    width = (place.to_point(0, _at(tile, 1)) - place.to_point(0, _at(tile, 0))).x()
    stems = tile.curve.block == 1 and width >= STEMS_FROM
    scale = _Scale(place.rect, tile.limits, 16.0 if stems and width >= NUMBERS_FROM else 0.0)
    ground = palette.color(QPalette.ColorRole.Base)
    painter.save()
    painter.setClipRect(place.rect)
    painter.fillRect(place.rect, ground)
    _axes(painter, place.rect, scale, mixed(quiet_text(palette), ground, 0.6))
    if stems:
        _stems(painter, place, tile, tile.curve, scale, color, font, width)
    else:
        _line(painter, place, tile, tile.curve, scale, color)
    _limits(painter, place.rect, scale, palette, font)
    painter.restore()


class _Scale:
    """From values to heights in a rectangle. beyond: logical pixels above and below the range at least."""

    def __init__(self, rect: QRectF, limits: tuple[float, float], beyond: float) -> None:
        low, high = limits
        if not (isfinite(low) and isfinite(high)) or high <= low:
            low, high = low - 1, low + 1
        self.low, self.high = low, high
        inside = max(rect.height() - 2 * max(beyond, MARGIN * rect.height()), 0.2 * rect.height())
        self._factor = inside / (high - low)
        self._bottom, self._start = rect.bottom(), low - (rect.height() - inside) / 2 / self._factor
        self._ends = rect.top() - rect.height(), rect.bottom() + rect.height()

    def y(self, value: float) -> float:
        """Far beyond the rectangle just outside it: painters take no numbers of any size."""
        y = self._bottom - (value - self._start) * self._factor
        return min(max(y, self._ends[0]), self._ends[1])

    @property
    def base(self) -> float:
        """Where stems stand: at 0, or the end of the range nearest to it."""
        return min(max(0.0, self.low), self.high)


def _at(tile: Tile, position: float) -> float:
    """Input coordinate of a position in the tile's region."""
    return tile.geometry.to_input(0, tile.region.left + position * tile.region.step)[1]


def _axes(painter: QPainter, rect: QRectF, scale: _Scale, color: QColor) -> None:
    painter.setPen(QPen(color, 1))
    y = scale.y(scale.base)
    painter.drawLine(QLineF(rect.left(), y, rect.right(), y))


def _limits(painter: QPainter, rect: QRectF, scale: _Scale, palette: QPalette, font: QFont) -> None:
    """The numbers at the top and the bottom of the range."""
    small = QFont(font)
    small.setPixelSize(9)
    painter.setFont(small)
    for value, flag in ((scale.high, Qt.AlignmentFlag.AlignTop), (scale.low, Qt.AlignmentFlag.AlignBottom)):
        text = number_text(value, 3)
        box = painter.fontMetrics().boundingRect(text).adjusted(-2, -1, 2, 1)
        box.moveLeft(int(rect.left()) + 2)
        if flag == Qt.AlignmentFlag.AlignTop:
            box.moveTop(int(rect.top()) + 1)
        else:
            box.moveBottom(int(rect.bottom()) - 1)
        ground = palette.color(QPalette.ColorRole.Base)
        ground.setAlpha(190)
        painter.fillRect(box, ground)
        painter.setPen(quiet_text(palette))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _line(painter: QPainter, place: Place, tile: Tile, curve: Curve, scale: _Scale, color: QColor) -> None:
    """The samples in sight joined by a line; of many in a pixel column, from the smallest to the largest."""
    first, last = _in_sight(place, tile, curve)
    left = place.to_point(0, _at(tile, (first + 0.5) * curve.block)).x()
    pitch = (place.to_point(0, _at(tile, (last - 0.5) * curve.block)).x() - left) / max(1, last - first - 1)
    low, high = curve.low[first:last], curve.high[first:last]
    if pitch < 0.7 and last - first > 1:
        group = ceil(1 / max(pitch, 1e-9))
        low, high = _grouped(low, group, np.fmin), _grouped(high, group, np.fmax)
        left, pitch = left + pitch * (group - 1) / 2, pitch * group
    if curve.block > 1 or len(low) < last - first:
        before_low, before_high = np.concatenate([low[:1], low[:-1]]), np.concatenate([high[:1], high[:-1]])
        low, high = np.fmin(low, before_high), np.fmax(high, before_low)  # each column touches the one before
        for n, (a, b) in enumerate(zip(low, high, strict=True)):
            if isfinite(a) and isfinite(b):
                top, bottom = scale.y(float(b)), scale.y(float(a))
                painter.fillRect(QRectF(left + (n - 0.5) * pitch, top - 0.5, pitch + 0.05, bottom - top + 1), color)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.2))
    for run in _finite_runs(low):
        points = [QPointF(left + n * pitch, scale.y(float(low[n]))) for n in run]
        painter.drawPolyline(QPolygonF(points)) if len(points) > 1 else painter.drawPoint(points[0])


def _stems(
    painter: QPainter,
    place: Place,
    tile: Tile,
    curve: Curve,
    scale: _Scale,
    color: QColor,
    font: QFont,
    width: float,
) -> None:
    first, last = _in_sight(place, tile, curve)
    small = QFont(font)
    small.setPixelSize(max(8, min(12, int(width / 3.2))))
    painter.setFont(small)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    whole = bool(np.all(curve.low == np.rint(curve.low)))
    for n in range(first, last):
        value = float(curve.low[n])
        if not isfinite(value):
            continue
        x = place.to_point(0, _at(tile, n + 0.5)).x()
        y = scale.y(value)
        painter.setPen(QPen(color, 1.6))
        painter.drawLine(QLineF(x, scale.y(scale.base), x, y))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(x, y), DOT, DOT)
        if width >= NUMBERS_FROM:
            text = pixel_text(value, 0 if whole else 2)
            above = value >= scale.base
            box = QRectF(x - width / 2, y - 15 if above else y + 3, width, 12)
            if painter.fontMetrics().horizontalAdvance(text) <= width:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _in_sight(place: Place, tile: Tile, curve: Curve) -> tuple[int, int]:
    """The blocks of the curve from the left to the right edge of the tile."""
    start, end = (
        (tile.geometry.from_input(0, place.to_input(QPointF(x, place.rect.top()))[1])[1] - tile.region.left)
        / (tile.region.step * curve.block)
        for x in (place.rect.left(), place.rect.right())
    )
    first = min(max(0, floor(start) - 1), len(curve.low) - 1)
    return first, max(first + 1, min(len(curve.low), ceil(end) + 1))


def _grouped(values: np.ndarray, group: int, reduce: np.ufunc) -> np.ndarray:
    padded = np.pad(values, (0, -len(values) % group), mode="edge").reshape(-1, group)
    return np.asarray(reduce.reduce(padded, axis=1))


def _finite_runs(values: np.ndarray) -> list[np.ndarray]:
    """Positions of finite values, in runs: a line breaks at NaN."""
    places = np.flatnonzero(np.isfinite(values))
    return [run for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if run.size]


def draw_stems(painter: QPainter, rect: QRectF, values: np.ndarray, scale: float, palette: QPalette) -> None:
    """A kernel of one row as stems on a line in the middle; scale: the magnitude that fills half of the height."""
    ground = palette.color(QPalette.ColorRole.Base)
    painter.fillRect(rect, ground)
    painter.setPen(QPen(mixed(quiet_text(palette), ground, 0.5), 1))
    middle = rect.center().y()
    painter.drawLine(QLineF(rect.left(), middle, rect.right(), middle))
    pitch, half = rect.width() / len(values), rect.height() / 2 - DOT - 1
    thick = max(1.0, min(3.0, pitch / 4))
    for n, value in enumerate(values):
        if not isfinite(value):
            continue
        share = float(value) / scale if scale else 0.0
        x, y = rect.left() + (n + 0.5) * pitch, middle - share * half
        strong = weight_color(1.0 if share >= 0 else -1.0, 1.0, palette) if share else quiet_text(palette)
        painter.setPen(QPen(strong, thick))
        painter.drawLine(QLineF(x, middle, x, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(strong)
        painter.drawEllipse(QPointF(x, y), min(DOT, pitch / 2), min(DOT, pitch / 2))
