"""What values a layer's maps can have, judged by its numbers: interval arithmetic, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Of each channel the least and the largest value that it can have: float64 [channels].

    white: float64 [channels], what a white picture gives. rising: bool [channels], no value gets smaller where an input
    grows, so that no picture from black to white gives more than a white one. defined: no value is NaN, nor the −∞ of a
    window that finds nothing to be the largest.
    """

    low: Numbers
    high: Numbers
    white: Numbers
    rising: NDArray[np.bool_]
    defined: bool = True

    @property
    def signed(self) -> bool:
        """Whether any channel can be negative; where nothing is known it can."""
        return not bool((self.low >= 0).all())

    @property
    def most(self) -> float:
        """The largest magnitude that any channel can have; 0 where it is not known."""
        found = self._largest
        return found if np.isfinite(found) else 0.0

    def within(self, most: float) -> bool:
        """Whether all values are numbers of a magnitude below `most`."""
        return self.defined and self._largest < most

    @property
    def with_zero(self) -> Reach:
        """Of values among which there are zeros, such as padding."""
        return Reach(np.minimum(self.low, 0), np.maximum(self.high, 0), self.white, self.rising, self.defined)

    @property
    def _largest(self) -> float:
        return float(max(np.abs(self.low).max(), np.abs(self.high).max()))
