"""How one value of a layer comes from its input, as data: what was read, and the numbers that it was read with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import Sizes
from convlab.model.layers.reach import Numbers

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Operands:
    """What one value reads of the layer's input.

    values: of a convolution float64 [channels, kH, kW], the channels of the output's group and their slices that it
    reads; of other kinds [channels, kD, kH, kW], those of Layer.read_channels, `padding_value` in the padding; [.., 1,
    1, 1] where there is no window. slices, rows, cols: of each tap along an axis the input's position, where it lies
    outside as if the input went on. size: (depth, rows, columns) of the input. channels: how many the input has.
    rounded: numbers of the layer as its dtype has them. means, variances: float64 [channels], of the whole map of each
    channel of the input, where the layer depends on them; else empty. at: (slice, row, column) of the value in its own
    map.
    """

    values: Numbers
    slices: Positions
    rows: Positions
    cols: Positions
    size: Sizes
    channels: int
    rounded: Callable[[Numbers], Numbers]
    means: Numbers = field(default_factory=lambda: np.zeros(0))
    variances: Numbers = field(default_factory=lambda: np.zeros(0))
    at: Sizes = (0, 0, 0)

    @property
    def x(self) -> float:
        """The one value that a layer without windows reads."""
        return float(self.values.flat[0])

    @property
    def axes(self) -> tuple[Positions, ...]:
        """slices, rows and cols."""
        return self.slices, self.rows, self.cols


class Explained(ABC):
    """Where one value comes from."""

    __slots__ = ()

    @property
    @abstractmethod
    def value(self) -> float:
        """What these numbers give, in float64."""


@dataclass(frozen=True, slots=True, eq=False)
class SumOfProducts(Explained):
    """Σ values · weights + bias: float64 [channels, kH, kW] both; rows, cols: of each tap, −1 for a padding zero."""

    values: Numbers
    weights: Numbers
    bias: float
    rows: Positions
    cols: Positions

    @property
    def value(self) -> float:
        """The sum."""
        return float((self.values * self.weights).sum()) + self.bias


@dataclass(frozen=True, slots=True, eq=False)
class LargestOfWindow(Explained):
    """The largest of values, float64 [kD, kH, kW], −∞ in the padding. slices, rows, cols: of each tap, −1 in the
    padding."""

    values: Numbers
    slices: Positions
    rows: Positions
    cols: Positions

    @property
    def tap(self) -> tuple[int, int, int]:
        """(depth, row, column) in the window of the largest; the first one of several, as torch finds it."""
        at = np.unravel_index(int(np.argmax(self.values)), self.values.shape)  # NaN is the largest, as in torch
        return int(at[0]), int(at[1]), int(at[2])

    @property
    def place(self) -> tuple[int, int, int] | None:
        """(slice, row, column) of the largest in the input; None of a window that lies in the padding alone."""
        depth, row, col = self.tap
        found = int(self.slices[depth]), int(self.rows[row]), int(self.cols[col])
        return None if -1 in found else found

    @property
    def value(self) -> float:
        """The largest."""
        return float(self.values[self.tap])


@dataclass(frozen=True, slots=True, eq=False)
class MeanOfWindow(Explained):
    """The sum of values by how many count. values: float64 [kD, kH, kW], 0 outside; slices, rows, cols: of each tap, −1
    outside."""

    values: Numbers
    slices: Positions
    rows: Positions
    cols: Positions
    count: int

    @property
    def value(self) -> float:
        """The mean."""
        return float(self.values.sum()) / self.count


@dataclass(frozen=True, slots=True)
class MeanOfMap(Explained):
    """The mean of all `count` values of a channel."""

    mean: float
    count: int

    @property
    def value(self) -> float:
        """It."""
        return self.mean


@dataclass(frozen=True, slots=True)
class FunctionOfValue(Explained):
    """The function called `kind`, written as `formula`, of x: made."""

    kind: str
    formula: str
    x: float
    made: float

    @property
    def value(self) -> float:
        """What it gives."""
        return self.made


@dataclass(frozen=True, slots=True)
class Normalised(Explained):
    """(x − mean) / √(var + eps) · weight + bias."""

    x: float
    mean: float
    var: float
    eps: float
    weight: float
    bias: float

    @property
    def value(self) -> float:
        """Of that formula."""
        return float((self.x - self.mean) / np.sqrt(self.var + self.eps) * self.weight + self.bias)


@dataclass(frozen=True, slots=True)
class Copy(Explained):
    """The input's value: of a layer that is off, or of the source itself."""

    x: float

    @property
    def value(self) -> float:
        """x."""
        return self.x


@dataclass(frozen=True, slots=True, eq=False)
class ShareOfChannels(Explained):
    """exp of the value of `channel` by the sum of exp of all channels' values at one place, float64 [channels]."""

    values: Numbers
    channel: int

    @property
    def value(self) -> float:
        """From 0 to 1."""
        raised = np.exp(self.values - self.values.max())  # the same share, and none overflows
        return float(raised[self.channel] / raised.sum())
