"""The feature maps of one layer of a document: which layers they come out of, and where they lie on the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from convlab.model.document import Channel, Document, gains_of
from convlab.model.layer import ROWS, ConvSpec, Sizes
from convlab.model.problems import Limits, Problem
from convlab.model.reading import Reading, read
from convlab.model.signals import slice_name, slice_of
from convlab.model.source import Source
from convlab.model.stack import (
    ConvLayer,
    Entry,
    Layer,
    Shape,
    chain_problem,
    channels_after,
    geometry_after,
    has_kernels,
    named,
    shape_after,
)
from convlab.model.viewport import MapGeometry
from convlab.model.volumes import middle_slice, read_slices
from convlab.model.weights import kernel_slices


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """What leaves the layer at `place`; of volumes slice number `slice` of it. place −1: what the layers read.

    acting: as if that layer were switched on.

    A slice is made like a picture whose channels are the slices that are read: one for each channel and tap along
    depth.
    """

    document: Document
    place: int
    slice: int = 0
    acting: bool = False

    def __eq__(self, other: object) -> bool:
        """Of the same document: none is ever changed, and to compare their arrays would take long."""
        if not isinstance(other, LayerMaps):
            return NotImplemented
        return self.document is other.document and self._which == other._which

    def __hash__(self) -> int:
        return hash((id(self.document), self._which))

    @property
    def _which(self) -> tuple[int, int, bool]:
        return self.place, self.slice, self.acting

    # The layers

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Of the layers up to this one that act."""
        layers = enumerate(self.document.layers[: self.place + 1])
        return tuple(n for n, entry in layers if entry.on or (self.acting and n == self.place))

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """These layers, as if all were on."""
        return tuple(Entry(self.document.layers[n].layer) for n in self.places)

    @property
    def kind(self) -> str:
        """Of the last of them, 'Conv2d', 'sqrt'; 'input' where there is none."""
        return self.entries[-1].layer.kind if self.entries else "input"

    @cached_property
    def conv_at(self) -> int | None:
        """The place among `entries` of the convolution whose sums the maps are, through functions of single values."""
        at = len(self.entries) - 1
        while at >= 0 and self.entries[at].layer.is_function:
            at -= 1
        return at if at >= 0 and has_kernels(self.entries[at].layer) else None

    @cached_property
    def conv(self) -> ConvLayer | None:
        """That convolution, of volumes as one of pictures that reads their slices; None for maps of other layers."""
        if self.conv_at is None:
            return None
        layer = self.entries[self.conv_at].layer
        assert has_kernels(layer)
        if not self.are_volumes:
            return layer
        spec = replace(layer.spec, dims=2, in_channels=layer.spec.in_channels * layer.spec.kernel_size[0])
        return replace(layer, spec=spec, weight=kernel_slices(layer.weight)[:, :, None])

    @property
    def convolution(self) -> ConvLayer:
        """It, of maps that are known to be sums."""
        assert self.conv is not None, f"the maps of {self.kind} are no sums"
        return self.conv

    @property
    def of_edited(self) -> bool:
        """Whether that is the convolution that is edited."""
        return self.conv_at is not None and self.places[self.conv_at] == self.document.place

    @property
    def spec(self) -> ConvSpec | None:
        """The parameters of the convolution whose maps they are; None for maps of other layers."""
        if self.conv is None:
            return None
        return self.document.conv.spec if self.of_edited else self.conv.spec

    @property
    def functions(self) -> tuple[Layer, ...]:
        """The functions of single values after it."""
        return () if self.conv_at is None else tuple(entry.layer for entry in self.entries[self.conv_at + 1 :])

    @cached_property
    def before(self) -> tuple[Entry, ...]:
        """The layers before it; all of them for maps of other layers."""
        return self.entries[: self.conv_at]

    @cached_property
    def window(self) -> ConvSpec:
        """The layer of pictures that makes the maps of what leaves `before`: each a sum, or what is there already."""
        if self.conv is not None:
            return self.conv.spec
        count, shared = self.count, self.document.conv.spec
        point = ConvSpec(count, count, (1, 1), padding=(0, 0), groups=count, bias=False)
        return replace(point, device=shared.device, dtype=shared.dtype)

    @property
    def are_signals(self) -> bool:
        """Whether each map is one row of samples."""
        return ROWS not in self.document.conv.spec.axes

    @property
    def are_volumes(self) -> bool:
        """Whether they have several slices, of which these are one."""
        return 0 in self.document.conv.spec.axes

    # Shapes

    @cached_property
    def shape(self) -> Shape:
        """Channels and size; meaningless where there are problems."""
        return shape_after(self.entries, self.document.source_shape)

    @cached_property
    def count(self) -> int:
        """How many maps there are; also where there are problems."""
        return max(1, channels_after(self.entries, len(self.document.used_channels)))

    @property
    def planar_size(self) -> Sizes:
        """(1, height, width) of a slice."""
        return (1, *self.shape.plane)

    @property
    def output_size(self) -> tuple[int, int]:
        """(height, width) of a map, or of a slice of one."""
        return self.shape.plane

    @property
    def depth(self) -> int:
        """Slices of a map; 1 of pictures, below 1 where there are problems."""
        return self.shape.size[0]

    @property
    def own_slice(self) -> int:
        """`slice`, or the nearest that there is."""
        return min(max(self.slice, 0), max(self.depth - 1, 0))

    @cached_property
    def geometry(self) -> MapGeometry:
        """Where the maps lie on the source."""
        return geometry_after(self.entries, self.document.source_shape)

    @property
    def reads(self) -> int:
        """How many channels there are for `window`."""
        count = channels_after(self.before, len(self.document.used_channels))
        return count * len(self.slices)

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of them."""
        return self.input_shape.plane

    @cached_property
    def input_shape(self) -> Shape:
        """What there is for `window` to read."""
        shape = self.read_shape
        return Shape(self.reads, (1, *shape.plane)) if self.are_volumes else shape

    @cached_property
    def read_shape(self) -> Shape:
        """What leaves `before`, all of its slices."""
        return shape_after(self.before, self.document.source_shape)

    def problems(self, limits: Limits | None = None) -> tuple[Problem, ...]:
        """What is wrong with the layer or one before it; () when its maps can be evaluated."""
        found = chain_problem(self.entries, self.document.source_shape, limits)
        if found is None:
            return ()
        at, problem = self.places[found[0]], found[1]
        own = at == self.document.place
        return (problem if own else named(at, self.document.layers[at].layer, problem),)

    # What they read

    @property
    def reads_source(self) -> bool:
        """Whether `window` reads the source itself, so that its input's pixels are at hand."""
        return not self.before

    @cached_property
    def slices(self) -> tuple[int, ...]:
        """Of what leaves `before` the slices that `window` reads, one for each tap along depth; −1 for one of zeros."""
        if not self.are_volumes:
            return (0,)
        if self.conv_at is None:
            return (self.own_slice,)
        return self.slices_read[0]

    @property
    def slices_read(self) -> tuple[tuple[int, ...], int]:
        """Which slices the last layer reads that reads others than its own, one for each tap along depth and −1 for one
        of padding; and of how many."""
        shapes = [self.document.source_shape]
        for entry in self.entries:
            shapes.append(entry.layer.output_shape(shapes[-1]))
        for entry, shape, made in reversed([*zip(self.entries, shapes[:-1], shapes[1:], strict=True)]):
            if not entry.layer.own_place or made.size != shape.size:
                if self.depth >= 1:
                    return read_slices(entry.layer, shape.size, self.own_slice), shape.size[0]
                return (-1,) * (1 if entry.layer.window is None else entry.layer.window.kernel_size[0]), shape.size[0]
        return (self.own_slice,), shapes[0].size[0]

    @cached_property
    def source_slices(self) -> tuple[int, ...]:
        """The slices of the source that are shown: those read, or behind other layers the middle of what is seen."""
        if self.reads_source or not self.are_volumes:
            return self.slices
        return (middle_slice(self.entries, self.document.source_shape, self.slice),)

    @property
    def picture_of(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The channels and slices that `picture` is made of."""
        return tuple(channel.index for channel in self.document.channels), self.source_slices

    @cached_property
    def picture(self) -> Source:
        """What the layers read, of a volume the slices read of each channel as channels of a picture."""
        return self.document.input.slices(*self.picture_of) if self.are_volumes else self.document.picture

    @cached_property
    def photo(self) -> Source:
        """What there is to be seen of it: of a line all that was opened, of a volume the middle of these slices."""
        document = self.document
        if document.reading.line is not None:
            return read(document.source, Reading(frame=document.reading.frame))
        if self.are_volumes:
            return slice_of(document.picture, max(self.source_slices[len(self.source_slices) // 2], 0))
        return self.picture

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """The picture's channels, in the order they are read."""
        if not self.are_volumes:
            return self.document.channels
        order = [channel for channel in self.document.channels for _ in self.source_slices]
        return tuple(replace(channel, index=n) for n, channel in enumerate(order))

    @cached_property
    def source_channels(self) -> tuple[Channel, ...]:
        """The source's channels that enter the first layer."""
        used = self.document.used_channels
        return used[: self.entries[0].layer.reads(len(used))] if self.entries else used

    @cached_property
    def source_gains(self) -> tuple[float, ...]:
        """Per such channel 1, or 0 where it is muted or another one is soloed."""
        return gains_of(self.source_channels)

    @cached_property
    def input_channels(self) -> tuple[Channel, ...]:
        """The picture's channels that enter the first layer."""
        used = tuple(channel for channel in self.channels if channel.used)
        return used[: len(self.source_channels) * len(self.source_slices)]

    @cached_property
    def input_gains(self) -> tuple[float, ...]:
        """Per such channel 1, or 0 where it is muted or another one is soloed."""
        return gains_of(self.input_channels)

    def is_silent(self, channel: Channel) -> bool:
        """Whether zeros are read for this channel: muted, or another that is read is soloed."""
        any_solo = any(other.solo for other in self.input_channels)
        return channel.muted or (any_solo and not channel.solo)

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """Names of the channels that `window` reads: the source's, or x0, x1 … for the maps before it."""
        if self.reads_source:
            names = tuple(self.picture.channel_names[channel.index] for channel in self.channels if channel.used)
            return names[: self.window.in_channels]
        count = min(self.reads, self.window.in_channels)
        if not self.are_volumes:
            return tuple(f"x{n}" for n in range(count))
        return tuple(f"x{n} {slice_name(at)}" for n in range(count // len(self.slices)) for at in self.slices)


def edited(document: Document, slice: int = 0) -> LayerMaps:
    """The maps of the convolution that is edited, also where it is switched off."""
    return LayerMaps(document, document.place, slice, acting=True)


def activated(document: Document, slice: int = 0) -> LayerMaps:
    """The same through the activation after it."""
    place = document.activation_place
    return edited(document, slice) if place is None else LayerMaps(document, place, slice)


def last(document: Document, slice: int = 0) -> LayerMaps:
    """The maps of the last layer."""
    return LayerMaps(document, len(document.layers) - 1, slice)
