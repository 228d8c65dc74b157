"""Pooling as torch computes it."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.kinds.base import Samples
from convlab.model.layers.pool import Pool


def pooled(layer: Pool, samples: Samples) -> torch.Tensor:
    """The largest value, or the sum by how many values it is of."""
    if layer.pooling == "max":
        return samples.wanted(F.max_pool2d(samples.picture, layer.kernel_size, samples.stride, 0, samples.dilation)[0])
    sums = samples.wanted(F.avg_pool2d(samples.picture, layer.kernel_size, samples.stride, divisor_override=1)[0])
    return sums / _divisors(layer, samples)


def _divisors(layer: Pool, samples: Samples) -> torch.Tensor:
    """How many values each window averages: [rows, cols]. The padding counts or not; what lies beyond it never does."""
    counts = []
    for at, size, kernel, stride, pad in zip(
        samples.positions, samples.size, layer.kernel_size, layer.stride, layer.padding, strict=True
    ):
        starts = at * stride - pad
        low, high = (-pad, size + pad) if layer.count_include_pad else (0, size)
        ends = np.minimum(starts + kernel, high)
        counts.append(torch.from_numpy(ends - np.maximum(starts, low)).to(samples.values))
    return counts[0][:, None] * counts[1][None, :]
