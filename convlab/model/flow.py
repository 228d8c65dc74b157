"""One output value as a flow: input × kernel = products for each channel, their sums, Σ + bias, the output."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.document import Document
from convlab.model.explanation import Explanation, ShownSums, fixed, largest_products, shown_sums
from convlab.model.numbers import format_weight

FloatArray = NDArray[np.float64]
Texts = tuple[tuple[str, ...], ...]

DIGITS = 3
"""Significant digits of the total: few, to be read from the back of a room; the sums still add up."""
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

    share: the sum's magnitude over the largest one.

    listed: for a large kernel its largest products as lines; its grids have no texts then.
    """

    name: str
    window: Numbers
    kernel: Numbers
    products: Numbers
    subtotal: str
    share: float
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """All rows, what is folded, and the value with its neighbours. position: of it in `near`."""

    output: int
    position: tuple[int, int]
    rows: tuple[FlowRow, ...]
    more: str
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


def flow_of(explanation: Explanation, document: Document, stepping: bool) -> Flow:
    """The flow of a value of this document; while stepping, neighbours after it in row-major order are empty."""
    sums = shown_sums(explanation, DIGITS)
    channels = _shown_channels(sums)
    largest = float(np.abs(sums.subtotals).max()) or 1.0
    rows = tuple(_row(explanation, document, sums, channel, largest) for channel in channels)
    near, corner = explanation.near, explanation.near_corner
    at = (explanation.position[0] - corner[0], explanation.position[1] - corner[1])
    values = explanation.values
    return Flow(
        output=explanation.output,
        position=explanation.position,
        rows=rows,
        more=_more(sums, channels),
        bias="" if sums.bias is None else fixed(sums.bias, sums.decimals) if sums.bias else "0",
        total=fixed(sums.total, sums.decimals),
        activation="" if explanation.activation == "none" else explanation.activation,
        value=format_weight(round(explanation.value, 9)),
        near=_near(near, at, stepping),
        near_corner=corner,
        near_position=at,
        value_range=(min(0.0, float(values.min())), max(1.0, float(values.max()))),
        weight_range=float(np.abs(explanation.weights).max()),
        product_range=float(np.abs(sums.products).max()),
        sentence=_sentence(explanation, sums, channels),
    )


def _shown_channels(sums: ShownSums) -> list[int]:
    count = len(sums.subtotals)
    if count <= MOST_CHANNELS:
        return list(range(count))
    order = np.argsort(-np.abs(sums.subtotals), kind="stable")[: MOST_CHANNELS - 1]
    return sorted(int(channel) for channel in order)


def _more(sums: ShownSums, channels: list[int]) -> str:
    """'+ 61 more: 0.123' for the channels that are folded."""
    hidden = [channel for channel in range(len(sums.subtotals)) if channel not in channels]
    return f"{len(hidden)}: {fixed(float(sums.subtotals[hidden].sum()), sums.decimals)}" if hidden else ""


def _row(explanation: Explanation, document: Document, sums: ShownSums, channel: int, largest: float) -> FlowRow:
    weights, products = explanation.weights[channel], sums.products[channel]
    large = max(weights.shape) > LARGEST_GRID
    subtotal = float(sums.subtotals[channel])
    return FlowRow(
        name=explanation.channel_names[channel],
        window=_window(explanation, document, channel),
        kernel=_numbers(weights, () if large else _short(weights)),
        products=_numbers(products, () if large else _fixed(products, sums.decimals)),
        subtotal=fixed(subtotal, sums.decimals),
        share=abs(subtotal) / largest,
        listed=_listed(explanation, sums, channel) if large else (),
    )


def _window(explanation: Explanation, document: Document, channel: int) -> Numbers:
    """The input around the window, with dilation's gaps; where that is large, the taps alone and without texts."""
    rows, cols, values = explanation.rows, explanation.cols, explanation.values[channel]
    spread = document.layer.transposed  # the taps lie on another grid than the input
    extents = [int(axis[-1] - axis[0]) + 1 for axis in (rows, cols)]
    padded = np.array([[explanation.padded(r, c) for c in range(len(cols))] for r in range(len(rows))])
    if spread or not document.reads_source or max(extents) > LARGEST_GRID:
        large = max(values.shape) > LARGEST_GRID
        return replace(_numbers(values, () if large else _short(values)), padded=padded)
    margin = MARGIN if bool(np.all(values == np.rint(values))) else 0
    (top, height), (left, width) = (
        _widened(int(axis[0]), int(axis[-1]) + 1, size, margin)
        for axis, size in zip((rows, cols), document.source.size, strict=True)
    )
    shape = height, width
    crop, empty = _crop(document, explanation, channel, (top, left), shape)
    at = np.ix_(rows - top, cols - left)
    taps, in_padding = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    crop[at], taps[at], in_padding[at], empty[at] = values, True, padded, False
    return Numbers(crop, _short(crop), taps, in_padding, empty)


