"""What is convolved: one filter a feature map or contribution, and the fastest exact way to apply many of them.

Two ways give the same numbers to float rounding. Measured on 2 cores, float32, nanoseconds a pixel of output:
torch's dense convolution of a channels-last picture, 1.6 + macs / 80 for six filters on three channels, of any
stride; adding up shifted planes tap by tap, taps / 15, of stride 1. So at full size a filter of one channel or with
few taps that are not zero is a sum of shifted planes (a depthwise Sobel takes a 12th of F.conv2d with groups), and
of a few samples everything is dense, filters of one channel filled up with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from numpy.typing import NDArray

from convlab.engine.gather import TORCH_DTYPES, Gathered, compute_dtype
from convlab.model.document import Document
from convlab.model.layer import ConvSpec

FEW_TAPS = 12
"""Up to here a filter on several channels is faster as shifted planes than as its part of a dense convolution."""
FEW_CHANNELS = 16
"""Up to here filters of some of the channels are made filters of all of them."""
LANES = 8
"""Filters are convolved in groups of this many, filled up with zeros: the same sums in the same order whether one
map changed or all did, at no cost, since one takes as long."""


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """activation(Σ_i x_i ∗ weight_i + bias) over the input channels `inputs`.

    weight: float64 [len(inputs), kH, kW]. siblings: how many filters may be asked for together.
    """

    inputs: range
    weight: NDArray[np.float64]
    bias: float = 0.0
    activation: str = "none"
    siblings: int = 1

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for filters that give the same map of the same input."""
        return (self.inputs.start, self.inputs.stop, self.weight.tobytes(), self.bias, self.activation)


def map_filters(document: Document, outputs: Sequence[int]) -> list[Filter]:
    """The filters of these feature maps."""
    layer = document.layer
    return [
        Filter(
            layer.group_inputs(output),
            document.weight[output],
            float(document.bias[output]) if layer.bias else 0.0,
            document.activation,
            layer.out_channels,
        )
        for output in outputs
    ]


def contribution_filters(document: Document, output: int) -> list[Filter]:
    """One filter for each input channel i of the output's group: x_i ∗ w_oi, whose sum and the bias are the map."""
    inputs = document.layer.group_inputs(output)
    weight = document.weight[output]
    return [Filter(range(i, i + 1), weight[n : n + 1], siblings=len(inputs)) for n, i in enumerate(inputs)]


ACTIVATE = {"relu": torch.relu_, "sigmoid": torch.sigmoid_, "tanh": torch.tanh_}
"""In place."""


@dataclass(frozen=True, slots=True, eq=False)
class _Dense:
    """Filters on the same inputs. rows: [filters and fillers, inputs, kH, kW], bias: [the same]; places: whose."""

    inputs: range
    places: list[int]
    rows: torch.Tensor
    bias: torch.Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Sparse:
    """A filter as taps (input channel, row, column, weight)."""

    place: int
    taps: list[tuple[int, int, int, float]]


