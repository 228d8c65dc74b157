"""What is convolved: one filter a feature map or contribution, and the fastest exact way to apply many of them.

Three ways give the same numbers to float rounding. Measured on 2 cores, float32, nanoseconds a pixel of output:
windows laid out times weights (the live path, see gather.py); torch's dense convolution of a channels-last
picture, 1.6 + macs / 80; adding up shifted planes tap by tap, taps / 15. So a filter of one channel or with few
taps that are not zero is a sum of shifted planes: a depthwise Sobel 12 times faster than F.conv2d with groups.
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
LANES = 8
"""Filters are multiplied in groups of this many rows, filled up with zeros: the same sums in the same order whether
one map changed or all did, at no cost, since one row takes as long."""


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """activation(Σ_i x_i ∗ weight_i + bias) over the input channels `inputs`.

    weight: float64 [len(inputs), kH, kW]. siblings: how many filters the layer has on the same inputs.
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
            layer.out_channels // layer.groups,
        )
        for output in outputs
    ]


def contribution_filters(document: Document, output: int) -> list[Filter]:
    """One filter for each input channel i of the output's group: x_i ∗ w_oi, whose sum and the bias are the map."""
    inputs = document.layer.group_inputs(output)
    return [Filter(range(i, i + 1), document.weight[output, n : n + 1]) for n, i in enumerate(inputs)]


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

    finite: no sample is NaN or infinite, so that a tap of weight 0 adds nothing (0 · NaN is NaN).
    """

    def __init__(self, filters: Sequence[Filter], layer: ConvSpec, finite: bool) -> None:
        self._filters = filters
        self._dtype = compute_dtype(layer.dtype)
        self._device = torch.device(layer.device)
        self._weights = [self._rounded(each.weight, layer) for each in filters]
        self._biases = [float(self._rounded(np.array([each.bias]), layer)[0]) for each in filters]
        self._finite = finite
        self._all: list[_Dense] | None = None
        self._split: tuple[list[_Dense], list[_Sparse]] | None = None

    @property
    def planar(self) -> bool:
        """Whether `from_pixels` likes each channel's samples together, rather than each pixel's."""
        dense, sparse = self._by_cost()
        return not dense and bool(sparse)

    def from_windows(self, windows: torch.Tensor) -> torch.Tensor:
        """[filters, positions] from windows [in_channels, taps, positions]."""
        if self._all is None:
            self._all = self._dense(range(len(self._filters)))
        result = torch.empty((len(self._filters), windows.shape[2]), dtype=self._dtype, device=windows.device)
        for part in self._all:
            inside = windows[part.inputs.start : part.inputs.stop].flatten(0, 1)
            for first in range(0, len(part.places), LANES):
                rows = slice(first, first + LANES)
                values = torch.addmm(part.bias[rows, None], part.rows[rows].flatten(1), inside)
                _put(values, part.places[rows], result)
        return self._activated(result)

    def from_pixels(self, gathered: Gathered, out: torch.Tensor) -> None:
        """Convolve the gathered picture into out [filters, rows, cols]."""
        dense, sparse = self._by_cost()
        pixels = gathered.pixels.to(self._dtype)
        for part in dense:
            inside = pixels if len(part.inputs) == pixels.shape[1] else pixels[:, part.inputs.start : part.inputs.stop]
            values = F.conv2d(inside, part.rows, part.bias, gathered.stride, 0, gathered.dilation)[0]
            _put(values, part.places, out)
        planes = pixels[0].contiguous() if sparse else pixels[0]
        for each in sparse:
            _add_taps(planes, each.taps, gathered, out[each.place])
            if self._biases[each.place]:
                out[each.place] += self._biases[each.place]
        self._activated(out)

    def _activated(self, values: torch.Tensor) -> torch.Tensor:
        """The activation in place; all filters of a bank have the same."""
        activation = self._filters[0].activation
        functions = {"relu": torch.relu_, "sigmoid": torch.sigmoid_, "tanh": torch.tanh_}
        return functions[activation](values) if activation in functions else values

    def _rounded(self, values: NDArray[np.float64], layer: ConvSpec) -> torch.Tensor:
        rounded = torch.from_numpy(np.array(values)).to(TORCH_DTYPES[layer.dtype])
        return rounded.to(self._dtype)

    def _by_cost(self) -> tuple[list[_Dense], list[_Sparse]]:
        if self._split is None:
            taps = [self._taps(place) for place in range(len(self._filters))]
            few = [len(f.inputs) == 1 or len(t) <= FEW_TAPS for f, t in zip(self._filters, taps, strict=True)]
            sparse = [_Sparse(place, t) for place, t in enumerate(taps) if few[place]]
            self._split = (self._dense([p for p in range(len(few)) if not few[p]]), sparse)
        return self._split

    def _taps(self, place: int) -> list[tuple[int, int, int, float]]:
        weight = self._weights[place].double().numpy()
        used = np.argwhere(weight) if self._finite else np.argwhere(np.ones_like(weight))
        first = self._filters[place].inputs.start
        return [(first + int(i), int(r), int(c), float(weight[i, r, c])) for i, r, c in used]

    def _dense(self, places: Sequence[int]) -> list[_Dense]:
        """Filters by their inputs, rows filled up with zeros."""
        by_inputs: dict[range, list[int]] = {}
        for place in places:
            by_inputs.setdefault(self._filters[place].inputs, []).append(place)
        parts = []
        for inputs, members in by_inputs.items():
            siblings = self._filters[members[0]].siblings
            count = siblings if siblings <= LANES else -(-len(members) // LANES) * LANES
            rows = torch.zeros((count, *self._weights[members[0]].shape), dtype=self._dtype)
            rows[: len(members)] = torch.stack([self._weights[place] for place in members])
            bias = torch.zeros(count, dtype=self._dtype)
            bias[: len(members)] = torch.tensor([self._biases[place] for place in members], dtype=self._dtype)
            rows = rows.to(device=self._device, memory_format=torch.channels_last)
            parts.append(_Dense(inputs, members, rows, bias.to(self._device)))
        return parts


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
