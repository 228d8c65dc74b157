"""Padding by itself, on each side its own amount: what Conv2d's padding, the same on both sides, cannot do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from convlab.model.code import size_text
from convlab.model.layer import AXES, COLUMNS, ROWS, ConvSpec, PaddingMode, Sizes
from convlab.model.layers.base import Layer, Shape, Step
from convlab.model.layers.conv_parameters import MOST_PADDING
from convlab.model.layers.explained import Copy, Operands
from convlab.model.layers.parameters import DIMS, Choice, Number, Parameter, Sides
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem, map_problems
from convlab.model.taps import Indices, source_indices
from convlab.model.viewport import MapGeometry

PadMode = Literal["zeros", "constant", "reflect", "replicate", "circular"]

MODES: dict[PadMode, tuple[str, PaddingMode]] = {
    "zeros": ("ZeroPad", "zeros"),
    "constant": ("ConstantPad", "zeros"),
    "reflect": ("ReflectionPad", "reflect"),
    "replicate": ("ReplicationPad", "replicate"),
    "circular": ("CircularPad", "circular"),
}
"""How torch's class of each begins, and which sample is read beyond the edge, where any is."""

ABOUT = {
    "zeros": QT_TRANSLATE_NOOP("model", "Zeros around the input, on each side as many as wanted."),
    "constant": QT_TRANSLATE_NOOP("model", "One number around the input, on each side as often as wanted."),
    "reflect": QT_TRANSLATE_NOOP("model", "The input mirrored around itself, its edge once, on each side as wanted."),
    "replicate": QT_TRANSLATE_NOOP("model", "The input’s edge repeated around it, on each side as often as wanted."),
    "circular": QT_TRANSLATE_NOOP("model", "The input’s other side around it, on each side as much as wanted."),
}


