"""Layers one after another: their shapes, where their maps lie on the input, what one value sees, what does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from convlab.model.layers.base import Costs as Costs
from convlab.model.layers.base import Layer as Layer
from convlab.model.layers.base import Shape as Shape
from convlab.model.layers.base import with_changes as with_changes
from convlab.model.layers.conv import ConvLayer as ConvLayer
from convlab.model.layers.conv import has_kernels as has_kernels
from convlab.model.layers.conv import same_array as same_array
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.problems import Limits, Problem
from convlab.model.receptive import Bounds
from convlab.model.viewport import MapGeometry


@dataclass(frozen=True, slots=True)
class Entry:
    """A layer's place in the stack; one that is not `on` passes its input on."""

    layer: Layer
    on: bool = True


def with_kernels(entries: Sequence[Entry]) -> Iterator[tuple[int, ConvLayer]]:
    """The layers that have kernels, and their places; those that are off too."""
    for place, entry in enumerate(entries):
        if has_kernels(entry.layer):
            yield place, entry.layer


def shape_after(entries: Sequence[Entry], shape: Shape) -> Shape:
    """The shape that leaves the last of these layers."""
    for entry in entries:
        if entry.on:
            shape = entry.layer.output_shape(shape)
    return shape


def channels_after(entries: Sequence[Entry], channels: int) -> int:
    """How many channels leave the last of these layers; also where some have problems."""
    for entry in entries:
        if entry.on:
            channels = entry.layer.out_channels(channels)
    return channels


def geometry_after(entries: Sequence[Entry], shape: Shape) -> MapGeometry:
    """Where the maps that leave the last of these layers lie on the input of the first."""
    geometry = MapGeometry(shape.plane)
    for entry in entries:
        if entry.on:
            geometry = nested(geometry, entry.layer.geometry(shape.size))
            shape = entry.layer.output_shape(shape)
    return geometry


def nested(outer: MapGeometry, inner: MapGeometry) -> MapGeometry:
    """`inner`, the geometry of maps on maps that lie on the input as `outer` says, on the input itself."""
    (top, left), (down, across) = outer.to_input(*inner.origin), outer.stride
    return MapGeometry(inner.size, (down * inner.stride[0], across * inner.stride[1]), (top, left))


def seen_through(entries: Sequence[Entry], bounds: Bounds, shape: Shape, whole_maps: bool = True) -> Bounds:
    """The input pixels that a rectangle of the last layer's values depends on; outside the picture in padding.

    shape: of the input. whole_maps: all pixels, where a layer reads whole maps; else what windows alone read.
    """
    layers, sizes = [entry.layer for entry in entries if entry.on], [shape.size]
    for layer in layers:
        sizes.append(layer.output_size(sizes[-1]))
    for layer, size in zip(reversed(layers), reversed(sizes[:-1]), strict=True):
        if layer.whole_map and whole_maps:
            return 0, 0, *shape.plane
        bounds = bounds if layer.own_place else layer.read_by(bounds, size)
    return bounds


def chain_problem(entries: Sequence[Entry], shape: Shape, limits: Limits | None) -> tuple[int, Problem] | None:
    """The first layer that does not fit the one before, and why; None where all fit. shape: of the input."""
    for place, entry in enumerate(entries):
        if entry.on:
            found = entry.layer.problems(shape, limits, first=not any(e.on for e in entries[:place]))
            if found:
                return place, found[0]
            shape = entry.layer.output_shape(shape)
    return None


def named(place: int, layer: Layer, problem: Problem) -> Problem:
    """The problem of another layer than the edited one: says whose it is."""
    text = QT_TRANSLATE_NOOP("model", "Layer {number}, {kind}: {problem}")
    sentence = message(text, number=place + 1, kind=layer.kind, problem=problem.message)
    return replace(problem, message=sentence, place=place)
