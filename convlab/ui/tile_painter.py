"""Painting one ready tile: its pixels where they lie in the view, and their numbers when they are large enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen

from convlab.app.tiles import SMALL_NUMBERS_FROM, Tile
from convlab.model.numbers import fixed
from convlab.model.unit import in_unit
from convlab.model.viewport import Viewport
from convlab.render.pixels import Pixels
from convlab.ui.theme import text_on


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tile is drawn: a rectangle in logical pixels, on a screen of `ratio` device pixels for each."""

    rect: QRectF
    ratio: float
    view: Viewport

    @property
    def device_size(self) -> tuple[int, int]:
        """(height, width) in device pixels."""
        return round(self.rect.height() * self.ratio), round(self.rect.width() * self.ratio)

    def to_point(self, y: float, x: float) -> QPointF:
        """The point, in logical pixels, of the input coordinates (y, x)."""
        dy, dx = self.view.to_device(y, x, self.device_size)
        return QPointF(self.rect.left() + dx / self.ratio, self.rect.top() + dy / self.ratio)

    def to_input(self, point: QPointF) -> tuple[float, float]:
        """The input coordinates (y, x) under a point in logical pixels."""
        dy, dx = (point.y() - self.rect.top()) * self.ratio, (point.x() - self.rect.left()) * self.ratio
        return self.view.to_input(dy, dx, self.device_size)


def pixels_image(pixels: Pixels) -> QImage:
    """uint8 [H, W] or [H, W, 3] as a QImage with memory of its own."""
    return _image_of(np.ascontiguousarray(pixels)).copy()


def tile_image(tile: Tile) -> QImage:
    """The tile's pixels as a QImage in the screen's own format, which is drawn three times as fast as others."""
    return _image_of(np.ascontiguousarray(tile.pixels)).convertToFormat(QImage.Format.Format_RGB32)


def _image_of(pixels: Pixels) -> QImage:
    """On the same memory."""
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(pixels.data, width, height, pixels.strides[0], kind)


def draw_tile(painter: QPainter, place: Place, tile: Tile, image: QImage) -> None:
    """Draw the tile as the present view shows it, also when it was made for another view."""
    painter.save()
    painter.setClipRect(place.rect)
    smooth = tile.region.step > 1 or place.view.zoom * min(tile.geometry.stride) < 1
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(region_rect(place, tile), image)
    painter.restore()


def region_rect(place: Place, tile: Tile) -> QRectF:
    """The rectangle, in logical pixels, that the tile's region covers."""
    region, geometry = tile.region, tile.geometry
    top_left = geometry.to_input(region.top, region.left)
    bottom, right = region.top + region.rows * region.step, region.left + region.cols * region.step
    return QRectF(place.to_point(*top_left), place.to_point(*geometry.to_input(bottom, right)))


def pixel_rect(place: Place, tile: Tile, y: float, x: float) -> QRectF | None:
    """The outline of the map pixel at the input coordinates (y, x); None outside the map or too small to see."""
    row, col = (floor(n) for n in tile.geometry.from_input(y, x))
    inside = 0 <= row < tile.geometry.size[0] and 0 <= col < tile.geometry.size[1]
    if not inside or place.view.zoom * min(tile.geometry.stride) < 4 * place.ratio:
        return None
    return QRectF(
        place.to_point(*tile.geometry.to_input(row, col)), place.to_point(*tile.geometry.to_input(row + 1, col + 1))
    )


def draw_numbers(painter: QPainter, place: Place, tile: Tile, font: QFont, unit: float) -> None:
    """Write each pixel's value, times `unit`, in it; all with as many decimals as fit the longest, or none at all."""
    if tile.values is None or place.view.zoom * min(tile.geometry.stride) < SMALL_NUMBERS_FROM:
        return
    painter.save()
    painter.setClipRect(place.rect)
    cell_w = place.view.zoom * tile.geometry.stride[1] / place.ratio
    small = QFont(font)
    small.setPixelSize(max(8, min(14, int(cell_w / 3.6))))
    painter.setFont(small)
    decimals = _decimals(in_unit(tile.values, unit), cell_w * 0.94, painter.fontMetrics())
    if decimals is not None:
        for row, col in np.ndindex(tile.region.rows, tile.region.cols):
            _draw_number(painter, place, tile, (row, col), unit, decimals)
    painter.restore()


def _draw_number(painter: QPainter, place: Place, tile: Tile, at: tuple[int, int], unit: float, decimals: int) -> None:
    assert tile.values is not None
    row, col = at
    top, left = tile.region.top + row, tile.region.left + col
    corner = place.to_point(*tile.geometry.to_input(top, left))
    opposite = place.to_point(*tile.geometry.to_input(top + 1, left + 1))
    level = tile.pixels[row, col]
    ground = QColor(*(int(v) for v in level)) if level.ndim else QColor(int(level), int(level), int(level))
    painter.setPen(QPen(text_on(ground)))
    value = float(tile.values[row, col]) * unit
    painter.drawText(QRectF(corner, opposite), Qt.AlignmentFlag.AlignCenter, pixel_text(value, decimals))


def pixel_text(value: float, decimals: int) -> str:
    """A pixel's value in the room of its cell: as many decimals as fit all."""
    return fixed(value, decimals)


def _decimals(values: NDArray[np.floating], width: float, metrics: QFontMetrics) -> int | None:
    """Decimals with which every value fits `width`, 4 at most; none where all are whole. None where nothing fits."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0
    ends = (float(finite.min()), float(finite.max()))
    whole = bool(np.all(finite == np.rint(finite)))
    for decimals in (0,) if whole else range(4, 0, -1):
        if all(metrics.horizontalAdvance(pixel_text(value, decimals)) <= width for value in ends):
            return decimals
    return None
