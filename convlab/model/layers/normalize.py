"""Input as a trained network wants it: channels in its order, less a mean, by a standard deviation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from convlab.model.code import placed
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import FloatArray, Layer, Step
from convlab.model.layers.explained import Normalised, Operands
from convlab.model.layers.parameters import DIMS, ChannelNumbers, Choice, Numbers, Parameter
from convlab.model.layers.reach import Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message

LEAST_DEVIATION = 1e-4
"""So that float16 holds what is multiplied by."""


@dataclass(frozen=True, slots=True)
class Normalize(Layer):
    """(x − mean) / std for each channel, as torchvision.transforms.Normalize, which needs torch alone here.

    order 'bgr': the channels are turned round first, and mean and std are those of the channels after that. Of channels
    for which there are no numbers those of the last one count: (0.5,) is 0.5 for all.
    """

    order: Literal["rgb", "bgr"] = "rgb"
    mean: Numbers = ()
    std: Numbers = ()
    dims: int = 2

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Choice(
            "order",
            QT_TRANSLATE_NOOP("model", "Channels in the order in which they come (RGB), or turned round first (BGR)"),
            (("rgb", "RGB"), ("bgr", "BGR")),
            path="normalize.order",
        ),
        ChannelNumbers(
            "mean", QT_TRANSLATE_NOOP("model", "What is taken from each channel"), 0.0, path="normalize.mean"
        ),
        ChannelNumbers(
            "std",
            QT_TRANSLATE_NOOP("model", "What each channel is then divided by"),
            1.0,
            LEAST_DEVIATION,
            path="normalize.std",
        ),
        DIMS,
    )

    @classmethod
    def offered(cls) -> tuple[Normalize, ...]:
        """What networks are often trained with."""
        return tuple(PRESETS.values())

    @property
    def kind(self) -> str:
        """torchvision's class."""
        return "Normalize"

    def in_dims(self, dims: int) -> Normalize:
        """With the same numbers."""
        return replace(self, dims=dims)

    @property
    def offered_as(self) -> str:
        """By the numbers' name."""
        return next(
            (f"{self.kind}: {name}" for name, preset in PRESETS.items() if preset == self.in_dims(2)), self.kind
        )

    @property
    def about(self) -> Message:
        """Its formula."""
        if self.order == "bgr":
            return message(QT_TRANSLATE_NOOP("model", "(x − mean) / std for each channel, the last channel first."))
        return message(QT_TRANSLATE_NOOP("model", "(x − mean) / std for each channel."))

    def channel_numbers(self, parameter: ChannelNumbers, channels: int) -> Numbers:
        """Continued by the last one's."""
        given: Numbers = self.value(parameter.name) or (parameter.first,)
        return given[:channels] + given[-1:] * (channels - len(given))

    def numbers(self, channels: int) -> tuple[FloatArray, FloatArray]:
        """What is taken from each of so many channels, and what that is multiplied by."""
        tables = (each for each in self.PARAMETERS if isinstance(each, ChannelNumbers))
        mean, std = (np.array(self.channel_numbers(each, channels)) for each in tables)
        return mean, 1 / std

    def read_channels(self, output: int, channels: int) -> tuple[int, ...]:
        """One, counted from the other end where they are turned round."""
        return (output if self.order == "rgb" else channels - 1 - output,)

    def reach(self, read: Reach) -> Reach:
        """Each channel's ends, moved."""
        places = [self.read_channels(output, len(read.low))[0] for output in range(len(read.low))]
        mean, factor = self.numbers(len(places))
        low, high, white = ((end[places] - mean) * factor for end in (read.low, read.high, read.white))
        return Reach(low, high, white, read.rising[places], read.defined)

    def explained(self, read: Operands, output: int) -> Normalised:
        """With the channel's own numbers."""
        mean, factor = (float(read.rounded(values)[output]) for values in self.numbers(read.channels))
        return Normalised(read.x, mean, 1 / factor**2, 0.0, 1.0, 0.0)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.BatchNorm2d(…)`, or that of other axes; before it a 1 × 1 convolution that turns the channels round."""
        mean, factor = self.numbers(channels)
        more = placed(shared)
        made = f"nn.BatchNorm{self.dims}d({', '.join([str(channels), 'eps=0.0', *more])})"
        norm = Step("norm", made, (("running_mean", mean), ("weight", factor)))
        if self.order == "rgb":
            return (norm,)
        turned = np.eye(channels)[::-1].reshape(channels, channels, *[1] * self.dims)
        made = f"nn.Conv{self.dims}d({', '.join([str(channels), str(channels), 'kernel_size=1', 'bias=False', *more])})"
        return Step("order", made, (("weight", turned),)), norm


PRESETS = {
    "ImageNet": Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
    "−1 … 1": Normalize(mean=(0.5,), std=(0.5,)),
    "BGR": Normalize("bgr"),
}
"""Of values from 0 to 1: torchvision's models; generators, and networks of TensorFlow; networks of Caffe and OpenCV."""
