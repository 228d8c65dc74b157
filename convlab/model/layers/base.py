"""A layer as a frozen value that says all there is to say about it; how torch computes it is in engine.kinds.

The defaults are those of a function of single values, which gives a map for each channel, of the same size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from convlab.model.code import size_text
from convlab.model.layer import AXES, COLUMNS, DTYPES, ROWS, ConvSpec, Sizes
from convlab.model.layers.explained import Explained, Operands
from convlab.model.layers.parameters import AxisSizes, ChannelNumbers, Choice, Numbers, Parameter
from convlab.model.layers.reach import Reach
from convlab.model.message import Message
from convlab.model.problems import Limits, Problem
from convlab.model.receptive import Bounds, read_by
from convlab.model.taps import Indices
from convlab.model.viewport import MapGeometry, output_geometry

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels, and (depth, rows, columns) of each."""

    channels: int
    size: Sizes

    @property
    def plane(self) -> tuple[int, int]:
        """(rows, columns) of a slice."""
        return self.size[1], self.size[2]


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one layer: numbers it would learn, multiply-accumulates for one input, bytes of its maps."""

    parameters: int
    multiply_accumulates: int
    map_bytes: int

    def __add__(self, other: Costs) -> Costs:
        return Costs(
            self.parameters + other.parameters,
            self.multiply_accumulates + other.multiply_accumulates,
            self.map_bytes + other.map_bytes,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A line of a network in PyTorch: `code` makes a module, kept as `name`, with these numbers copied into it.

    code is '' where torch has no module but a method of tensors, `name`.
    """

    name: str
    code: str = ""
    numbers: tuple[tuple[str, FloatArray], ...] = ()

    @property
    def text(self) -> str:
        """What makes the module, or calls the method on x."""
        return self.code or f"x.{self.name}()"


