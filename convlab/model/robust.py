"""The magnitude that contrast is taken from: the 99.6th percentile of |x|, which no border and no hot pixel decides.

Exact, as numpy.percentile has it, but found among the largest values alone: a sort of all would take longer than a
convolution.
"""

from __future__ import annotations

from math import floor

import numpy as np
from numpy.typing import NDArray

ROBUST_PERCENTILE = 99.6
LEAST_LARGE = 1 << 16
"""Values from which a first look at some of them saves time."""
SPACING, FIRST_LOOK = 61, 98.0
"""The first look is at every 61st value; those below its 98th percentile are left out."""

Values = NDArray[np.floating]


def largest_needed(count: int) -> int:
    """How many of the largest of `count` values decide the percentile."""
    return count - floor(_rank(count)) if count else 0


def percentile_of(largest: Values, count: int) -> float:
    """The percentile of `count` values, of which `largest` [n] has at least those that are needed; 0 of none."""
    if not count:
        return 0.0
    needed, rank = largest_needed(count), _rank(count)
    place = len(largest) - needed  # of rank ⌊rank⌋ among all
    upper = min(place + 1, len(largest) - 1)
    found = np.partition(largest, (place, upper))
    low, high = float(found[place]), float(found[upper])
    return low + (high - low) * (rank - floor(rank))


def robust_magnitude(values: Values) -> float:
    """The percentile of the magnitudes of the finite values; 0 where there are none."""
    magnitudes = np.abs(values).ravel()
    if not np.isfinite(magnitudes.sum(dtype=np.float64)):
        magnitudes = magnitudes[np.isfinite(magnitudes)]
    count, largest = len(magnitudes), magnitudes
    if count >= LEAST_LARGE:
        least = np.percentile(magnitudes[::SPACING], FIRST_LOOK)
        kept = magnitudes[magnitudes >= least]
        largest = kept if len(kept) >= largest_needed(count) else magnitudes
    return percentile_of(largest, count)


def _rank(count: int) -> float:
    return (count - 1) * ROBUST_PERCENTILE / 100
