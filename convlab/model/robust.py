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
BAND = 1 << 16
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
    flat = values.ravel()
    if flat.size and not (np.isfinite(flat.min()) and np.isfinite(flat.max())):
        flat = flat[np.isfinite(flat)]
    return percentile_of(_largest(flat), len(flat))


def _largest(flat: Values) -> Values:
    """The largest magnitudes, as many as are needed at least; in bands that stay in the cache."""
    if len(flat) < LEAST_LARGE:
        return np.abs(flat)
    least = np.percentile(np.abs(flat[::SPACING]), FIRST_LOOK)
    bands = (np.abs(flat[first : first + BAND]) for first in range(0, len(flat), BAND))
    kept: Values = np.concatenate([band[band >= least] for band in bands])
    return kept if len(kept) >= largest_needed(len(flat)) else np.abs(flat)


def _rank(count: int) -> float:
    return (count - 1) * ROBUST_PERCENTILE / 100