@dataclass(frozen=True, slots=True)
class Pad(Layer):
    """nn.ZeroPad2d and its relatives. padding: (left, right, top, bottom) as torch has it, of signals two sides, of
    volumes front and back too; below 0 it is cut off.

    constant, torch's value, counts for ConstantPad2d only. TensorFlow's SAME under a kernel of 3 and stride 2, on an
    even number of rows and columns, is (0, 1, 0, 1): what is odd comes after.
    """

    mode: PadMode = "zeros"
    padding: Sizes = (1, 1, 1, 1)
    constant: float = 0.0
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Choice(
            "mode",
            QT_TRANSLATE_NOOP("model", "What is put around the input"),
            tuple((mode, kind) for mode, (kind, _) in MODES.items()),
            path="pad",
        ),
        Sides(
            "padding",
            QT_TRANSLATE_NOOP(
                "model",
                "Columns at the left and right, rows at the top and bottom, slices at front and back; below 0 cut off",
            ),
            -MOST_PADDING,
            MOST_PADDING,
        ),
        Number(
            "constant",
            QT_TRANSLATE_NOOP("model", "The number around the input"),
            -1000,
            1000,
            decimals=4,
            step=0.1,
            when=("mode", "constant"),
            title="value",
            path="value",
        ),
        DIMS,
    )

    def __post_init__(self) -> None:
        if len(self.padding) != 2 * self.dims:
            raise ValueError(f"{self.padding} are not {2 * self.dims} sides")

    @classmethod
    def offered(cls) -> tuple[Pad, ...]:
        """Each mode."""
        return tuple(cls(mode) for mode in MODES)

    def choices(self, parameter: Choice) -> tuple[tuple[str, str], ...]:
        """torch's classes of so many axes."""
        return tuple((word, f"{text}{self.dims}d") for word, text in parameter.choices)

    def in_dims(self, dims: int) -> Pad:
        """Along an axis that is new as along the last one it had: of top and bottom the front and back."""
        sides = self.padding + self.padding[-2:] * AXES
        return replace(self, dims=dims, padding=sides[: 2 * dims])

    @property
    def kind(self) -> str:
        """torch's class."""
        return f"{MODES[self.mode][0]}{self.dims}d"

    @property
    def about(self) -> Message:
        """What it puts around the input."""
        return message(ABOUT[self.mode])

    @property
    def sides(self) -> tuple[tuple[int, int], ...]:
        """(before, after) along each axis."""
        last_first = tuple(zip(self.padding[::2], self.padding[1::2], strict=True))
        return ((0, 0),) * (AXES - self.dims) + last_first[::-1]

    @property
    def padding_value(self) -> float:
        """The number around the input."""
        return self.constant if self.mode == "constant" else 0.0

    # Shapes

    def output_size(self, size: Sizes) -> Sizes:
        """With what is added."""
        return tuple(n + sum(each) for n, each in zip(size, self.sides, strict=True))

    @property
    def own_place(self) -> bool:
        """Places move by what is added before them."""
        return False

    def sources(self, at: Indices, size: int, axis: int) -> Indices:
        """One position each. What is cut off is no part of what goes round."""
        before, after = self.sides[axis]
        if self.mode != "circular":
            return source_indices(at - before, size, MODES[self.mode][1])[:, None]
        first = max(0, -before)
        rest = size - first - max(0, -after)
        return np.asarray(first + (at - max(0, before)) % rest)[:, None]

    def geometry(self, size: Sizes) -> MapGeometry:
        """Beyond the input by what is added."""
        made, top, left = self.output_size(size), self.sides[ROWS][0], self.sides[COLUMNS][0]
        return MapGeometry((made[ROWS], made[COLUMNS]), origin=(-float(top), -float(left)))

    def middle(self, at: float, size: Sizes) -> float:
        """The same place."""
        return at - self.sides[0][0]

    def span(self, first: int, last: int, size: int, axis: int) -> tuple[int, int]:
        """The same places."""
        before, _ = self.sides[axis]
        return first - before, last - before

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """More than there is to mirror, to go round or to cut off."""
        axes = [*zip(shape.size, self.sides, strict=True)]
        if all(_is_possible(self.mode, n, *sides) for n, sides in axes):
            return map_problems("padding", self.output_size(shape.size), (0,) * len(self.padding), limits)
        nearest = [_nearest(self.mode, n, *sides) for n, sides in axes[AXES - self.dims :]]
        works = tuple(n for sides in reversed(nearest) for n in sides)
        text = {
            "reflect": QT_TRANSLATE_NOOP(
                "model",
                "padding {given}: a mirror needs less than the input’s size on each "
                "side, and some of the input must be left; {works} works.",
            ),
            "circular": QT_TRANSLATE_NOOP(
                "model",
                "padding {given}: the input goes round once on each side, and some of it must be left; {works} works.",
            ),
        }.get(self.mode, QT_TRANSLATE_NOOP("model", "padding {given} leaves nothing of the input: {works} works."))
        return (Problem("padding", message(text, given=str(self.padding), works=str(works)), works),)

    # Values

    def operations(self, channels: int) -> int:
        """It copies."""
        return channels

    def reach(self, read: Reach) -> Reach:
        """That of the input, and of the number around it."""
        if self.mode not in ("zeros", "constant") or max(self.padding) <= 0:
            return read
        value = self.padding_value
        rising = read.rising & ((value == 0) | (value <= read.white))
        return replace(read, low=np.minimum(read.low, value), high=np.maximum(read.high, value), rising=rising)

    def explained(self, read: Operands, output: int) -> Copy:
        """What is read."""
        return Copy(read.x)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.ZeroPad2d(…)`."""
        arguments = [size_text(self.padding), *([repr(self.constant)] if self.mode == "constant" else [])]
        return (Step("pad", f"nn.{self.kind}({', '.join(arguments)})"),)


def _is_possible(mode: PadMode, size: int, before: int, after: int) -> bool:
    """Whether torch takes it, along an axis of `size`."""
    cut = max(0, -before) + max(0, -after)
    if size + before + after < 1:
        return False
    if mode == "reflect":
        return max(before, after) < size
    if mode == "circular":
        return cut < size and max(before, after) <= size - cut
    return mode == "replicate" or cut <= size


def _nearest(mode: PadMode, size: int, before: int, after: int) -> tuple[int, int]:
    """What works: a position of the input is left."""
    before = max(before, 1 - size)
    after = max(after, 1 - size + max(0, -before))
    cut = max(0, -before) + max(0, -after)
    most = {"reflect": size - 1, "circular": size - cut}.get(mode, MOST_PADDING)
    return min(before, most), min(after, most)