def _widened(start: int, end: int, size: int, margin: int) -> tuple[int, int]:
    """(start, length) with a margin on both sides as far as the picture goes."""
    first, last = min(start, max(start - margin, 0)), max(end, min(end + margin, size))
    return first, last - first


def _crop(
    document: Document, explanation: Explanation, channel: int, corner: tuple[int, int], shape: tuple[int, int]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The channel's values as the layer reads them, from `corner` on, and where there are none."""
    source, number = document.source, document.layer.group_inputs(explanation.output)[channel]
    (top, left), (height, width) = corner, source.size
    values, empty = np.zeros(shape), np.ones(shape, dtype=bool)
    first, last = (max(0, -top), max(0, -left)), (min(shape[0], height - top), min(shape[1], width - left))
    if any(end <= start for start, end in zip(first, last, strict=True)):
        return values, empty
    inside = slice(first[0], last[0]), slice(first[1], last[1])
    stored = source.pixels[top + first[0] : top + last[0], left + first[1] : left + last[1]]
    gain = document.input_gains[number] / source.max_value
    values[inside] = stored[:, :, document.input_channels[number].index].astype(np.float64) * gain
    empty[inside] = False
    return values, empty


def _listed(explanation: Explanation, sums: ShownSums, channel: int) -> tuple[str, ...]:
    places = largest_products(explanation, channel, LISTED)
    products = sums.products[channel]
    rest = float(sums.subtotals[channel]) - sum(float(products[place]) for place in places)
    values, weights = explanation.values[channel], explanation.weights[channel]
    factors = [f"{format_weight(values[at], 3)} × {format_weight(weights[at], 3)}" for at in places]
    results = [fixed(float(products[at]), sums.decimals) for at in places]
    lines = [f"{factor} = {result}" for factor, result in zip(factors, results, strict=True)]
    hidden = products.size - len(places)
    return (*lines, f"+ {hidden}: {fixed(rest, sums.decimals)}") if hidden else tuple(lines)


def _near(values: FloatArray, at: tuple[int, int], stepping: bool) -> Numbers:
    """The map's values around the position; the same number of decimals for all, three significant digits at most."""
    finite = np.abs(values[np.isfinite(values)])
    top = float(finite.max()) if finite.size else 0.0
    whole = bool(np.all(values == np.rint(values)))
    decimals = 0 if whole or top >= 100 else 1 if top >= 10 else 2
    empty = np.zeros(values.shape, dtype=bool)
    if stepping:
        order = np.arange(values.size).reshape(values.shape)
        empty = order > at[0] * values.shape[1] + at[1]
    return replace(_numbers(values, _fixed(values, decimals)), empty=empty)


def _sentence(explanation: Explanation, sums: ShownSums, channels: list[int]) -> str:
    """out 0 [2, 3] = 9 + 3 + 6 + 1 = 19; the products of a single channel where they are few and short."""
    parts = [fixed(float(sums.subtotals[channel]), sums.decimals) for channel in channels]
    if len(channels) < len(sums.subtotals):
        hidden = [channel for channel in range(len(sums.subtotals)) if channel not in channels]
        parts.append(f"[{len(hidden)}: {fixed(float(sums.subtotals[hidden].sum()), sums.decimals)}]")
    if sums.bias is not None:
        parts.append(f"{fixed(sums.bias, sums.decimals) if sums.bias else '0'}")
    added = " + ".join([parts[0], *(f"({part})" if part.startswith("−") else part for part in parts[1:])])
    name = f"out {explanation.output} [{explanation.position[0]}, {explanation.position[1]}]"
    total = fixed(sums.total, sums.decimals)
    terms = added if len(parts) > 1 else _products(explanation)
    middle = f" = {terms}" if terms else ""
    name_after = explanation.activation
    after = "" if name_after == "none" else f",  {name_after} → {format_weight(explanation.value)}"
    return f"{name}{middle} = {total}{after}"


def _products(explanation: Explanation) -> str:
    """'1·1 + 2·2 + 0·1 + …' of a single channel; '' where that is too long for a line."""
    pairs = zip(explanation.values[0].ravel(), explanation.weights[0].ravel(), strict=True)
    texts = [[_short_text(float(number)) for number in pair] for pair in pairs][: LONGEST + 1]
    signed = [[f"({text})" if text.startswith("−") else text for text in pair] for pair in texts]
    line = " + ".join("·".join(pair) for pair in signed)
    return line if len(line) <= LONGEST else ""


def _numbers(values: FloatArray, texts: Texts) -> Numbers:
    """Numbers of which all are read and none is in the padding."""
    return Numbers(values, texts, *(np.full(values.shape, flag) for flag in (True, False, False)))


def _short(values: FloatArray) -> Texts:
    """Three significant digits, and below 1 three decimals."""
    return tuple(tuple(_short_text(float(value)) for value in row) for row in values)


def _short_text(value: float) -> str:
    return format_weight(round(value, 3) if 1e-3 <= abs(value) < 1 else value, 3)


def _fixed(values: FloatArray, decimals: int) -> Texts:
    return tuple(tuple(fixed(float(value), decimals) if value else "0" for value in row) for row in values)
