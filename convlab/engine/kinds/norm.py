"""Normalisation as torch computes it."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.kinds.base import Samples
from convlab.model.layers.norm import BatchNorm


def batch_normalised(layer: BatchNorm, samples: Samples) -> torch.Tensor:
    """With the given mean and variance of each channel."""
    numbers = layer.numbers(len(samples.values))
    weight, bias, mean, var = (samples.numbers(values) for _, values in numbers)
    return F.batch_norm(samples.values.unsqueeze(0), mean, var, weight, bias, False, 0.0, layer.eps)[0]
