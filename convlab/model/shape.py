"""Shape arithmetic of a layer: sizes, parameters, multiply-accumulates, receptive field."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from convlab.model.layer import AXES, DTYPES, ConvSpec, Sizes


def output_size(spec: ConvSpec, size: Sizes) -> Sizes:
    """(depth, rows, columns) of the output for an input of `size`; below 1 where the kernel does not fit.

    ⌊(size + padding − dilation·(kernel_size − 1) − 1) / stride⌋ + 1, the formula under "Shape" in torch's
    documentation of nn.Conv2d, with both paddings of an axis added up. Where transposed (size − 1)·stride − padding +
    dilation·(kernel_size − 1) + output_padding + 1, as under nn.ConvTranspose2d: the same on the spread input.
    """
    return tuple(
        ((n - 1) * spread + 1 + sum(pad) - extent) // stride + 1
        for n, spread, pad, extent, stride in zip(
            size, spec.spread, spec.window_pads, spec.extent, spec.window_stride, strict=True
        )
    )


def unused_input(spec: ConvSpec, size: Sizes) -> Sizes:
    """Slices, rows and columns at the end of the padded input that no window reaches (the floor in the formula)."""
    if spec.transposed:
        return (0,) * AXES
    return tuple(
        (n + sum(pad) - extent) % stride
        for n, pad, extent, stride in zip(size, spec.pads, spec.extent, spec.stride, strict=True)
    )


def unreached(spec: ConvSpec, size: Sizes) -> Sizes:
    """Slices, rows and columns at the end of the input itself that no window reaches; padding is left out first."""
    return tuple(max(0, rest - pad[1]) for rest, pad in zip(unused_input(spec, size), spec.pads, strict=True))


def torch_weight_shape(spec: ConvSpec) -> tuple[int, ...]:
    """The shape of torch's `weight`: [in_channels, out_channels / groups, *kernel_size] where transposed."""
    kernel = spec.torch_sizes(spec.kernel_size)
    if not spec.transposed:
        return (spec.out_channels, spec.in_channels // spec.groups, *kernel)
    return (spec.in_channels, spec.out_channels // spec.groups, *kernel)


def weight_count(spec: ConvSpec) -> int:
    """Number of weights, without bias."""
    return prod(spec.weight_shape)


def parameter_count(spec: ConvSpec) -> int:
    """Weights plus biases."""
    return weight_count(spec) + (spec.out_channels if spec.bias else 0)


def multiply_accumulates(spec: ConvSpec, size: Sizes) -> int:
    """Multiply-accumulates for one input of `size`: one for each weight of an output value, padding included.

    Where transposed one for each weight of an input value, those cut off by padding included.
    """
    return prod(size if spec.transposed else output_size(spec, size)) * weight_count(spec)


def memory_needed(spec: ConvSpec, size: Sizes) -> int:
    """Bytes that cannot be avoided: the weights, held and as torch has them, and one slice of a feature map."""
    item = DTYPES[spec.dtype]
    return weight_count(spec) * (8 + item) + prod(output_size(spec, size)[1:]) * item


def receptive_field(layers: Sequence[ConvSpec]) -> Sizes:
    """Input samples per axis that one value of the last of these layers, one after another, depends on.

    1 + Σ (extent − 1) · the strides of the layers before, eq. 2 of A. Araujo, W. Norris, J. Sim: Computing Receptive
    Fields of Convolutional Neural Networks, Distill (2019). Of a transposed layer the most that an output depends on.
    """
    axes = []
    for axis in range(AXES):
        needed = 1
        for layer in reversed(layers):
            grid = (needed - 1) * layer.window_stride[axis] + layer.extent[axis]
            needed = (grid - 1) // layer.spread[axis] + 1
        axes.append(needed)
    return tuple(axes)
