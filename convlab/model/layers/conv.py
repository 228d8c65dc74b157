"""Convolutions: torch's parameters in a ConvSpec, and the numbers that they go with."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, ClassVar, TypeGuard

import numpy as np

from convlab.model.code import constructor
from convlab.model.layer import COLUMNS, ROWS, ConvSpec, Sizes
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.conv_parameters import CONV_PARAMETERS
from convlab.model.layers.explained import Operands, SumOfProducts
from convlab.model.layers.parameters import Parameter
from convlab.model.layers.reach import Numbers, Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem, problems
from convlab.model.shape import multiply_accumulates, output_size, parameter_count
from convlab.model.taps import read_from
from convlab.model.weights import Kernels, kernel_slices, to_torch


@dataclass(frozen=True, slots=True, eq=False)
class ConvLayer(Layer):
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
    spare: Kernels | None = None

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = CONV_PARAMETERS

    @classmethod
    def offered(cls) -> tuple[Layer, ...]:
        """It has as many channels as there are where it is added."""
        return ()

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

    @property
    def kernel_slices(self) -> FloatArray:
        """The weight as `weights.kernel_slices` lays it out: [out, in / groups · kD, kH, kW]."""
        return kernel_slices(self.weight)

    @property
    def about(self) -> Message:
        """Its formula."""
        return message("Σ x · w + b")

    # Its parameters

    def value(self, name: str) -> Any:
        """Of the parameter of this name."""
        return getattr(self.spec, name)

    def with_shared(self, **shared: Any) -> ConvLayer:
        """On this device, of this dtype."""
        return replace(self, spec=replace(self.spec, **shared))

    def goes_with(self, dims: int) -> bool:
        """Whether its kernels are; `edits.in_dims` makes those of others."""
        return self.spec.dims == dims

    @property
    def outline(self) -> Hashable:
        """All but weight and bias."""
        return self.spec, self.weight_groups, self.in_channels_follows

    @property
    def arrays(self) -> tuple[FloatArray, ...]:
        """Weight and bias."""
        return self.weight, self.bias

    @property
    def weight_count(self) -> int:
        """Without bias."""
        return self.weight.size

    # Shapes

    def reads(self, channels: int) -> int:
        """The first in_channels."""
        return self.spec.in_channels

    def out_channels(self, channels: int) -> int:
        """As many as it says."""
        return self.spec.out_channels

    def output_size(self, size: Sizes) -> Sizes:
        """By the formula in torch's documentation."""
        return output_size(self.spec, size)

    @property
    def window(self) -> ConvSpec:
        """Its own."""
        return self.spec

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """What torch would refuse of the parameters; behind other layers it must read all channels."""
        short = () if first else tuple(_left_over(self.spec, shape.channels))
        return short or problems(self.spec, shape.channels, shape.size, limits)

    # Costs

    def parameter_count(self, channels: int) -> int:
        """Weights and biases."""
        return parameter_count(self.spec)

    def multiply_accumulates(self, size: Sizes) -> int:
        """One for each weight of an output value."""
        return multiply_accumulates(self.spec, size)

    def operations(self, channels: int) -> int:
        """One for each weight."""
        return prod(self.spec.weight_shape)

    # Values

    def reach(self, read: Reach) -> Reach:
        """Of the sums. Of a transposed layer a value has the taps of one phase alone."""
        spec = self.spec
        if spec.padding_mode == "zeros" and (spec.transposed or spec.kernel_size[0] > 1 or np.any(spec.pads)):
            read = read.with_zero
        bias = self.bias if spec.bias else np.zeros(spec.out_channels)
        found = [_summed(weight, spec.groups, read) for weight in _phases(self)]
        low, high, white = (np.stack([getattr(each, end) for each in found]) for end in ("low", "high", "white"))
        rising = np.all([each.rising for each in found], axis=0)
        return Reach(low.min(0) + bias, high.max(0) + bias, white.max(0) + bias, rising, read.defined)

    def explained(self, read: Operands, output: int) -> SumOfProducts:
        """A sum of products. A padding mode says which of the input's pixels a tap outside it reads."""
        spec, weight = self.spec, read.rounded(kernel_slices(self.weight)[output])
        bias = float(read.rounded(self.bias)[output]) if spec.bias else 0.0
        places = zip((read.rows, read.cols), read.size[ROWS:], (ROWS, COLUMNS), strict=True)
        rows, cols = (read_from(spec, at, size, axis) for at, size, axis in places)
        return SumOfProducts(read.values, weight, bias, rows, cols)

    # PyTorch

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.Conv2d(…)` with its numbers."""
        spec = self.spec
        numbers = [("weight", to_torch(spec, self.weight))] if self.weight.shape == spec.weight_shape else []
        if spec.bias:
            numbers.append(("bias", self.bias))
        return (Step("conv", constructor(spec), tuple(numbers)),)


def has_kernels(layer: Layer) -> TypeGuard[ConvLayer]:
    """Whether the layer has kernels, to be shown and edited as such."""
    return isinstance(layer, ConvLayer)


def same_array(a: FloatArray, b: FloatArray) -> bool:
    """Equal shape and values, NaN equal to NaN; cheap when both are the same object."""
    return a is b or (a.shape == b.shape and np.array_equal(a, b, equal_nan=True))


def _left_over(spec: ConvSpec, channels: int) -> Iterator[Problem]:
    if spec.in_channels != channels:
        text = QT_TRANSLATE_NOOP("model", "in_channels is {wanted}, but the layer before gives {channels} channels.")
        yield Problem("in_channels", message(text, wanted=spec.in_channels, channels=channels), channels)


def _phases(layer: ConvLayer) -> list[Numbers]:
    """The taps [out, in, kD', kH', kW'] that can come together in one value: all, or of a transposed layer those of
    each phase. Kernel 4 and stride 2: taps 0 and 2, or 1 and 3.
    """
    spec = layer.spec
    if not spec.transposed:
        return [layer.weight]
    axes = [
        [np.flatnonzero(np.arange(k) * d % s == phase) for phase in range(s)]
        for k, d, s in zip(spec.kernel_size, spec.dilation, spec.stride, strict=True)
    ]
    together = [taps for taps in product(*axes) if all(each.size for each in taps)]
    return [layer.weight[:, :, d[:, None, None], r[:, None], c] for d, r, c in together]


def _summed(weight: Numbers, groups: int, reach: Reach) -> Reach:
    outputs, inputs = weight.shape[:2]
    taps = weight.reshape(outputs, inputs, -1)
    ones: Numbers = np.ones(taps.shape[2])
    positive: Numbers = np.maximum(taps, 0) @ ones
    negative: Numbers = np.minimum(taps, 0) @ ones
    ends = (reach.low, reach.high, reach.white)
    low, high, white = (np.repeat(end.reshape(groups, inputs), outputs // groups, axis=0) for end in ends)
    rising = np.repeat(reach.rising.reshape(groups, inputs), outputs // groups, axis=0)
    silent = ((low == 0) & (high == 0)) | ((positive == 0) & (negative == 0))
    rises = ((negative == 0) & rising) | silent
    sums = (positive * low + negative * high, positive * high + negative * low, (positive + negative) * white)
    least, most, whites = (np.where(silent, 0, each).sum(1) for each in sums)
    return Reach(least, most, whites, rises.all(1))