@dataclass(frozen=True, slots=True)
class Layer(ABC):
    """One layer with its numbers. PARAMETERS: what can be set of it, in torch's order."""

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = ()

    @classmethod
    def offered(cls) -> tuple[Layer, ...]:
        """The layers that can be added, as they are at first; () of a kind that must fit where it is added."""
        return (cls(),)

    @property
    @abstractmethod
    def kind(self) -> str:
        """torch's name of it."""

    @property
    def offered_as(self) -> str:
        """What a menu calls it."""
        return self.kind

    @property
    @abstractmethod
    def about(self) -> Message:
        """What it does, in a formula or a sentence."""

    # Its parameters

    def value(self, name: str) -> Any:
        """Of the parameter of this name."""
        return getattr(self, name)

    def choices(self, parameter: Choice) -> tuple[tuple[str, str], ...]:
        """The words that it can have for the parameter, each with the text that it is shown by."""
        return parameter.choices

    def shown(self, parameter: Parameter) -> bool:
        """Whether the parameter says anything of this layer."""
        return parameter.when is None or self.value(parameter.when[0]) == parameter.when[1]

    def channel_numbers(self, parameter: ChannelNumbers, channels: int) -> Numbers:
        """Its numbers of so many channels, for a parameter with one for each."""
        return parameter.of(self.value(parameter.name), channels)

    def with_shared(self, **shared: Any) -> Self:
        """With what all layers of a stack have in common, device and dtype, where it holds them."""
        return self

    @property
    def dims(self) -> int:
        """How many axes torch's class of it has; 0 of one that is the same for signals, pictures and volumes."""
        return 0 if self.window is None else self.window.dims

    def in_dims(self, dims: int) -> Self:
        """The same for signals (1), pictures (2) or volumes (3), where torch has a class for each."""
        return self

    def goes_with(self, dims: int) -> bool:
        """Whether it is of as many axes."""
        return self.in_dims(dims) == self

    @property
    def outline(self) -> Hashable:
        """All but the numbers that `arrays` gives: equal for layers of one shape, and of one cost."""
        return self

    @property
    def arrays(self) -> tuple[FloatArray, ...]:
        """Its numbers, where they are many."""
        return ()

    @property
    def weight_count(self) -> int:
        """How many weights it holds."""
        return 0

    # Shapes

    def reads(self, channels: int) -> int:
        """How many of the source's channels it reads as the first layer: the first ones, or all."""
        return channels

    def out_channels(self, channels: int) -> int:
        """How many maps it makes of so many channels; also where it has problems."""
        return channels

    def read_channels(self, output: int, channels: int) -> Sequence[int]:
        """Which of so many channels map `output` reads, of a layer that is no convolution: its own."""
        return (output,)

    def output_size(self, size: Sizes) -> Sizes:
        """Of each map; meaningless where it has problems."""
        return size

    def output_shape(self, shape: Shape) -> Shape:
        """What it makes of an input of this shape; meaningless where it has problems."""
        return Shape(self.out_channels(shape.channels), self.output_size(shape.size))

    @property
    def window(self) -> ConvSpec | None:
        """The layer whose windows lie where this one's do; None where there are no such windows."""
        return None

    @property
    def own_place(self) -> bool:
        """Whether a value reads what the input has at its own place, and nowhere else."""
        return self.window is None

    def sources(self, at: Indices, size: int, axis: int) -> Indices:
        """Which positions of an input of `size` along `axis` the outputs at positions `at` read: [outputs, taps].

        −1 beyond the edge, where `padding_value` is read. What is read is the grid of these rows and columns. Asked of
        layers without `window` that do not read their own place; of each axis, whether anything happens along it or
        not. ZeroPad2d((2, 0, 0, 0)) on three columns: columns 0 … 4 read [[−1], [−1], [0], [1], [2]].
        """
        return at[:, None]

    def geometry(self, size: Sizes) -> MapGeometry:
        """Where its maps lie on an input of `size`."""
        made = self.output_size(size)
        return MapGeometry((made[ROWS], made[COLUMNS])) if self.window is None else output_geometry(self.window, made)

    def middle(self, at: float, size: Sizes) -> float:
        """About which slice of an input of `size` slice `at` of its maps lies, both also between two."""
        window = self.window
        if window is None:
            return at
        before = (window.extent[0] - 1) / 2 - window.window_pads[0][0]
        return (at * window.window_stride[0] + before) / window.spread[0]

    def span(self, first: int, last: int, size: int, axis: int) -> tuple[int, int]:
        """The first and the last position along `axis` of an input of `size` that outputs first … last read; beyond it
        where the padding is."""
        window = self.window
        if window is None:
            return first, last
        stride, spread = window.window_stride[axis], window.spread[axis]
        start = first * stride - window.window_pads[axis][0]
        end = start + (last - first) * stride + window.extent[axis] - 1
        return -(-start // spread), end // spread

    def read_by(self, outputs: Bounds, size: Sizes) -> Bounds:
        """The part of an input of `size` that a rectangle of outputs reads; beyond it where the padding is."""
        if self.window is not None:
            return read_by(self.window, outputs)
        (top, bottom), (left, right) = (
            self.span(outputs[axis - 1], outputs[axis + 1] - 1, size[axis], axis) for axis in (ROWS, COLUMNS)
        )
        return top, left, bottom + 1, right + 1

    @property
    def whole_map(self) -> bool:
        """Whether each value depends on mean and variance of the whole map of each channel that the layer reads."""
        return False

    @property
    def is_function(self) -> bool:
        """Whether it is a function of each value by itself, the same in all channels."""
        return False

    @property
    def activation(self) -> str:
        """torch's name of it, where it is what a convolution is usually followed by; else ''."""
        return ""

    @property
    def padding_value(self) -> float:
        """What windows read beyond the input's edge, where that is not a pixel of it."""
        return 0.0

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """What torch would refuse of it on an input of this shape.

        first: its input is the source, of which a layer may read the first few channels; else it must read all.
        """
        return ()

    # Costs

    def parameter_count(self, channels: int) -> int:
        """How many numbers it would learn on an input of so many channels."""
        return 0

    def multiply_accumulates(self, size: Sizes) -> int:
        """For one input of this size; those of convolutions alone count, as is usual."""
        return 0

    def operations(self, channels: int) -> int:
        """About how many it takes for a value of every map, of an input of so many channels."""
        return 2 * channels

    def costs(self, shape: Shape, dtype: str) -> Costs:
        """On an input of this shape, without problems."""
        made = self.output_shape(shape)
        nbytes = made.channels * prod(made.size) * DTYPES[dtype]
        return Costs(self.parameter_count(shape.channels), self.multiply_accumulates(shape.size), nbytes)

    # Values

    @abstractmethod
    def reach(self, read: Reach) -> Reach:
        """What its maps can reach where `read` enters it."""

    @abstractmethod
    def explained(self, read: Operands, output: int) -> Explained:
        """Where the value of map `output` comes from that reads this."""

    # PyTorch

    @abstractmethod
    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """It in PyTorch, on so many channels, on the device and of the dtype that `shared` has."""

    def arguments(self, *names: str) -> list[str]:
        """Those of these parameters that say anything and differ from torch's defaults, as a constructor has them."""
        start, tables = type(self)(), {parameter.name: parameter for parameter in self.PARAMETERS}
        found = []
        for name in names:
            value, first = self.value(name), start.value(name)
            if isinstance(tables[name], AxisSizes):
                value, first = value[-self.dims :], first[-self.dims :]
            if self.shown(tables[name]) and value != first:
                found.append(f"{name}={size_text(value) if isinstance(value, tuple) else repr(value)}")
        return found


def with_changes(layer: Layer, **changes: Any) -> Layer:
    """The layer with some of its fields changed.

    Sizes of fewer than three numbers are of its last axes, the first ones stay; `depth` has numbers along the first
    axis, by the name of the parameter.
    """
    depth: dict[str, int] = dict(changes.pop("depth", ()))
    for name in (each.name for each in layer.PARAMETERS if isinstance(each, AxisSizes)):
        sizes, present = changes.get(name, layer.value(name)), layer.value(name)
        if isinstance(sizes, tuple) and len(present) == AXES:
            whole = (*present[: AXES - len(sizes)], *sizes)
            changes[name] = (depth.get(name, whole[0]), *whole[1:])
    return replace(layer, **changes)
