"""Answers render requests: pure functions of one frozen value and the engine's memory, run on the worker.

`render` draws at once, evaluating each map at the pixels shown and its contrast from a sample of the whole map;
`refine` evaluates every pixel, after which `render` finds area averages and true limits and draws those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convlab.app.layouts import Layout, layouts_of, map_scale
from convlab.app.tiles import (
    Histogram,
    Panel,
    RenderRequest,
    RenderResult,
    Tile,
    TileStore,
    carries_numbers,
    curve_of,
    photo_view,
    viewport_of,
)
from convlab.model.region import Region, overview, whole
from convlab.model.view import Display, TileKey
from convlab.model.viewport import MapGeometry, visible_region
from convlab.render.contrast import Limits, Summary, composite_limits, limits_of
from convlab.render.pixels import Pixels, colored, composite, to_pixels
from convlab.render.source import channel_pixels, channel_values, photo_pixels, reduced

if TYPE_CHECKING:
    from convlab.engine.evaluate import Evaluator
    from convlab.engine.feature_map import FeatureMap
    from convlab.engine.filters import Filter

Checkpoint = Callable[[], None]

HISTOGRAM_BINS = 128
CONTRAST_SHARE = 0.2
"""Of the time for a frame behind other layers, for the sample that contrast is taken from until all is evaluated."""
LEAST_SAMPLE = 128
"""Positions along the longer side from which those in sight are sample enough for contrast and histogram."""


def render_inputs(request: RenderRequest, store: TileStore | None = None) -> RenderResult:
    """The tiles of the photo and its channels; needs no torch."""
    store = store or TileStore()
    tiles = {}
    for panel in request.panels:
        tiles.update(_input_tiles(request, panel, store, None))
    return RenderResult(request, tiles)


def render(request: RenderRequest, evaluator: Evaluator, checkpoint: Checkpoint, store: TileStore) -> RenderResult:
    """All tiles asked for, and the chosen map's histogram. Tiles that have not changed come from `store`."""
    from convlab.engine.threads import one_thread

    start = perf_counter()
    tiles: dict[TileKey, Tile] = {}
    exact = True
    for panel in request.panels:
        region = _input_region(request, panel)
        line = request.maps.document.reading.line is not None  # whose picture is small and not refined
        averages = None if region is None or line else evaluator.source_averages(request.maps, region)
        inputs = _input_tiles(request, panel, store, averages)
        exact = exact and (averages is not None or not inputs or region is None or region.step == 1 or line)
        tiles.update(inputs)
    if not request.evaluable:
        return RenderResult(request, tiles)
    checkpoint()
    with one_thread():
        layouts = layouts_of(request, evaluator)
        for layout in layouts:
            drawn = _drawn(request, layout, evaluator, checkpoint)
            exact = exact and all(each.exact for each in drawn) and evaluator.is_exact(request.maps)
            tiles.update(_map_tiles(request, layout, drawn, store))
        store.keep_only(set(tiles))
        histogram = _histogram(request, layouts, evaluator, checkpoint)
    exact = exact and not histogram.sampled
    return RenderResult(request, tiles, histogram, True, exact, perf_counter() - start)


def refine(request: RenderRequest, evaluator: Evaluator, checkpoint: Checkpoint) -> None:
    """Have the engine evaluate what `render` samples, band by band: all pixels of the photo and of the maps."""
    maps, display = request.maps, request.view.display
    for panel in request.panels:
        region = _input_region(request, panel)
        if region is not None and maps.document.reading.line is None:
            evaluator.refine_source(maps, region, checkpoint)
    chosen, negatives, measured = _chosen_filter(request), display.negatives, display.normalize == "robust"
    for layout in layouts_of(request, evaluator):
        counted = layout.filters if display.normalize == "percentile" else chosen
        evaluator.refine(maps, layout.region, layout.filters, negatives, counted, checkpoint, measured)
        evaluator.refine(maps, None, layout.measured, negatives, counted, checkpoint, measured)
    evaluator.refine(maps, None, chosen, negatives, chosen, checkpoint, measured)


# The photo and its channels


def _input_region(request: RenderRequest, panel: Panel) -> Region | None:
    if not any(key.kind in ("photo", "input") for key in panel.keys):
        return None
    maps = request.maps
    if any(key.kind == "photo" for key in panel.keys):
        return visible_region(photo_view(maps, request.view, panel.tile), MapGeometry(maps.photo.size), panel.tile)
    return visible_region(viewport_of(request, panel), MapGeometry(maps.picture.size), panel.tile)


