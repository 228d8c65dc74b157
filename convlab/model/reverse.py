"""The way back: which outputs an input pixel feeds and by which weights, and which pixels a weight touches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import COLUMNS, ROWS, ConvSpec, Sizes
from convlab.model.maps import LayerMaps
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.taps import tap_positions, tap_sources
from convlab.model.unit import shown_value
from convlab.model.weights import kernel_slices

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Feeding:
    """Where the input pixel at `position` (row, column) goes in map `output`.

    places: int64 [n, 4], output row and column, kernel row and column, in the outputs' order; a pixel that the padding
    repeats feeds an output by several taps. channel_names: those that the output's group reads. values: [channels], the
    pixel as the layer reads it; weights: [n, channels].
    """

    output: int
    position: tuple[int, int]
    places: NDArray[np.int64]
    channel_names: tuple[str, ...]
    values: FloatArray
    weights: FloatArray

    @property
    def key(self) -> tuple[int, tuple[int, int]]:
        """What was asked for."""
        return self.output, self.position

    @property
    def products(self) -> FloatArray:
        """What each tap adds to its output: [n, channels]."""
        return self.weights * self.values

    @property
    def outputs(self) -> tuple[tuple[int, int], ...]:
        """(row, column) of each output that is fed, once."""
        return tuple(dict.fromkeys((int(row), int(col)) for row, col in self.places[:, :2]))


def feeding(maps: LayerMaps, output: int, row: int, col: int) -> Feeding:
    """What the input pixel (row, col) feeds in map `output`; it must lie in the picture, the document be valid."""
    layer, size = maps.window, maps.input_shape.size
    rows, cols = (
        np.argwhere(tap_sources(layer, size, axis) == at) for axis, at in ((ROWS, row), (COLUMNS, col))
    )  # (output, tap) along each axis; every pair of both is a way from the pixel to the map
    pairs = [np.repeat(rows, len(cols), axis=0), np.tile(cols, (len(rows), 1))]
    places = np.stack([pairs[0][:, 0], pairs[1][:, 0], pairs[0][:, 1], pairs[1][:, 1]], axis=1)
    places = places[np.lexsort(places.T[::-1])]
    inputs = [maps.input_channels[i] for i in layer.group_inputs(output)]
    gains = [maps.input_gains[i] for i in layer.group_inputs(output)]
    stored = maps.picture.pixels[row, col].astype(np.float64) / maps.picture.max_value
    return Feeding(
        output=output,
        position=(row, col),
        places=places,
        channel_names=tuple(maps.picture.channel_names[channel.index] for channel in inputs),
        values=np.array([stored[channel.index] for channel in inputs]) * gains,
        weights=kernel_slices(maps.convolution.weight)[output][:, places[:, 2], places[:, 3]].T,
    )


def feeding_table(found: Feeding) -> list[list[str]]:
    """The feeding as a table with its titles: one row a tap, numbers as Python writes them."""
    titles = ["output row", "output column", "kernel row", "kernel column"]
    for name in found.channel_names:
        titles += [f"{name}: weight", f"{name}: product"]
    rows = [titles]
    for place, weights, products in zip(found.places, found.weights, found.products, strict=True):
        numbers = [repr(float(n)) for pair in zip(weights, products, strict=True) for n in pair]
        rows.append([*(str(int(n)) for n in place), *numbers])
    return rows


def feeding_message(found: Feeding, unit: float = 1.0) -> Message:
    """The feeding in a sentence, the pixel's values in `unit`."""
    row, col = found.position
    count, taps = len(found.outputs), len(found.places)
    values = ", ".join(
        f"{name} {shown_value(value, unit)}"
        for name, value in zip(found.channel_names[:4], found.values[:4], strict=True)
    )
    known = {"row": row, "col": col, "values": values, "output": found.output}
    if not count:
        text = QT_TRANSLATE_NOOP("model", "The input pixel at row {row}, column {col} feeds no pixel of out {output}.")
        return message(text, **known)
    text = QT_TRANSLATE_NOOP(
        "model",
        "The input pixel at row {row}, column {col} ({values}) feeds {count} pixels of out {output} by {taps} taps.",
    )
    return message(text, **known, count=count, taps=taps)


@dataclass(frozen=True, slots=True, eq=False)
class Touched:
    """What the weight at kernel (row, column) `tap` reads: input rows and columns, sorted and each once.

    padded: of all its positions, one for each output, those on no pixel: in the padding, or between the pixels that a
    transposed layer spreads. positions: how many there are.
    """

    tap: tuple[int, int]
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    positions: int
    padded: int


def touched(maps: LayerMaps, tap: tuple[int, int]) -> Touched:
    """The input pixels that a weight touches in every channel it belongs to; the document must be valid."""
    layer, size = maps.window, maps.input_shape.size
    places = list(zip((ROWS, COLUMNS), tap, strict=True))
    sources = [tap_sources(layer, size, axis)[:, at] for axis, at in places]
    inside = [_on_pixels(tap_positions(layer, size, axis)[:, at], layer, size, axis) for axis, at in places]
    rows, cols = (np.unique(each[each >= 0]) for each in sources)
    count = len(sources[0]) * len(sources[1])
    return Touched(tap, rows, cols, count, count - int(inside[0].sum()) * int(inside[1].sum()))


def _on_pixels(places: NDArray[np.int64], layer: ConvSpec, size: Sizes, axis: int) -> NDArray[np.bool_]:
    """Which positions on the window's grid are pixels of the input: not in the padding, nor between spread pixels."""
    samples, between = np.divmod(places, layer.spread[axis])
    return np.asarray((between == 0) & (samples >= 0) & (samples < size[axis]))


def touched_message(found: Touched, output: int, name: str) -> Message:
    """What a weight touches in a sentence."""
    known = {
        "output": output,
        "name": name,
        "row": found.tap[0],
        "col": found.tap[1],
        "positions": found.positions,
        "padded": found.padded,
    }
    if not len(found.rows) or not len(found.cols):
        text = QT_TRANSLATE_NOOP(
            "model", "The weight at row {row}, column {col} ({name} → out {output}) reads no pixel."
        )
        return message(text, **known)
    text = QT_TRANSLATE_NOOP(
        "model",
        "The weight at row {row}, column {col} ({name} → out {output}) reads rows {rows}, columns {cols}: "
        "{positions} places, {padded} of them on no pixel.",
    )
    return message(text, **known, rows=_span(found.rows), cols=_span(found.cols))


def _span(places: NDArray[np.int64]) -> str:
    """'3', '0 … 4', '0, 2 … 510', '0, 1, 4'; just the ends where there is no such rule."""
    if len(places) == 1:
        return str(int(places[0]))
    steps = np.unique(np.diff(places))
    first, last = int(places[0]), int(places[-1])
    if len(steps) == 1 and len(places) > 2:
        return f"{first} … {last}" if steps[0] == 1 else f"{first}, {int(places[1])} … {last}"
    return ", ".join(str(int(n)) for n in places) if len(places) <= 6 else f"{first} … {last}"
