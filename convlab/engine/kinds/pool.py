"""Pooling as torch computes it."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.kinds.base import Samples
from convlab.model.layers.pool import Pool


def pooled(layer: Pool, samples: Samples) -> torch.Tensor:
    """The largest value, or the sum by how many values it is of."""
    kernel = layer.window.kernel_size
    flat = samples.values.shape[1] == 1  # torch has the two axes of a picture in half the time of three
    if layer.pooling == "max":
        if flat:
            found = F.max_pool2d(samples.picture(slice(1)), kernel[1:], samples.stride[1:], 0, samples.dilation[1:])
        else:
            found = F.max_pool3d(samples.values[None], kernel, samples.stride, 0, samples.dilation)
    elif flat:
        found = F.avg_pool2d(samples.picture(slice(1)), kernel[1:], samples.stride[1:], divisor_override=1)
    else:
        found = F.avg_pool3d(samples.values[None], kernel, samples.stride, divisor_override=1)
    made = samples.wanted(found[0].unsqueeze(1) if flat else found[0])
    return made if layer.pooling == "max" else made / _divisors(layer, samples)


def _divisors(layer: Pool, samples: Samples) -> torch.Tensor:
    """How many values each window averages: [slices, rows, cols]. The padding counts or not; what lies beyond it
    never does."""
    counts, window = [], layer.window
    for at, size, kernel, stride, (pad, _) in zip(
        samples.positions, samples.size, window.kernel_size, window.stride, window.pads, strict=True
    ):
        starts = at * stride - pad
        low, high = (-pad, size + pad) if layer.count_include_pad else (0, size)
        ends = np.minimum(starts + kernel, high)
        counts.append(torch.from_numpy(ends - np.maximum(starts, low)).to(samples.values))
    return counts[0][:, None, None] * counts[1][:, None] * counts[2]
