"""One output value as a flow: input × kernel = products for each channel, their sums, Σ + bias, the output."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.explanation import Explanation, largest_products
from convlab.model.formula import sentence
from convlab.model.maps import LayerMaps
from convlab.model.numbers import value_text
from convlab.model.shown_sums import ShownSums, shown_sums
from convlab.model.unit import in_unit

FloatArray = NDArray[np.float64]
Texts = tuple[tuple[str, ...], ...]

MOST_CHANNELS = 4
LARGEST_GRID = 7
"""Kernels of more rows or columns show their largest products only."""
LISTED = 6
LONGEST = 110
"""Characters of a sum of products that is written out."""
REACH, MARGIN = 2, 1
"""Rows and columns shown around the value in its map, and around a window of whole numbers, which are short."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Numbers [rows, cols] with the texts they are shown as; () for none.

    taps: cells that are read; padded: those of them in the padding; empty: nothing is shown there.
    """

    values: FloatArray
    texts: tuple[tuple[str, ...], ...]
    taps: NDArray[np.bool_]
    padded: NDArray[np.bool_]
    empty: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class FlowRow:
    """One input channel's way: the input around the window, the kernel, the products, their sum.

    share: the sum's magnitude over the largest one. sign: '=' where the products are those of the factors as shown,
    else '≈'.

    listed: for a large kernel its largest products as lines; its grids have no texts then.
    """

    name: str
    window: Numbers
    kernel: Numbers
    products: Numbers
    subtotal: str
    share: float
    sign: str
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """All rows, what is folded, and the value with its neighbours.

    added: 'sum / 255' where values are shown in a unit, else ''. near_position: of the value in `near`.
    """

    output: int
    position: tuple[int, int]
    rows: tuple[FlowRow, ...]
    more: str
    added: str
    bias: str
    total: str
    activation: str
    value: str
    near: Numbers
    near_corner: tuple[int, int]
    near_position: tuple[int, int]
    value_range: tuple[float, float]
    weight_range: float
    product_range: float
    sentence: str

    @property
    def between(self) -> str:
        """What comes between the sum and the total: the unit, the bias."""
        return " ".join(filter(None, [self.added, f"+ b {self.bias}" if self.bias else ""]))


def flow_of(explanation: Explanation, maps: LayerMaps, stepping: bool, unit: float = 1.0) -> Flow:
    """The flow of a value of this document, input values in `unit`.

    While stepping, neighbours after it in row-major order are empty.
    """
    sums = shown_sums(explanation, unit)
    channels = _shown_channels(sums)
    largest = float(np.abs(sums.subtotals).max()) or 1.0
    rows = tuple(_row(sums, maps, channel, largest) for channel in channels)
    near, corner = explanation.near, explanation.near_corner
    at = (explanation.position[0] - corner[0], explanation.position[1] - corner[1])
    values = explanation.values
    return Flow(
        output=explanation.output,
        position=explanation.position,
        rows=rows,
        more=_more(sums, channels),
        added="" if unit == 1 else f"{sums.added_text} / {unit:.0f}",
        bias=sums.bias,
        total=sums.total_text,
        activation="" if explanation.activation == "none" else explanation.activation,
        value=value_text(explanation.value),
        near=_near(near, at, stepping),
        near_corner=corner,
        near_position=at,
        value_range=(min(0.0, float(values.min())), max(1.0, float(values.max()))),
        weight_range=float(np.abs(explanation.weights).max()),
        product_range=float(np.abs(sums.products).max()),
        sentence=sentence(sums, channels, LONGEST),
    )


def _shown_channels(sums: ShownSums) -> list[int]:
    count = len(sums.subtotals)
    if count <= MOST_CHANNELS:
        return list(range(count))
    order = np.argsort(-np.abs(sums.subtotals), kind="stable")[: MOST_CHANNELS - 1]
    return sorted(int(channel) for channel in order)


def _more(sums: ShownSums, channels: list[int]) -> str:
    """'+ 61 more: 0.123' for the channels that are folded."""
    hidden = len(sums.subtotals) - len(channels)
    return f"{hidden}: {sums.other_channels(channels)}" if hidden else ""


def _row(sums: ShownSums, maps: LayerMaps, channel: int, largest: float) -> FlowRow:
    weights, products = sums.explanation.weights[channel], sums.products[channel]
    large = max(weights.shape) > LARGEST_GRID
    places = [] if large else list(np.ndindex(*weights.shape))
    width = weights.shape[1]
    of_weights = _lines([sums.weight(channel, *place) for place in places], width)
    of_products = _lines([sums.product(channel, *place) for place in places], width)
    return FlowRow(
        name=sums.explanation.channel_names[channel],
        window=_window(sums, maps, channel),
        kernel=_numbers(weights, of_weights),
        products=_numbers(products, of_products),
        subtotal=sums.subtotal(channel),
        share=abs(float(sums.subtotals[channel])) / largest,
        sign=sums.product_sign(channel),
        listed=_listed(sums, channel) if large else (),
    )


def _lines(texts: list[str], width: int) -> Texts:
    return tuple(tuple(texts[start : start + width]) for start in range(0, len(texts), width))


def _window(sums: ShownSums, maps: LayerMaps, channel: int) -> Numbers:
    """The input around the window, with dilation's gaps; where that is large, the taps alone and without texts."""
    explanation = sums.explanation
    rows, cols, values = explanation.rows, explanation.cols, explanation.values[channel]
    spread = maps.window.transposed  # the taps lie on another grid than the input
    extents = [int(axis[-1] - axis[0]) + 1 for axis in (rows, cols)]
    padded = np.array([[explanation.padded(r, c) for c in range(len(cols))] for r in range(len(rows))])
    if spread or not maps.reads_source or max(extents) > LARGEST_GRID:
        places = [] if max(values.shape) > LARGEST_GRID else list(np.ndindex(*values.shape))
        texts = _lines([sums.value(channel, *place) for place in places], values.shape[1])
        return replace(_numbers(values, texts), padded=padded)
    margin = MARGIN if bool(np.all(values == np.rint(values))) else 0
    (top, height), (left, width) = (
        _widened(int(axis[0]), int(axis[-1]) + 1, size, margin)
        for axis, size in zip((rows, cols), maps.picture.size, strict=True)
    )
    shape = height, width
    crop, empty = _crop(maps, explanation, channel, (top, left), shape)
    at = np.ix_(rows - top, cols - left)
    taps, in_padding = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    crop[at], taps[at], in_padding[at], empty[at] = values, True, padded, False
    return Numbers(crop, _window_texts(sums, channel, crop, at), taps, in_padding, empty)


