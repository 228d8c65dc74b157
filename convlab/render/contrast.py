"""Contrast limits: which value is drawn as the colour map's low end and which as its high end.

The default is robust: zero is the same gray in every map, and neither a border nor a hot pixel decides. Where the layer
can give negative values the limits are ± p, p being the 99.6th percentile of the map's magnitudes; else black is 0 and
white is p, or what a white picture gives: so a blur, or the identity, looks like its photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from convlab.model.reach import Reach
from convlab.model.robust import robust_magnitude
from convlab.model.view import Display

Map = NDArray[np.floating]
Limits = tuple[float, float]

ROUNDING = 2e-6
"""Of the largest value possible: some roundings of float32."""
MOST_COLOR = 1 + 1e-6
"""A white of 1, but for what the sums of a kernel's weights are rounded by."""
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

    @property
    def magnitude(self) -> float:
        """The 99.6th percentile of the magnitudes; 0 when there is no value."""

    def percentiles(self, percentiles: Limits) -> Limits:
        """Two percentiles, 0…100."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What robust limits are made of beside the maps' values.

    signed: the layer can give negative values. white: for each map what a white picture gives, None where others can
    give more. most: the largest magnitude that the layer can give, 0 where it is not known. whole: limits reach
    the map's largest magnitude, as for a curve, of which nothing may be cut off.
    """

    signed: bool = True
    white: tuple[float | None, ...] = ()
    most: float = 0.0
    whole: bool = False

    @property
    def rounding(self) -> float:
        """Magnitudes below this say nothing: sums that should be 0 may end there."""
        return max(ROUNDING * self.most, LEAST_RANGE)

    def of(self, numbers: Sequence[int]) -> Scale:
        """For these maps of the layer."""
        return replace(self, white=tuple(self.white[n] for n in numbers))

    @property
    def colors(self) -> bool:
        """Whether all maps have values of 0…1 alone, as a photo's channels."""
        return not self.signed and all(white is not None and white <= MOST_COLOR for white in self.white)


def scale_of(reach: Reach, display: Display, whole: bool = False) -> Scale:
    """How a layer's maps of this reach, all of them, are scaled."""
    kept = display.negatives != "absolute" or not reach.signed
    known = reach.rising & np.isfinite(reach.white) & (reach.white > 0)
    white = [value if kept and rises else None for value, rises in zip(reach.white.tolist(), known, strict=True)]
    return Scale(reach.signed and display.negatives == "keep", tuple(white), reach.most, whole)


def limits_of(maps: Sequence[Summary], display: Display, scale: Scale | None = None) -> list[Limits]:
    """(low, high) per map, low < high. scale: has a `white` for each map; without one the maps may be negative."""
    if display.normalize == "robust":
        scale = scale or Scale(white=(None,) * len(maps))
        return [_robust(each, scale, white) for each, white in zip(maps, scale.white, strict=True)]
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


def _robust(each: Summary, scale: Scale, white: float | None) -> Limits:
    """Without a jump: a dim map is drawn twice as bright at most, and values beyond a photo's own white still differ.

    A map that is almost nothing but zeros has its largest magnitude as limit; one of zeros alone what could be there.
    """
    magnitude = each.magnitude
    if scale.whole or magnitude <= scale.rounding:
        magnitude = max(map(abs, each.range))
    if magnitude <= scale.rounding:
        magnitude = white or scale.most or 1.0
    if scale.signed:
        return -magnitude, magnitude
    return 0.0, magnitude if white is None else max(magnitude, min(white, 2 * magnitude))


def composite_limits(limits: Sequence[Limits], display: Display, scale: Scale) -> Limits:
    """What is black and white in red, green and blue alike: 0…1, or the range of all three."""
    if display.normalize == "robust" and scale.colors:
        return 0.0, 1.0
    return min(low for low, _ in limits), max(high for _, high in limits)


def contrast_limits(maps: Sequence[Map], display: Display, scale: Scale | None = None) -> list[Limits]:
    """`limits_of` arrays, which hold values as `shown_values` returns them."""
    return limits_of([_ArraySummary(values) for values in maps], display, scale)


class _ArraySummary:
    def __init__(self, values: Map) -> None:
        self._values = values

    @property
    def range(self) -> Limits:
        return finite_range(self._values)

    @property
    def magnitude(self) -> float:
        return robust_magnitude(self._values)

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
