"""Fitting weights to a changed layer, and PyTorch's default initialisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    taps = prod(shape[2:])
    reads = spec.out_channels // spec.groups if spec.transposed else spec.in_channels // spec.groups
    bound = 1 / sqrt(reads * taps)  # reads: the second axis of torch's weight
    return np.random.default_rng(seed).uniform(-bound, bound, shape)


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """A layer's weight, float64 of its weight_shape, with the parameters that say what each number means."""

    spec: ConvSpec
    weight: FloatArray

    def kernel(self, output: int, channel: int) -> FloatArray | None:
        """[kD, kH, kW] of a pair of channels, counted over all groups; None where there is none."""
        if not (0 <= output < self.spec.out_channels and channel in self.spec.group_inputs(output)):
            return None
        return np.asarray(self.weight[output, channel - self.spec.group_inputs(output).start])


def fit_weight(
    old_spec: ConvSpec,
    weight: FloatArray,
    spec: ConvSpec,
    repeat_inputs: bool = False,
    spare: Kernels | None = None,
) -> FloatArray:
    """`weight` of `old_spec` in the shape of `spec`; each weight that still has a place keeps it.

    A weight's place is its (output channel, input channel) pair, counted over all groups, and its offset
    from the kernel's centre. New taps and new pairs are zero; a new output channel is drawn as PyTorch
    initialises it, so that its map shows something. With `repeat_inputs` new input channels take the
    kernels of the old ones in turn (the photo changed from gray to colour). Where inputs are added, the kernels that
    they had in `spare` come back first.
    """
    fitted = np.zeros(spec.weight_shape)
    fresh = default_weight(spec, seed=spec.out_channels)
    old = Kernels(old_spec, weight)
    back = spare if spec.in_channels > old_spec.in_channels else None
    for o in range(spec.out_channels):
        for j, i in enumerate(spec.group_inputs(o)):
            kernel = old.kernel(o, i)
            if kernel is None and back is not None:
                kernel = back.kernel(o, i)
            if kernel is None and repeat_inputs and i >= old_spec.in_channels:
                kernel = old.kernel(o, i % old_spec.in_channels)
            if kernel is not None:
                fitted[o, j] = fit_kernel(kernel, fitted.shape[2:])
            elif o >= old_spec.out_channels:
                fitted[o, j] = fresh[o, j]
    return fitted


def spare_kernels(spare: Kernels | None, old: Kernels, spec: ConvSpec) -> Kernels | None:
    """What waits when `old` becomes a layer of `spec`: the widest kernels so far, with what has changed since."""
    wide = old
    if spare is not None and spare.spec.in_channels > old.spec.in_channels:
        sized = replace(spare.spec, dims=old.spec.dims, kernel_size=old.spec.kernel_size)
        weight = fit_weight(spare.spec, spare.weight, sized)
        for o in range(min(sized.out_channels, old.spec.out_channels)):
            for j, i in enumerate(sized.group_inputs(o)):
                kernel = old.kernel(o, i)
                if kernel is not None:
                    weight[o, j] = kernel
        wide = Kernels(sized, weight)
    return wide if wide.spec.in_channels > spec.in_channels else None


def in_five_axes(weight: FloatArray) -> FloatArray:
    """[out, in, kD, kH, kW] of a weight of fewer axes, those of its kernels being the last."""
    return weight.reshape(*weight.shape[:2], *(1,) * (5 - weight.ndim), *weight.shape[2:])


def kernel_slices(weight: FloatArray) -> FloatArray:
    """[out, in · kD, kH, kW] of a weight [out, in, kD, kH, kW]: a kernel's slices beside one another, the same memory
    where it lies in order."""
    return weight.reshape(len(weight), -1, *weight.shape[3:])


def to_torch(spec: ConvSpec, weight: FloatArray) -> FloatArray:
    """The weight as torch holds it: [out_channels, in_channels / groups, *kernel], and where transposed
    [in_channels, out_channels / groups, *kernel]. *kernel has as many axes as spec.dims."""
    weight = weight.reshape(*weight.shape[:2], *weight.shape[-spec.dims :])
    if not spec.transposed:
        return weight
    kernel = weight.shape[2:]
    inputs, outputs = spec.in_channels // spec.groups, spec.out_channels // spec.groups
    grouped = weight.reshape(spec.groups, outputs, inputs, *kernel)
    return np.ascontiguousarray(grouped.swapaxes(1, 2)).reshape(spec.in_channels, outputs, *kernel)


def from_torch(spec: ConvSpec, weight: FloatArray) -> FloatArray:
    """The way back from `to_torch`: [out_channels, in_channels / groups, kD, kH, kW]."""
    return in_five_axes(weight if not spec.transposed else _exchanged_back(spec, weight))


def _exchanged_back(spec: ConvSpec, weight: FloatArray) -> FloatArray:
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
