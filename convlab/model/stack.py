"""Layers one after another: their shapes, where their maps lie on the input, what one value sees, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import DTYPES, Activation, ConvSpec, Sizes
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.plain_layers import BatchNorm, Pointwise, Pool, pooled_size
from convlab.model.problems import Limits, Problem, problems
from convlab.model.receptive import Bounds, read_by
from convlab.model.shape import multiply_accumulates, output_size, parameter_count
from convlab.model.viewport import MapGeometry, output_geometry
from convlab.model.weights import Kernels

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ConvLayer:
    """A convolution with its numbers.

    weight: float64 [out_channels, in_channels / groups, kD, kH, kW], read-only. Where the parameters have no valid
        weight shape (groups does not divide), the last valid weight stays.
    weight_groups: the groups that it was made for.
    bias: float64 [out_channels], read-only, kept while spec.bias is off.
    in_channels_follows: in_channels is kept equal to the number of channels there are for it.
    spare: kernels of inputs that the layer has no more; they come back with them. No part of what is compared.
    """

    spec: ConvSpec
    weight: FloatArray
    bias: FloatArray
    weight_groups: int = 1
    in_channels_follows: bool = True
    activation: Activation = "none"
    spare: Kernels | None = None

    def __post_init__(self) -> None:
        for array in (self.weight, self.bias):
            array.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ConvLayer):
            return NotImplemented
        return (
            self.spec == other.spec
            and self.weight_groups == other.weight_groups
            and self.in_channels_follows == other.in_channels_follows
            and self.activation == other.activation
            and same_array(self.weight, other.weight)
            and same_array(self.bias, other.bias)
        )

    __hash__ = None  # type: ignore[assignment]  # compared by value, holds arrays

    @property
    def kind(self) -> str:
        """torch's class."""
        return self.spec.kind

    @property
    def weight_spec(self) -> ConvSpec:
        """The parameters that `weight` belongs to: `spec`, or the last ones that had a weight shape."""
        outputs, inputs, *kernel_size = self.weight.shape
        return replace(
            self.spec,
            in_channels=inputs * self.weight_groups,
            out_channels=outputs,
            kernel_size=tuple(kernel_size),
            groups=self.weight_groups,
        )


Layer = ConvLayer | Pointwise | Pool | BatchNorm


@dataclass(frozen=True, slots=True)
class Entry:
    """A layer's place in the stack; one that is not `on` passes its input on."""

    layer: Layer
    on: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels, and (depth, rows, columns) of each."""

    channels: int
    size: Sizes

    @property
    def plane(self) -> tuple[int, int]:
        """(rows, columns) of a slice."""
        return self.size[1], self.size[2]


def same_array(a: FloatArray, b: FloatArray) -> bool:
    """Equal shape and values, NaN equal to NaN; cheap when both are the same object."""
    return a is b or (a.shape == b.shape and np.array_equal(a, b, equal_nan=True))


def output_shape(layer: Layer, shape: Shape) -> Shape:
    """What the layer makes of an input of this shape; meaningless where it has problems."""
    if isinstance(layer, ConvLayer):
        return Shape(layer.spec.out_channels, output_size(layer.spec, shape.size))
    if isinstance(layer, Pool):
        return Shape(shape.channels, (shape.size[0], *pooled_size(layer, shape.plane)))
    return shape


def shape_after(entries: Sequence[Entry], shape: Shape) -> Shape:
    """The shape that leaves the last of these layers."""
    for entry in entries:
        if entry.on:
            shape = output_shape(entry.layer, shape)
    return shape


def channels_after(entries: Sequence[Entry], channels: int) -> int:
    """How many channels leave the last of these layers; also where some have problems."""
    for entry in entries:
        if entry.on and isinstance(entry.layer, ConvLayer):
            channels = entry.layer.spec.out_channels
    return channels


def window(layer: Layer) -> ConvSpec | None:
    """The layer whose windows lie where this one's do; None for a function of single values."""
    if isinstance(layer, ConvLayer):
        return layer.spec
    return layer.window if isinstance(layer, Pool) else None


def geometry_after(entries: Sequence[Entry], shape: Shape) -> MapGeometry:
    """Where the maps that leave the last of these layers lie on the input of the first."""
    geometry = MapGeometry(shape.plane)
    for entry in entries:
        spec = window(entry.layer) if entry.on else None
        if spec is not None:
            shape = output_shape(entry.layer, shape)
            geometry = nested(geometry, output_geometry(spec, shape.size))
    return geometry


