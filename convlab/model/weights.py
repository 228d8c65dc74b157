"""Fitting weights to a changed layer, and PyTorch's default initialisation."""

from __future__ import annotations

from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import ConvSpec

FloatArray = NDArray[np.float64]


def default_weight(spec: ConvSpec, seed: int) -> FloatArray:
    """Weights as nn.Conv2d draws them, float64 of spec.weight_shape: uniform in ±1/√fan_in.

    kaiming_uniform_ with a = √5, see reset_parameters in torch.nn.modules.conv. The distribution is
    torch's; the numbers come from numpy's generator, so that a seed means the same on every device.
    """
    shape = spec.weight_shape
    reads = spec.out_channels // spec.groups if spec.transposed else shape[1]  # the second axis of torch's weight
    bound = 1 / sqrt(reads * prod(shape[2:]))
    return np.random.default_rng(seed).uniform(-bound, bound, shape)


def fit_weight(old_spec: ConvSpec, weight: FloatArray, spec: ConvSpec, repeat_inputs: bool = False) -> FloatArray:
    """`weight` of `old_spec` in the shape of `spec`; each weight that still has a place keeps it.

    A weight's place is its (output channel, input channel) pair, counted over all groups, and its offset
    from the kernel's centre. New taps and new pairs are zero; a new output channel is drawn as PyTorch
    initialises it, so that its map shows something. With `repeat_inputs` new input channels take the
    kernels of the old ones in turn (the photo changed from gray to colour).
    """
    fitted = np.zeros(spec.weight_shape)
    fresh = default_weight(spec, seed=spec.out_channels)
    kept = min(weight.shape[0], spec.out_channels)
    for o in range(kept):
        old_inputs = old_spec.group_inputs(o)
        for j, i in enumerate(spec.group_inputs(o)):
            source = i % old_spec.in_channels if repeat_inputs and i >= old_spec.in_channels else i
            if source in old_inputs:
                fitted[o, j] = fit_kernel(weight[o, source - old_inputs.start], spec.kernel_size)
    fitted[kept:] = fresh[kept:]
    return fitted


def to_torch(spec: ConvSpec, weight: FloatArray) -> FloatArray:
    """The weight as torch holds it: [in_channels, out_channels / groups, *kernel] where transposed, else as it is.

    *kernel is one number for a signal's layer.
    """
    if spec.dims == 1:
        weight = weight[:, :, 0]
    if not spec.transposed:
        return weight
    kernel = weight.shape[2:]
    inputs, outputs = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    grouped = weight.reshape(spec.groups, outputs, inputs, *kernel)
    return np.ascontiguousarray(grouped.swapaxes(1, 2)).reshape(spec.in_channels, outputs, *kernel)


def from_torch(spec: ConvSpec, weight: FloatArray) -> FloatArray:
    """The way back from `to_torch`: [out_channels, in_channels / groups, kH, kW]."""
    if spec.dims == 1:
        weight = weight[:, :, None]
    if not spec.transposed:
        return weight
    kernel = weight.shape[2:]
    inputs, outputs = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    grouped = weight.reshape(spec.groups, inputs, outputs, *kernel)
    return np.ascontiguousarray(grouped.swapaxes(1, 2)).reshape(spec.out_channels, inputs, *kernel)


def fit_bias(bias: FloatArray, out_channels: int) -> FloatArray:
    """`bias` cut or continued with zeros to `out_channels` values."""
    fitted = np.zeros(out_channels)
    kept = min(len(bias), out_channels)
    fitted[:kept] = bias[:kept]
    return fitted


def fit_kernel(kernel: FloatArray, size: tuple[int, ...]) -> FloatArray:
    """`kernel` cut or padded with zeros to `size` about its centre tap.

    The centre of k taps is tap (k − 1) // 2, the one that padding 'same' puts on the output pixel; so
    growing and shrinking again gives the same kernel.
    """
    fitted = np.zeros(size)
    old, new = [], []
    for k_old, k_new in zip(kernel.shape, size, strict=True):
        shift = (k_new - 1) // 2 - (k_old - 1) // 2
        first, last = max(0, -shift), min(k_old, k_new - shift)
        old.append(slice(first, last))
        new.append(slice(first + shift, last + shift))
    fitted[tuple(new)] = kernel[tuple(old)]
    return fitted
