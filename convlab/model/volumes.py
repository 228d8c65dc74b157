"""Volumes: slices one behind another, and those that a slice of a layer's output is made of."""

from __future__ import annotations

from collections.abc import Sequence

from convlab.model.layer import ConvSpec, Sizes
from convlab.model.stack import Entry, Layer, Shape, seen_through
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


def receptive_size(entries: Sequence[Entry], shape: Shape) -> Sizes:
    """(slices, rows, columns) of an input of `shape` that one value of the last of these layers depends on, away from
    the edges."""
    top, left, bottom, right = seen_through(entries, (0, 0, 1, 1), shape)
    return _slices_seen([entry.layer for entry in entries if entry.on], shape), bottom - top, right - left


def _slices_seen(layers: Sequence[Layer], shape: Shape) -> int:
    first, last = 0, 0
    for layer in reversed(layers):
        if layer.whole_map:
            return shape.size[0]
        window = layer.window
        if window is not None:
            start, spread = first * window.window_stride[0] - window.window_pads[0][0], window.spread[0]
            end = start + (last - first) * window.window_stride[0] + window.extent[0] - 1
            first, last = -(-start // spread), end // spread
    return last - first + 1
