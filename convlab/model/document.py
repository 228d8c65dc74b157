"""All that is saved and undone, as one frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import ConvSpec
from convlab.model.problems import Limits, Problem
from convlab.model.reading import Input, Reading, reading_in
from convlab.model.signals import depth_of
from convlab.model.source import Source
from convlab.model.stack import (
    ConvLayer,
    Entry,
    Shape,
    chain_problem,
    channels_after,
    geometry_after,
    has_kernels,
    named,
    nested,
    shape_after,
    with_kernels,
)
from convlab.model.viewport import MapGeometry, output_geometry
from convlab.model.weights import in_five_axes

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of the picture read: its place in its pixels, and whether and how it enters the layer."""

    index: int
    used: bool = True
    muted: bool = False
    solo: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What is read, and the layers it goes through.

    input: a source, and what of it the layers read.
    channels: every channel that is read once, in the order the first layer reads them.
    layers: first to last, at least one of them a convolution.
    focus: the place of the layer that is edited.
    """

    input: Input
    channels: tuple[Channel, ...]
    layers: tuple[Entry, ...]
    focus: int = 0

    __hash__ = None  # type: ignore[assignment]  # compared by value, holds arrays

    @property
    def source(self) -> Source:
        """The source as it was opened."""
        return self.input.source

    @property
    def reading(self) -> Reading:
        """What of it the layers read."""
        return self.input.reading

    @property
    def picture(self) -> Source:
        """That, as a source of its own: the same object as long as neither source nor reading is changed."""
        return self.input.picture

    @property
    def place(self) -> int:
        """Of the convolution whose kernels are edited: the layer in focus, or the nearest before it, or after it."""
        if has_kernels(self.layers[self.focus].layer):  # asked for often
            return self.focus
        places = (place for place, _ in with_kernels(self.layers))
        return min(places, key=lambda n: (n > self.focus, abs(n - self.focus)))

    @property
    def conv(self) -> ConvLayer:
        """That convolution with its numbers."""
        layer = self.layers[self.place].layer
        assert has_kernels(layer)
        return layer

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self.layers[self.place].on

    @property
    def activation_place(self) -> int | None:
        """Of the activation right after that convolution; None where there is none, or it is switched off."""
        after = self.layers[self.place + 1 : self.place + 2]
        return self.place + 1 if after and after[0].on and after[0].layer.activation else None

    @property
    def activation(self) -> str:
        """torch's name of it: 'relu', or 'none'."""
        return "none" if self.activation_place is None else self.layers[self.activation_place].layer.activation

    @property
    def is_one_layer(self) -> bool:
        """Whether there is one convolution and nothing else but its activation."""
        return len(self.layers) == 1 + (self.activation_place is not None)

    @property
    def before(self) -> tuple[Entry, ...]:
        """The layers before it."""
        return self.layers[: self.place]

    @property
    def used_channels(self) -> tuple[Channel, ...]:
        """The channels that may enter the first layer, in order."""
        return tuple(channel for channel in self.channels if channel.used)

    @property
    def input_channels(self) -> tuple[Channel, ...]:
        """The channels that do enter it: where it is a convolution the first in_channels of the used ones."""
        if self.on and self.reads_source:  # asked for often
            return self.used_channels[: self.conv.spec.in_channels]
        first = next((entry.layer for entry in self.layers if entry.on), None)
        return self.used_channels if first is None else self.used_channels[: first.reads(len(self.used_channels))]

    @property
    def input_gains(self) -> tuple[float, ...]:
        """Per such channel 1, or 0 where it is muted or another one is soloed."""
        return gains_of(self.input_channels)

    @property
    def source_shape(self) -> Shape:
        """What the first layer may read."""
        return Shape(len(self.used_channels), (depth_of(self.picture), *self.picture.size))

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
        return self.input_shape.plane if self.before else self.picture.size

    @property
    def reads_source(self) -> bool:
        """Whether the edited layer reads the source itself, so that its input's pixels are at hand."""
        return not any(entry.on for entry in self.before)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the channels that it reads: the source's, or x0, x1 … for the maps before it."""
        if self.reads_source:
            return tuple(self.picture.channel_names[channel.index] for channel in self.used_channels)[
                : self.conv.spec.in_channels
            ]
        return tuple(f"x{n}" for n in range(min(self.input_count, self.conv.spec.in_channels)))

    @property
    def output_shape(self) -> Shape:
        """What it gives; meaningless where it has problems."""
        return self.conv.output_shape(self.input_shape)

    @property
    def output_size(self) -> tuple[int, int]:
        """(height, width) of a feature map, or of a slice of one."""
        return self.output_shape.plane

    @property
    def geometry(self) -> MapGeometry:
        """Where the feature maps lie on the source."""
        own = output_geometry(self.conv.spec, self.output_shape.size)
        return nested(geometry_after(self.before, self.source_shape), own) if self.before else own

    def with_input(self, source: Source, reading: Reading) -> Document:
        """The same layers on another input; what is said of its channels stays where they have the same names."""
        found = Input(source, reading)
        if found == self.input:
            return self
        same_names = found.picture.channel_names == self.picture.channel_names
        channels = self.channels if same_names else default_channels(found.picture)
        return replace(self, input=found, channels=channels)

    def with_layers(self, layers: tuple[Entry, ...], focus: int) -> Document:
        """The same input under these layers."""
        return replace(self, layers=layers, focus=focus)

    def with_conv(self, **changes: Any) -> Document:
        """Other numbers or parameters of the convolution that is edited, by the field names of `ConvLayer`."""
        place, entry = self.place, self.layers[self.place]
        changed = replace(entry, layer=replace(self.conv, **changes))
        return replace(self, layers=(*self.layers[:place], changed, *self.layers[place + 1 :]))

    def problems(self, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What is wrong with the edited layer or one before it; () when its maps can be evaluated."""
        return self.problems_at(self.place, limits)

    def problems_at(self, place: int, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What is wrong with the layer at `place`, as if it were switched on, or one before it."""
        before = self.layers[:place]
        found = chain_problem(before, self.source_shape, limits)
        if found is not None:
            return (named(found[0], before[found[0]].layer, found[1]),)
        first = not any(entry.on for entry in before)
        return self.layers[place].layer.problems(shape_after(before, self.source_shape), limits, first)


def gains_of(channels: Sequence[Channel]) -> tuple[float, ...]:
    """Per channel 1, or 0 where it is muted or another one is soloed."""
    any_solo = any(channel.solo for channel in channels)
    return tuple(0.0 if c.muted or (any_solo and not c.solo) else 1.0 for c in channels)


def default_channels(picture: Source) -> tuple[Channel, ...]:
    """Every channel in stored order; alpha is there but not used."""
    return tuple(Channel(index, used=not picture.is_alpha(index)) for index in range(picture.channel_count))


def new_document(
    source: Source,
    layer: ConvSpec,
    weight: FloatArray,
    bias: FloatArray | None = None,
    reading: Reading | None = None,
) -> Document:
    """A document on `source` with this layer; in_channels follows when it equals the number of used channels.

    weight: as `ConvLayer` has it, or without the first axes of its kernels where these have one sample there. reading:
    None for the usual one of a layer of its kind.
    """
    input = Input(source, reading_in(source, layer.axes) if reading is None else reading)
    channels = default_channels(input.picture)
    used = sum(channel.used for channel in channels)
    conv = ConvLayer(
        layer,
        in_five_axes(np.array(weight, dtype=np.float64)),
        np.zeros(layer.out_channels) if bias is None else np.array(bias, dtype=np.float64),
        layer.groups,
        in_channels_follows=layer.in_channels == used,
    )
    return Document(input, channels, (Entry(conv),))
