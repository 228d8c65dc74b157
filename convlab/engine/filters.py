"""What is convolved: one filter a feature map or contribution, and the fastest exact way to apply many of them.

Two ways give the same numbers to float rounding. Measured on 2 cores, float32, nanoseconds a pixel of output:
torch's dense convolution of a channels-last picture takes 1.6 + macs / 80 for six filters on three channels, at any
stride; a sum of shifted planes (shifted.py) takes passes / 15, at stride 1. So at full size a filter of one channel,
with few taps that are not zero, or of large separable kernels is a sum of shifted planes: a depthwise Sobel takes a
25th of F.conv2d with groups. Of a few samples everything is dense, filters of one channel filled up with zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from numpy.typing import NDArray

from convlab.engine.gather import TORCH_DTYPES, Gathered, compute_dtype
from convlab.engine.scratch import Scratch
from convlab.engine.shifted import Shifts, add_shifted, shifts_of
from convlab.model.document import Document
from convlab.model.layer import ConvSpec

FEW_PASSES = 12
"""Up to here a filter on several channels is faster as shifted planes than as its part of a dense convolution."""
DENSE_SPEED = 5.0
"""Taps of such a filter in a dense convolution for one pass of shifted planes."""
LARGE_KERNEL = 441
"""Taps of a kernel from which samples too are convolved as shifted planes where that is cheaper: 21 × 21."""
FEW_CHANNELS = 16
"""Up to here filters of some of the channels are made filters of all of them."""
LANES = 8
"""Filters are convolved in groups of this many, each at its own place among its siblings, the others zero: torch
rounds by the place, so a map has the same bits whether it changed alone or with all. One takes as long as eight."""


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """activation(Σ_i x_i ∗ weight_i + bias) over the input channels `inputs`.

    weight: float64 [len(inputs), kH, kW]. place, siblings: which of how many that may be asked for together.
    """

    inputs: range
    weight: NDArray[np.float64]
    bias: float = 0.0
    activation: str = "none"
    place: int = 0
    siblings: int = 1

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for filters that give the same map of the same input."""
        weight = self.weight.tobytes()
        return (self.inputs.start, self.inputs.stop, weight, self.bias, self.activation, self.place)


def map_filters(document: Document, outputs: Sequence[int]) -> list[Filter]:
    """The filters of these feature maps."""
    layer = document.layer
    return [
        Filter(
            layer.group_inputs(output),
            document.weight[output],
            float(document.bias[output]) if layer.bias else 0.0,
            document.activation,
            output,
            layer.out_channels,
        )
        for output in outputs
    ]


def contribution_filters(document: Document, output: int) -> list[Filter]:
    """One filter for each input channel i of the output's group: x_i ∗ w_oi, whose sum and the bias are the map."""
    inputs = document.layer.group_inputs(output)
    weight = document.weight[output]
    count = len(inputs)
    return [Filter(range(i, i + 1), weight[n : n + 1], place=n, siblings=count) for n, i in enumerate(inputs)]


ACTIVATE = {"relu": torch.relu_, "sigmoid": torch.sigmoid_, "tanh": torch.tanh_}
"""In place."""


