"""Takes one output value apart into its taps, with the layer's own operands."""

from __future__ import annotations

import numpy as np

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters, rounded, slid
from convlab.engine.samples import samples
from convlab.engine.transfer import to_host
from convlab.model.explanation import Explanation
from convlab.model.flow import REACH
from convlab.model.layer import COLUMNS, ROWS
from convlab.model.maps import LayerMaps
from convlab.model.region import Region
from convlab.model.taps import read_from, taps_of


def explain(evaluator: Evaluator, maps: LayerMaps, output: int, row: int, col: int) -> Explanation:
    """The value of map `output` at (row, col), which must lie in the map; the document must have no problems."""
    layer, inputs = maps.window, maps.window.group_inputs(output)
    region = Region(row, col, 1, 1)
    read = to_host(samples(maps, evaluator.pixels(maps), region).pixels[0].double())
    (each,) = rounded(map_filters(maps, [output]), layer)
    places = [taps_of(layer, at, axis) for axis, at in ((ROWS, row), (COLUMNS, col))]
    size = maps.input_shape.size
    sources = [read_from(layer, at, size[axis], axis) for axis, at in zip((ROWS, COLUMNS), places, strict=True)]
    around = _around(maps, row, col)
    near = evaluator.maps(maps, around, [output])[0].astype(np.float64)
    own = row - around.top, col - around.left
    near[own] = evaluator.maps(maps, region, [output])[0, 0, 0]  # alone, as it is probed: the same to the last bit
    names = maps.input_names
    return Explanation(
        output=output,
        position=(row, col),
        rows=places[0],
        cols=places[1],
        spread=(layer.spread[ROWS], layer.spread[COLUMNS]),
        source_rows=sources[0],
        source_cols=sources[1],
        padding_mode=layer.padding_mode,
        channel_names=tuple(names[i] for i in inputs),
        values=slid(read[inputs.start : inputs.stop], layer),
        weights=slid(each.weight.double().numpy(), layer),
        bias=each.bias if layer.bias else None,
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
