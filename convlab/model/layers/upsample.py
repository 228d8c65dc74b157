"""Larger maps: each value repeated, or values between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from convlab.model.code import size_text
from convlab.model.layer import AXES, COLUMNS, ROWS, ConvSpec, Sizes
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.explained import Copy, Explained, Operands, SumOfProducts
from convlab.model.layers.parameters import DIMS, AxisSizes, Choice, Parameter
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem, map_problems, only_pictures
from convlab.model.receptive import Bounds
from convlab.model.taps import Indices
from convlab.model.viewport import MapGeometry

MOST_SCALE = 32


@dataclass(frozen=True, slots=True)
class Upsample(Layer):
    """As nn.Upsample with whole numbers as scale_factor, and align_corners False.

    Along an axis output p reads of 'nearest' position ⌊p / scale⌋; of 'bilinear' it lies at (p + ½) / scale − ½, not
    below 0, between two positions. scale 2: outputs 0 1 2 3 lie at 0, ¼, ¾, 1¼.
    """

    mode: Literal["nearest", "bilinear"] = "nearest"
    scale_factor: Sizes = (2, 2)
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Choice(
            "mode",
            QT_TRANSLATE_NOOP("model", "Each value repeated, or what lies between four"),
            (("nearest", "nearest"), ("bilinear", "bilinear")),
            path="upsample",
        ),
        AxisSizes("scale_factor", QT_TRANSLATE_NOOP("model", "How often rows and columns are taken"), 1, MOST_SCALE),
        DIMS,
    )

    @classmethod
    def offered(cls) -> tuple[Upsample, ...]:
        """Both."""
        return cls("nearest"), cls("bilinear")

    def in_dims(self, dims: int) -> Upsample:
        """As it is: in a stack of others than pictures it has a problem."""
        return replace(self, dims=dims)

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
            return message(QT_TRANSLATE_NOOP("model", "Each value repeated over scale_factor rows and columns."))
        return message(QT_TRANSLATE_NOOP("model", "Values between the four nearest ones, by how near each is."))

    @property
    def scales(self) -> Sizes:
        """Along each axis."""
        return (1,) * (AXES - len(self.scale_factor)) + tuple(self.scale_factor)

    # Shapes

    def output_size(self, size: Sizes) -> Sizes:
        """scale_factor times as large."""
        return tuple(n * scale for n, scale in zip(size, self.scales, strict=True))

    @property
    def own_place(self) -> bool:
        """There are more places than in the input."""
        return False

    def sources(self, at: Indices, size: int, axis: int) -> Indices:
        """One position, or the two that an output lies between."""
        scale = self.scales[axis]
        if self.mode == "nearest" or scale == 1:
            return (at // scale)[:, None]
        low = np.floor(_place(at, scale)).astype(np.int64)
        return np.stack([low, np.minimum(low + 1, size - 1)], axis=1)

    def shares(self, at: Indices, size: int, axis: int) -> FloatArray:
        """How much each of these counts."""
        scale = self.scales[axis]
        if self.mode == "nearest" or scale == 1:
            return np.ones((len(at), 1))
        place = _place(at, scale)
        second = place - np.floor(place)
        return np.stack([1 - second, second], axis=1)

    def geometry(self, size: Sizes) -> MapGeometry:
        """On the same part, in smaller pixels."""
        made, scales = self.output_size(size), self.scales
        return MapGeometry((made[ROWS], made[COLUMNS]), (1 / scales[ROWS], 1 / scales[COLUMNS]))

    def read_by(self, outputs: Bounds, size: Sizes) -> Bounds:
        """What the first and the last one read; between is all that lies between."""
        ends = []
        for axis in (ROWS, COLUMNS):
            between = self.mode == "bilinear" and self.scales[axis] > 1
            first, last = (self._first(at, axis, between) for at in (outputs[axis - 1], outputs[axis + 1] - 1))
            ends.append((first, last + 1 + between))
        (top, bottom), (left, right) = ends
        return top, left, bottom, right

    def _first(self, at: int, axis: int, between: bool) -> int:
        """The first position read, also beyond the input."""
        scale = self.scales[axis]
        return (2 * at + 1 - scale) // (2 * scale) if between else at // scale

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Maps that do not fit in memory."""
        if self.dims != 2:
            return only_pictures(self.kind, "scale_factor", self.scale_factor)
        return map_problems("scale_factor", self.output_size(shape.size), (1, 1), limits)

    # Values

    def operations(self, channels: int) -> int:
        """One for each value read, for each value."""
        return channels * (1 if self.mode == "nearest" else 4)

    def reach(self, read: Reach) -> Reach:
        """That of the input."""
        return read

    def explained(self, read: Operands, output: int) -> Explained:
        """The one value, or each by its share."""
        axes = zip(read.at[ROWS:], read.size[ROWS:], (ROWS, COLUMNS), strict=True)
        down, across = (self.shares(np.array([at]), size, axis)[0] for at, size, axis in axes)
        if self.mode == "nearest":
            return Copy(read.x)
        return SumOfProducts(read.values[:, 0], np.outer(down, across)[None], 0.0, read.rows, read.cols)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.Upsample(…)`."""
        arguments = [f"scale_factor={size_text(self.scale_factor)}", *self.arguments("mode")]
        return (Step("up", f"nn.Upsample({', '.join(arguments)})"),)


def _place(at: Indices, scale: int) -> FloatArray:
    """Where outputs lie among the input's positions."""
    return np.asarray(np.maximum((at + 0.5) / scale - 0.5, 0.0))
