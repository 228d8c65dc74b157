"""A layer's figures by name, each with the arithmetic behind it: for questions and comparisons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from convlab.model.document import Document
from convlab.model.layer import ConvSpec, Sizes
from convlab.model.layer_setup import LayerChanges, chain
from convlab.model.numbers import format_weight
from convlab.model.problems import Problem, problems
from convlab.model.shape import (
    multiply_accumulates,
    output_size,
    parameter_count,
    receptive_field,
    torch_weight_shape,
    weight_count,
)

MOST_SHOWN = 40


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """What figures are of: layers one after another on an input of `size`; weights: of the output asked for."""

    layers: tuple[ConvSpec, ...]
    size: Sizes
    weights: tuple[float, ...]

    @property
    def sizes(self) -> tuple[Sizes, ...]:
        """The input's size, then each layer's output size."""
        sizes = [self.size]
        for layer in self.layers:
            sizes.append(output_size(layer, sizes[-1]))
        return tuple(sizes)


def first_problem(of: Layers) -> Problem | None:
    """What torch would refuse of the first layer that does not fit; None where all do."""
    size = of.size
    for layer in of.layers:
        found = problems(layer, layer.in_channels, size)
        if found:
            return found[0]
        size = output_size(layer, size)
    return None


def layers_of(document: Document, changes: tuple[LayerChanges, ...], output: int, size: Sizes | None = None) -> Layers:
    """The document's layer, or a chain of layers made from it, on its input or one of other (rows, columns)."""
    layers = chain(document.conv.spec, changes) if changes else (document.conv.spec,)
    weights = document.conv.weight[min(output, len(document.conv.weight) - 1)].ravel()
    numbers = tuple(float(weight) for weight in weights)
    whole = document.input_shape.size
    return Layers(layers, whole if size is None else (whole[0], *size), numbers)


def figure(name: str, of: Layers) -> tuple[float, ...]:
    """The figure `name` as numbers."""
    return _FIGURES[name][0](of)


def arithmetic(name: str, of: Layers) -> str:
    """What the figure comes from, in numbers."""
    return _FIGURES[name][1](of)


def figure_text(name: str, of: Layers) -> str:
    """The figure as a text: '5 × 5', '1 728'."""
    numbers = figure(name, of)
    return " × ".join(format_weight(n) if n % 1 else f"{int(n):,}".replace(",", "\u202f") for n in numbers)


def _shape(of: Layers) -> tuple[float, ...]:
    return (1, of.layers[-1].out_channels, *_size(of))


def _size(of: Layers) -> tuple[float, ...]:
    """Of the last layer's output, with the axes that torch's class has."""
    return of.layers[-1].torch_sizes(of.sizes[-1])


def _receptive(of: Layers) -> tuple[float, ...]:
    return of.layers[-1].torch_sizes(receptive_field(of.layers))


def _multiply_accumulates(of: Layers) -> tuple[float, ...]:
    return (sum(multiply_accumulates(each, size) for each, size in zip(of.layers, of.sizes[:-1], strict=True)),)


def _size_text(of: Layers) -> str:
    """torch's formula for each layer and axis, one where axes are alike."""
    return "; ".join(
        ", ".join(dict.fromkeys(_axis_text(layer, size, axis) for axis in layer.axes))
        for layer, size in zip(of.layers, of.sizes[:-1], strict=True)
    )


def _axis_text(layer: ConvSpec, size: Sizes, axis: int) -> str:
    window = f"{layer.dilation[axis]}·({layer.kernel_size[axis]} − 1)"
    before, after = layer.pads[axis]
    if layer.transposed:
        spread, extra = f"({size[axis]} − 1)·{layer.stride[axis]}", layer.output_padding[axis]
        return f"{spread} − {before} − {after} + {window} + {extra} + 1 = {output_size(layer, size)[axis]}"
    inside = f"{size[axis]} + {before} + {after} − {window} − 1"
    return f"⌊({inside}) / {layer.stride[axis]}⌋ + 1 = {output_size(layer, size)[axis]}"


def _parameter_text(of: Layers) -> str:
    biases = ["" if not layer.bias else f" + {layer.out_channels}" for layer in of.layers]
    weights = ["·".join(map(str, torch_weight_shape(layer))) for layer in of.layers]
    return " + ".join(weight + bias for weight, bias in zip(weights, biases, strict=True))


def _multiply_text(of: Layers) -> str:
    sizes = [size[not layer.transposed] for layer, size in zip(of.layers, pairwise(of.sizes), strict=True)]
    parts = zip(of.layers, sizes, strict=True)
    return " + ".join(f"{'·'.join(map(str, layer.torch_sizes(size)))}·{weight_count(layer)}" for layer, size in parts)


def _receptive_text(of: Layers) -> str:
    return ", ".join(dict.fromkeys(_receptive_axis(of.layers, axis) for axis in of.layers[0].axes))


def _receptive_axis(layers: tuple[ConvSpec, ...], axis: int) -> str:
    if any(layer.transposed for layer in layers):
        return str(receptive_field(layers)[axis])
    parts, jump = ["1"], 1
    for layer in layers:
        parts.append(f"{layer.extent[axis] - 1}" if jump == 1 else f"{layer.extent[axis] - 1}·{jump}")
        jump *= layer.stride[axis]
    return f"{' + '.join(parts)} = {receptive_field(layers)[axis]}"


def _weights_text(of: Layers) -> str:
    terms = [f"({text})" if (text := format_weight(weight)).startswith("−") else text for weight in of.weights]
    return " + ".join(terms[:MOST_SHOWN]) + (" + …" if len(terms) > MOST_SHOWN else "")


_FIGURES: dict[str, tuple[Callable[[Layers], tuple[float, ...]], Callable[[Layers], str]]] = {
    "size": (_size, _size_text),
    "shape": (_shape, _size_text),
    "parameters": (lambda of: (sum(map(parameter_count, of.layers)),), _parameter_text),
    "multiply_accumulates": (_multiply_accumulates, _multiply_text),
    "kernels": (
        lambda of: (sum(prod(layer.weight_shape[:2]) for layer in of.layers),),
        lambda of: " + ".join("·".join(map(str, layer.weight_shape[:2])) for layer in of.layers),
    ),
    "receptive_field": (_receptive, _receptive_text),
    "weight_sum": (lambda of: (round(sum(of.weights), 9) + 0.0,), _weights_text),
}
FIGURES = tuple(_FIGURES)
"""Output size and shape, counts of parameters, multiply-accumulates and two-dimensional kernels, the receptive field,
and the sum of an output's weights."""
