"""All that is saved and undone, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import Activation, ConvSpec
from convlab.model.problems import Limits, Problem, problems
from convlab.model.shape import output_size
from convlab.model.source import Source

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of the source: its place in `source.pixels`, and whether and how it enters the layer."""

    index: int
    used: bool = True
    muted: bool = False
    solo: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """The source and its channels, the layer, its weight and bias.

    channels: every source channel once, in the order the layer reads them.
    in_channels_follows: layer.in_channels is kept equal to the number of used channels.
    weight: float64 [out_channels, in_channels / groups, kH, kW], read-only. Where the layer has no valid
        weight shape (groups does not divide), the last valid weight stays.
    weight_groups: the groups that `weight` was made for.
    bias: float64 [out_channels], read-only, kept while layer.bias is off.
    """

    source: Source
    channels: tuple[Channel, ...]
    layer: ConvSpec
    weight: FloatArray
    bias: FloatArray
    weight_groups: int = 1
    in_channels_follows: bool = True
    activation: Activation = "none"

    def __post_init__(self) -> None:
        for array in (self.weight, self.bias):
            array.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        return (
            self.source is other.source
            and self.channels == other.channels
            and self.layer == other.layer
            and self.in_channels_follows == other.in_channels_follows
            and self.activation == other.activation
            and self.weight_groups == other.weight_groups
            and same_array(self.weight, other.weight)
            and same_array(self.bias, other.bias)
        )

    __hash__ = None  # type: ignore[assignment]  # compared by value, holds arrays

    @property
    def used_channels(self) -> tuple[Channel, ...]:
        """The channels that may enter the layer, in order."""
        return tuple(channel for channel in self.channels if channel.used)

    @property
    def input_channels(self) -> tuple[Channel, ...]:
        """The channels that do enter it: the first in_channels of the used ones."""
        return self.used_channels[: self.layer.in_channels]

    @property
    def input_gains(self) -> tuple[float, ...]:
        """Per input channel 1, or 0 where it is muted or another one is soloed."""
        return tuple(0.0 if is_silent(self, channel) else 1.0 for channel in self.input_channels)

    @property
    def weight_spec(self) -> ConvSpec:
        """The layer that `weight` belongs to: `layer`, or the last one that had a weight shape."""
        outputs, inputs, *kernel_size = self.weight.shape
        return replace(
            self.layer,
            in_channels=inputs * self.weight_groups,
            out_channels=outputs,
            kernel_size=tuple(kernel_size),
            groups=self.weight_groups,
        )

    @property
    def output_size(self) -> tuple[int, int]:
        """(height, width) of a feature map; meaningless where the layer has problems."""
        height, width = output_size(self.layer, self.source.size)
        return height, width

    def problems(self, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What is wrong with the layer for this input; () when it can be evaluated."""
        return problems(self.layer, len(self.used_channels), self.source.size, limits)


def is_silent(document: Document, channel: Channel) -> bool:
    """Whether the layer reads zeros for this channel: muted, or another used channel is soloed."""
    any_solo = any(other.solo for other in document.input_channels)
    return channel.muted or (any_solo and not channel.solo)


def same_array(a: FloatArray, b: FloatArray) -> bool:
    """Equal shape and values, NaN equal to NaN; cheap when both are the same object."""
    return a is b or (a.shape == b.shape and np.array_equal(a, b, equal_nan=True))


def default_channels(source: Source) -> tuple[Channel, ...]:
    """Every channel in stored order; alpha is there but not used."""
    return tuple(Channel(index, used=not source.is_alpha(index)) for index in range(source.channel_count))


def new_document(source: Source, layer: ConvSpec, weight: FloatArray, bias: FloatArray | None = None) -> Document:
    """A document on `source` with this layer; in_channels follows when it equals the number of used channels."""
    channels = default_channels(source)
    used = sum(channel.used for channel in channels)
    return Document(
        source=source,
        channels=channels,
        layer=layer,
        weight=np.array(weight, dtype=np.float64),
        bias=np.zeros(layer.out_channels) if bias is None else np.array(bias, dtype=np.float64),
        weight_groups=layer.groups,
        in_channels_follows=layer.in_channels == used,
    )
