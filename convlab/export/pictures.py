"""Maps to pixels, a band of rows at a time: what one needs stays in the cache, no copy is as large as the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.model.view import Display
from convlab.render.contrast import Limits, Scale, contrast_limits, shown_values
from convlab.render.pixels import to_pixels, to_pixels16

Map = NDArray[np.floating]
Pixels = NDArray[Any]

ROWS = 64


def picture(
    values: Map, display: Display, limits: Limits | None, deep: bool = False, scale: Scale | None = None
) -> Pixels:
    """A map [H, W] as the window draws it, or with 16 bits where `deep`; without limits by its own, of this scale."""
    if display.negatives != "keep":
        values = shown_values(values, display)
    low, high = limits or contrast_limits([values], display, scale)[0]
    if deep:
        return _in_bands(values, lambda band: to_pixels16(band, (low, high)))
    if not _finite(values):  # then the picture has colours, in bands too that have none
        return to_pixels(values, (low, high), display.colormap)
    return _in_bands(values, lambda band: to_pixels(band, (low, high), display.colormap))


def _in_bands(values: Map, draw: Callable[[Map], Pixels]) -> Pixels:
    """`draw` of every band, in one array; draw works value by value."""
    first = draw(values[:ROWS])
    if len(first) == len(values):
        return first
    drawn = np.empty((len(values), *first.shape[1:]), first.dtype)
    drawn[:ROWS] = first
    for row in range(ROWS, len(values), ROWS):
        drawn[row : row + ROWS] = draw(values[row : row + ROWS])
    return drawn


def _finite(values: Map) -> bool:
    """Whether no value is NaN or infinite: minimum and maximum would be too."""
    return bool(np.isfinite(values.min()) and np.isfinite(values.max()))
