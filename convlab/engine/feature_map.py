"""A feature map in a region, on the device that computed it, and what the screen needs of it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.transfer import to_host
from convlab.model.robust import largest_needed, percentile_of, robust_magnitude
from convlab.model.view import Negatives

Range = tuple[float, float]


class FeatureMap:
    """Values [rows, cols], float32 or float64, never written again.

    Only what is asked for leaves the device: two numbers for a range, a histogram's counts, 8-bit levels.
    """

    def __init__(self, values: torch.Tensor) -> None:
        self._values = values
        self._shown: dict[Negatives, FeatureMap] = {"keep": self}
        self._percentiles: dict[Range, Range] = {}

    @property
    def nbytes(self) -> int:
        """Memory of the values."""
        return self._values.nbytes

    @cached_property
    def values(self) -> NDArray[np.floating]:
        """All values, in host memory."""
        return to_host(self._values)

    @cached_property
    def count(self) -> int:
        """How many values are finite."""
        return int(self._finite.numel())

    def shown(self, negatives: Negatives) -> FeatureMap:
        """The map with its negative values clipped to 0, or as magnitudes, or as it is."""
        if negatives not in self._shown:
            self._shown[negatives] = FeatureMap(shown(self._values, negatives))
        return self._shown[negatives]

    @cached_property
    def range(self) -> Range:
        """Smallest and largest finite value; (0, 0) when there is none."""
        finite = self._finite
        if not finite.numel():
            return 0.0, 0.0
        low, high = to_host(torch.stack(torch.aminmax(finite)))
        return float(low), float(high)

    @cached_property
    def magnitude(self) -> float:
        """The 99.6th percentile of the magnitudes of the finite values; 0 when there are none."""
        if self._values.device.type == "cpu":
            return robust_magnitude(self._values.numpy())  # its own memory
        finite = self._finite.abs().flatten()
        count = finite.numel()
        return percentile_of(to_host(finite.topk(largest_needed(count)).values), count)

    def percentiles(self, percentiles: Range) -> Range:
        """Two percentiles (0…100) of the finite values, interpolated; (0, 0) when there are none."""
        if percentiles not in self._percentiles:
            self._percentiles[percentiles] = self._found_percentiles(percentiles)
        return self._percentiles[percentiles]

    def _found_percentiles(self, percentiles: Range) -> Range:
        finite = self._finite
        if not finite.numel():
            return 0.0, 0.0
        places = torch.tensor(percentiles, dtype=finite.dtype, device=finite.device) / 100
        low, high = to_host(torch.quantile(finite.flatten(), places))
        return float(low), float(high)

    def histogram(self, bins: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Counts of the finite values in `bins` bins between smallest and largest, and the bins' edges."""
        low, high = self.range
        if low == high:
            low, high = low - max(0.5, abs(low) / 1000), high + max(0.5, abs(high) / 1000)
        counts = to_host(torch.histc(self._finite, bins, low, high))
        return counts.astype(np.int64), np.linspace(low, high, bins + 1)

    def levels(self, limits: Range) -> NDArray[np.uint8] | None:
        """uint8 [rows, cols]: limits become 0 and 255, rounded and clipped; None where a value is not finite."""
        if not self._all_finite:
            return None
        low, high = limits
        factor, zero = 255 / (high - low), -low / (high - low) * 255
        inside = low <= 0 <= high  # as `render.pixels.to_levels`
        scaled = self._values.mul(factor).add_(zero) if inside else self._values.sub(low).mul_(factor)
        scaled = scaled.round_().clamp_(0, 255)
        levels: NDArray[np.uint8] = to_host(scaled.to(torch.uint8))
        return levels

    @cached_property
    def _all_finite(self) -> bool:
        return all_finite(self._values)

    @property
    def _finite(self) -> torch.Tensor:
        return self._values if self._all_finite else self._values[torch.isfinite(self._values)]


def shown(values: torch.Tensor, negatives: Negatives) -> torch.Tensor:
    """Values as they are drawn; see `Display.negatives`."""
    if negatives == "clip":
        return values.clamp_min(0)
    return values.abs() if negatives == "absolute" else values


def all_finite(values: torch.Tensor) -> bool:
    """Whether no value is NaN or infinite: their sum is neither, or a closer look finds none."""
    return bool(values.sum().isfinite()) or bool(values.isfinite().all())
