"""Layers without kernels: functions of single values, pooling, and batch normalisation with given numbers.

Names, defaults and rules are those of torch.nn.ReLU, LeakyReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d and BatchNorm2d in
torch's documentation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convlab.model.layer import ConvSpec, Sizes

Function = Literal["relu", "leaky_relu", "sigmoid", "tanh", "square", "sqrt"]
FUNCTIONS: dict[Function, str] = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "square": "square",
    "sqrt": "sqrt",
}
"""Each function, and torch.nn's class of it; for the last two torch has a function alone."""
Pooling = Literal["max", "avg"]
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pointwise:
    """A function of each value by itself. negative_slope counts for leaky_relu only."""

    function: Function = "relu"
    negative_slope: float = 0.01

    @property
    def kind(self) -> str:
        """torch's name of it."""
        return FUNCTIONS[self.function]


@dataclass(frozen=True, slots=True)
class Pool:
    """The largest value or the mean in each window, channel by channel.

    dilation counts for max only, count_include_pad for avg only; padding is −∞ for max and 0 for avg.
    """

    pooling: Pooling = "max"
    kernel_size: Sizes = (2, 2)
    stride: Sizes = (2, 2)
    padding: Sizes = (0, 0)
    dilation: Sizes = (1, 1)
    ceil_mode: bool = False
    count_include_pad: bool = True

    @property
    def kind(self) -> str:
        """torch's class."""
        return f"{self.pooling.title()}Pool2d"

    @property
    def window(self) -> ConvSpec:
        """The layer of one channel whose windows lie where these do."""
        dilation = self.dilation if self.pooling == "max" else (1, 1)
        return ConvSpec(1, 1, self.kernel_size, self.stride, self.padding, dilation, bias=False)


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """(x − running_mean) / √(running_var + eps) · weight + bias for each channel, as nn.BatchNorm2d in eval mode.

    One number a channel; () stands for as many as are needed of torch's initial ones: 1, 0, 0, 1.
    """

    weight: Numbers = ()
    bias: Numbers = ()
    running_mean: Numbers = ()
    running_var: Numbers = ()
    eps: float = 1e-5

    @property
    def kind(self) -> str:
        """torch's class."""
        return "BatchNorm2d"


NORM_DEFAULTS = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}
"""The fields of BatchNorm with a number for each channel, and torch's first value."""


def norm_numbers(norm: BatchNorm, name: str, channels: int) -> Numbers:
    """The numbers of one field for `channels` channels: cut, or continued by torch's first value."""
    values: Numbers = getattr(norm, name)
    return values[:channels] + (NORM_DEFAULTS[name],) * (channels - len(values))


def pooled_size(pool: Pool, size: Sizes) -> Sizes:
    """(rows, columns) of the output for an input of such `size`, by the formula under "Shape" of nn.MaxPool2d.

    With ceil_mode a last window that starts in the padding at the end is left out, as torch does.
    """
    window, sizes = pool.window, []
    for n, extent, stride, pad in zip(size, window.extent[1:], pool.stride, pool.padding, strict=True):
        room = n + 2 * pad - extent
        count = -(-room // stride) + 1 if pool.ceil_mode else room // stride + 1
        if pool.ceil_mode and (count - 1) * stride >= n + pad:
            count -= 1
        sizes.append(count)
    return tuple(sizes)
