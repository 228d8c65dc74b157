"""Layers that read other places than their own, which `Layer.sources` lists axis by axis."""

from __future__ import annotations

import torch

from convlab.engine.kinds.base import Samples
from convlab.model.layer import AXES
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.pad import Pad
from convlab.model.layers.upsample import Upsample


def picked(_layer: Pad, samples: Samples) -> torch.Tensor:
    """What was read, in memory of its own: a layer after it may write over what it reads."""
    return samples.values.clone()


def averaged(layer: AdaptiveAvgPool, samples: Samples) -> torch.Tensor:
    """The mean of each part; of the whole map what was measured."""
    if not layer.whole_map:
        return added(layer, samples)
    assert samples.moments is not None, "not measured"
    mean = torch.from_numpy(samples.moments.mean).to(samples.values)
    return mean.view(-1, *[1] * (samples.values.ndim - 1)).expand_as(samples.values).clone()


def added(layer: AdaptiveAvgPool | Upsample, samples: Samples) -> torch.Tensor:
    """Along one axis after the other what each output has read, each by its share.

    Two outputs of three samples each along the columns, [channels, rows, 6], become [channels, rows, 2, 3] and then
    [channels, rows, 2].
    """
    made, first = samples.values, AXES - len(samples.size)
    for place, (at, size) in enumerate(zip(samples.positions, samples.size, strict=True)):
        shares, dim = layer.shares(at, size, first + place), place + 1
        if shares.shape[1] > 1:
            share = torch.from_numpy(shares).to(made)
            parts = made.reshape(*made.shape[:dim], *shares.shape, *made.shape[dim + 1 :])
            made = (parts * share.view(*share.shape, *[1] * (made.ndim - dim - 1))).sum(dim + 1)
    return made.clone() if made is samples.values else made