@dataclass(frozen=True, slots=True, eq=False)
class _Dense:
    """Filters on the same inputs. weight: [filters and fillers, inputs, kH, kW], bias: [the same].

    rows, places: which of these are wanted, and where their maps go.
    """

    inputs: range
    weight: torch.Tensor
    bias: torch.Tensor
    rows: list[int]
    places: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class _Shifted:
    """Filters as sums of shifted planes: those at `places`, of the same weights on channels that follow each other."""

    places: slice
    parts: list[Shifts]


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
        shifts = [self._shifts(place) if streamed else [] for place in range(len(filters))]
        few = [streamed and self._is_cheaper(place, parts) for place, parts in enumerate(shifts)]
        self._shifted = self._joined([(place, shifts[place]) for place in range(len(filters)) if few[place]])
        self._dense = self._grouped([place for place in range(len(filters)) if not few[place]])

    @property
    def planar(self) -> bool:
        """Whether the picture is best given with each channel's samples together, rather than each pixel's."""
        return not self._dense

    def convolve(self, gathered: Gathered, out: torch.Tensor, scratch: Scratch | None = None) -> None:
        """The gathered picture's maps into out [filters, rows, cols]."""
        scratch = scratch or Scratch()
        pixels = gathered.pixels.to(self._dtype)
        for part in self._dense:
            inside = pixels if len(part.inputs) == pixels.shape[1] else pixels[:, part.inputs.start : part.inputs.stop]
            values = F.conv2d(inside, part.weight, part.bias, gathered.stride, 0, gathered.dilation)[0]
            _put(values, part, out)
        planes = pixels[0].contiguous() if self._shifted else pixels[0]
        for each in self._shifted:
            add_shifted(planes, each.parts, gathered, out[each.places], scratch)
            for place in range(each.places.start, each.places.stop):
                if self._biases[place]:
                    out[place] += self._biases[place]
        activation = self._filters[0].activation
        if activation in ACTIVATE:
            ACTIVATE[activation](out)

    def _rounded(self, values: NDArray[np.float64], layer: ConvSpec) -> torch.Tensor:
        return torch.from_numpy(np.array(values)).to(TORCH_DTYPES[layer.dtype]).to(self._dtype)

    def _shifts(self, place: int) -> list[Shifts]:
        first, weight = self._filters[place].inputs.start, self._weights[place].double().numpy()
        return [shifts_of(first + i, kernel, self._dtype, self._finite) for i, kernel in enumerate(weight)]

    def _is_cheaper(self, place: int, parts: list[Shifts]) -> bool:
        """By the filter alone, so that its map does not depend on which others are asked for."""
        passes = sum(part.passes for part in parts)
        return len(parts) == 1 or passes <= max(FEW_PASSES, self._weights[place].numel() / DENSE_SPEED)

    def _joined(self, filters: list[tuple[int, list[Shifts]]]) -> list[_Shifted]:
        """Equal filters of one channel each, on channels and in places that follow each other, as one."""
        joined: list[_Shifted] = []
        for place, parts in filters:
            last = joined[-1] if joined else None
            if last is not None and len(parts) == len(last.parts) == 1 and place == last.places.stop:
                number = place - last.places.start
                same = torch.equal(self._weights[place], self._weights[last.places.start])
                if same and parts[0].channel == last.parts[0].channel + number:
                    joined[-1] = _Shifted(slice(last.places.start, place + 1), last.parts)
                    continue
            joined.append(_Shifted(slice(place, place + 1), parts))
        return joined

    def _grouped(self, places: Sequence[int]) -> list[_Dense]:
        """Filters by their inputs; on few channels all together."""
        if self._finite and self._in_channels <= FEW_CHANNELS:
            return [self._together(range(self._in_channels), list(places))] if places else []
        by_inputs: dict[range, list[int]] = {}
        for place in places:
            by_inputs.setdefault(self._filters[place].inputs, []).append(place)
        return [self._together(inputs, members) for inputs, members in by_inputs.items()]

    def _together(self, inputs: range, places: list[int]) -> _Dense:
        rows, count = self._rows_of(places)
        weight = torch.zeros((count, len(inputs), *self._weights[places[0]].shape[1:]), dtype=self._dtype)
        bias = torch.zeros(count, dtype=self._dtype)
        for row, place in zip(rows, places, strict=True):
            own = self._filters[place].inputs
            weight[row, own.start - inputs.start : own.stop - inputs.start] = self._weights[place]
            bias[row] = self._biases[place]
        weight = weight.to(device=self._device, memory_format=torch.channels_last)
        return _Dense(inputs, weight, bias.to(self._device), rows, places)

    def _rows_of(self, places: list[int]) -> tuple[list[int], int]:
        """The row of each filter, its own place within a group of LANES, and how many rows the groups take."""
        filters = [self._filters[place] for place in places]
        if filters[0].siblings <= LANES:
            return [each.place for each in filters], filters[0].siblings
        groups = {group: number for number, group in enumerate(sorted({each.place // LANES for each in filters}))}
        rows = [groups[each.place // LANES] * LANES + each.place % LANES for each in filters]
        return rows, len(groups) * LANES


def _put(values: torch.Tensor, part: _Dense, out: torch.Tensor) -> None:
    """The rows that are wanted into their places in out."""
    count, row, place = len(part.rows), part.rows[0], part.places[0]
    if part.rows == list(range(row, row + count)) and part.places == list(range(place, place + count)):
        out[place : place + count] = values[row : row + count]
    else:
        for row, place in zip(part.rows, part.places, strict=True):
            out[place] = values[row]
