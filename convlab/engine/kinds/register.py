"""How each kind of layer is computed, by its type in model.layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from convlab.engine.gather import rounded_to
from convlab.engine.kinds.base import Samples
from convlab.engine.kinds.channels import normalized, shared_out
from convlab.engine.kinds.conv import Convolution
from convlab.engine.kinds.norm import batch_normalised, group_normalised, instance_normalised
from convlab.engine.kinds.pointwise import dropped_out, parametric, pointwise
from convlab.engine.kinds.pool import pooled
from convlab.engine.kinds.resampled import added, averaged, picked
from convlab.model.layer import AXES
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.base import Layer
from convlab.model.layers.conv import ConvLayer
from convlab.model.layers.norm import BatchNorm, GroupNorm, InstanceNorm
from convlab.model.layers.normalize import Normalize
from convlab.model.layers.pad import Pad
from convlab.model.layers.pointwise import Dropout, Pointwise, PReLU
from convlab.model.layers.pool import Pool
from convlab.model.layers.softmax import Softmax
from convlab.model.layers.upsample import Upsample

Compute = Callable[[Samples], torch.Tensor]
"""The wanted outputs of a layer, [maps, slices, rows, cols], in the type that sums are made in."""


def _each_time(compute: Callable[[Any, Samples], torch.Tensor]) -> Callable[[Any], Compute]:
    """For a kind of layer of which nothing is worked out before."""
    return lambda layer: partial(compute, layer)


COMPUTE: dict[type[Layer], Callable[[Any], Compute]] = {
    ConvLayer: Convolution,
    Pointwise: _each_time(pointwise),
    PReLU: _each_time(parametric),
    Normalize: _each_time(normalized),
    Softmax: _each_time(shared_out),
    Dropout: _each_time(dropped_out),
    Pool: _each_time(pooled),
    AdaptiveAvgPool: _each_time(averaged),
    Upsample: _each_time(added),
    Pad: _each_time(picked),
    BatchNorm: _each_time(batch_normalised),
    GroupNorm: _each_time(group_normalised),
    InstanceNorm: _each_time(instance_normalised),
}


def compiled(layer: Layer) -> Compute:
    """Any layer, ready to be computed."""
    return COMPUTE[type(layer)](layer)


def through(functions: Sequence[Layer], values: torch.Tensor, dtype: str) -> torch.Tensor:
    """Values [maps, rows, cols] through functions of single values, each result in their place; half types round what
    leaves each layer, the first included."""
    nowhere = np.zeros(0, np.int64)
    for function in functions:
        size = (1, values.shape[1], values.shape[2])
        read = Samples(rounded_to(values, dtype), dtype, (nowhere,) * AXES, size, fresh=True)
        made = compiled(function)(read)
        if made is not values:
            values.copy_(made)
    return rounded_to(values, dtype)
