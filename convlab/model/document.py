"""All that is saved and undone, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import Activation, ConvSpec
from convlab.model.problems import Limits, Problem
from convlab.model.shape import output_size
from convlab.model.signals import depth_of
from convlab.model.source import Source
from convlab.model.stack import (
    ConvLayer,
    Entry,
    Shape,
    chain_problem,
    channels_after,
    geometry_after,
    layer_problems,
    named,
    nested,
    same_array,
    shape_after,
)
from convlab.model.viewport import MapGeometry, output_geometry
from convlab.model.weights import Kernels

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
    """The source and its channels, the edited layer, its weight and bias, and the layers around it.

    channels: every source channel once, in the order the first layer reads them.
    weight_depth: the depth of the kernels in `weight`, 1 but for volumes.
    before, after: the rest of the stack; on: the edited layer is not switched off.
    in_channels_follows: layer.in_channels is kept equal to the number of channels there are for it.
    weight: float64 [out_channels, in_channels / groups, kH, kW], read-only. Where the layer has no valid
        weight shape (groups does not divide), the last valid weight stays.
    weight_groups: the groups that `weight` was made for.
    bias: float64 [out_channels], read-only, kept while layer.bias is off.
    spare: kernels of inputs that the layer has no more; they come back with them. No part of what is compared.
    """

    source: Source
    channels: tuple[Channel, ...]
    layer: ConvSpec
    weight: FloatArray
    bias: FloatArray
    weight_groups: int = 1
    in_channels_follows: bool = True
    activation: Activation = "none"
    before: tuple[Entry, ...] = ()
    after: tuple[Entry, ...] = ()
    on: bool = True
    weight_depth: int = 1
    spare: Kernels | None = None

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
            and self.weight_depth == other.weight_depth
            and self.on == other.on
            and same_array(self.weight, other.weight)
            and same_array(self.bias, other.bias)
            and self.before == other.before
            and self.after == other.after
        )

    __hash__ = None  # type: ignore[assignment]  # compared by value, holds arrays

    @property
    def used_channels(self) -> tuple[Channel, ...]:
        """The channels that may enter the first layer, in order."""
        return tuple(channel for channel in self.channels if channel.used)

    @property
    def input_channels(self) -> tuple[Channel, ...]:
        """The channels that do enter it: where it is a convolution the first in_channels of the used ones."""
        if self.on and self.reads_source:  # asked for often
            return self.used_channels[: self.layer.in_channels]
        first = next((entry.layer for entry in self.entries if entry.on), None)
        return self.used_channels[: first.spec.in_channels] if isinstance(first, ConvLayer) else self.used_channels

    @property
    def input_gains(self) -> tuple[float, ...]:
        """Per such channel 1, or 0 where it is muted or another one is soloed."""
        channels = self.input_channels
        any_solo = any(channel.solo for channel in channels)
        return tuple(0.0 if c.muted or (any_solo and not c.solo) else 1.0 for c in channels)

    @property
    def conv(self) -> ConvLayer:
        """The edited layer with its numbers."""
        return ConvLayer(
            self.layer,
            self.weight,
            self.bias,
            self.weight_groups,
            self.in_channels_follows,
            self.activation,
            self.weight_depth,
            self.spare,
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All layers, first to last."""
        return (*self.before, Entry(self.conv, self.on), *self.after)

    @property
    def place(self) -> int:
        """The edited layer's place among them."""
        return len(self.before)

    @property
    def source_shape(self) -> Shape:
        """What the first layer may read."""
        return Shape(len(self.used_channels), self.source.size)

    @property
    def input_count(self) -> int:
        """How many channels there are for the edited layer."""
        return channels_after(self.before, len(self.used_channels))

    @property
    def input_shape(self) -> Shape:
        """What there is for the edited layer to read."""
        return shape_after(self.before, self.source_shape)

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of what the edited layer reads."""
        return self.input_shape.size if self.before else self.source.size

    @property
    def reads_source(self) -> bool:
        """Whether the edited layer reads the source itself, so that its input's pixels are at hand."""
        return not any(entry.on for entry in self.before)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the channels that it reads: the source's, or x0, x1 … for the maps before it."""
        if self.reads_source:
            return tuple(self.source.channel_names[channel.index] for channel in self.used_channels)[
                : self.layer.in_channels
            ]
        return tuple(f"x{n}" for n in range(min(self.input_count, self.layer.in_channels)))

    @property
    def weight_spec(self) -> ConvSpec:
        """The layer that `weight` belongs to: `layer`, or the last one that had a weight shape."""
        outputs, inputs, *kernel_size = self.weight.shape
        return replace(
            self.layer,
            in_channels=inputs // self.weight_depth * self.weight_groups,
            depth=replace(self.layer.depth, kernel_size=self.weight_depth),
            out_channels=outputs,
            kernel_size=tuple(kernel_size),
            groups=self.weight_groups,
        )

    @property
    def output_size(self) -> tuple[int, int]:
        """(height, width) of a feature map; meaningless where the layer has problems."""
        height, width = output_size(self.layer, self.input_size)
        return height, width

    @property
    def geometry(self) -> MapGeometry:
        """Where the feature maps lie on the source."""
        own = output_geometry(self.layer, self.output_size)
        return nested(geometry_after(self.before, self.source_shape), own) if self.before else own

    def with_entries(self, entries: tuple[Entry, ...], place: int) -> Document:
        """These layers, of which the convolution at `place` is the edited one; ValueError where there is none."""
        layer = entries[place].layer
        if not isinstance(layer, ConvLayer):
            raise ValueError(f"layer {place} is no convolution")
        return replace(
            self,
            layer=layer.spec,
            weight=layer.weight,
            bias=layer.bias,
            weight_groups=layer.weight_groups,
            in_channels_follows=layer.in_channels_follows,
            activation=layer.activation,
            weight_depth=layer.weight_depth,
            spare=layer.spare,
            before=entries[:place],
            after=entries[place + 1 :],
            on=entries[place].on,
        )

    def problems(self, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What is wrong with the edited layer or one before it; () when its maps can be evaluated."""
        found = chain_problem(self.before, self.source_shape, limits)
        if found is not None:
            return (named(found[0], self.before[found[0]].layer, found[1]),)
        return layer_problems(self.conv, self.input_shape, limits, self.reads_source, depth_of(self.source))


def is_silent(document: Document, channel: Channel) -> bool:
    """Whether the layer reads zeros for this channel: muted, or another used channel is soloed."""
    any_solo = any(other.solo for other in document.input_channels)
    return channel.muted or (any_solo and not channel.solo)


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
