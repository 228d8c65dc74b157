"""Maps of a wanted size, each value the mean of its part of the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

import numpy as np

from convlab.model.code import size_text
from convlab.model.layer import AXES, COLUMNS, ROWS, ConvSpec, Sizes
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.explained import Explained, MeanOfMap, MeanOfWindow, Operands
from convlab.model.layers.parameters import DIMS, AxisSizes, Parameter
from convlab.model.layers.pool import MOST_SIDE
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem, map_problems, only_pictures
from convlab.model.receptive import Bounds
from convlab.model.taps import Indices
from convlab.model.viewport import MapGeometry


@dataclass(frozen=True, slots=True)
class AdaptiveAvgPool(Layer):
    """As nn.AdaptiveAvgPool2d: along an axis of n, output p of m is the mean from ⌊p · n / m⌋ to ⌈(p + 1) · n / m⌉.

    5 in 2: positions 0 … 2 and 2 … 4. Of size 1 × 1 it is the mean of the whole map, which is measured as GroupNorm's
    is.
    """

    output_size_wanted: Sizes = (7, 7)
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

    @classmethod
    def offered(cls) -> tuple[AdaptiveAvgPool, ...]:
        """Before a classifier, and of the whole map."""
        return cls(), cls((1, 1))

    def in_dims(self, dims: int) -> AdaptiveAvgPool:
        """As it is: in a stack of others than pictures it has a problem."""
        return replace(self, dims=dims)

    @property
    def kind(self) -> str:
        """torch's class."""
        return "AdaptiveAvgPool2d"

    @property
    def offered_as(self) -> str:
        """With its size."""
        return f"{self.kind}: {' × '.join(map(str, self.output_size_wanted))}"

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
        wanted = self.output_size_wanted
        return (*size[: AXES - len(wanted)], *wanted)

    @property
    def whole_map(self) -> bool:
        """Where all is one part."""
        return set(self.output_size_wanted) == {1}

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
        wanted = (size,) * (AXES - len(self.output_size_wanted)) + tuple(self.output_size_wanted)
        count = wanted[axis]
        return at * size // count, -(-(at + 1) * size // count)

    def geometry(self, size: Sizes) -> MapGeometry:
        """On all of the input."""
        made = self.output_size(size)
        return MapGeometry((made[ROWS], made[COLUMNS]), (size[ROWS] / made[ROWS], size[COLUMNS] / made[COLUMNS]))

    def read_by(self, outputs: Bounds, size: Sizes) -> Bounds:
        """From the first one's start to the last one's end."""
        ends = []
        for axis in (ROWS, COLUMNS):
            starts, after = self._parts(np.array([outputs[axis - 1], outputs[axis + 1] - 1]), size[axis], axis)
            ends.append((int(starts[0]), int(after[1])))
        (top, bottom), (left, right) = ends
        return top, left, bottom, right

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Maps that do not fit in memory."""
        if self.dims != 2:
            return only_pictures(self.kind, "output_size_wanted", self.output_size_wanted)
        return map_problems("output_size_wanted", self.output_size(shape.size), (1, 1), limits)

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
        """`nn.AdaptiveAvgPool2d(…)`."""
        return (Step("pool", f"nn.AdaptiveAvgPool2d({size_text(self.output_size_wanted)})"),)