def _input_tiles(
    request: RenderRequest, panel: Panel, store: TileStore, averages: NDArray[np.generic] | None
) -> dict[TileKey, Tile]:
    region = _input_region(request, panel)
    if region is None:
        return {}
    show_numbers = carries_numbers(request.maps.picture.size, viewport_of(request, panel).zoom)
    made_from = (request.maps.picture, region, request.view.tinted, show_numbers, averages)
    return {
        key: store.tile(key, made_from, partial(_input_tile, request, key, region, averages, show_numbers))
        for key in panel.keys
        if key.kind in ("photo", "input")
    }


def _input_tile(
    request: RenderRequest, key: TileKey, region: Region, averages: NDArray[np.generic] | None, show_numbers: bool
) -> Tile:
    source, read = request.maps.picture, region
    if key.kind == "photo" and request.maps.photo is not source:
        source, averages = request.maps.photo, None
    geometry = MapGeometry(source.size)
    if averages is not None:
        source, read = reduced(source, averages), whole(*averages.shape[:2])
    values = None
    if key.kind == "photo":
        pixels = photo_pixels(source, read)
        if show_numbers and source.channel_count == 1:
            values = channel_values(source, 0, read)
    else:
        pixels = channel_pixels(source, key.index, read, request.view.tinted)
        values = channel_values(source, key.index, read) if show_numbers else None
    curve = None
    if request.maps.are_signals and key.kind == "input":
        curve = curve_of(channel_values(source, key.index, read)[0])
    return Tile(key, pixels, region, geometry, source.shown_range, values, averages is not None, curve)


