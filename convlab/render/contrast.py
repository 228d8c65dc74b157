"""Contrast limits: which value is drawn as the colour map's low end and which as its high end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convlab.model.view import Display

Map = NDArray[np.floating]
Limits = tuple[float, float]

LEAST_RANGE = 1e-30
"""Below this a map counts as flat: 255 levels of it would leave float32's range."""


def shown_values(values: Map, display: Display) -> Map:
    """The values that are drawn: as they are, clipped at 0, or their magnitude."""
    if display.negatives == "clip":
        return np.maximum(values, 0)
    if display.negatives == "absolute":
        return np.abs(values)
    return values


class Summary(Protocol):
    """What limits are made of, for one map's shown values; NaN and infinite ones count for nothing."""

    @property
    def range(self) -> Limits:
        """Smallest and largest value; (0, 0) when there is none."""

    def percentiles(self, percentiles: Limits) -> Limits:
        """Two percentiles, 0…100."""


def limits_of(maps: Sequence[Summary], display: Display) -> list[Limits]:
    """(low, high) per map, low < high."""
    if display.normalize == "fixed":
        return [_apart(display.low, display.high)] * len(maps)
    if display.normalize == "percentile":
        return [_apart(*each.percentiles(display.percentiles)) for each in maps]
    ranges = [each.range for each in maps]
    if display.normalize == "shared":
        return [_apart(min(low for low, _ in ranges), max(high for _, high in ranges))] * len(maps)
    if display.normalize == "symmetric":
        return [_apart(-max(abs(low), abs(high)), max(abs(low), abs(high))) for low, high in ranges]
    return [_apart(*limits) for limits in ranges]


def contrast_limits(maps: Sequence[Map], display: Display) -> list[Limits]:
    """`limits_of` arrays, which hold values as `shown_values` returns them."""
    return limits_of([_ArraySummary(values) for values in maps], display)


class _ArraySummary:
    def __init__(self, values: Map) -> None:
        self._values = values

    @property
    def range(self) -> Limits:
        return finite_range(self._values)

    def percentiles(self, percentiles: Limits) -> Limits:
        return _percentiles(self._values, percentiles)


def finite_range(values: Map) -> Limits:
    """Smallest and largest finite value; (0, 0) when there is none."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _percentiles(values: Map, percentiles: tuple[float, float]) -> Limits:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0
    low, high = np.percentile(finite, percentiles)
    return float(low), float(high)


def _apart(low: float, high: float) -> Limits:
    """Limits with low < high; a flat map lies in the middle of its limits."""
    if high - low > LEAST_RANGE:
        return low, high
    margin = max(abs(low) / 2, LEAST_RANGE) if low else 0.5
    return low - margin, low + margin
