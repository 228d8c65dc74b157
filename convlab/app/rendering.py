"""A render request and what answers it: a pure function of one frozen value, run on the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlab.model.document import Document
from convlab.model.region import Region, whole
from convlab.model.view import TileKey, ViewState
from convlab.model.viewport import MapGeometry, Viewport, fitted, output_geometry, visible_region
from convlab.render.contrast import Limits, contrast_limits, shown_values
from convlab.render.pixels import Pixels, composite, tinted, to_pixels
from convlab.render.source import channel_pixels, channel_values, photo_pixels

if TYPE_CHECKING:
    from convlab.engine.evaluate import Evaluator

Checkpoint = Callable[[], None]
Values = NDArray[np.floating]

NUMBERS_FROM = 24.0
"""Device pixels per map pixel from which a tile carries its numbers."""
OVERVIEW_SIDE = 256
"""Limits and histogram come from at most this many positions along a side, whatever is in sight, so that
panning does not change the contrast."""
HISTOGRAM_BINS = 128


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel wants drawn: tiles of (height, width) device pixels."""

    tile: tuple[int, int]
    keys: tuple[TileKey, ...]


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """Everything a picture of the window's tiles depends on. evaluable: the layer has no problems."""

    document: Document
    view: ViewState
    panels: tuple[Panel, ...]
    generation: int
    evaluable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """8-bit pixels [H, W] or [H, W, 3] of the map positions `region`, and where they lie on the input.

    values: float [rows, cols] when map pixels are large enough to show them, else None.
    """

    key: TileKey
    pixels: Pixels
    region: Region
    geometry: MapGeometry
    limits: Limits | None = None
    values: Values | None = None


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
    """The tiles of one request. Without maps when the layer could not be evaluated."""

    request: RenderRequest
    tiles: dict[TileKey, Tile] = field(default_factory=dict)
    histogram: Histogram | None = None
    with_maps: bool = False
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


def render_inputs(request: RenderRequest, store: TileStore | None = None) -> RenderResult:
    """The tiles of the photo and its channels; needs no torch."""
    store = store or TileStore()
    geometry = MapGeometry(request.document.source.size)
    tiles = {}
    for panel in request.panels:
        region = visible_region(viewport_of(request, panel), geometry, panel.tile)
        for key in panel.keys:
            if region is not None and key.kind in ("photo", "input"):
                zoom = viewport_of(request, panel).zoom
                made_from = (request.document.source, region, request.view.tinted, zoom >= NUMBERS_FROM)
                tiles[key] = store.tile(key, made_from, partial(_input_tile, request, key, region, geometry, zoom))
    return RenderResult(request, tiles)


def render(request: RenderRequest, evaluator: Evaluator, checkpoint: Checkpoint, store: TileStore) -> RenderResult:
    """All tiles asked for, and the chosen map's histogram. Tiles that have not changed come from `store`."""
    start = perf_counter()
    inputs = render_inputs(request, store)
    if not request.evaluable:
        return inputs
    checkpoint()
    tiles = dict(inputs.tiles)
    geometry = output_geometry(request.document.layer, request.document.output_size)
    for panel in request.panels:
        tiles.update(_map_tiles(request, panel, geometry, evaluator, checkpoint, store))
        tiles.update(_contribution_tiles(request, panel, geometry, evaluator, checkpoint))
    store.keep_only(set(tiles))
    histogram = _histogram(request, evaluator, checkpoint)
    return RenderResult(request, tiles, histogram, True, perf_counter() - start)


def viewport_of(request: RenderRequest, panel: Panel) -> Viewport:
    """The shared view, or the one that fits the whole photo in this panel's tiles."""
    return request.view.viewport or fitted(*request.document.source.size, panel.tile)


def _input_tile(request: RenderRequest, key: TileKey, region: Region, geometry: MapGeometry, zoom: float) -> Tile:
    source = request.document.source
    values = None
    if key.kind == "photo":
        pixels = photo_pixels(source, region)
    else:
        pixels = channel_pixels(source, key.index, region)
        if request.view.tinted and pixels.ndim == 2:
            pixels = tinted(pixels, source.channel_names[key.index])
        values = channel_values(source, key.index, region) if zoom >= NUMBERS_FROM else None
    return Tile(key, pixels, region, geometry, (0.0, 1.0), values)