def _window_texts(sums: ShownSums, channel: int, crop: FloatArray, at: tuple[NDArray[np.intp], ...]) -> Texts:
    """The taps, which lie `at` these rows and columns, as factors; what is around them by itself."""
    texts = [[value_text(float(value)) for value in line] for line in in_unit(crop, sums.unit)]
    for row, col in np.ndindex(*sums.products[channel].shape):
        texts[at[0][row, 0]][at[1][0, col]] = sums.value(channel, row, col)
    return tuple(tuple(line) for line in texts)


def _widened(start: int, end: int, size: int, margin: int) -> tuple[int, int]:
    """(start, length) with a margin on both sides as far as the picture goes."""
    first, last = min(start, max(start - margin, 0)), max(end, min(end + margin, size))
    return first, last - first


def _crop(
    maps: LayerMaps, explanation: Explanation, channel: int, corner: tuple[int, int], shape: tuple[int, int]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The channel's values as the layer reads them, from `corner` on, and where there are none."""
    source, number = maps.picture, maps.window.group_inputs(explanation.output)[channel]
    (top, left), (height, width) = corner, source.size
    values, empty = np.zeros(shape), np.ones(shape, dtype=bool)
    first, last = (max(0, -top), max(0, -left)), (min(shape[0], height - top), min(shape[1], width - left))
    if any(end <= start for start, end in zip(first, last, strict=True)):
        return values, empty
    inside = slice(first[0], last[0]), slice(first[1], last[1])
    stored = source.pixels[top + first[0] : top + last[0], left + first[1] : left + last[1]]
    gain = maps.input_gains[number] / source.max_value
    values[inside] = stored[:, :, maps.input_channels[number].index].astype(np.float64) * gain
    empty[inside] = False
    return values, empty


def _listed(sums: ShownSums, channel: int) -> tuple[str, ...]:
    places = largest_products(sums.explanation, channel, LISTED)
    sign = sums.product_sign(channel)
    lines = [
        f"{sums.value(channel, *at)} × {sums.weight(channel, *at)} {sign} {sums.product(channel, *at)}" for at in places
    ]
    hidden = sums.products[channel].size - len(places)
    return (*lines, f"+ {hidden}: {sums.rest(channel, places)}") if hidden else tuple(lines)


def _near(values: FloatArray, at: tuple[int, int], stepping: bool) -> Numbers:
    """The map's values around the position."""
    empty = np.zeros(values.shape, dtype=bool)
    if stepping:
        order = np.arange(values.size).reshape(values.shape)
        empty = order > at[0] * values.shape[1] + at[1]
    texts = tuple(tuple(value_text(float(value)) for value in line) for line in values)
    return replace(_numbers(values, texts), empty=empty)


def _numbers(values: FloatArray, texts: Texts) -> Numbers:
    """Numbers of which all are read and none is in the padding."""
    return Numbers(values, texts, *(np.full(values.shape, flag) for flag in (True, False, False)))
