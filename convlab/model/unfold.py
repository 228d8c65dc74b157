"""A convolution as one matrix product: the windows as columns (torch.nn.Unfold), and these put back (torch.nn.Fold)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import COLUMNS, ROWS
from convlab.model.maps import LayerMaps
from convlab.model.taps import tap_sources

FloatArray = NDArray[np.float64]
Position = tuple[int, int]

MOST_COLUMNS, MOST_ROWS = 256, 1024
"""What is worked out at once: columns around the chosen one, and at most so many taps."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Windows as columns, those of one output's group: values [taps, columns], W's row for the output [taps].

    taps: (channel, kernel row, kernel column) in torch's order; positions: (row, column) in the map of each column;
    first: the first column's number among `total`. sums: weights @ values + bias, the layer before its activation.
    """

    output: int
    taps: tuple[tuple[str, int, int], ...]
    weights: FloatArray
    values: FloatArray
    positions: tuple[Position, ...]
    first: int
    total: int
    bias: float

    @property
    def sums(self) -> FloatArray:
        """One output value a column."""
        return np.asarray(self.weights @ self.values + self.bias)


def unfold(maps: LayerMaps, output: int, chosen: Position | None = None) -> Columns | None:
    """The columns around the map pixel `chosen`; None where the kernel has too many taps to be looked at.

    As torch.nn.Unfold gives them, (N, C·∏k, L) with the last kernel axis fastest and positions in row-major order; in
    the padding what padding_mode gives, where nn.Unfold knows zeros only. The document must have no problems.
    """
    layer, (height, width) = maps.window, maps.output_size
    inputs = layer.group_inputs(output)
    if len(inputs) * prod(layer.kernel_size) > MOST_ROWS:
        return None
    total = height * width
    at = 0 if chosen is None else chosen[0] * width + chosen[1]
    first = max(0, min(at - MOST_COLUMNS // 2, total - MOST_COLUMNS))
    numbers = np.arange(first, min(first + MOST_COLUMNS, total))
    rows, cols = (tap_sources(layer, maps.input_shape.size, axis) for axis in (ROWS, COLUMNS))
    y, x = rows[numbers // width], cols[numbers % width]
    values = np.stack([_taps(maps, i, y, x) for i in inputs])
    names = [maps.picture.channel_names[maps.input_channels[i].index] for i in inputs]
    return Columns(
        output=output,
        taps=tuple((name, r, c) for name in names for r, c in np.ndindex(*layer.kernel_size[ROWS:])),
        weights=maps.convolution.weight[output].ravel(),
        values=values.reshape(-1, len(numbers)),
        positions=tuple((int(n) // width, int(n) % width) for n in numbers),
        first=first,
        total=total,
        bias=float(maps.convolution.bias[output]) if layer.bias else 0.0,
    )


def _taps(maps: LayerMaps, number: int, y: NDArray[np.int64], x: NDArray[np.int64]) -> FloatArray:
    """Input channel `number` at rows y [columns, kH] × columns x [columns, kW]: [kH, kW, columns], −1 reads zero."""
    source = maps.picture
    plane = source.pixels[:, :, maps.input_channels[number].index]
    read = plane[y[:, :, None], x[:, None, :]].astype(np.float64) / source.max_value * maps.input_gains[number]
    read[(y[:, :, None] < 0) | (x[:, None, :] < 0)] = 0
    return np.moveaxis(read, 0, -1)


def hit_counts(maps: LayerMaps) -> NDArray[np.int64]:
    """How often each input pixel is read: [H, W], what torch.nn.Fold makes of columns of ones.

    Fold of the columns of an input is the input times these counts.
    """
    counts = []
    for axis, size in zip((ROWS, COLUMNS), maps.input_size, strict=True):
        read = tap_sources(maps.window, maps.input_shape.size, axis)
        counts.append(np.bincount(read[read >= 0], minlength=size))
    return np.outer(*counts)