# Maps and contributions


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A map in the region, its shown values, and what its limits are made of."""

    map: FeatureMap
    shown: FeatureMap
    summary: Summary
    averaged: bool
    exact: bool


def _drawn(request: RenderRequest, layout: Layout, evaluator: Evaluator, checkpoint: Checkpoint) -> list[_Drawn]:
    maps, negatives = request.maps, layout.display.negatives
    averages = [evaluator.averages(maps, layout.region, f, negatives) for f in layout.filters]
    if layout.preview != layout.region and None in averages:
        averages = [None] * len(averages)  # all of a panel at the same positions
    sampled = [f for f, average in zip(layout.filters, averages, strict=True) if average is None]
    live = iter(evaluator.live(maps, layout.preview, sampled, checkpoint))
    drawn = [(average, average) if average else (m := next(live), m.shown(negatives)) for average in averages]
    summaries = _summaries(request, layout, evaluator, checkpoint)
    return [
        _Drawn(*pair, summary, average is not None, known and (average is not None or layout.region.step == 1))
        for pair, average, (summary, known) in zip(drawn, averages, summaries, strict=True)
    ]


def _summaries(
    request: RenderRequest, layout: Layout, evaluator: Evaluator, checkpoint: Checkpoint
) -> list[tuple[Summary, bool]]:
    """For each map what its limits are made of, and whether that is of every pixel."""
    maps, display = request.maps, layout.display
    counted, measured = display.normalize == "percentile", display.normalize == "robust"
    known = [evaluator.statistics(maps, f, display.negatives, counted, measured) for f in layout.measured]
    unknown = [f for f, statistics in zip(layout.measured, known, strict=True) if statistics is None]
    region = _sampled(request, layout, evaluator)
    samples = iter(_samples(request, region, unknown, display, evaluator, checkpoint))
    whole_map = region.step == 1 or display.normalize == "fixed"
    return [(next(samples), whole_map) if statistics is None else (statistics, True) for statistics in known]


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """A map's sample, and its last row and column, where zero padding makes a layer's extremes."""

    inside: FeatureMap
    border: tuple[FeatureMap, ...]

    @property
    def range(self) -> Limits:
        ranges = [part.range for part in (self.inside, *self.border) if part.count]
        return min((low for low, _ in ranges), default=0.0), max((high for _, high in ranges), default=0.0)

    @property
    def magnitude(self) -> float:
        return self.inside.magnitude

    def percentiles(self, percentiles: Limits) -> Limits:
        return self.inside.percentiles(percentiles)


def _samples(
    request: RenderRequest,
    region: Region,
    filters: Sequence[Filter],
    display: Display,
    evaluator: Evaluator,
    checkpoint: Checkpoint,
) -> list[_Sample]:
    maps, (height, width) = request.maps, request.maps.output_size
    regions = [region]
    by_extremes = display.normalize not in ("robust", "percentile", "fixed")
    if region.step > 1 and by_extremes and maps.reads_source:  # behind other layers a line costs as much as an area
        regions += [replace(region, top=height - 1, rows=1), replace(region, left=width - 1, cols=1)]
    parts = [evaluator.live(maps, part, filters, checkpoint) for part in regions]
    shown = [[each.shown(display.negatives) for each in part] for part in parts]
    return [_Sample(inside, tuple(border)) for inside, *border in zip(*shown, strict=True)]


def _sampled(request: RenderRequest, layout: Layout | None, evaluator: Evaluator) -> Region:
    """A sample of the whole map: the positions in sight where they are one, so that they are evaluated once."""
    size = request.maps.output_size
    sample = evaluator.affordable(request.maps, overview(*size), CONTRAST_SHARE)
    if layout is None or layout.preview != whole(*size, layout.preview.step):
        return sample
    least = min(LEAST_SAMPLE, max(sample.rows, sample.cols))
    return layout.preview if max(layout.preview.rows, layout.preview.cols) >= least else sample


def _map_tiles(
    request: RenderRequest, layout: Layout, drawn: Sequence[_Drawn], store: TileStore
) -> dict[TileKey, Tile]:
    limits = limits_of([each.summary for each in drawn], layout.display, layout.scale)
    places = {number: place for place, number in enumerate(layout.numbers)}
    tiles = {}
    for key in layout.keys:
        wanted = (0, 1, 2) if key.kind == "composite" else (key.index,)
        if any(number not in places for number in wanted):
            continue
        parts = [drawn[places[number]] for number in wanted]
        bounds = [limits[places[number]] for number in wanted]
        if key.kind == "composite":
            scale = layout.scale.of([places[number] for number in wanted]) if layout.scale.white else layout.scale
            bounds = [composite_limits(bounds, layout.display, scale)] * 3
        region = layout.region if drawn[0].averaged else layout.preview
        made_from = (region, layout.geometry, layout.display, layout.show_numbers, *bounds)
        made_from += tuple(part.shown for part in parts)
        tiles[key] = store.tile(key, made_from, partial(_map_tile, key, layout, parts, bounds))
    return tiles


def _map_tile(key: TileKey, layout: Layout, parts: Sequence[_Drawn], limits: Sequence[Limits]) -> Tile:
    if key.kind == "composite":
        pixels, values, bounds = _composite(parts, limits), None, None
    else:
        pixels, bounds = _pixels(parts[0].shown, limits[0], layout.display.colormap), limits[0]
        values = parts[0].map.values if layout.show_numbers else None
    region = layout.region if parts[0].averaged else layout.preview
    curve = curve_of(parts[0].shown.values[0]) if layout.signal and key.kind != "composite" else None
    return Tile(key, pixels, region, layout.geometry, bounds, values, parts[0].averaged, curve)


def _pixels(shown: FeatureMap, limits: Limits, colormap: str) -> Pixels:
    levels = shown.levels(limits)
    return to_pixels(shown.values, limits, colormap) if levels is None else colored(levels, colormap)


def _composite(parts: Sequence[_Drawn], limits: Sequence[Limits]) -> Pixels:
    levels = [part.shown.levels(limit) for part, limit in zip(parts, limits, strict=True)]
    finite = [each for each in levels if each is not None]
    if len(finite) == len(levels):
        return np.stack(finite, axis=2)
    red, green, blue = (part.shown.values for part in parts)
    return composite((red, green, blue), limits[0])


# The histogram


def _chosen_filter(request: RenderRequest) -> list[Filter]:
    from convlab.engine.filters import map_filters

    return map_filters(request.maps, [request.view.chosen_output])


def _histogram(
    request: RenderRequest, layouts: Sequence[Layout], evaluator: Evaluator, checkpoint: Checkpoint
) -> Histogram:
    maps, display = request.maps, request.view.display
    chosen = _chosen_filter(request)
    scale = map_scale(maps, display).of([request.view.chosen_output])
    measured = display.normalize == "robust"
    known = evaluator.statistics(maps, chosen[0], display.negatives, counted=True, measured=measured)
    if known is not None:
        counts, edges = known.histogram(HISTOGRAM_BINS)
        return Histogram(counts, edges, limits_of([known], display, scale)[0], known.count, sampled=False)
    region = _sampled(request, next(iter(layouts), None), evaluator)
    sample = evaluator.live(maps, region, chosen, checkpoint)[0].shown(display.negatives)
    counts, edges = sample.histogram(HISTOGRAM_BINS)
    return Histogram(counts, edges, limits_of([sample], display, scale)[0], sample.count, region.step > 1)
