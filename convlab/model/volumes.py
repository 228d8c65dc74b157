"""Volumes: slices one behind another, and those that a slice of a layer's output is made of."""

from __future__ import annotations

from collections.abc import Sequence

from convlab.model.layer import ConvSpec, Sizes
from convlab.model.stack import Entry, Shape
from convlab.model.taps import read_from, taps_of


def read_slices(spec: ConvSpec, size: Sizes, slice: int) -> tuple[int, ...]:
    """The slices of an input of `size` that slice number `slice` of what windows make of it reads, one for each tap; −1
    for a slice of zeros."""
    return tuple(int(n) for n in read_from(spec, taps_of(spec, slice, 0), size[0], 0))


def middle_slice(entries: Sequence[Entry], shape: Shape, slice: int) -> int:
    """The slice of the source, of `shape`, about which slice number `slice` of the last of these layers lies."""
    at = float(slice)
    for entry in reversed(entries):
        window = entry.layer.window if entry.on else None
        if window is not None:
            before = (window.extent[0] - 1) / 2 - window.window_pads[0][0]
            at = (at * window.window_stride[0] + before) / window.spread[0]
    return min(max(round(at), 0), max(shape.size[0] - 1, 0))
