"""Which sample each tap of each window reads, along one axis: the rule that the engine and every drawing share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import ConvSpec, PaddingMode, Sizes
from convlab.model.shape import output_size

Indices = NDArray[np.int64]


def source_indices(positions: Indices, size: int, mode: PaddingMode) -> Indices:
    """Where positions before 0 or from `size` on read: −1 for zeros, else the sample that torch's F.pad repeats."""
    outside = (positions < 0) | (positions >= size)
    if not outside.any():
        return positions
    if mode == "zeros":
        return np.where(outside, -1, positions)
    if mode == "replicate":
        return positions.clip(0, size - 1)
    if mode == "circular":
        return positions % size
    mirrored = np.abs(positions)
    return np.where(mirrored >= size, 2 * (size - 1) - mirrored, mirrored)


def read_from(layer: ConvSpec, positions: Indices, size: int, axis: int) -> Indices:
    """What positions on the grid that windows slide over read: a sample of the input's `size`, or −1 for a zero."""
    spread = layer.spread[axis]
    if spread == 1:
        return source_indices(positions, size, layer.padding_mode)
    samples, between = np.divmod(positions, spread)
    return np.where((between == 0) & (samples >= 0) & (samples < size), samples, -1)


def taps_of(layer: ConvSpec, output: int | Indices, axis: int) -> Indices:
    """Grid position of each tap along `axis` of the kernel for an output position, or [n, 1] of them.

    Output p, tap k: stride·p − padding + dilation·k (torch's documentation of nn.Conv2d); where transposed the kernel
    is turned, p + padding − dilation·k.
    """
    steps = layer.dilation[axis] * np.arange(layer.kernel_size[axis])
    if layer.transposed:
        return np.asarray(output + layer.pads[axis][0] - steps)
    return np.asarray(output * layer.stride[axis] - layer.pads[axis][0] + steps)


@lru_cache(maxsize=8)
def tap_positions(layer: ConvSpec, size: Sizes, axis: int) -> Indices:
    """Grid position of each tap of each output along `axis`: int64 [outputs, kernel]. Read-only.

    Without stride in a transposed layer the grid is the input; positions outside it lie in the padding.
    """
    positions = taps_of(layer, np.arange(output_size(layer, size)[axis])[:, None], axis)
    positions.flags.writeable = False
    return positions


@lru_cache(maxsize=8)
def tap_sources(layer: ConvSpec, size: Sizes, axis: int) -> Indices:
    """The sample that each tap reads: as `tap_positions`, with the padding mode applied; −1 for a zero."""
    sources = read_from(layer, tap_positions(layer, size, axis), size[axis], axis).copy()
    sources.flags.writeable = False
    return sources
