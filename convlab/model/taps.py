"""Which sample each tap of each window reads, along one axis: the rule that the engine and every drawing share."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import ConvSpec, PaddingMode
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


@lru_cache(maxsize=8)
def tap_positions(layer: ConvSpec, size: tuple[int, int], axis: int) -> Indices:
    """Input coordinate of each tap of each output along `axis`: int64 [outputs, kernel], outside 0 … size − 1 in the
    padding. Read-only. Output p, tap k: stride·p − padding + dilation·k (torch's documentation of nn.Conv2d).
    """
    outputs = output_size(layer, size)[axis]
    starts = layer.stride[axis] * np.arange(outputs) - layer.pads[axis][0]
    positions: Indices = starts[:, None] + layer.dilation[axis] * np.arange(layer.kernel_size[axis])
    positions.flags.writeable = False
    return positions


@lru_cache(maxsize=8)
def tap_sources(layer: ConvSpec, size: tuple[int, int], axis: int) -> Indices:
    """The sample that each tap reads: as `tap_positions`, with the padding mode applied; −1 for a zero."""
    sources = source_indices(tap_positions(layer, size, axis), size[axis], layer.padding_mode).copy()
    sources.flags.writeable = False
    return sources
