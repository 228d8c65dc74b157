"""Kernels as tiny pictures: one pixel a weight, in the weights' colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPalette

from convlab.ui.theme import weight_color

LEVELS = 127
Weights = NDArray[np.float64]
Place = tuple[int, int]
_tables: dict[tuple[int, int], NDArray[np.uint32]] = {}


def weight_scale(weight: Weights) -> float:
    """The largest magnitude: what gets the full colour, in all kernels alike."""
    return max(float(weight.max()), -float(weight.min())) if weight.size else 0.0


def weight_level(value: float, scale: float) -> int:
    """Its shade, from −LEVELS to LEVELS."""
    share = value / scale if scale else 0.0
    return 0 if share != share else round(min(max(share, -1.0), 1.0) * LEVELS)


class WeightImages:
    """A picture of each kernel [output, column]; those made are kept while they would be the same again."""

    def __init__(self) -> None:
        self._weights: Weights = np.zeros((0, 0, 0, 0))
        self._scale = 0.0
        self._palette = QPalette()
        self._made: dict[Place, QImage] = {}

    @property
    def scale(self) -> float:
        """The magnitude with the full colour."""
        return self._scale

    def show_weights(self, weights: Weights) -> list[Place] | None:
        """Take other weights [outputs, columns, rows, cols]; which kernels look different now, None for all."""
        old, old_scale = self._weights, self._scale
        self._weights, self._scale = weights, weight_scale(weights)
        if old.shape != weights.shape or old_scale != self._scale:
            self._made.clear()
            return None
        differ: list[list[int]] = np.argwhere((old != weights).any(axis=(2, 3))).tolist()
        places = [(output, column) for output, column in differ]
        for place in places:
            self._made.pop(place, None)
        return places

    def images(self, places: Sequence[Place], palette: QPalette) -> list[QImage]:
        """The pictures of these kernels; those that are not there yet are made all at once."""
        if palette != self._palette:
            self._palette = palette
            self._made.clear()
        missing = [place for place in places if place not in self._made]
        if missing:
            outputs, columns = zip(*missing, strict=True)
            kernels = self._weights[list(outputs), list(columns)]
            self._made.update(zip(missing, _images(kernels, self._scale, palette), strict=True))
        return [self._made[place] for place in places]


def _images(kernels: Weights, scale: float, palette: QPalette) -> list[QImage]:
    """A picture of kH × kW pixels for each of [n, kH, kW]."""
    shares = kernels / scale if scale else np.zeros_like(kernels)
    shares = np.where(np.isnan(shares), 0, shares)
    index = np.rint(np.clip(shares, -1, 1) * LEVELS).astype(np.int64) + LEVELS
    pixels = np.ascontiguousarray(_table(palette)[index])
    height, width = kernels.shape[1:]
    return [QImage(each.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy() for each in pixels]


def _table(palette: QPalette) -> NDArray[np.uint32]:
    """theme.weight_color for shares −1…1 as 0xffRRGGBB, kept for each ground colour."""
    key = (palette.color(QPalette.ColorRole.Base).rgb(), LEVELS)
    if key not in _tables:
        colors = [weight_color(level / LEVELS, 1.0, palette) for level in range(-LEVELS, LEVELS + 1)]
        _tables[key] = np.array([color.rgb() for color in colors], dtype=np.uint32)
    return _tables[key]
