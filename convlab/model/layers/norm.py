"""Normalisation with a number for each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from convlab.model.code import placed
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import FloatArray, Layer, Step
from convlab.model.layers.explained import Normalised, Operands
from convlab.model.layers.parameters import ChannelNumbers, Number, Numbers, Parameter
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, slots=True)
class BatchNorm(Layer):
    """(x − running_mean) / √(running_var + eps) · weight + bias for each channel, as nn.BatchNorm2d in eval mode."""

    weight: Numbers = ()
    bias: Numbers = ()
    running_mean: Numbers = ()
    running_var: Numbers = ()
    eps: float = 1e-5

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        ChannelNumbers(
            "weight", QT_TRANSLATE_NOOP("model", "What each channel is multiplied by"), 1.0, path="norm.weight"
        ),
        ChannelNumbers("bias", QT_TRANSLATE_NOOP("model", "What is added to each channel"), 0.0, path="norm.bias"),
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
        Number(
            "eps",
            QT_TRANSLATE_NOOP("model", "Added to the variance, so that nothing is divided by 0"),
            1e-12,
            1,
            decimals=12,
            step=1e-5,
            positive=True,
        ),
    )

    @property
    def kind(self) -> str:
        """torch's class."""
        return "BatchNorm2d"

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
        """`nn.BatchNorm2d(…)` with its numbers."""
        arguments = [str(channels), *self.arguments("eps"), *placed(shared)]
        return (Step("norm", f"nn.BatchNorm2d({', '.join(arguments)})", self.numbers(channels)),)

    def numbers(self, channels: int) -> tuple[tuple[str, FloatArray], ...]:
        """weight, bias, running_mean and running_var of so many channels."""
        tables = (each for each in self.PARAMETERS if isinstance(each, ChannelNumbers))
        return tuple((each.name, np.array(each.of(self.value(each.name), channels))) for each in tables)
