"""Convolutions as torch computes them: all outputs at once, with the same bits as when their maps are asked for."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.dense import DenseGroup, dense_groups
from convlab.engine.filters import layer_filters, rounded, slid
from convlab.engine.gather import Gathered
from convlab.engine.kinds.base import Samples
from convlab.engine.memory import Memory
from convlab.model.layers.conv import ConvLayer
from convlab.model.weights import kernel_slices


def convolved(layer: ConvLayer, samples: Samples) -> torch.Tensor:
    """Sums of products."""
    gathered = Gathered(samples.picture, samples.stride, samples.dilation)
    made = _grouped(layer, gathered, samples) if layer.spec.groups > 1 else _dense(layer, gathered)
    return samples.wanted(made)


def _dense(layer: ConvLayer, gathered: Gathered) -> torch.Tensor:
    """As the layer's own maps are convolved, so that they have the same bits."""
    found = _groups.get(id(layer))
    if found is None or found[0] is not layer:
        filters = rounded(layer_filters(layer, range(layer.spec.out_channels)), layer.spec)
        (group,) = dense_groups(filters, layer.spec.in_channels, False, gathered.pixels.device)
        found = (layer, group)
        _groups.put(id(layer), found)
        _groups.trim()
    return found[1].values(gathered)[: layer.spec.out_channels]


_groups: Memory[tuple[ConvLayer, DenseGroup]] = Memory(64, lambda _: 1)
"""Layers as they are convolved, by identity: a layer never changes."""


def _grouped(layer: ConvLayer, gathered: Gathered, samples: Samples) -> torch.Tensor:
    spec = layer.spec
    weight = samples.numbers(slid(kernel_slices(layer.weight), spec)).contiguous(memory_format=torch.channels_last)
    bias = samples.numbers(layer.bias) if spec.bias else None
    return F.conv2d(gathered.pixels, weight, bias, gathered.stride, 0, gathered.dilation, spec.groups)[0]
