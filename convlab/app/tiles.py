"""What the window asks to have drawn, and the ready pictures that answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import ROWS
from convlab.model.maps import LayerMaps
from convlab.model.region import Region
from convlab.model.view import TileKey, ViewState
from convlab.model.viewport import MAX_ZOOM, MIN_SIGNAL, MapGeometry, Viewport, fitted
from convlab.render.contrast import Limits
from convlab.render.pixels import Pixels

Values = NDArray[np.floating]

NUMBERS_FROM = 24.0
"""Device pixels per map pixel from which a tile carries its numbers."""
SMALL_NUMBERS_FROM, SMALL_SOURCE = 11.0, 64
"""The same for an input of so many rows and columns at most: its numbers are what it is about."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel wants drawn: tiles of (height, width) device pixels."""

    tile: tuple[int, int]
    keys: tuple[TileKey, ...]


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Everything a picture of the window's tiles depends on. evaluable: the layer has no problems."""

    maps: LayerMaps
    view: ViewState
    panels: tuple[Panel, ...]
    evaluable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The samples of a signal in blocks of `block`, the smallest and largest of each; all of them where block is 1."""

    low: Values
    high: Values
    block: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """8-bit pixels [H, W] or [H, W, 3] of the map positions `region`, and where they lie on the input.

    values: float [rows, cols] when map pixels are large enough to show them, else None.
    averaged: each pixel is the mean of region.step × region.step map pixels, else the value at its own position.
    curve: of a signal what is drawn as a line.
    """

    key: TileKey
    pixels: Pixels
    region: Region
    geometry: MapGeometry
    limits: Limits | None = None
    values: Values | None = None
    averaged: bool = False
    curve: Curve | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of the chosen map's finite values between edges; sampled: not of every pixel."""

    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    limits: Limits
    pixels: int
    sampled: bool


@dataclass(frozen=True, slots=True, eq=False)
class RenderResult:
    """The tiles of one request. Without maps when the layer could not be evaluated.

    exact: no tile, limit or histogram is of a sample any more: a refinement would change nothing.
    """

    request: RenderRequest
    tiles: dict[TileKey, Tile] = field(default_factory=dict)
    histogram: Histogram | None = None
    with_maps: bool = False
    exact: bool = False
    seconds: float = 0.0


class TileStore:
    """The tiles last made, so that what has not changed is neither drawn nor painted again.

    A tile is made from arrays, compared by identity since none is ever written again, and from values.
    """

    def __init__(self) -> None:
        self._made: dict[TileKey, tuple[tuple[object, ...], Tile]] = {}

    def tile(self, key: TileKey, made_from: tuple[object, ...], make: Callable[[], Tile]) -> Tile:
        """The tile last made for `key` where it was made from the same, else a new one."""
        found = self._made.get(key)
        if found is not None and _same_parts(found[0], made_from):
            return found[1]
        tile = make()
        self._made[key] = (made_from, tile)
        return tile

    def keep_only(self, keys: set[TileKey]) -> None:
        """Forget all other tiles."""
        self._made = {key: made for key, made in self._made.items() if key in keys}


def _same_parts(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return len(a) == len(b) and all(
        x is y or (not isinstance(x, np.ndarray) and not isinstance(y, np.ndarray) and x == y)
        for x, y in zip(a, b, strict=True)
    )


def carries_numbers(source_size: tuple[int, int], pixel: float) -> bool:
    """Whether a tile carries its numbers; pixel: device pixels per map pixel."""
    return pixel >= (SMALL_NUMBERS_FROM if max(source_size) <= SMALL_SOURCE else NUMBERS_FROM)


def viewport_of(request: RenderRequest, panel: Panel) -> Viewport:
    """The shared view, or the one that fits in this panel's tiles."""
    return shown_view(request.maps, request.view, panel.tile)


def shown_view(maps: LayerMaps, view: ViewState, tile: tuple[int, int]) -> Viewport:
    """What tiles of (height, width) device pixels show: the shared view, or all that there is."""
    shown = view.viewport or fitted_view(maps, view.explaining, tile)
    return replace(shown, center_y=0.5, tall=tile[0]) if maps.are_signals else shown


def photo_view(maps: LayerMaps, view: ViewState, tile: tuple[int, int]) -> Viewport:
    """What the tile of the whole input shows: of a signal the picture that it is a line of."""
    line = maps.document.reading.line
    return shown_view(maps, view, tile) if line is None else fitted(*maps.photo.size, tile)


def fitted_view(maps: LayerMaps, explaining: bool, tile: tuple[int, int]) -> Viewport:
    """The view that shows the whole input and the whole maps; while a small input is explained, its padding too."""
    source, size, geometry = maps.picture.size, maps.output_size, maps.geometry
    padding = explaining and maps.reads_source and max(source) <= SMALL_SOURCE
    ends = []
    for axis in (0, 1):
        stride, start, end = geometry.stride[axis], 0.0, float(source[axis])
        first, last = geometry.origin[axis], geometry.origin[axis] + size[axis] * geometry.stride[axis]
        least = 0.0 if max(source) <= SMALL_SOURCE else stride  # on a photo parts of a pixel would blur every tile
        if size[axis] > 0 and max(start - first, last - end) > least:
            start, end = min(start, first), max(end, last)
        if padding:
            before, after = (min(pad, source[axis]) for pad in maps.window.pads[ROWS + axis])
            start, end = min(start, -before), max(end, source[axis] + after)
        ends.append((start, end))
    (top, bottom), (left, right) = ends
    if maps.are_signals:
        zoom = min(max(tile[1] / max(right - left, 1), MIN_SIGNAL), MAX_ZOOM)
        return Viewport(0.5, (left + right) / 2, zoom, tile[0])
    view = fitted(ceil(bottom - top), ceil(right - left), tile)
    return Viewport((top + bottom) / 2, (left + right) / 2, view.zoom)


MOST_DRAWN = 8192
"""Samples of a signal that are drawn one by one."""


def curve_of(row: Values) -> Curve:
    """The values [n] as they are drawn; NaN is left out of the blocks that it is in, unless nothing else is there."""
    if len(row) <= MOST_DRAWN:
        return Curve(row, row)
    block = ceil(len(row) / (MOST_DRAWN // 2))
    padded = np.pad(row, (0, -len(row) % block), mode="edge").reshape(-1, block)
    return Curve(np.fmin.reduce(padded, axis=1), np.fmax.reduce(padded, axis=1), block)
