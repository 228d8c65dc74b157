"""Floats to 8- and 16-bit pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convlab.render.colormaps import INF_COLOR, NAN_COLOR, color_table
from convlab.render.contrast import Limits, Map

Pixels = NDArray[np.uint8]


def to_pixels(values: Map, limits: Limits, colormap: str = "gray") -> Pixels:
    """uint8 [H, W] for gray, else [H, W, 3]; values at the limits get the table's ends, beyond them the same.

    Where a value is NaN or infinite the result is [H, W, 3] with NAN_COLOR or INF_COLOR there.
    """
    finite = _all_finite(values)
    levels = to_levels(values if finite else _filled(values, limits[0]), limits, 255).astype(np.uint8)
    if finite:
        return colored(levels, colormap)
    return marked(color_table(colormap)[levels], values)


def marked(pixels: Pixels, *maps: Map) -> Pixels:
    """pixels [H, W, 3], written into: INF_COLOR and NAN_COLOR where a value of one of the maps is no number."""
    for values in maps:
        if not _all_finite(values):
            pixels[np.isinf(values)] = INF_COLOR
            pixels[np.isnan(values)] = NAN_COLOR
    return pixels


def colored(levels: Pixels, colormap: str) -> Pixels:
    """Levels 0…255 in a colour map's colours [H, W, 3]; gray stays as it is."""
    if colormap == "gray":
        return levels
    pixels: Pixels = color_table(colormap)[levels]
    return pixels


def to_levels(values: Map, limits: Limits, top: int) -> Map:
    """values scaled so that the limits become 0 and top, rounded to whole levels and clipped.

    Where 0 lies within the limits its level depends on their ratio alone: it is the same gray for all limits ±p.
    """
    low, high = limits
    factor, number = top / (high - low), values.dtype.type
    with np.errstate(over="ignore"):  # what is near the end of the type's range becomes infinite, then clipped
        if low <= 0 <= high:
            scaled = values * number(factor) + number(-low / (high - low) * top)
        else:
            scaled = (values - number(low)) * number(factor)
    return np.clip(np.rint(scaled), 0, top)


def to_pixels16(values: Map, limits: Limits) -> NDArray[np.uint16]:
    """uint16 [H, W] gray; NaN as 0, infinities as the ends."""
    numbers = np.nan_to_num(values.astype(np.float64), nan=limits[0], posinf=limits[1], neginf=limits[0])
    return to_levels(numbers, limits, 65535).astype(np.uint16)


def composite(maps: tuple[Map, Map, Map], limits: Limits) -> Pixels:
    """uint8 [H, W, 3]: three maps as red, green and blue; a value that is no number is drawn in its colour."""
    filled = (_filled(values, limits[0]) for values in maps)
    pixels: Pixels = np.stack([to_levels(values, limits, 255).astype(np.uint8) for values in filled], axis=2)
    return marked(pixels, *maps)


TINTS = {"R": (1.0, 0.0, 0.0), "G": (0.0, 1.0, 0.0), "B": (0.0, 0.0, 1.0)}


def tinted(levels: Pixels, channel_name: str) -> Pixels:
    """A gray picture [H, W] in its channel's colour [H, W, 3]; gray for a channel without one."""
    tint = TINTS.get(channel_name.partition(" ")[0], (1.0, 1.0, 1.0))
    pixels: Pixels = (levels[:, :, None] * np.array(tint)).astype(np.uint8)
    return pixels


def _filled(values: Map, filler: float) -> Map:
    """values with `filler` where they are no finite numbers."""
    return np.where(np.isfinite(values), values, values.dtype.type(filler))


def _all_finite(values: Map) -> bool:
    """Whether no value is NaN or infinite: their sum is neither, or a closer look finds none."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum(dtype=np.float64)
    return bool(np.isfinite(total)) or bool(np.isfinite(values).all())