def _overview(document: Document) -> Region:
    height, width = document.output_size
    return whole(height, width, max(1, -(-max(height, width) // OVERVIEW_SIDE)))


def _map_tiles(
    request: RenderRequest,
    panel: Panel,
    geometry: MapGeometry,
    evaluator: Evaluator,
    checkpoint: Checkpoint,
    store: TileStore,
) -> dict[TileKey, Tile]:
    wanted = [key for key in panel.keys if key.kind in ("map", "composite")]
    view = viewport_of(request, panel)
    region = visible_region(view, geometry, panel.tile)
    if not wanted or region is None:
        return {}
    outputs = sorted({key.index for key in wanted if key.kind == "map"})
    if any(key.kind == "composite" for key in wanted):
        outputs = sorted({*outputs, 0, 1, 2})
    document, display = request.document, request.view.display
    maps = evaluator.live_maps(document, region, outputs, checkpoint)
    overview = evaluator.live_maps(document, _overview(document), outputs, checkpoint)
    limits = dict(
        zip(outputs, contrast_limits([shown_values(overview[o], display) for o in outputs], display), strict=True)
    )
    show_numbers = view.zoom * min(geometry.stride) >= NUMBERS_FROM

    def map_tile(o: int) -> Tile:
        pixels = to_pixels(shown_values(maps[o], display), limits[o], display.colormap)
        return Tile(TileKey("map", o), pixels, region, geometry, limits[o], maps[o] if show_numbers else None)

    def composite_tile() -> Tile:
        shown = tuple(shown_values(maps[o], display) for o in range(3))
        pixels = composite(shown, (limits[0], limits[1], limits[2]))  # type: ignore[arg-type]  # three of them
        return Tile(TileKey("composite"), pixels, region, geometry)

    tiles = {}
    for key in wanted:
        parts = (key.index,) if key.kind == "map" else (0, 1, 2)
        made_from = (region, geometry, display, show_numbers, *(maps[o] for o in parts), *(limits[o] for o in parts))
        make = partial(map_tile, key.index) if key.kind == "map" else composite_tile
        tiles[key] = store.tile(key, made_from, make)
    return tiles


def _contribution_tiles(
    request: RenderRequest, panel: Panel, geometry: MapGeometry, evaluator: Evaluator, checkpoint: Checkpoint
) -> dict[TileKey, Tile]:
    """One tile per input channel of the chosen output's group; all on one scale, since they add up."""
    wanted = [key for key in panel.keys if key.kind == "contribution"]
    view = viewport_of(request, panel)
    region = visible_region(view, geometry, panel.tile)
    if not wanted or region is None:
        return {}
    document, output = request.document, request.view.chosen_output
    display = request.view.display
    if display.normalize == "per-map":
        display = replace(display, normalize="shared")
    maps = evaluator.contributions(document, region, output, checkpoint)
    overview = evaluator.contributions(document, _overview(document), output, checkpoint)
    limits = contrast_limits([shown_values(values, display) for values in overview], display)
    show_numbers = view.zoom * min(geometry.stride) >= NUMBERS_FROM
    return {
        key: Tile(
            key,
            to_pixels(shown_values(maps[key.index], display), limits[key.index], display.colormap),
            region,
            geometry,
            limits[key.index],
            maps[key.index] if show_numbers else None,
        )
        for key in wanted
        if key.index < len(maps)
    }


def _histogram(request: RenderRequest, evaluator: Evaluator, checkpoint: Checkpoint) -> Histogram:
    document, display = request.document, request.view.display
    region = _overview(document)
    values = evaluator.live_maps(document, region, [request.view.chosen_output], checkpoint)
    shown = shown_values(values[request.view.chosen_output], display)
    limits = contrast_limits([shown], display)[0]
    finite = shown[np.isfinite(shown)].astype(np.float64)
    counts, edges = np.histogram(finite, HISTOGRAM_BINS)
    return Histogram(counts, edges, limits, finite.size, region.step > 1)
