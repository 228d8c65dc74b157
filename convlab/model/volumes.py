"""Volumes: slices one behind another, and those that a slice of a layer's output is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from convlab.model.layer import Sizes
from convlab.model.stack import Entry, Layer, Shape, seen_through
from convlab.model.taps import read_from, taps_of


def read_slices(layer: Layer, size: Sizes, slice: int) -> tuple[int, ...]:
    """The slices of an input of `size` that slice number `slice` of the layer's maps reads, one for each tap; −1 for a
    slice of padding."""
    if layer.window is None:
        found = layer.sources(np.array([slice]), size[0], 0)[0]
    else:
        found = read_from(layer.window, taps_of(layer.window, slice, 0), size[0], 0)
    return tuple(int(n) for n in found)


def middle_slice(entries: Sequence[Entry], shape: Shape, slice: int) -> int:
    """The slice of the source, of `shape`, about which slice number `slice` of the last of these layers lies."""
    at = float(slice)
    for layer, size in _last_first(entries, shape):
        at = layer.middle(at, size)
    return min(max(round(at), 0), max(shape.size[0] - 1, 0))


def receptive_size(entries: Sequence[Entry], shape: Shape) -> Sizes:
    """(slices, rows, columns) of an input of `shape` that one value of the last of these layers depends on, away from
    the edges."""
    top, left, bottom, right = seen_through(entries, (0, 0, 1, 1), shape)
    return _slices_seen(entries, shape), bottom - top, right - left


def _slices_seen(entries: Sequence[Entry], shape: Shape) -> int:
    first, last = 0, 0
    for layer, size in _last_first(entries, shape):
        if layer.whole_map:
            return shape.size[0]
        first, last = layer.span(first, last, size[0], 0)
    return last - first + 1


def _last_first(entries: Sequence[Entry], shape: Shape) -> Iterator[tuple[Layer, Sizes]]:
    """The layers that are on, each with the size of what it reads."""
    layers, sizes = [entry.layer for entry in entries if entry.on], [shape.size]
    for layer in layers:
        sizes.append(layer.output_size(sizes[-1]))
    return zip(reversed(layers), reversed(sizes[:-1]), strict=True)
