"""Takes one output value apart, with the layer's own operands: of a convolution into its taps, of any layer as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.evaluate import Evaluator, Maps
from convlab.engine.filters import slid
from convlab.engine.gather import TORCH_DTYPES
from convlab.engine.kinds.base import Positions
from convlab.engine.transfer import to_host
from convlab.model.explanation import Explanation
from convlab.model.flow import REACH
from convlab.model.layer import COLUMNS, ROWS
from convlab.model.layers.explained import Copy, Explained, Operands
from convlab.model.maps import LayerMaps
from convlab.model.region import Region
from convlab.model.stack import Layer
from convlab.model.taps import taps_of


def explain(evaluator: Evaluator, maps: LayerMaps, output: int, row: int, col: int) -> Explanation:
    """The value of map `output` at (row, col), which must lie in the map; the document must have no problems."""
    layer, region = maps.window, Region(row, col, 1, 1)
    operands = _sum_operands(evaluator, maps, output, region)
    found = maps.convolution.explained(operands, output)
    around = _around(maps, row, col)
    near = evaluator.maps(maps, around, [output])[0].astype(np.float64)
    own = row - around.top, col - around.left
    near[own] = evaluator.maps(maps, region, [output])[0, 0, 0]  # alone, as it is probed: the same to the last bit
    names = maps.input_names
    return Explanation(
        output=output,
        position=(row, col),
        rows=operands.rows,
        cols=operands.cols,
        spread=(layer.spread[ROWS], layer.spread[COLUMNS]),
        source_rows=found.rows,
        source_cols=found.cols,
        padding_mode=layer.padding_mode,
        channel_names=tuple(names[i] for i in layer.group_inputs(output)),
        values=found.values,
        weights=found.weights,
        bias=found.bias if layer.bias else None,
        activation=", ".join(function.kind.lower() for function in maps.functions) or "none",
        value=float(near[own]),
        near=near,
        near_corner=(around.top, around.left),
    )


def _around(maps: LayerMaps, row: int, col: int) -> Region:
    """The map's pixels near a position: REACH on each side where the map has them, else more on the other."""
    side = 2 * REACH + 1
    (top, rows), (left, cols) = (
        (min(max(at - REACH, 0), max(size - side, 0)), min(side, size))
        for at, size in zip((row, col), maps.output_size, strict=True)
    )
    return Region(top, left, rows, cols)


def explained(evaluator: Evaluator, maps: LayerMaps, output: int, row: int, col: int) -> Explained:
    """Where the value of map `output` of any layer at (row, col), which must lie in it, comes from.

    Its layer and those before it must have no problems. A layer that is off, and the source (place −1), copy.
    """
    at = Region(row, col, 1, 1)
    if maps.place not in maps.places:
        return Copy(float(evaluator.maps(maps, at, [output])[0, 0, 0]))
    if maps.conv_at == len(maps.entries) - 1:
        return maps.convolution.explained(_sum_operands(evaluator, maps, output, at), output)
    layer = maps.entries[-1].layer
    return layer.explained(_channel_operands(evaluator, maps, layer, output, at), output)


def _sum_operands(evaluator: Evaluator, maps: LayerMaps, output: int, at: Region) -> Operands:
    """What a convolution reads, with the kernel's rows and columns as its weight has them."""
    spec, inputs = maps.window, maps.window.group_inputs(output)
    with torch.inference_mode():
        read = to_host(evaluator.read(maps, at).pixels[0].double())
    rows, cols = taps_of(spec, at.top, ROWS), taps_of(spec, at.left, COLUMNS)
    values = slid(read[inputs.start : inputs.stop], spec)
    return Operands(values, np.zeros(1, np.int64), rows, cols, maps.input_shape.size, maps.reads, _rounding(spec.dtype))


def _channel_operands(evaluator: Evaluator, maps: LayerMaps, layer: Layer, output: int, at: Region) -> Operands:
    """What a layer reads that is no convolution: the values of the layers before, asked for as maps."""
    before, place = LayerMaps(maps.document, maps.place - 1), (maps.own_slice, at.top, at.left)
    size, channels = before.shape.size, layer.read_channels(output, before.count)
    slices, rows, cols = axes = [_read_along(layer, n, size[axis], axis) for axis, n in enumerate(place)]
    values = np.full((len(channels), *map(len, axes)), layer.padding_value)
    inside = [np.flatnonzero((taps >= 0) & (taps < n)) for taps, n in zip(axes, size, strict=True)]
    if all(taps.size for taps in inside):
        for depth in inside[0]:
            there = LayerMaps(maps.document, maps.place - 1, int(slices[depth]))
            picked = _picked(evaluator, there, channels, rows[inside[1]], cols[inside[2]])
            values[:, depth][np.ix_(np.arange(len(channels)), *inside[1:])] = picked
    means, variances = evaluator.moments(maps) if layer.whole_map else (np.zeros(0), np.zeros(0))
    rounding = _rounding(maps.window.dtype)
    return Operands(values, slices, rows, cols, size, before.count, rounding, means, variances, place)


def _read_along(layer: Layer, position: int, size: int, axis: int) -> Positions:
    """Which positions the value at `position` reads; of windows also those beyond the edge, as if the input went on."""
    if layer.window is not None:
        return taps_of(layer.window, position, axis)
    at = np.array([position])
    return at if layer.own_place else layer.sources(at, size, axis)[0]


def _picked(evaluator: Evaluator, maps: LayerMaps, outputs: Sequence[int], rows: Positions, cols: Positions) -> Maps:
    """The maps' values at rows × columns, each evenly spaced, out of a region with a step that meets them all."""
    step = int(np.gcd.reduce(np.concatenate([np.diff(rows), np.diff(cols)]), initial=0)) or 1
    top, left = int(rows[0]), int(cols[0])
    places = (rows - top) // step, (cols - left) // step
    region = Region(top, left, int(places[0][-1]) + 1, int(places[1][-1]) + 1, step)
    found: Maps = evaluator.maps(maps, region, outputs)[np.ix_(np.arange(len(outputs)), *places)]
    return found


def _rounding(dtype: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    def rounding(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(torch.from_numpy(np.array(numbers)).to(TORCH_DTYPES[dtype]).double().numpy())

    return rounding
