"""The samples that a region of a document's maps reads: of its photo, or of the layers before."""

from __future__ import annotations

from math import ceil, sqrt

import torch

from convlab.engine.chain import Chain, Values, coarser
from convlab.engine.gather import Axis, Gathered, gather, plan_axis
from convlab.engine.memory import Memory
from convlab.engine.scratch import Scratch
from convlab.engine.whole_map import WholeMaps
from convlab.model.layer import COLUMNS, ROWS
from convlab.model.maps import LayerMaps
from convlab.model.region import Region

LIVE_MULTIPLY_ADDS = 200e6
"""Of the layers before: what is evaluated at once for the screen; about 4 ms on 2 cores."""
LEAST_SAMPLES = 8
"""Along the longer side, at any price."""


def samples(
    maps: LayerMaps,
    pixels: torch.Tensor,
    region: Region,
    planar: bool = False,
    scratch: Scratch | None = None,
    memory: Values | None = None,
    whole: WholeMaps | None = None,
) -> Gathered:
    """As `gather`, through the layers before the document's own."""
    if maps.reads_source:
        return gather(maps, pixels, region, planar, scratch)
    rows, cols = axes(maps, region)
    values = Chain(maps, pixels, memory, whole).samples(rows, cols)
    if planar:
        values = values.contiguous()
    return Gathered(values.unsqueeze(0), (rows.stride, cols.stride), (rows.dilation, cols.dilation))


def axes(maps: LayerMaps, region: Region) -> tuple[Axis, Axis]:
    """The rows and columns of its layer's input that the region reads."""
    spec, (height, width) = maps.window, maps.input_size
    return (
        plan_axis(spec, height, ROWS, region.top, region.rows, region.step),
        plan_axis(spec, width, COLUMNS, region.left, region.cols, region.step),
    )


def affordable(maps: LayerMaps, pixels: torch.Tensor, region: Region, share: float = 1.0) -> Region:
    """The region, or where the layers before would take too long for the screen one of a larger step.

    share: the part of the time there is that it may take.
    """
    if maps.reads_source or region.step == 1:
        return region
    key = (*(entry.layer.outline for entry in maps.before), maps.window, maps.document.source_shape)
    found = _known.get((key, region, share))
    if found is None:
        found = _affordable(maps, Chain(maps, pixels), region, share * LIVE_MULTIPLY_ADDS)
        _known.put((key, region, share), found)
        _known.trim()
    return found


def _affordable(maps: LayerMaps, chain: Chain, region: Region, most: float) -> Region:
    factor, tried = 1, region
    for _ in range(6):
        tried = coarser(maps, region, factor)
        cost = chain.multiply_adds(*axes(maps, tried))
        if cost <= most or max(tried.rows, tried.cols) <= LEAST_SAMPLES:
            break
        factor = max(factor + 1, ceil(factor * sqrt(cost / most)))
    return tried


_known: Memory[Region] = Memory(256, lambda _: 1)
"""Regions already judged, by what their cost depends on."""
