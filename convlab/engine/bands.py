"""How many rows are evaluated at a time, and how many filters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from convlab.engine.bank import LEAST_LARGE, FilterBank
from convlab.engine.filters import Filter
from convlab.engine.program import Program
from convlab.engine.spectral import tile_for
from convlab.model.layer import ROWS
from convlab.model.maps import LayerMaps
from convlab.model.region import Region

BAND_S = 0.008
"""Estimated seconds of work between two looks for a newer request."""
BAND_BYTES = 96 << 20
"""A band's input and output at most."""
STREAM_BYTES = 6 << 20
"""Input and output bytes of a band at full size: stays in the cache, where a whole photo does not (DESIGN.md)."""
LEAST_BAND = 32
"""Rows of a band, where they would fit the cache with fewer too."""
DEVICE_BAND_BYTES = 1 << 30
"""The same on a GPU, which wants much work at a time."""
GATHERED_BYTES = 192 << 20
"""Up to here the samples of a live region are kept, so that an edit is one convolution of them."""


def batches(maps: LayerMaps, filters: Sequence[Filter], step: int) -> Iterator[Sequence[Filter]]:
    """As many filters at a time as fit in memory in bands of whole blocks, or of tiles for large kernels."""
    layer = maps.window
    rows = max(step, tile_for(layer.extent[ROWS:])[0] if prod(layer.kernel_size) >= LEAST_LARGE else 1)
    count = max(1, BAND_BYTES // (4 * rows * maps.output_size[1]))
    for first in range(0, len(filters), count):
        yield filters[first : first + count]


def band_rows(program: Program, region: Region, bank: FilterBank, count: int) -> int:
    """Rows of a band small enough to stop after, to hold in memory and, when streaming, in the cache."""
    layer = program.maps.window
    row_in = region.cols * layer.in_channels * prod(layer.window_stride)
    if region.step > 1:
        row_in = region.cols * layer.in_channels * prod(layer.kernel_size)
    work = program.outline.work
    row_bytes = 4 * (row_in + region.cols * (count + int(work.values)))
    if program.steps:
        row_bytes = max(row_bytes, program.outline.most_bytes(region) // region.rows)
    if layer.device != "cpu":
        return max(1, int(DEVICE_BAND_BYTES / row_bytes))
    nanoseconds = max(1.0, bank.nanoseconds + work.nanoseconds)
    rows = min(BAND_S / (1e-9 * nanoseconds * region.cols), BAND_BYTES / row_bytes)
    if bank.tile_rows:
        return bank.tile_rows
    if layer.extent[ROWS] > LEAST_BAND:  # rows above and below are read again for each band
        return max(layer.extent[ROWS], int(rows))
    if region.size * 4 * (layer.in_channels + count) > BAND_BYTES // 4:
        rows = min(rows, max(LEAST_BAND, STREAM_BYTES / row_bytes))
    return max(1, 2 * work.halo, int(rows))  # and with layers before, more than is evaluated again


def stream_bytes(maps: LayerMaps) -> int:
    """Of a band's input and output."""
    return STREAM_BYTES if maps.window.device == "cpu" else DEVICE_BAND_BYTES


def gathered_bytes(program: Program, region: Region) -> int:
    """What the samples of a region take, or the layers before to make them."""
    layer = program.maps.window
    nbytes = 8 * layer.in_channels if layer.dtype == "float64" else 4 * layer.in_channels
    sizes = (layer.kernel_size[ROWS:], layer.window_stride[ROWS:], layer.extent[ROWS:])
    for count, kernel, stride, extent in zip((region.rows, region.cols), *sizes, strict=True):
        nbytes *= min(count * kernel, (count - 1) * stride * region.step + extent)
    return max(nbytes, program.outline.most_bytes(region)) if program.steps else nbytes
