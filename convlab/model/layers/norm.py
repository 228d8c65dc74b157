"""Normalisation, with numbers for each channel: by given statistics, or by those of the input itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar

import numpy as np

from convlab.model.code import placed
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.explained import Normalised, Operands
from convlab.model.layers.parameters import DIMS, ChannelNumbers, Flag, Number, Numbers, Parameter, WholeNumber
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem

MOST_GROUPS = 4096


AFFINE = ("affine", True)


def _weight(place: str, when: tuple[str, object] | None = None) -> ChannelNumbers:
    tip = QT_TRANSLATE_NOOP("model", "What each channel is multiplied by")
    return ChannelNumbers("weight", tip, 1.0, when=when, path=f"{place}.weight")


def _bias(place: str, when: tuple[str, object] | None = None) -> ChannelNumbers:
    tip = QT_TRANSLATE_NOOP("model", "What is added to each channel")
    return ChannelNumbers("bias", tip, 0.0, when=when, path=f"{place}.bias")


def _eps(path: str = "") -> Number:
    tip = QT_TRANSLATE_NOOP("model", "Added to the variance, so that nothing is divided by 0")
    return Number("eps", tip, 1e-12, 1, decimals=12, step=1e-5, positive=True, path=path)


@dataclass(frozen=True, slots=True)
class BatchNorm(Layer):
    """(x − running_mean) / √(running_var + eps) · weight + bias for each channel, as nn.BatchNorm1d, 2d and 3d
    in eval mode."""

    weight: Numbers = ()
    bias: Numbers = ()
    running_mean: Numbers = ()
    running_var: Numbers = ()
    eps: float = 1e-5
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        _weight("norm"),
        _bias("norm"),
        ChannelNumbers(
            "running_mean",
            QT_TRANSLATE_NOOP("model", "The mean of each channel that was seen in training"),
            0.0,
            path="norm.running_mean",
        ),
        ChannelNumbers(
            "running_var",
            QT_TRANSLATE_NOOP("model", "The variance of each channel that was seen in training"),
            1.0,
            0.0,
            path="norm.running_var",
        ),
        _eps(),
        DIMS,
    )

    @property
    def kind(self) -> str:
        """torch's class."""
        return f"BatchNorm{self.dims}d"

    def in_dims(self, dims: int) -> BatchNorm:
        """With the same numbers."""
        return replace(self, dims=dims)

    @property
    def about(self) -> Message:
        """Its formula."""
        text = QT_TRANSLATE_NOOP(
            "model", "(x − running_mean) / √(running_var + eps) · weight + bias, for each channel (eval mode)."
        )
        return message(text)

    def parameter_count(self, channels: int) -> int:
        """Weight and bias."""
        return 2 * channels

    def reach(self, read: Reach) -> Reach:
        """Each channel's ends, moved."""
        weight, bias, mean, var = (values for _, values in self.numbers(len(read.low)))
        scale = weight / np.sqrt(var + self.eps)
        low, high, white = ((x - mean) * scale + bias for x in (read.low, read.high, read.white))
        rising = read.rising & (scale >= 0)
        return Reach(np.minimum(low, high), np.maximum(low, high), white, rising, read.defined)

    def explained(self, read: Operands, output: int) -> Normalised:
        """With the channel's own numbers."""
        numbers = {name: float(read.rounded(values)[output]) for name, values in self.numbers(read.channels)}
        mean, var = numbers["running_mean"], numbers["running_var"]
        return Normalised(read.x, mean, var, self.eps, numbers["weight"], numbers["bias"])

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.BatchNorm2d(…)`, or that of other axes, with its numbers."""
        arguments = [str(channels), *self.arguments("eps"), *placed(shared)]
        return (Step("norm", f"nn.{self.kind}({', '.join(arguments)})", self.numbers(channels)),)

    def numbers(self, channels: int) -> tuple[tuple[str, FloatArray], ...]:
        """weight, bias, running_mean and running_var of so many channels."""
        return _numbers(self, channels)


@dataclass(frozen=True, slots=True)
class GroupNorm(Layer):
    """(x − mean) / √(var + eps) · weight + bias, mean and var of the group's channels over the whole map, as
    nn.GroupNorm (Y. Wu, K. He: Group Normalization, 2018)."""

    num_groups: int = 1
    weight: Numbers = ()
    bias: Numbers = ()
    eps: float = 1e-5

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        WholeNumber(
            "num_groups",
            QT_TRANSLATE_NOOP("model", "Into how many groups the channels are split, each with a mean and a variance"),
            1,
            MOST_GROUPS,
            path="group_norm.num_groups",
        ),
        _weight("group_norm"),
        _bias("group_norm"),
        _eps("group_norm.eps"),
    )

    @property
    def kind(self) -> str:
        """torch's class."""
        return "GroupNorm"

    @property
    def about(self) -> Message:
        """Its formula."""
        text = QT_TRANSLATE_NOOP(
            "model",
            "(x − mean) / √(var + eps) · weight + bias; mean and var are those of all values of the group’s channels.",
        )
        return message(text)

    @property
    def whole_map(self) -> bool:
        """They are measured."""
        return True

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Channels that cannot be split into so many groups of one size, or groups of a single value."""
        channels, groups = shape.channels, self.num_groups
        divisors = [n for n in range(1, min(channels, groups) + 1) if channels % n == 0]
        if channels % groups:
            text = QT_TRANSLATE_NOOP(
                "model", "num_groups {groups} does not divide the {channels} channels: {works} works."
            )
            fixed = divisors[-1]
            said = message(text, groups=groups, channels=channels, works=fixed)
        elif channels // groups * prod(shape.size) == 1:
            text = QT_TRANSLATE_NOOP("model", "num_groups {groups}: each group is one value, which has no variance.")
            fixed, said = divisors[-2] if channels > 1 else 1, message(text, groups=groups)
        else:
            return ()
        return (Problem("num_groups", said, fixed),)

    def parameter_count(self, channels: int) -> int:
        """Weight and bias."""
        return 2 * channels

    def reach(self, read: Reach) -> Reach:
        """As far from the mean as values can be, by the least deviation that is divided by."""
        numbers = dict(self.numbers(len(read.low)))
        least, most = (
            ends(part.reshape(self.num_groups, -1), axis=1).repeat(len(read.low) // self.num_groups)
            for ends, part in ((np.min, read.low), (np.max, read.high))
        )
        scale, bias = numbers["weight"] / np.sqrt(self.eps), numbers["bias"]
        ends = (read.low - most) * scale + bias, (read.high - least) * scale + bias
        return Reach(np.minimum(*ends), np.maximum(*ends), self._white(read), np.zeros(len(bias), bool), read.defined)

    def _white(self, read: Reach) -> FloatArray:
        """Of a picture that is white all over; the channels of a group differ from its mean all the same."""
        mean, var = group_moments(read.white, np.zeros_like(read.white), self.num_groups)
        numbers = dict(self.numbers(len(read.white)))
        made: FloatArray = (read.white - mean) / np.sqrt(var + self.eps) * numbers["weight"] + numbers["bias"]
        return made

    def explained(self, read: Operands, output: int) -> Normalised:
        """With the group's mean and variance, and the channel's own numbers."""
        mean, var = (float(each[output]) for each in group_moments(read.means, read.variances, self.num_groups))
        numbers = {name: float(read.rounded(values)[output]) for name, values in self.numbers(read.channels)}
        return Normalised(read.x, mean, var, self.eps, numbers["weight"], numbers["bias"])

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.GroupNorm(…)` with its numbers."""
        arguments = [str(self.num_groups), str(channels), *self.arguments("eps"), *placed(shared)]
        return (Step("norm", f"nn.GroupNorm({', '.join(arguments)})", self.numbers(channels)),)

    def numbers(self, channels: int) -> tuple[tuple[str, FloatArray], ...]:
        """weight and bias of so many channels."""
        return _numbers(self, channels)


@dataclass(frozen=True, slots=True)
class InstanceNorm(Layer):
    """(x − mean) / √(var + eps) · weight + bias, mean and var of each channel over its whole map, as nn.InstanceNorm1d,
    2d and 3d (D. Ulyanov, A. Vedaldi, V. Lempitsky: Instance Normalization, 2016). weight and bias count where affine.

    GroupNorm with as many groups as channels, but that torch has no weight and bias at first.
    """

    affine: bool = False
    weight: Numbers = ()
    bias: Numbers = ()
    eps: float = 1e-5
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Flag(
            "affine",
            QT_TRANSLATE_NOOP("model", "Whether each channel is then multiplied by a weight, and a bias added"),
            text=QT_TRANSLATE_NOOP("model", "weight and bias"),
            path="instance_norm.affine",
        ),
        _weight("instance_norm", AFFINE),
        _bias("instance_norm", AFFINE),
        _eps("instance_norm.eps"),
        DIMS,
    )

    @property
    def kind(self) -> str:
        """torch's class."""
        return f"InstanceNorm{self.dims}d"

    def in_dims(self, dims: int) -> InstanceNorm:
        """With the same numbers."""
        return replace(self, dims=dims)

    @property
    def about(self) -> Message:
        """Its formula."""
        if self.affine:
            text = QT_TRANSLATE_NOOP(
                "model", "(x − mean) / √(var + eps) · weight + bias; mean and var are those of the channel’s values."
            )
        else:
            text = QT_TRANSLATE_NOOP(
                "model", "(x − mean) / √(var + eps); mean and var are those of all values of the channel."
            )
        return message(text)

    @property
    def whole_map(self) -> bool:
        """They are measured."""
        return True

    def of_groups(self, channels: int) -> GroupNorm:
        """The GroupNorm that computes the same of so many channels."""
        weight, bias = (self.weight, self.bias) if self.affine else ((), ())
        return GroupNorm(channels, weight, bias, self.eps)

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """A map of a single value."""
        if prod(shape.size) > 1:
            return ()
        text = QT_TRANSLATE_NOOP("model", "Each channel is one value, which has no variance: GroupNorm takes several.")
        return (Problem("affine", message(text), self.affine),)

    def parameter_count(self, channels: int) -> int:
        """Weight and bias, where it has them."""
        return 2 * channels if self.affine else 0

    def reach(self, read: Reach) -> Reach:
        """That of the groups."""
        return self.of_groups(len(read.low)).reach(read)

    def explained(self, read: Operands, output: int) -> Normalised:
        """With the channel's own mean and variance."""
        return self.of_groups(read.channels).explained(read, output)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.InstanceNorm2d(…)` with its numbers."""
        arguments = [str(channels), *self.arguments("eps", "affine"), *placed(shared)]
        numbers = _numbers(self, channels) if self.affine else ()
        return (Step("norm", f"nn.{self.kind}({', '.join(arguments)})", numbers),)


def group_moments(means: FloatArray, variances: FloatArray, groups: int) -> tuple[FloatArray, FloatArray]:
    """For each channel mean and variance of its group's values, all float64 [channels]; of channels of one size."""
    each = len(means) // groups
    mean = means.reshape(groups, each).mean(axis=1).repeat(each)
    var = (variances + (means - mean) ** 2).reshape(groups, each).mean(axis=1).repeat(each)
    return mean, var


def _numbers(layer: Layer, channels: int) -> tuple[tuple[str, FloatArray], ...]:
    tables = (each for each in layer.PARAMETERS if isinstance(each, ChannelNumbers))
    return tuple((each.name, np.array(layer.channel_numbers(each, channels))) for each in tables)
