"""What a layer is computed from: the samples under a region of its outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.gather import TORCH_DTYPES, compute_dtype
from convlab.model.layer import Sizes

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of each channel: mean and variance (of all values, not of a sample of them), float64 [channels]."""

    mean: NDArray[np.float64]
    var: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What some outputs, slices × rows × columns that need not follow each other, read of the layer's input.

    values: [channels, slices, rows, cols] on the layer's device, in the type that sums are made in, with
    `padding_value` beyond the input's edge. dtype: the layer's own. positions: of the wanted outputs, along each axis.
    size: of the whole input. stride, dilation: how windows move over the values; keep: which outputs are wanted of all
    that come out, along each axis, None for all. fresh: nobody else sees the values, which may be written over.
    moments: of the whole map of each channel of the input, for layers that depend on them.
    """

    values: torch.Tensor
    dtype: str
    positions: tuple[Positions, ...]
    size: Sizes
    stride: Sizes = (1, 1, 1)
    dilation: Sizes = (1, 1, 1)
    keep: tuple[Positions | None, ...] = (None, None, None)
    fresh: bool = False
    moments: Moments | None = None

    def picture(self, slices: slice) -> torch.Tensor:
        """[1, channels · slices, rows, cols]: these slices of each channel as channels, together for each pixel in
        memory."""
        chosen = self.values[:, slices]
        if chosen.shape[1] == 1:
            return chosen[:, 0].unsqueeze(0).contiguous(memory_format=torch.channels_last)
        return chosen.flatten(0, 1).unsqueeze(0).contiguous(memory_format=torch.channels_last)

    def wanted(self, made: torch.Tensor) -> torch.Tensor:
        """The outputs that are wanted of all that came out, [maps, slices, rows, cols]."""
        if all(keep is None for keep in self.keep):
            return made
        kept = made.permute(1, 2, 3, 0)
        for axis, keep in enumerate(self.keep):
            if keep is not None:
                kept = kept.index_select(axis, torch.from_numpy(keep).to(made.device))
        return kept.permute(3, 0, 1, 2)

    def numbers(self, values: NDArray[np.float64]) -> torch.Tensor:
        """Numbers of the layer, rounded to its type, beside the values."""
        rounded = torch.from_numpy(np.array(values)).to(TORCH_DTYPES[self.dtype])
        return rounded.to(compute_dtype(self.dtype)).to(self.values.device)
