"""The table of an explained value as it is shown: a row is written when it comes into sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from convlab.model.formula import over_unit
from convlab.model.numbers import value_text
from convlab.model.shown_sums import ShownSums

Row = list[str]


class ShownLedger(Sequence[Row]):
    """For each channel a row a tap and its sum, then bias, sum over the unit, total, and the layer's value."""

    def __init__(self, sums: ShownSums) -> None:
        self._sums = sums
        self._taps = int(sums.products[0].size)
        self._last = _last_rows(sums)

    def __len__(self) -> int:
        return len(self._sums.subtotals) * (self._taps + 1) + len(self._last)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self._row(number) for number in range(*place.indices(len(self)))]
        return self._row(range(len(self))[place])

    def _row(self, place: int) -> Row:
        sums, explanation = self._sums, self._sums.explanation
        channel, tap = divmod(place, self._taps + 1)
        if channel >= len(sums.subtotals):
            return self._last[place - len(sums.subtotals) * (self._taps + 1)]
        name = explanation.channel_names[channel]
        if tap == self._taps:
            return _sum_row(f"{name}: sum", sums.subtotal(channel))
        row, col = (int(n) for n in np.unravel_index(tap, sums.products[channel].shape))
        at = channel, row, col
        place_texts = (name, str(row), str(col), *explanation.place_text(row, col))
        return [*place_texts, sums.value(*at), sums.weight(*at), sums.product(*at)]


def _last_rows(sums: ShownSums) -> list[Row]:
    explanation = sums.explanation
    after = "" if explanation.activation == "none" else f" after {explanation.activation}"
    over = [] if sums.unit == 1 else [_sum_row("sum over the unit", over_unit(sums))]
    bias = [_sum_row("bias", sums.bias)] if sums.bias else []
    return [
        *bias,
        *over,
        _sum_row("total", sums.total_text),
        _sum_row(f"torch{after}", value_text(explanation.value)),
    ]


def _sum_row(name: str, text: str) -> Row:
    return [name, *[""] * 7, text]
