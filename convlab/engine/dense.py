"""Filters by torch's own convolution of a channels-last picture."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.filters import Rounded
from convlab.engine.gather import Gathered
from convlab.engine.scratch import Scratch

FEW_CHANNELS = 16
"""Up to here filters of some of the channels are made filters of all of them: on three channels block by block takes
three times as long."""
LANES = 8
"""Filters are convolved in groups of this many, each at its own place among its siblings, the others zero: torch
rounds by the place, so a map has the same bits whether it changed alone or with all. One takes as long as eight."""


def dense_groups(
    filters: Sequence[Rounded], in_channels: int, finite: bool, device: torch.device, apart: bool = False
) -> list[DenseGroup]:
    """The filters by their inputs; on few channels all together, where a weight of 0 adds nothing.

    apart: on few channels too, each on its inputs by themselves in memory, since that is asked for again and again.
    """
    if finite and in_channels <= FEW_CHANNELS and not apart:
        return [DenseGroup(range(in_channels), filters, device)] if filters else []
    by_inputs: dict[range, list[Rounded]] = {}
    for each in filters:
        by_inputs.setdefault(each.filter.inputs, []).append(each)
    return [DenseGroup(inputs, members, device, apart) for inputs, members in by_inputs.items()]


class DenseGroup:
    """Filters convolved at once, on the input channels `inputs`. apart: these lie by themselves in memory."""

    def __init__(self, inputs: range, filters: Sequence[Rounded], device: torch.device, apart: bool = False) -> None:
        self._inputs, self._apart = inputs, apart
        self._numbers = [each.number for each in filters]
        self._rows, count = _rows_of(filters)
        first = filters[0].weight
        weight = torch.zeros((count, len(inputs), *first.shape[1:]), dtype=first.dtype)
        bias = torch.zeros(count, dtype=first.dtype)
        for row, each in zip(self._rows, filters, strict=True):
            own = each.filter.inputs
            weight[row, own.start - inputs.start : own.stop - inputs.start] = each.weight
            bias[row] = each.bias
        self._weight = weight.to(device=device, memory_format=torch.channels_last)
        self._bias = bias.to(device)

    @property
    def multiply_adds(self) -> int:
        """For each position of output, rows that are not wanted included."""
        return self._weight.numel()

    @property
    def device(self) -> torch.device:
        """Where its numbers are."""
        return self._weight.device

    def convolve(self, gathered: Gathered, out: torch.Tensor, _scratch: Scratch) -> None:
        """The filters' maps into their places in out [filters, rows, cols]."""
        values = self.values(gathered)
        count, row, number = len(self._rows), self._rows[0], self._numbers[0]
        if self._rows == list(range(row, row + count)) and self._numbers == list(range(number, number + count)):
            out[number : number + count] = values[row : row + count]
        else:
            for row, number in zip(self._rows, self._numbers, strict=True):
                out[number] = values[row]

    def values(self, gathered: Gathered) -> torch.Tensor:
        """All rows as torch gives them, channels last; of a whole layer the first are its outputs in order."""
        pixels = gathered.part(self._inputs) if self._apart else gathered.pixels
        pixels = pixels.to(self._weight.dtype)
        if len(self._inputs) < pixels.shape[1]:
            pixels = pixels[:, self._inputs.start : self._inputs.stop]
        return F.conv2d(pixels, self._weight, self._bias, gathered.stride, 0, gathered.dilation)[0]


def _rows_of(filters: Sequence[Rounded]) -> tuple[list[int], int]:
    """The row of each filter, its own place within a group of LANES, and how many rows the groups take."""
    places = [each.filter.place for each in filters]
    if filters[0].filter.siblings <= LANES:
        return places, filters[0].filter.siblings
    groups = {group: number for number, group in enumerate(sorted({place // LANES for place in places}))}
    return [groups[place // LANES] * LANES + place % LANES for place in places], len(groups) * LANES