class FilterBank:
    """Filters of one activation, rounded to the layer's dtype, on its device, in the order their maps are wanted in.

    finite: no sample is NaN or infinite, so that a weight of 0 adds nothing (0 · NaN is NaN).
    streamed: for whole maps, band by band, rather than for samples that are kept and convolved again.
    """

    def __init__(self, filters: Sequence[Filter], layer: ConvSpec, finite: bool, streamed: bool) -> None:
        self._filters, self._finite = filters, finite
        self._in_channels = layer.in_channels
        self._dtype, self._device = compute_dtype(layer.dtype), torch.device(layer.device)
        self._weights = [self._rounded(each.weight, layer) for each in filters]
        self._biases = [float(self._rounded(np.array([each.bias]), layer)[0]) for each in filters]
        taps = [self._taps(place) if streamed else [] for place in range(len(filters))]
        few = [streamed and (len(f.inputs) == 1 or len(t) <= FEW_TAPS) for f, t in zip(filters, taps, strict=True)]
        self._sparse = [_Sparse(place, taps[place]) for place in range(len(filters)) if few[place]]
        self._dense = self._grouped([place for place in range(len(filters)) if not few[place]])

    @property
    def planar(self) -> bool:
        """Whether the picture is best given with each channel's samples together, rather than each pixel's."""
        return not self._dense

    def convolve(self, gathered: Gathered, out: torch.Tensor) -> None:
        """The gathered picture's maps into out [filters, rows, cols]."""
        pixels = gathered.pixels.to(self._dtype)
        for part in self._dense:
            inside = pixels if len(part.inputs) == pixels.shape[1] else pixels[:, part.inputs.start : part.inputs.stop]
            values = F.conv2d(inside, part.rows, part.bias, gathered.stride, 0, gathered.dilation)[0]
            _put(values, part.places, out)
        planes = pixels[0].contiguous() if self._sparse else pixels[0]
        for each in self._sparse:
            _add_taps(planes, each.taps, gathered, out[each.place])
            if self._biases[each.place]:
                out[each.place] += self._biases[each.place]
        activation = self._filters[0].activation
        if activation in ACTIVATE:
            ACTIVATE[activation](out)

    def _rounded(self, values: NDArray[np.float64], layer: ConvSpec) -> torch.Tensor:
        return torch.from_numpy(np.array(values)).to(TORCH_DTYPES[layer.dtype]).to(self._dtype)

    def _taps(self, place: int) -> list[tuple[int, int, int, float]]:
        weight = self._weights[place].double().numpy()
        used = np.argwhere(weight) if self._finite else np.argwhere(np.ones_like(weight))
        first = self._filters[place].inputs.start
        return [(first + int(i), int(r), int(c), float(weight[i, r, c])) for i, r, c in used]

    def _grouped(self, places: Sequence[int]) -> list[_Dense]:
        """Filters by their inputs; on few channels all together."""
        if self._finite and self._in_channels <= FEW_CHANNELS:
            return [self._together(range(self._in_channels), list(places))] if places else []
        by_inputs: dict[range, list[int]] = {}
        for place in places:
            by_inputs.setdefault(self._filters[place].inputs, []).append(place)
        return [self._together(inputs, members) for inputs, members in by_inputs.items()]

    def _together(self, inputs: range, places: list[int]) -> _Dense:
        siblings = self._filters[places[0]].siblings
        count = siblings if siblings <= LANES else -(-len(places) // LANES) * LANES
        kernel_size = self._weights[places[0]].shape[1:]
        rows = torch.zeros((count, len(inputs), *kernel_size), dtype=self._dtype)
        bias = torch.zeros(count, dtype=self._dtype)
        for row, place in enumerate(places):
            own = self._filters[place].inputs
            rows[row, own.start - inputs.start : own.stop - inputs.start] = self._weights[place]
            bias[row] = self._biases[place]
        rows = rows.to(device=self._device, memory_format=torch.channels_last)
        return _Dense(inputs, places, rows, bias.to(self._device))


def _put(values: torch.Tensor, places: list[int], out: torch.Tensor) -> None:
    """The first values into their places in out."""
    if places == list(range(places[0], places[0] + len(places))):
        out[places[0] : places[0] + len(places)] = values[: len(places)]
    else:
        out[places] = values[: len(places)]


def _add_taps(
    planes: torch.Tensor, taps: list[tuple[int, int, int, float]], gathered: Gathered, out: torch.Tensor
) -> None:
    """out = Σ weight · the plane shifted to the tap; planes [in_channels, rows, columns]."""
    (rows, cols), (down, right), dilation = out.shape, gathered.stride, gathered.dilation
    if not taps:
        out.zero_()
    for number, (channel, row, col, weight) in enumerate(taps):
        top, left = row * dilation[0], col * dilation[1]
        shifted = planes[
            channel, top : top + (rows - 1) * down + 1 : down, left : left + (cols - 1) * right + 1 : right
        ]
        if number == 0:
            torch.mul(shifted, weight, out=out)
        else:
            out.add_(shifted, alpha=weight)
