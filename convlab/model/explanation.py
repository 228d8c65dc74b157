"""Where one output value comes from: every tap with its value, weight and product, and the sums that they add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import PaddingMode
from convlab.model.plain_text import csv_table

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One value of a feature map, taken apart.

    output, position: the map and (row, column) in it. rows, cols: of each kernel row and column, on the grid that the
    window slides over, on which the input's pixels lie `spread` apart (1 but for a transposed layer's stride);
    outside the picture where they lie in the padding. source_rows, source_cols: the sample read there, −1 for a
    padding zero. channel_names: of the channels that the output's group reads. values, weights: float64
    [channels, kH, kW], the layer's own operands, rounded to its dtype. value: what the layer itself gives.
    near: float64 [rows, cols] of the map around it, from (row, column) near_corner on.
    """

    output: int
    position: tuple[int, int]
    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    spread: tuple[int, int]
    source_rows: NDArray[np.int64]
    source_cols: NDArray[np.int64]
    padding_mode: PaddingMode
    channel_names: tuple[str, ...]
    values: FloatArray
    weights: FloatArray
    bias: float | None
    activation: str
    value: float
    near: FloatArray
    near_corner: tuple[int, int]

    @property
    def products(self) -> FloatArray:
        """values · weights: [channels, kH, kW]."""
        return self.values * self.weights

    @property
    def subtotals(self) -> FloatArray:
        """Each channel's sum of products."""
        return np.asarray(self.products.sum(axis=(1, 2)))

    @property
    def total(self) -> float:
        """All subtotals and the bias: the value before the activation."""
        return float(self.subtotals.sum()) + (self.bias or 0.0)

    def padded(self, row: int, col: int) -> bool:
        """Whether the tap lies outside the picture, or between the pixels that a transposed layer has spread."""
        source, place = (self.source_rows[row], self.source_cols[col]), (self.rows[row], self.cols[col])
        return -1 in source or any(s * apart != p for s, apart, p in zip(source, self.spread, place, strict=True))

    def place_text(self, row: int, col: int) -> tuple[str, str, str]:
        """A tap's source row and column ('' for a padding zero), and 'padding: …' where it lies in the padding."""
        source = (int(self.source_rows[row]), int(self.source_cols[col]))
        if -1 in source:
            between = self.rows[row] % self.spread[0] or self.cols[col] % self.spread[1]
            return "", "", "between pixels: zero" if between else "padding: zero"
        note = f"padding: {self.padding_mode} of ({source[0]}, {source[1]})" if self.padded(row, col) else ""
        return str(source[0]), str(source[1]), note


def ledger(explanation: Explanation) -> list[list[str]]:
    """The explanation as a table: one row a tap, a subtotal for each channel, bias, total, and the layer's value.

    Numbers as Python writes them, so that they read back exactly.
    """
    rows = [["channel", "kernel row", "kernel column", "source row", "source column", "note", "value", "weight"]]
    rows[0].append("product")
    products = explanation.products
    for channel, name in enumerate(explanation.channel_names):
        for row, col in np.ndindex(*explanation.weights.shape[1:]):
            numbers = (explanation.values, explanation.weights, products)
            cells = [repr(float(array[channel, row, col])) for array in numbers]
            rows.append([name, str(row), str(col), *explanation.place_text(row, col), *cells])
        rows.append(_sum_row(f"{name}: sum", float(explanation.subtotals[channel])))
    if explanation.bias is not None:
        rows.append(_sum_row("bias", explanation.bias))
    rows.append(_sum_row("total", explanation.total))
    after = "" if explanation.activation == "none" else f" after {explanation.activation}"
    rows.append(_sum_row(f"torch{after}", explanation.value))
    return rows


def ledger_csv(explanation: Explanation) -> str:
    """The table as CSV (RFC 4180), numbers with a decimal point; no channel's name is run by a spreadsheet."""
    return csv_table(ledger(explanation))


def largest_products(explanation: Explanation, channel: int, count: int) -> list[tuple[int, int]]:
    """(kernel row, kernel column) of a channel's largest products by magnitude, the largest first; none that is 0."""
    products = np.abs(explanation.products[channel])
    order = np.argsort(-products, axis=None, kind="stable")[: min(count, np.count_nonzero(products))]
    return [(int(index) // products.shape[1], int(index) % products.shape[1]) for index in order]


def _sum_row(name: str, value: float) -> list[str]:
    return [name, *[""] * 7, repr(value)]
