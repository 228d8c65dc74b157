"""What a panel's maps and contributions are: which positions, by which filters, and what their contrast is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from convlab.app.tiles import Panel, RenderRequest, carries_numbers, viewport_of
from convlab.model.maps import LayerMaps
from convlab.model.reach import maps_reach, sums_reach
from convlab.model.region import Region
from convlab.model.view import Display, TileKey
from convlab.model.viewport import MapGeometry, visible_region
from convlab.render.contrast import Scale, scale_of

if TYPE_CHECKING:
    from convlab.engine.evaluate import Evaluator
    from convlab.engine.filters import Filter


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A panel's maps or contributions: which positions, by which filters. display: how they are drawn.

    measured, scale: the filters whose values each one's limits are made of, and how: its own, or their sum's.
    preview: the positions that can be evaluated at once; behind many layers fewer than region has.
    """

    keys: tuple[TileKey, ...]
    numbers: tuple[int, ...]
    filters: list[Filter]
    measured: list[Filter]
    scale: Scale
    region: Region
    preview: Region
    geometry: MapGeometry
    display: Display
    show_numbers: bool
    signal: bool


def layouts_of(request: RenderRequest, evaluator: Evaluator) -> list[Layout]:
    """Of all panels of a request."""
    found: list[Layout | None] = []
    for panel in request.panels:
        maps = tuple(key for key in panel.keys if key.kind in ("map", "composite"))
        parts = tuple(key for key in panel.keys if key.kind == "contribution")
        found += [_laid_out(request, panel, evaluator, _of_maps(request, maps))] if maps else []
        found += [_laid_out(request, panel, evaluator, _of_parts(request, parts))] if parts else []
    return [layout for layout in found if layout is not None]


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """Which maps or contributions a panel shows, and what their limits are made of; the fields are those of Layout."""

    keys: tuple[TileKey, ...]
    numbers: tuple[int, ...]
    filters: list[Filter]
    measured: list[Filter]
    scale: Scale
    display: Display


def _of_maps(request: RenderRequest, keys: tuple[TileKey, ...]) -> _Wanted:
    from convlab.engine.filters import map_filters

    maps, display = request.maps, request.view.display
    shown = {key.index for key in keys if key.kind == "map"}
    shown |= {0, 1, 2} if any(key.kind == "composite" for key in keys) else set()
    outputs = tuple(sorted(shown))
    filters = map_filters(maps, outputs)
    return _Wanted(keys, outputs, filters, filters, map_scale(maps, display).of(outputs), display)


def _of_parts(request: RenderRequest, keys: tuple[TileKey, ...]) -> _Wanted:
    """The contributions to the chosen map, all on one scale, since they add up: that of their sum."""
    from convlab.engine.filters import contribution_filters, sum_filters

    maps, display, chosen = request.maps, request.view.display, request.view.chosen_output
    filters = contribution_filters(maps, chosen)
    inputs = tuple(range(len(filters)))
    if display.normalize != "robust":
        together = replace(display, normalize="shared") if display.normalize == "per-map" else display
        return _Wanted(keys, inputs, filters, filters, Scale(), together)
    total = sum_filters(maps, [chosen]) * len(filters)
    scale = scale_of(sums_reach(maps), display, maps.are_signals)
    return _Wanted(keys, inputs, filters, total, scale.of([chosen] * len(filters)), display)


def map_scale(maps: LayerMaps, display: Display) -> Scale:
    """Of all maps of the layer."""
    return scale_of(maps_reach(maps), display, maps.are_signals)


def _laid_out(request: RenderRequest, panel: Panel, evaluator: Evaluator, wanted: _Wanted) -> Layout | None:
    """None where no position is in sight."""
    maps = request.maps
    view, geometry = viewport_of(request, panel), maps.geometry
    region = visible_region(view, geometry, panel.tile)
    preview = region and evaluator.affordable(maps, region)
    if region is None or preview is None:
        return None
    show_numbers = carries_numbers(maps.picture.size, view.zoom * min(geometry.stride))
    return Layout(
        wanted.keys,
        wanted.numbers,
        wanted.filters,
        wanted.measured,
        wanted.scale,
        region,
        preview,
        geometry,
        wanted.display,
        show_numbers,
        maps.are_signals,
    )
