"""A filter as a sum of shifted planes: tap by tap, or where its kernels are separable, column by column and row by row.

A kernel of rank r is Σ u vᵀ over r pairs of a column u and a row v, and x ∗ (u vᵀ) = (x ∗ u) ∗ v: kH + kW taps where
the whole has kH · kW (R. C. Gonzalez, R. E. Woods: Digital Image Processing, section 3.4). Only kernels that are such
a sum to float rounding are taken so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.filters import Rounded
from convlab.engine.gather import Gathered
from convlab.engine.scratch import Scratch

Kernel = NDArray[np.float64]
Line = list[tuple[int, float]]
"""Taps along one axis: (place, weight)."""

MOST_TERMS = 3
TOLERANCE = {torch.float32: 1e-6, torch.float64: 1e-14}
"""The sum of what may be left, over the sum of the kernel's magnitudes: the error is at most that part of Σ |w| |x|."""


@dataclass(frozen=True, slots=True, eq=False)
class Shifts:
    """One channel's part of a filter. taps: (row, column, weight); terms: (column taps, row taps), instead of taps."""

    channel: int
    taps: list[tuple[int, int, float]]
    terms: list[tuple[Line, Line]]

    @property
    def passes(self) -> int:
        """How often a plane is read."""
        return sum(self.columns_and_rows) if self.terms else len(self.taps)

    @property
    def columns_and_rows(self) -> tuple[int, int]:
        """Taps along columns and along rows, of all terms."""
        return sum(len(column) for column, _ in self.terms), sum(len(row) for _, row in self.terms)


def shifts_of(channel: int, kernel: Kernel, dtype: torch.dtype, finite: bool) -> Shifts:
    """The cheaper way for a kernel [kH, kW]. finite: no sample is NaN or infinite, so that 0 · x adds nothing."""
    used = np.argwhere(kernel) if finite else np.argwhere(np.ones_like(kernel))
    taps = [(int(r), int(c), float(kernel[r, c])) for r, c in used]
    direct = Shifts(channel, taps, [])
    terms = _terms(kernel, TOLERANCE[dtype]) if finite and len(taps) > 3 else []
    separable = Shifts(channel, [], terms)
    return separable if terms and separable.passes < direct.passes else direct


def _terms(kernel: Kernel, tolerance: float) -> list[tuple[Line, Line]]:
    """Columns and rows whose products add up to the kernel; [] when it would take more than MOST_TERMS."""
    rest, terms = kernel.copy(), []
    for _ in range(MOST_TERMS):
        row, col = _pivot(rest)
        column, line = rest[:, col].copy(), rest[row] / rest[row, col]
        rest = rest - np.outer(column, line)
        terms.append((_taps(column), _taps(line)))
        if np.abs(rest).sum() <= tolerance * np.abs(kernel).sum():
            return terms
    return []


def _pivot(rest: Kernel) -> tuple[int, int]:
    """Where |rest| is largest, or no less than a 4th of that and just 1, which makes a column begin with a 1."""
    magnitude = np.abs(rest)
    ones = np.argwhere((rest == 1) & (magnitude >= magnitude.max() / 4))
    row, col = ones[0] if len(ones) else np.unravel_index(int(magnitude.argmax()), rest.shape)
    return int(row), int(col)


def _taps(line: NDArray[np.float64]) -> Line:
    least = 1e-17 * np.abs(line).max()
    return [(int(place), float(line[place])) for place in np.flatnonzero(np.abs(line) > least)]


class ShiftedGroup:
    """Filters with the same weights, each on one channel, these and their places following each other; or one filter.

    filters: not empty, with their shifts.
    """

    def __init__(self, filters: Sequence[Rounded], shifts: Sequence[Shifts]) -> None:
        self._first, self._count = filters[0].number, len(filters)
        self._shifts = shifts
        self._biases = {each.number: each.bias for each in filters if each.bias}

    def convolve(self, gathered: Gathered, out: torch.Tensor, scratch: Scratch) -> None:
        """The planar picture's maps into their places in out [filters, rows, cols]."""
        planes = gathered.pixels[0].to(out.dtype)
        _add_shifted(planes, self._shifts, gathered, out[self._first : self._first + self._count], scratch)
        for number, bias in self._biases.items():
            out[number] += bias


def shifted_groups(filters: Sequence[tuple[Rounded, list[Shifts]]]) -> list[ShiftedGroup]:
    """Equal filters of one channel each, on channels and at places that follow each other, together."""
    runs: list[tuple[list[Rounded], list[Shifts]]] = []
    for each, shifts in filters:
        if runs and len(shifts) == len(runs[-1][1]) == 1:
            members, (first,) = runs[-1]
            follows = each.number == members[-1].number + 1 and shifts[0].channel == first.channel + len(members)
            if follows and torch.equal(each.weight, members[0].weight):
                members.append(each)
                continue
        runs.append(([each], shifts))
    return [ShiftedGroup(members, shifts) for members, shifts in runs]


def _add_shifted(
    planes: torch.Tensor, parts: Sequence[Shifts], gathered: Gathered, out: torch.Tensor, scratch: Scratch
) -> None:
    """out [n, rows, cols] = Σ over the parts; each reads n planes of planes [channels, rows, columns] from its own."""
    count, rows, cols = out.shape
    (down, right), dilation = gathered.stride, gathered.dilation

    def lower(plane: torch.Tensor, row: int) -> torch.Tensor:
        top = row * dilation[0]
        return plane[:, top : top + (rows - 1) * down + 1 : down]

    def further(plane: torch.Tensor, col: int) -> torch.Tensor:
        left = col * dilation[1]
        return plane[:, :, left : left + (cols - 1) * right + 1 : right]

    started = False
    for part in parts:
        own = planes[part.channel : part.channel + count]
        if part.taps:
            _add_up(out, [(further(lower(own, row), col), weight) for row, col, weight in part.taps], started)
        for column, line in part.terms:
            between = scratch.empty("between", (count, rows, own.shape[2]), out.dtype, out.device)
            _add_up(between, [(lower(own, row), weight) for row, weight in column], started=False)
            _add_up(out, [(further(between, col), weight) for col, weight in line], started)
            started = True
        started = started or bool(part.taps)
    if not started:
        out.zero_()


def _add_up(out: torch.Tensor, weighted: list[tuple[torch.Tensor, float]], started: bool) -> None:
    """out (+)= Σ weight · plane; a weight of 1 is the best beginning, since it needs no product of its own."""
    weighted = sorted(weighted, key=lambda pair: pair[1] != 1.0)
    if not started and len(weighted) > 1 and weighted[0][1] == 1.0:
        torch.add(weighted[0][0], weighted[1][0], alpha=weighted[1][1], out=out)
        weighted = weighted[2:]
    elif not started:
        torch.mul(weighted[0][0], weighted[0][1], out=out)
        weighted = weighted[1:]
    for plane, weight in weighted:
        out.add_(plane, alpha=weight)
