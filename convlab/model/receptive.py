"""Through several layers: which pixels of each map, and of the input, one value of the last depends on."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from convlab.model.layer import COLUMNS, ROWS, ConvSpec, Sizes
from convlab.model.shape import output_size
from convlab.model.viewport import output_geometry

Bounds = tuple[int, int, int, int]
"""(top, left, bottom, right) in pixels, bottom and right not included; beyond the picture where the padding is."""


def seen_by(layers: Sequence[ConvSpec], size: Sizes, position: tuple[int, int]) -> tuple[Bounds, ...]:
    """What the value of the last map that lies over `position` of the first map sees.

    layers: at least two, one after another; size: of the input; position: (row, column) in the first layer's map.
    Returns bounds on the input, on the first map, … on the map before the last. () where a map in between is empty.
    """
    sizes = [size]
    for layer in layers:
        sizes.append(output_size(layer, sizes[-1]))
    if min(min(each) for each in sizes) < 1:
        return ()
    bounds = [_single(_over(layers[1:], sizes[2:], position))]
    for layer in reversed(layers):
        bounds.append(read_by(layer, bounds[-1]))
    return tuple(reversed(bounds[1:]))


def _over(layers: Sequence[ConvSpec], sizes: Sequence[Sizes], position: tuple[int, int]) -> tuple[int, int]:
    """The pixel of the last map whose window's centre is nearest, layer by layer."""
    row, col = position
    for layer, size in zip(layers, sizes, strict=True):
        at = output_geometry(layer, size).from_input(row + 0.5, col + 0.5)
        row, col = (min(max(floor(n), 0), count - 1) for n, count in zip(at, size[ROWS:], strict=True))
    return row, col


def _single(position: tuple[int, int]) -> Bounds:
    return position[0], position[1], position[0] + 1, position[1] + 1


def read_by(layer: ConvSpec, outputs: Bounds) -> Bounds:
    """The input pixels that a rectangle of output pixels reads; beyond the picture where the padding is."""
    starts, ends = [], []
    for axis in (ROWS, COLUMNS):
        first, last = outputs[axis - 1], outputs[axis + 1] - 1
        stride, spread, pad = layer.window_stride[axis], layer.spread[axis], layer.window_pads[axis][0]
        starts.append(-(-(first * stride - pad) // spread))
        ends.append((last * stride - pad + layer.extent[axis] - 1) // spread + 1)
    return starts[0], starts[1], ends[0], ends[1]
