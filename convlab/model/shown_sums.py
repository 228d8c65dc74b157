"""How an explained value is written: digits with which terms add up and factors multiply as shown, else '≈'."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from math import floor, isclose, isfinite, log10

import numpy as np
from numpy.typing import NDArray

from convlab.model.explanation import Explanation
from convlab.model.numbers import fixed, shown_number, trimmed, value_text
from convlab.model.unit import in_unit

FloatArray = NDArray[np.float64]

MOST_DECIMALS = 9
RULER = 4
"""Significant digits of the largest term, at least, where none of the terms is shorter."""
_SAME = 1e-5
_EXACTLY = Context(prec=120)
_NEAR_TIE, _LEFT = 1e-5, 1e-3

EQUAL, ABOUT = "=", "≈"


@dataclass(frozen=True, slots=True, eq=False)
class ShownSums:
    """An explanation in a unit, its numbers and the texts that they are shown as.

    values, products: [channels, kH, kW] and subtotals [channels] in the unit; weights and bias have none. total: the
    layer's own value before its activation; added: what the subtotals add up to, which is the total where the unit is 1
    and then includes the bias. decimals: of products, subtotals and bias; None where they are written each by itself.
    """

    explanation: Explanation
    unit: float
    decimals: int | None
    values: FloatArray
    products: FloatArray
    subtotals: FloatArray
    added: float
    total: float
    _factors: dict[int, tuple[int | None, int | None, bool]] = field(default_factory=dict)

    # Texts

    def product(self, channel: int, row: int, col: int) -> str:
        """A tap's product."""
        return self.term(float(self.products[channel, row, col]))

    def subtotal(self, channel: int) -> str:
        """A channel's sum of products."""
        return self.term(float(self.subtotals[channel]))

    @property
    def bias(self) -> str:
        """'' for a layer without."""
        bias = self.explanation.bias
        if bias is None:
            return ""
        return value_text(bias) if self.unit != 1 or self.decimals is None else trimmed(bias, self.decimals)

    def term(self, value: float) -> str:
        """A number that is added."""
        if not value:
            return "0"
        return value_text(value) if self.decimals is None else fixed(value, self.decimals)

    def value(self, channel: int, row: int, col: int) -> str:
        """What a tap reads."""
        return _factor(float(self.values[channel, row, col]), self._digits(channel)[0])

    def weight(self, channel: int, row: int, col: int) -> str:
        """A tap's weight."""
        return _factor(float(self.explanation.weights[channel, row, col]), self._digits(channel)[1])

    @property
    def total_text(self) -> str:
        """The layer's value before its activation."""
        return value_text(self.total)

    @property
    def added_text(self) -> str:
        """What the subtotals add up to."""
        return value_text(self.added)

    @property
    def activated(self) -> str:
        """'relu → 3' for a layer with an activation, else ''."""
        explanation = self.explanation
        after = f"{explanation.activation} → {value_text(explanation.value)}"
        return "" if explanation.activation == "none" else after

    def rest(self, channel: int, places: Iterable[tuple[int, int]]) -> str:
        """What the channel's products at other places add up to."""
        left = np.ones(self.products[channel].shape, dtype=bool)
        for place in places:
            left[place] = False
        return self.term(float(self.products[channel][left].sum()))

    def other_channels(self, channels: Sequence[int]) -> str:
        """What the other channels' subtotals add up to."""
        return self.term(float(np.delete(self.subtotals, channels).sum()))

    # Relations: '=' where it holds exactly as shown

    def product_sign(self, channel: int) -> str:
        """Between a channel's value × weight and its products."""
        return EQUAL if self._digits(channel)[2] else ABOUT

    def divided_sign(self) -> str:
        """Between the sum in the unit, over the unit, + bias, and the total."""
        texts = (self.added_text, self.bias or "0", self.total_text)
        numbers = [shown_number(text) for text in texts]
        if not all(number.is_finite() for number in numbers):
            return EQUAL
        added, bias, total = (Fraction(number) for number in numbers)
        return EQUAL if added / round(self.unit) + bias == total else ABOUT

    def _digits(self, channel: int) -> tuple[int | None, int | None, bool]:
        """Decimals of a channel's values and weights, None for their own digits, and whether they multiply exactly."""
        if channel not in self._factors:
            self._factors[channel] = self._found_digits(channel)
        return self._factors[channel]

    def _found_digits(self, channel: int) -> tuple[int | None, int | None, bool]:
        numbers = [array[channel].ravel().tolist() for array in (self.values, self.explanation.weights, self.products)]
        taps = list(zip(*numbers, strict=True))
        more = self.decimals
        tries: list[tuple[int | None, int | None]] = [(None, None)]
        if more is not None:
            tries += [(more, None), (None, more), (more, more), (None, MOST_DECIMALS)]
        for of_value, of_weight in tries:
            if all(self._multiplies(v, w, p, of_value, of_weight) for v, w, p in taps):
                return of_value, of_weight, True
        return None, None, False

    def _multiplies(
        self, value: float, weight: float, product: float, of_value: int | None, of_weight: int | None
    ) -> bool:
        factors = [_factor(value, of_value), _factor(weight, of_weight)]
        return multiplied(factors) == shown_number(self.term(product)) or not isfinite(product)


