"""What a layer is computed from: the samples under a region of its outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.gather import TORCH_DTYPES, compute_dtype

Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Of each channel: mean and variance (of all values, not of a sample of them), float64 [channels]."""

    mean: NDArray[np.float64]
    var: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What some outputs, rows × columns that need not follow each other, read of the layer's input.

    values: [channels, rows, cols] on the layer's device, in the type that sums are made in, with `padding_value` beyond
    the input's edge. dtype: the layer's own. positions: of the wanted outputs, along each axis. size: of the whole
    input. stride, dilation: how windows move over the values; keep: which outputs are wanted of all that come out,
    along each axis, None for all. fresh: nobody else sees the values, which may be written over. moments: of the
    whole map of each channel of the input, for layers that depend on them.
    """

    values: torch.Tensor
    dtype: str
    positions: tuple[Positions, Positions]
    size: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    keep: tuple[Positions | None, Positions | None] = (None, None)
    fresh: bool = False
    moments: Moments | None = None

    @property
    def picture(self) -> torch.Tensor:
        """[1, channels, rows, cols], in memory each pixel's channels together."""
        return self.values.unsqueeze(0).contiguous(memory_format=torch.channels_last)

    def wanted(self, made: torch.Tensor) -> torch.Tensor:
        """The outputs that are wanted of all that came out, [maps, rows, cols]."""
        if self.keep[0] is None and self.keep[1] is None:
            return made
        kept = made.permute(1, 2, 0)
        for axis, keep in enumerate(self.keep):
            if keep is not None:
                kept = kept.index_select(axis, torch.from_numpy(keep).to(made.device))
        return kept.permute(2, 0, 1)

    def numbers(self, values: NDArray[np.float64]) -> torch.Tensor:
        """Numbers of the layer, rounded to its type, beside the values."""
        rounded = torch.from_numpy(np.array(values)).to(TORCH_DTYPES[self.dtype])
        return rounded.to(compute_dtype(self.dtype)).to(self.values.device)