def nested(outer: MapGeometry, inner: MapGeometry) -> MapGeometry:
    """`inner`, the geometry of maps on maps that lie on the input as `outer` says, on the input itself."""
    (top, left), (down, across) = outer.to_input(*inner.origin), outer.stride
    return MapGeometry(inner.size, (down * inner.stride[0], across * inner.stride[1]), (top, left))


def seen_through(entries: Sequence[Entry], bounds: Bounds) -> Bounds:
    """The input pixels that a rectangle of the last layer's values depends on; outside the picture in padding."""
    for entry in reversed(entries):
        spec = window(entry.layer) if entry.on else None
        if spec is not None:
            bounds = read_by(spec, bounds)
    return bounds


# What does not fit


def chain_problem(entries: Sequence[Entry], shape: Shape, limits: Limits | None) -> tuple[int, Problem] | None:
    """The first layer that does not fit the one before, and why; None where all fit. shape: of the input."""
    for place, entry in enumerate(entries):
        if entry.on:
            found = layer_problems(entry.layer, shape, limits, first=not any(e.on for e in entries[:place]))
            if found:
                return place, found[0]
            shape = output_shape(entry.layer, shape)
    return None


def layer_problems(layer: Layer, shape: Shape, limits: Limits | None, first: bool = True) -> tuple[Problem, ...]:
    """What torch would refuse of the layer on an input of this shape.

    first: its input is the source, of which a layer may read the first few channels; else it must read all.
    """
    if isinstance(layer, ConvLayer):
        short = () if first else tuple(_left_over(layer.spec, shape.channels))
        return short or problems(layer.spec, shape.channels, shape.size, limits)
    return tuple(_pool_problems(layer, shape.plane)) if isinstance(layer, Pool) else ()


def _left_over(spec: ConvSpec, channels: int) -> Iterator[Problem]:
    if spec.in_channels != channels:
        text = QT_TRANSLATE_NOOP("model", "in_channels is {wanted}, but the layer before gives {channels} channels.")
        yield Problem("in_channels", message(text, wanted=spec.in_channels, channels=channels), channels)


def _pool_problems(pool: Pool, size: Sizes) -> Iterator[Problem]:
    extent, dilation = pool.window.extent[1:], pool.window.dilation[1:]
    most = tuple(n // 2 for n in extent)
    if any(pad > limit for pad, limit in zip(pool.padding, most, strict=True)):
        text = QT_TRANSLATE_NOOP("model", "padding {pad} is more than half of the window: at most {most} works.")
        fixed = tuple(map(min, pool.padding, most))
        yield Problem("padding", message(text, pad=_text(pool.padding), most=_text(most)), fixed)
    elif min(pooled_size(pool, size)) < 1:
        padded = tuple(n + 2 * pad for n, pad in zip(size, pool.padding, strict=True))
        fits = tuple(min(k, (n - 1) // d + 1) for k, n, d in zip(pool.kernel_size, padded, dilation, strict=True))
        text = QT_TRANSLATE_NOOP(
            "model", "The window spans {extent}, more than the padded input of {padded}: kernel_size {fits} fits."
        )
        values = {"extent": _text(extent), "padded": _text(padded), "fits": _text(fits)}
        yield Problem("kernel_size", message(text, **values), fits)


def named(place: int, layer: Layer, problem: Problem) -> Problem:
    """The problem of another layer than the edited one: says whose it is."""
    text = QT_TRANSLATE_NOOP("model", "Layer {number}, {kind}: {problem}")
    sentence = message(text, number=place + 1, kind=layer.kind, problem=problem.message)
    return replace(problem, message=sentence, place=place)


def _text(sizes: Sizes) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else " × ".join(map(str, sizes))


# Costs


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


def costs(layer: Layer, shape: Shape, dtype: str) -> Costs:
    """The costs of a layer without problems on an input of this shape.

    Multiply-accumulates count convolutions alone, as is usual; batch normalisation learns two numbers a channel.
    """
    made = output_shape(layer, shape)
    nbytes = made.channels * prod(made.size) * DTYPES[dtype]
    if isinstance(layer, ConvLayer):
        return Costs(parameter_count(layer.spec), multiply_accumulates(layer.spec, shape.size), nbytes)
    return Costs(2 * shape.channels if isinstance(layer, BatchNorm) else 0, 0, nbytes)


def with_changes(layer: Layer, **changes: object) -> Layer:
    """The layer with some of its fields changed."""
    return replace(layer, **changes)  # type: ignore[arg-type]  # its own fields
