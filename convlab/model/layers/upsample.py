"""Larger maps: each value repeated, or values between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from convlab.model.code import size_text
from convlab.model.layer import COLUMNS, ROWS, ConvSpec, Sizes, in_three_axes, with_new_axes
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.explained import Copy, Explained, Operands, SumOfProducts
from convlab.model.layers.parameters import DIMS, AxisSizes, Choice, Parameter
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem, map_problems
from convlab.model.taps import Indices
from convlab.model.viewport import MapGeometry

MOST_SCALE = 32
Mode = Literal["nearest", "linear", "bilinear", "trilinear"]
BETWEEN: dict[int, Mode] = {1: "linear", 2: "bilinear", 3: "trilinear"}
"""torch's word for values between others, of so many axes."""


@dataclass(frozen=True, slots=True)
class Upsample(Layer):
    """As nn.Upsample with whole numbers as scale_factor, and align_corners False.

    Along an axis output p reads of 'nearest' position ⌊p / scale⌋; of 'linear' and its relatives, which is the one that
    torch has for so many axes, it lies at (p + ½) / scale − ½, not below 0, between two positions. scale 2: outputs 0 1
    2 3 lie at 0, ¼, ¾, 1¼. scale_factor is (depth, rows, columns) whatever dims is, and may be given as torch takes it.
    """

    mode: Mode = "nearest"
    scale_factor: Sizes = (2, 2, 2)
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Choice(
            "mode",
            QT_TRANSLATE_NOOP("model", "Each value repeated, or what lies between neighbours"),
            tuple((word, word) for word in ("nearest", *BETWEEN.values())),
            path="upsample",
        ),
        AxisSizes("scale_factor", QT_TRANSLATE_NOOP("model", "How often rows and columns are taken"), 1, MOST_SCALE),
        DIMS,
    )

    def __post_init__(self) -> None:
        if self.mode != "nearest":
            object.__setattr__(self, "mode", BETWEEN[self.dims])
        object.__setattr__(self, "scale_factor", in_three_axes(self.scale_factor, self.dims, 1))

    @classmethod
    def offered(cls) -> tuple[Upsample, ...]:
        """Both."""
        return cls("nearest"), cls("bilinear")

    def choices(self, parameter: Choice) -> tuple[tuple[str, str], ...]:
        """What torch has for so many axes."""
        return tuple(each for each in parameter.choices if each[0] in ("nearest", BETWEEN[self.dims]))

    def in_dims(self, dims: int) -> Upsample:
        """Along an axis that is new as along the one after it."""
        if dims == self.dims:
            return self
        return replace(self, dims=dims, scale_factor=with_new_axes(self.scale_factor, self.dims))

    @property
    def kind(self) -> str:
        """torch's class."""
        return "Upsample"

    @property
    def offered_as(self) -> str:
        """With its mode."""
        return f"{self.kind}: {self.mode}"

    @property
    def about(self) -> Message:
        """What it does."""
        if self.mode == "nearest":
            return message(QT_TRANSLATE_NOOP("model", "Each value repeated scale_factor times along each axis."))
        return message(QT_TRANSLATE_NOOP("model", "Values between the nearest ones, by how near each is."))

    # Shapes

    def output_size(self, size: Sizes) -> Sizes:
        """scale_factor times as large."""
        return tuple(n * scale for n, scale in zip(size, self.scale_factor, strict=True))

    @property
    def own_place(self) -> bool:
        """There are more places than in the input."""
        return False

    def sources(self, at: Indices, size: int, axis: int) -> Indices:
        """One position, or the two that an output lies between."""
        scale = self.scale_factor[axis]
        if self.mode == "nearest" or scale == 1:
            return (at // scale)[:, None]
        low = np.floor(_place(at, scale)).astype(np.int64)
        return np.stack([low, np.minimum(low + 1, size - 1)], axis=1)

    def shares(self, at: Indices, size: int, axis: int) -> FloatArray:
        """How much each of these counts."""
        scale = self.scale_factor[axis]
        if self.mode == "nearest" or scale == 1:
            return np.ones((len(at), 1))
        place = _place(at, scale)
        second = place - np.floor(place)
        return np.stack([1 - second, second], axis=1)

    def geometry(self, size: Sizes) -> MapGeometry:
        """On the same part, in smaller pixels."""
        made, scales = self.output_size(size), self.scale_factor
        return MapGeometry((made[ROWS], made[COLUMNS]), (1 / scales[ROWS], 1 / scales[COLUMNS]))

    def middle(self, at: float, size: Sizes) -> float:
        """Where it lies between those it is made of."""
        return (at + 0.5) / self.scale_factor[0] - 0.5

    def span(self, first: int, last: int, size: int, axis: int) -> tuple[int, int]:
        """What the first and the last one read; between is all that lies between."""
        between = self.mode != "nearest" and self.scale_factor[axis] > 1
        return self._first(first, axis, between), self._first(last, axis, between) + between

    def _first(self, at: int, axis: int, between: bool) -> int:
        """The first position read, also beyond the input."""
        scale = self.scale_factor[axis]
        return (2 * at + 1 - scale) // (2 * scale) if between else at // scale

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Maps that do not fit in memory."""
        return map_problems("scale_factor", self.output_size(shape.size), (1,) * self.dims, limits)

    # Values

    def operations(self, channels: int) -> int:
        """One for each value read, for each value."""
        return channels * (1 if self.mode == "nearest" else 2**self.dims)

    def reach(self, read: Reach) -> Reach:
        """That of the input."""
        return read

    def explained(self, read: Operands, output: int) -> Explained:
        """The one value, or each by its share."""
        if self.mode == "nearest":
            return Copy(read.x)
        axes = enumerate(zip(read.at, read.size, strict=True))
        deep, down, across = (self.shares(np.array([at]), size, axis)[0] for axis, (at, size) in axes)
        shares = deep[:, None, None] * np.outer(down, across)
        return SumOfProducts(read.values[0], shares, 0.0, read.rows, read.cols)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.Upsample(…)`."""
        arguments = [f"scale_factor={size_text(self.scale_factor[-self.dims :])}", *self.arguments("mode")]
        return (Step("up", f"nn.Upsample({', '.join(arguments)})"),)


def _place(at: Indices, scale: int) -> FloatArray:
    """Where outputs lie among the input's positions."""
    return np.asarray(np.maximum((at + 0.5) / scale - 0.5, 0.0))
