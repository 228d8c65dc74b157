"""Pooling: the largest value or the mean in each window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf, prod
from typing import ClassVar, Literal

from convlab.model.code import size_text
from convlab.model.layer import AXES, ConvSpec, Sizes, in_three_axes, with_new_axes
from convlab.model.layers.base import Layer, Shape, Step
from convlab.model.layers.explained import Explained, LargestOfWindow, MeanOfWindow, Operands
from convlab.model.layers.parameters import DIMS, AxisSizes, Choice, Flag, Parameter
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem
from convlab.model.taps import source_indices

MOST_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Pool(Layer):
    """The largest value or the mean in each window, channel by channel, as nn.MaxPool2d, nn.AvgPool2d and those of
    signals and volumes.

    Sizes are (depth, rows, columns) whatever dims is, and may be given as torch takes them. dilation counts for max
    only, count_include_pad for avg only; padding is −∞ for max and 0 for avg.
    """

    pooling: Literal["max", "avg"] = "max"
    kernel_size: Sizes = (2, 2, 2)
    stride: Sizes = (2, 2, 2)
    padding: Sizes = (0, 0, 0)
    dilation: Sizes = (1, 1, 1)
    ceil_mode: bool = False
    count_include_pad: bool = True
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Choice(
            "pooling",
            QT_TRANSLATE_NOOP("model", "The largest value, or the mean"),
            (("max", "MaxPool"), ("avg", "AvgPool")),
            path="pool",
        ),
        AxisSizes("kernel_size", QT_TRANSLATE_NOOP("model", "Rows and columns of the window"), 1, MOST_SIDE),
        AxisSizes("stride", QT_TRANSLATE_NOOP("model", "Pixels from one window to the next"), 1, MOST_SIDE),
        AxisSizes(
            "padding",
            QT_TRANSLATE_NOOP("model", "Rows and columns around the input: −∞ for max, 0 for avg"),
            0,
            MOST_SIDE,
        ),
        AxisSizes(
            "dilation",
            QT_TRANSLATE_NOOP("model", "Pixels from one value in the window to the next"),
            1,
            MOST_SIDE,
            when=("pooling", "max"),
        ),
        Flag("ceil_mode", QT_TRANSLATE_NOOP("model", "Round the output size up: windows may hang over the end")),
        Flag(
            "count_include_pad",
            QT_TRANSLATE_NOOP("model", "Padding counts as zeros in the mean, else it is left out"),
            when=("pooling", "avg"),
        ),
        DIMS,
    )

    def __post_init__(self) -> None:
        for name, nothing in (("kernel_size", 1), ("stride", 1), ("padding", 0), ("dilation", 1)):
            object.__setattr__(self, name, in_three_axes(getattr(self, name), self.dims, nothing))

    @classmethod
    def offered(cls) -> tuple[Pool, ...]:
        """Both."""
        return cls("max"), cls("avg")

    @property
    def kind(self) -> str:
        """torch's class."""
        return f"{self.pooling.title()}Pool{self.dims}d"

    @property
    def about(self) -> Message:
        """Which value of each window it takes."""
        if self.pooling == "max":
            return message(QT_TRANSLATE_NOOP("model", "The largest value in each window, channel by channel."))
        return message(QT_TRANSLATE_NOOP("model", "The mean of each window, channel by channel."))

    @property
    def window(self) -> ConvSpec:
        """The layer of one channel whose windows lie where these do."""
        dilation = self.dilation if self.pooling == "max" else (1,) * AXES
        return ConvSpec(1, 1, self.kernel_size, self.stride, self.padding, dilation, bias=False, dims=self.dims)

    def in_dims(self, dims: int) -> Pool:
        """Along an axis that is new it is as along rows, or as along columns where these are new too."""
        if dims == self.dims:
            return self
        return replace(
            self,
            dims=dims,
            kernel_size=with_new_axes(self.kernel_size, self.dims),
            stride=with_new_axes(self.stride, self.dims),
            padding=with_new_axes(self.padding, self.dims),
            dilation=with_new_axes(self.dilation, self.dims),
        )

    @property
    def padding_value(self) -> float:
        """Never the largest."""
        return -inf if self.pooling == "max" else 0.0

    def output_size(self, size: Sizes) -> Sizes:
        """By the formula under "Shape" of nn.MaxPool2d.

        With ceil_mode a last window that starts in the padding at the end is left out, as torch does.
        """
        sizes = []
        for n, extent, stride, pad in zip(size, self.window.extent, self.stride, self.padding, strict=True):
            room = n + 2 * pad - extent
            count = -(-room // stride) + 1 if self.ceil_mode else room // stride + 1
            if self.ceil_mode and (count - 1) * stride >= n + pad:
                count -= 1
            sizes.append(count)
        return tuple(sizes)

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Padding of more than half of kernel_size, whatever the dilation, or a window that finds no place."""
        return tuple(self._problems(shape.size))

    def operations(self, channels: int) -> int:
        """One for each value in the windows."""
        return channels * prod(self.kernel_size)

    def reach(self, read: Reach) -> Reach:
        """That of the input; zeros around it enter the means, and a window with gaps may lie in the padding alone."""
        if self.pooling == "avg":
            return read.with_zero if any(self.padding) else read
        gaps = any(pad and step > 1 for pad, step in zip(self.padding, self.dilation, strict=True))
        return replace(read, defined=False) if gaps else read

    def explained(self, read: Operands, output: int) -> Explained:
        """The largest, or the mean of those that count: with the padding or without it, never beyond."""
        slices, rows, cols = (source_indices(at, size, "zeros") for at, size in zip(read.axes, read.size, strict=True))
        if self.pooling == "max":
            return LargestOfWindow(read.values[0], slices, rows, cols)
        pads = self.padding if self.count_include_pad else (0,) * AXES
        padded = zip(read.axes, read.size, pads, strict=True)
        count = prod(int(((at >= -pad) & (at < size + pad)).sum()) for at, size, pad in padded)
        return MeanOfWindow(read.values[0], slices, rows, cols, count)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.MaxPool2d(…)` or `nn.AvgPool2d(…)`; torch's stride is the window's size at first."""
        kernel_size, stride = (sizes[-self.dims :] for sizes in (self.kernel_size, self.stride))
        arguments = [size_text(kernel_size)]
        if stride != kernel_size:
            arguments.append(f"stride={size_text(stride)}")
        arguments += self.arguments("padding", "dilation", "ceil_mode", "count_include_pad")
        return (Step("pool", f"nn.{self.kind}({', '.join(arguments)})"),)

    def _problems(self, size: Sizes) -> Iterator[Problem]:
        extent, dilation = self.window.extent, self.window.dilation
        most = tuple(n // 2 for n in self.kernel_size)
        if any(pad > limit for pad, limit in zip(self.padding, most, strict=True)):
            text = QT_TRANSLATE_NOOP("model", "padding {pad} is more than half of kernel_size: at most {most} works.")
            fixed = tuple(map(min, self.padding, most))
            yield Problem("padding", message(text, pad=self._text(self.padding), most=self._text(most)), fixed)
        elif min(self.output_size(size)) < 1:
            padded = tuple(n + 2 * pad for n, pad in zip(size, self.padding, strict=True))
            fits = tuple(min(k, (n - 1) // d + 1) for k, n, d in zip(self.kernel_size, padded, dilation, strict=True))
            text = QT_TRANSLATE_NOOP(
                "model", "The window spans {extent}, more than the padded input of {padded}: kernel_size {fits} fits."
            )
            values = {"extent": self._text(extent), "padded": self._text(padded), "fits": self._text(fits)}
            yield Problem("kernel_size", message(text, **values), fits)
        elif (
            self.pooling == "avg"
            and 0 in self.window.axes
            and any(k > n for k, n in zip(self.kernel_size, size, strict=True))
        ):
            fits = tuple(map(min, self.kernel_size, size))
            text = QT_TRANSLATE_NOOP(
                "model", "AvgPool3d takes no window larger than its input of {size} without padding: {fits} fits."
            )
            yield Problem("kernel_size", message(text, size=self._text(size), fits=self._text(fits)), fits)

    def _text(self, sizes: Sizes) -> str:
        shown = sizes[-self.dims :]
        return str(shown[0]) if len(set(shown)) == 1 else " × ".join(map(str, shown))
