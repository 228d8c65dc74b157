"""Maps of a wanted size, each value the mean of its part of the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

import numpy as np

from convlab.model.code import size_text
from convlab.model.layer import AXES, COLUMNS, ROWS, ConvSpec, Sizes, in_three_axes, with_new_axes
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.explained import Explained, MeanOfMap, MeanOfWindow, Operands
from convlab.model.layers.parameters import DIMS, AxisSizes, Parameter
from convlab.model.layers.pool import MOST_SIDE
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem, map_problems
from convlab.model.taps import Indices
from convlab.model.viewport import MapGeometry


@dataclass(frozen=True, slots=True)
class AdaptiveAvgPool(Layer):
    """As nn.AdaptiveAvgPool2d and those of other axes.

    Along an axis of n, output p of m is the mean from ⌊p · n / m⌋ to ⌈(p + 1) · n / m⌉; 5 in 2: positions 0 … 2 and
    2 … 4. Of size 1 × 1 it is the mean of the whole map, which is measured as GroupNorm's is. output_size_wanted is
    (depth, rows, columns) whatever dims is, and may be given as torch takes it.
    """

    output_size_wanted: Sizes = (7, 7, 7)
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        AxisSizes(
            "output_size_wanted",
            QT_TRANSLATE_NOOP("model", "Rows and columns of each map, whatever the input has"),
            1,
            MOST_SIDE,
            title="output_size",
            path="adaptive_avg_pool.output_size",
        ),
        DIMS,
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "output_size_wanted", in_three_axes(self.output_size_wanted, self.dims, 1))

    @classmethod
    def offered(cls) -> tuple[AdaptiveAvgPool, ...]:
        """Before a classifier, and of the whole map."""
        return cls(), cls((1, 1))

    def in_dims(self, dims: int) -> AdaptiveAvgPool:
        """Along an axis that is new as along the one after it."""
        if dims == self.dims:
            return self
        return replace(self, dims=dims, output_size_wanted=with_new_axes(self.output_size_wanted, self.dims))

    @property
    def kind(self) -> str:
        """torch's class."""
        return f"AdaptiveAvgPool{self.dims}d"

    @property
    def offered_as(self) -> str:
        """With its size."""
        return f"{self.kind}: {' × '.join(map(str, self._own))}"

    @property
    def about(self) -> Message:
        """What it does."""
        text = QT_TRANSLATE_NOOP(
            "model", "The mean of each part of the input, which is split into output_size parts, channel by channel."
        )
        return message(text)

    # Shapes

    def output_size(self, size: Sizes) -> Sizes:
        """As wanted."""
        return (*size[: AXES - self.dims], *self._own)

    @property
    def _own(self) -> Sizes:
        """The wanted size along the axes that torch's class has."""
        return self.output_size_wanted[-self.dims :]

    @property
    def whole_map(self) -> bool:
        """Where all is one part."""
        return set(self._own) == {1}

    @property
    def own_place(self) -> bool:
        """Of a whole map nothing is read but its mean."""
        return self.whole_map

    def sources(self, at: Indices, size: int, axis: int) -> Indices:
        """Its part; −1 after that where others are longer."""
        starts, ends = self._parts(at, size, axis)
        found = starts[:, None] + np.arange(int((ends - starts).max()))
        return np.where(found < ends[:, None], found, -1)

    def shares(self, at: Indices, size: int, axis: int) -> FloatArray:
        """The same for all of a part."""
        inside = self.sources(at, size, axis) >= 0
        return np.asarray(inside / inside.sum(axis=1, keepdims=True))

    def _parts(self, at: Indices, size: int, axis: int) -> tuple[Indices, Indices]:
        """(first position, the one after the last) for each output."""
        count = self.output_size_wanted[axis] if axis >= AXES - self.dims else size
        return at * size // count, -(-(at + 1) * size // count)

    def geometry(self, size: Sizes) -> MapGeometry:
        """On all of the input."""
        made = self.output_size(size)
        return MapGeometry((made[ROWS], made[COLUMNS]), (size[ROWS] / made[ROWS], size[COLUMNS] / made[COLUMNS]))

    def middle(self, at: float, size: Sizes) -> float:
        """The middle of a part."""
        return (at + 0.5) * size[0] / self.output_size(size)[0] - 0.5

    def span(self, first: int, last: int, size: int, axis: int) -> tuple[int, int]:
        """From the first one's start to the last one's end."""
        starts, ends = self._parts(np.array([first, last]), size, axis)
        return int(starts[0]), int(ends[1]) - 1

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Maps that do not fit in memory."""
        return map_problems("output_size_wanted", self.output_size(shape.size), (1,) * self.dims, limits)

    # Values

    def reach(self, read: Reach) -> Reach:
        """That of the input."""
        return read

    def explained(self, read: Operands, output: int) -> Explained:
        """The mean of a part, or of the map."""
        if self.whole_map:
            return MeanOfMap(float(read.means[output]), prod(read.size))
        return MeanOfWindow(read.values[0], read.slices, read.rows, read.cols, prod(map(len, read.axes)))

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.AdaptiveAvgPool2d(…)`, or that of other axes."""
        return (Step("pool", f"nn.{self.kind}({size_text(self._own)})"),)