def shown_sums(explanation: Explanation, unit: float = 1.0) -> ShownSums:
    """Write an explanation whose values are shown in `unit`."""
    values = in_unit(explanation.values, unit)
    products = values * explanation.weights
    subtotals = products.sum(axis=(1, 2))
    total = _total(explanation)
    added = total if unit == 1 else float(subtotals.sum())
    bias = explanation.bias or 0.0 if unit == 1 else 0.0
    decimals = _decimals(products, subtotals, bias, value_text(added))
    return ShownSums(explanation, unit, decimals, values, products, subtotals, added, total)


def added_sign(terms: Iterable[str | Decimal], total: str) -> str:
    """'=' where the terms as shown add up to the total as shown."""
    found = Decimal(0)
    numbers = [shown_number(term) if isinstance(term, str) else term for term in (*terms, total)]
    if not all(number.is_finite() for number in numbers):
        return EQUAL
    for number in numbers[:-1]:
        found = _EXACTLY.add(found, number)
    return EQUAL if found == numbers[-1] else ABOUT


def multiplied(factors: Iterable[str]) -> Decimal:
    """The product of numbers as shown, exactly; NaN and ∞ as such."""
    found = Decimal(1)
    for text in factors:
        number = shown_number(text)
        if not (found.is_finite() and number.is_finite()):
            return Decimal("NaN")
        found = _EXACTLY.multiply(found, number)
    return found


def _factor(value: float, decimals: int | None) -> str:
    return value_text(value) if decimals is None else trimmed(value, decimals)


def _total(explanation: Explanation) -> float:
    """The layer's own value; of a layer with an activation, whose value before it nobody sees, the sum."""
    value, total = explanation.value, explanation.total
    return value if explanation.activation == "none" or isclose(value, total, rel_tol=_SAME) else total


def _decimals(products: FloatArray, subtotals: FloatArray, bias: float, total: str) -> int | None:
    """The fewest decimals with which the terms add up to `total` as shown.

    Where there are none, those with which they do when their sum is rounded like it; None where all are so small that
    the decimals would be zeros, or not finite.
    """
    every = np.concatenate([products.ravel(), subtotals, [bias]])
    largest = float(np.abs(every).max())
    if not isfinite(largest) or 0 < largest < 10.0 ** (RULER - 1 - MOST_DECIMALS):
        return None
    least = _least(every, largest)
    of_total = _decimals_in(total)
    if of_total is None:
        return least
    countable = floor(log10(2.0**52 / max(largest * every.size, 1.0)))
    tries = range(max(least, of_total), min(MOST_DECIMALS, countable) + 1)
    wanted = int(shown_number(total).scaleb(of_total))
    whole = [decimals for decimals in tries if _terminates(every, decimals)]
    for decimals in [*whole, *tries]:
        if _adds_up(products, subtotals, bias, wanted * 10 ** (decimals - of_total), decimals):
            return int(decimals)
    rounded_at = max(of_total, _ruler(abs(wanted) / 10**of_total))
    for decimals in tries:  # their sum as shown is rounded like the total, whose last zeros are not shown
        sums = float(_scaled(products, decimals).sum() + _scaled(np.array([bias]), decimals).sum())
        if abs(sums - wanted * 10 ** (decimals - of_total)) <= 10.0 ** (decimals - rounded_at) / 2:
            return int(decimals)
    return max(least, of_total)


def _least(every: FloatArray, largest: float) -> int:
    """The decimals that show RULER digits of the largest number, less those that are zeros in all of them."""
    if not largest:
        return 0
    most = _ruler(largest)
    scaled = _scaled(every, most)
    return next(n for n in range(most + 1) if not np.any(scaled % 10.0 ** (most - n)))


def _ruler(number: float) -> int:
    """The decimals that show RULER digits of a number, or all before the point."""
    return min(max(RULER - 1 - floor(log10(number)), 0), MOST_DECIMALS) if number else 0


def _terminates(every: FloatArray, decimals: int) -> bool:
    """Whether so many decimals hold the numbers, but for what float32 leaves: 0.125 has three."""
    moved = every * 10.0**decimals
    return bool(np.all(np.abs(moved - np.rint(moved)) < _LEFT))


def _adds_up(products: FloatArray, subtotals: FloatArray, bias: float, total: int, decimals: int) -> bool:
    shown = _scaled(subtotals, decimals)
    if not np.array_equal(_scaled(products, decimals).sum(axis=(1, 2)), shown):
        return False
    return bool(shown.sum() + _scaled(np.array([bias]), decimals)[0] == total)


def _scaled(values: FloatArray, decimals: int) -> FloatArray:
    """round(value, decimals) · 10^decimals as whole numbers, as `fixed` writes them: ties in doubt are looked at."""
    moved = values * 10.0**decimals
    found = np.rint(moved)
    doubtful = np.abs(np.abs(moved - np.floor(moved)) - 0.5) < _NEAR_TIE + np.abs(moved) * 2.0**-51
    for place in zip(*np.nonzero(doubtful), strict=True):
        found[place] = float(shown_number(fixed(float(values[place]), decimals)).scaleb(decimals))
    return found


def _decimals_in(text: str) -> int | None:
    """Digits after the point; None with an exponent, or where the text is no finite number."""
    after = text.partition(".")[2]
    return len(after) if re.fullmatch(r"−?[0-9.]+", text) and len(after) <= MOST_DECIMALS else None
