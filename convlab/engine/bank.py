"""The fastest exact way to apply many filters: each is given the way that takes least time by figures measured here.

All give the same numbers to float rounding. Nanoseconds a position of output on 2 cores, float32:
- torch's dense convolution: 1.6 + multiply-adds / 250, counted for 16 filters where there are fewer;
- a sum of shifted planes (shifted.py): 1 / 15 a pass; 3 times that where it reads every n-th sample of a row;
- Fourier transforms (spectral.py): 2.4 a channel, 1.2 a product and 5 a map, tiles' overlap included; n² times that
  where only every n-th result is wanted.
So 12 megapixels under a depthwise Sobel take a 20th of F.conv2d's time, 3 → 6 under 31×31 a 4th. Which way a filter is
given depends on it and its layer alone, so that a map's bits do not depend on what else is asked for. On a GPU all is
dense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Literal, Protocol

import torch

from convlab.engine.dense import FEW_CHANNELS, dense_groups
from convlab.engine.filters import Filter, Rounded, rounded
from convlab.engine.gather import Gathered
from convlab.engine.scratch import Scratch
from convlab.engine.shifted import Shifts, shifted_groups, shifts_of
from convlab.engine.spectral import SpectralGroup, tile_for
from convlab.model.layer import ROWS, ConvSpec

Way = Literal["dense", "shifted", "spectral"]

DENSE_START, DENSE_MACS, DENSE_LANES = 1.6, 250.0, 16
SHIFTED_PASS, STRIDED = 1 / 15, 3.0
FORWARD, BACK, PRODUCT = 2.4, 5.0, 1.2
LEAST_LARGE = 225
"""Taps of a kernel from which live samples too may be other than dense: 15 × 15."""

LEAST_APART = 49
"""Taps of a kernel from which a filter of some channels reads live samples of these alone: 7 × 7. Of 11 × 11 on one of
three channels that takes 0.6 times as long as on all, with weights of 0, once they lie by themselves."""


class Group(Protocol):
    """Filters that are convolved in one way."""

    def convolve(self, gathered: Gathered, out: torch.Tensor, scratch: Scratch) -> None:
        """Their maps into their places in out."""


class Passed:
    """Channels as they are."""

    def __init__(self, filters: Sequence[Filter]) -> None:
        self._channels = [each.inputs.start for each in filters]

    def convolve(self, gathered: Gathered, out: torch.Tensor, _scratch: Scratch) -> None:
        """The channels into out [filters, rows, cols]."""
        for number, channel in enumerate(self._channels):
            out[number] = gathered.pixels[0, channel]


class FilterBank:
    """Filters that go through the same functions, rounded to the layer's dtype, on its device, in the order wanted.

    finite: no sample is NaN or infinite, so that a weight of 0 adds nothing (0 · NaN is NaN). step: every step-th
    output is wanted. live: samples are kept and convolved again and again, rather than streamed band by band.
    """

    def __init__(
        self, filters: Sequence[Filter], layer: ConvSpec, finite: bool, step: int = 1, live: bool = False
    ) -> None:
        self._layer, self._finite = layer, finite
        self._spacing = [
            min(s * step, k) for s, k in zip(layer.window_stride[ROWS:], layer.kernel_size[ROWS:], strict=True)
        ]
        self._may_choose = layer.device == "cpu" and (not live or prod(layer.kernel_size) >= LEAST_LARGE)
        inputs = len(filters[0].inputs)
        self._apart = live and inputs < layer.in_channels and prod(layer.kernel_size) >= LEAST_APART
        self._step = step
        self.functions = filters[0].functions
        """What the maps go through afterwards."""
        self._shifts: dict[int, list[Shifts]] = {}
        self.nanoseconds = 0.0
        """Estimated, a position of output, for all maps."""
        self.dense_nanoseconds = 0.0
        """The same of torch's convolutions as they are called here, for some of the maps perhaps."""
        self.planar = True
        """Whether the picture is best given with each channel's samples together, rather than each pixel's."""
        self.tile_rows = 0
        """Rows of output that fill a tile of Fourier transforms, where there are any."""
        self._groups: list[Group] = []
        self._planar_groups: list[Group] = []
        if filters[0].weight is None:
            self._groups.append(Passed(filters))
        else:
            self._choose(rounded(filters, layer))

    def _choose(self, filters: Sequence[Rounded]) -> None:
        """Give each filter its way."""
        layer = self._layer
        each_way: dict[Way, list[Rounded]] = {"dense": [], "shifted": [], "spectral": []}
        for each in filters:
            each_way[self._way(each)].append(each)
        shifted = [(each, self._shifts[each.number]) for each in each_way["shifted"]]
        device = torch.device(layer.device)
        dense = dense_groups(each_way["dense"], layer.in_channels, self._finite, device, self._apart)
        self.dense_nanoseconds = sum(DENSE_START + each.multiply_adds / DENSE_MACS for each in dense)
        self._groups += dense
        self._planar_groups += shifted_groups(shifted)
        self.planar = not each_way["dense"]
        if each_way["spectral"]:
            self._planar_groups.append(SpectralGroup(each_way["spectral"]))
            rows = tile_for(layer.extent[ROWS:])[0] - layer.extent[ROWS]
            self.tile_rows = rows // (layer.window_stride[ROWS] * self._step) + 1

    def convolve(self, gathered: Gathered, out: torch.Tensor, scratch: Scratch | None = None) -> None:
        """The gathered picture's maps into out [filters, rows, cols]."""
        scratch = scratch or Scratch()
        for group in self._groups:
            group.convolve(gathered, out, scratch)
        if self._planar_groups:
            planes = replace(gathered, pixels=gathered.pixels.contiguous())
            for group in self._planar_groups:
                group.convolve(planes, out, scratch)

    def _way(self, each: Rounded) -> Way:
        costs: dict[Way, float] = {"dense": self._dense_cost(each)}
        if self._may_choose:
            self._shifts[each.number] = self._shifts_of(each)
            costs["shifted"] = self._shifted_cost(self._shifts[each.number])
            if self._finite:
                costs["spectral"] = self._spectral_cost(each)
        way = min(costs, key=costs.__getitem__)
        self.nanoseconds += costs[way]
        return way

    def _dense_cost(self, each: Rounded) -> float:
        layer, siblings = self._layer, each.filter.siblings
        together = self._finite and layer.in_channels <= FEW_CHANNELS
        channels = layer.in_channels if together else len(each.filter.inputs)
        beside = siblings if together else max(1, siblings // layer.groups)
        lanes = max(1.0, DENSE_LANES / beside)
        return DENSE_START / beside + channels * prod(layer.kernel_size) * lanes / DENSE_MACS

    def _shifts_of(self, each: Rounded) -> list[Shifts]:
        kernels = each.weight.double().numpy()
        first = each.filter.inputs.start
        return [shifts_of(first + i, kernel, each.weight.dtype, self._finite) for i, kernel in enumerate(kernels)]

    def _shifted_cost(self, shifts: list[Shifts]) -> float:
        spacing = self._spacing[1]
        along_row = SHIFTED_PASS * (STRIDED if spacing > 1 else 1.0)
        columns, rows = (sum(numbers) for numbers in zip(*(each.columns_and_rows for each in shifts), strict=True))
        taps = sum(len(each.taps) for each in shifts)
        return float(columns * SHIFTED_PASS * spacing + (rows + taps) * along_row)

    def _spectral_cost(self, each: Rounded) -> float:
        layer, channels = self._layer, len(each.filter.inputs)
        sharing = each.filter.siblings * channels / layer.in_channels
        return float((channels * (FORWARD / max(1.0, sharing) + PRODUCT) + BACK) * prod(self._spacing))
