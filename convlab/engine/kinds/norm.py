"""Normalisation as torch computes it."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.kinds.base import Samples
from convlab.model.layers.norm import BatchNorm, GroupNorm, InstanceNorm, group_moments


def batch_normalised(layer: BatchNorm, samples: Samples) -> torch.Tensor:
    """With the given mean and variance of each channel."""
    numbers = layer.numbers(len(samples.values))
    weight, bias, mean, var = (samples.numbers(values) for _, values in numbers)
    return F.batch_norm(samples.values.unsqueeze(0), mean, var, weight, bias, False, 0.0, layer.eps)[0]


def group_normalised(layer: GroupNorm, samples: Samples) -> torch.Tensor:
    """With mean and variance of each group's values over the whole map."""
    assert samples.moments is not None, "not measured"
    numbers = layer.numbers(len(samples.values))
    mean, var = group_moments(samples.moments.mean, samples.moments.var, layer.num_groups)
    weight, bias = (samples.numbers(values)[:, None, None, None] for _, values in numbers)
    centre, deviation = (
        torch.from_numpy(each).to(samples.values)[:, None, None, None] for each in (mean, np.sqrt(var + layer.eps))
    )
    return (samples.values - centre) / deviation * weight + bias


def instance_normalised(layer: InstanceNorm, samples: Samples) -> torch.Tensor:
    """With mean and variance of each channel over the whole map."""
    return group_normalised(layer.of_groups(len(samples.values)), samples)
