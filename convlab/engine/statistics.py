"""A whole map's range and histogram, counted band by band."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.feature_map import Range, all_finite
from convlab.engine.largest import Largest
from convlab.engine.transfer import to_host

BINS = 4096
"""Bins counted, over twice a sample's range: a percentile is right to a 2000th of the range, an 8th of a gray level."""


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """Of every finite value of a map.

    range: smallest and largest, (0, 0) when there is none. Where they were asked for, counts: values in each of
    BINS bins between `edges`; below, above: values left and right of all bins; peak: the 99.6th percentile of the
    magnitudes.
    """

    range: Range
    count: int
    edges: NDArray[np.float64]
    counts: NDArray[np.int64] | None = None
    below: int = 0
    above: int = 0
    peak: float | None = None

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.edges.nbytes + (0 if self.counts is None else self.counts.nbytes)

    @property
    def magnitude(self) -> float:
        """The 99.6th percentile of the magnitudes."""
        assert self.peak is not None, "was not asked for"
        return self.peak

    def has(self, counted: bool, measured: bool) -> bool:
        """Whether what is asked for is there: the counts, and the magnitude."""
        return (self.counts is not None or not counted) and (self.peak is not None or not measured)

    def percentiles(self, percentiles: Range) -> Range:
        """Two percentiles (0…100) of the values, to a bin's width."""
        if not self.count or self.counts is None:
            return self.range
        counts, edges = self._all_bins()
        reached = np.concatenate([[0], np.cumsum(counts)])
        low, high = np.interp(np.array(percentiles) / 100 * self.count, reached, edges)
        return float(low), float(high)

    def histogram(self, bins: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Counts in bins of a `bins`-th of the sample's range, and their edges, from smallest to largest value."""
        assert self.counts is not None, "was not counted"
        merged = max(1, BINS // (2 * bins))
        counts = np.add.reduceat(self.counts, np.arange(0, BINS, merged))
        edges = np.append(self.edges[:-1:merged], self.edges[-1])
        counts, edges = self._with_outliers(counts, edges)
        used = np.flatnonzero(counts)
        if not used.size:
            return counts[:1], edges[:2]
        counts, edges = counts[used[0] : used[-1] + 1], edges[used[0] : used[-1] + 2]
        if self.range[0] < self.range[1]:
            edges = np.clip(edges, *self.range)
        return counts, edges

    def _all_bins(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """All bins, cut at the smallest and largest value."""
        assert self.counts is not None
        counts, edges = self._with_outliers(self.counts, self.edges)
        return counts, np.clip(edges, *self.range)

    def _with_outliers(
        self, counts: NDArray[np.int64], edges: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if self.below:
            counts, edges = np.insert(counts, 0, self.below), np.insert(edges, 0, min(self.range[0], edges[0]))
        if self.above:
            counts, edges = np.append(counts, self.above), np.append(edges, max(self.range[1], edges[-1]))
        return counts, edges


class Counter:
    """Adds up the statistics of several maps, band by band.

    samples: a range of each map, about which the bins lie. counted: the places of the maps to count values of.
    measured: how many values each map has, where its magnitude is wanted, else 0.
    """

    def __init__(
        self, samples: list[Range], counted: Collection[int], measured: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self._bins = [_bins_about(*sample) for sample in samples]
        self._low = torch.full((len(samples),), torch.inf, dtype=dtype, device=device)
        self._high = torch.full((len(samples),), -torch.inf, dtype=dtype, device=device)
        self._counts = {n: torch.zeros(BINS, dtype=torch.float64, device=device) for n in counted}
        self._outside = {n: [0, 0] for n in counted}
        self._finite = np.zeros(len(samples), np.int64)
        self._largest = [Largest(measured) for _ in samples] if measured else []

    def add(self, values: torch.Tensor) -> None:
        """Take in values [maps, rows, columns]."""
        if all_finite(values):
            self._low = torch.minimum(self._low, values.amin((1, 2)))
            self._high = torch.maximum(self._high, values.amax((1, 2)))
            self._finite += values[0].numel()
            for place in self._counts:
                self._count(place, values[place])
            for largest, plane in zip(self._largest, values, strict=False):
                largest.add(plane)
        else:
            for place, plane in enumerate(values):
                self._add_finite(place, plane[plane.isfinite()])

    def _add_finite(self, place: int, finite: torch.Tensor) -> None:
        if finite.numel():
            self._low[place] = torch.minimum(self._low[place], finite.amin())
            self._high[place] = torch.maximum(self._high[place], finite.amax())
            self._finite[place] += finite.numel()
            if place in self._counts:
                self._count(place, finite)
            if self._largest:
                self._largest[place].add(finite)

    def _count(self, place: int, finite: torch.Tensor) -> None:
        first, last = self._bins[place]
        counts = torch.histc(finite, BINS, first, last)
        self._counts[place] += counts
        if int(counts.sum(dtype=torch.float64)) != finite.numel():
            self._outside[place][0] += int((finite < first).sum())
            self._outside[place][1] += int((finite > last).sum())

    def result(self) -> list[Statistics]:
        """The statistics of each map."""
        lows, highs = to_host(self._low), to_host(self._high)
        found = []
        for n, bins in enumerate(self._bins):
            limits = (float(lows[n]), float(highs[n])) if self._finite[n] else (0.0, 0.0)
            counts = to_host(self._counts[n]).astype(np.int64) if n in self._counts else None
            edges = np.linspace(*bins, BINS + 1)
            count, (below, above) = int(self._finite[n]), self._outside.get(n, (0, 0))
            peak = self._largest[n].percentile(count) if self._largest else None
            found.append(Statistics(limits, count, edges, counts, below, above, peak))
        return found


def _bins_about(low: float, high: float) -> Range:
    """Twice the range, about its middle; float32 holds both ends apart."""
    margin = max((high - low) / 2, abs(low) / 1000, abs(high) / 1000, 1e-30)
    return float(np.float32(low - margin)), float(np.float32(high + margin))
