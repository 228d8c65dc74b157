"""What is convolved: one filter for each feature map or contribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.gather import TORCH_DTYPES, compute_dtype
from convlab.model.layer import ConvSpec
from convlab.model.maps import LayerMaps
from convlab.model.stack import ConvLayer, Layer
from convlab.model.weights import kernel_slices


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """Σ_i x_i ∗ weight_i + bias over the input channels `inputs`, and `functions` of it.

    weight: float64 [len(inputs), kH, kW]; None for the one channel as it is. place, siblings: which of how many that
    may be asked for together.
    """

    inputs: range
    weight: NDArray[np.float64] | None
    bias: float = 0.0
    functions: tuple[Layer, ...] = ()
    place: int = 0
    siblings: int = 1

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for filters that give the same bits for the same input."""
        weight = None if self.weight is None else self.weight.tobytes()
        return (self.inputs.start, self.inputs.stop, weight, self.bias, self.functions, self.place)


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """A filter with its numbers rounded to the layer's dtype, in the type that sums are made in, on the CPU.

    number: its place among the filters that are asked for.
    """

    number: int
    filter: Filter
    weight: torch.Tensor
    bias: float


def map_filters(maps: LayerMaps, outputs: Sequence[int]) -> list[Filter]:
    """The filters of these feature maps."""
    if maps.conv is None:
        return [Filter(range(o, o + 1), None, place=o, siblings=maps.count) for o in outputs]
    return [replace(each, functions=maps.functions) for each in layer_filters(maps.conv, outputs)]


def sum_filters(maps: LayerMaps, outputs: Sequence[int]) -> list[Filter]:
    """The filters of the sums of these maps' contributions: without bias, and without what comes after."""
    return [replace(each, bias=0.0) for each in layer_filters(maps.convolution, outputs)]


def layer_filters(conv: ConvLayer, outputs: Sequence[int]) -> list[Filter]:
    """The filters of these outputs of a layer."""
    layer, slices = conv.spec, kernel_slices(conv.weight)
    return [
        Filter(
            layer.group_inputs(output),
            slid(slices[output], layer),
            float(conv.bias[output]) if layer.bias else 0.0,
            place=output,
            siblings=layer.out_channels,
        )
        for output in outputs
    ]


def contribution_filters(maps: LayerMaps, output: int) -> list[Filter]:
    """One filter for each input channel i of the output's group: x_i ∗ w_oi, whose sum and the bias are the map."""
    inputs = maps.window.group_inputs(output)
    weight = slid(kernel_slices(maps.convolution.weight)[output], maps.window)
    count = len(inputs)
    return [Filter(range(i, i + 1), weight[n : n + 1], place=n, siblings=count) for n, i in enumerate(inputs)]


def slid(weight: NDArray[np.float64], layer: ConvSpec) -> NDArray[np.float64]:
    """The kernels [.., kH, kW] as they slide over the samples: turned by 180° where the layer is transposed."""
    return np.ascontiguousarray(weight[..., ::-1, ::-1]) if layer.transposed else weight


def rounded(filters: Sequence[Filter], layer: ConvSpec) -> list[Rounded]:
    """The filters, of as many inputs each, as the layer computes with them."""
    dtype = compute_dtype(layer.dtype)

    def in_dtype(values: NDArray[np.float64]) -> torch.Tensor:
        return torch.from_numpy(values).to(TORCH_DTYPES[layer.dtype]).to(dtype)

    kernels = [each.weight for each in filters if each.weight is not None]
    weights = in_dtype(np.stack(kernels))  # all at once: a call costs more than its work
    biases = in_dtype(np.array([each.bias for each in filters])).tolist()
    return [Rounded(number, each, weights[number], biases[number]) for number, each in enumerate(filters)]
