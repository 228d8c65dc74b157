"""A kernel as a tiny picture: one pixel a weight, in the weights' colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPalette

from convlab.ui.theme import weight_color

LEVELS = 127
_tables: dict[tuple[int, int], NDArray[np.uint8]] = {}


def weight_scale(weight: NDArray[np.float64]) -> float:
    """The largest magnitude: what gets the full colour, in all kernels alike."""
    return max(float(weight.max()), -float(weight.min())) if weight.size else 0.0


def weight_image(kernel: NDArray[np.float64], scale: float, palette: QPalette) -> QImage:
    """RGB picture of kH × kW pixels; `scale` is the magnitude with the full colour."""
    shares = kernel / scale if scale else np.zeros_like(kernel)
    index = np.rint(np.clip(np.nan_to_num(shares), -1, 1) * LEVELS).astype(np.int64) + LEVELS
    pixels = np.ascontiguousarray(_table(palette)[index])
    height, width = kernel.shape
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _table(palette: QPalette) -> NDArray[np.uint8]:
    """theme.weight_color for shares −1…1, kept for each ground colour."""
    key = (palette.color(QPalette.ColorRole.Base).rgb(), LEVELS)
    if key not in _tables:
        colors = [weight_color(level / LEVELS, 1.0, palette) for level in range(-LEVELS, LEVELS + 1)]
        _tables[key] = np.array([(c.red(), c.green(), c.blue()) for c in colors], dtype=np.uint8)
    return _tables[key]
