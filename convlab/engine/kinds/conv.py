"""Convolutions as torch computes them: all outputs at once, with the same bits as when their maps are asked for."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.dense import DenseGroup, dense_groups
from convlab.engine.filters import layer_filters, rounded, slid
from convlab.engine.gather import Gathered
from convlab.engine.kinds.base import Samples
from convlab.model.layers.conv import ConvLayer
from convlab.model.weights import kernel_slices


class Convolution:
    """A convolution, its numbers laid out for torch when they are first needed."""

    def __init__(self, layer: ConvLayer) -> None:
        self._layer = layer
        self._group: DenseGroup | None = None
        self._weight: torch.Tensor | None = None

    def __call__(self, samples: Samples) -> torch.Tensor:
        """Sums of products."""
        gathered = Gathered(samples.picture, samples.stride, samples.dilation)
        made = self._grouped(gathered, samples) if self._layer.spec.groups > 1 else self._dense(gathered)
        return samples.wanted(made)

    def _dense(self, gathered: Gathered) -> torch.Tensor:
        """As the layer's own maps are convolved, so that they have the same bits."""
        spec = self._layer.spec
        if self._group is None or self._group.device != gathered.pixels.device:
            filters = rounded(layer_filters(self._layer, range(spec.out_channels)), spec)
            (self._group,) = dense_groups(filters, spec.in_channels, False, gathered.pixels.device)
        return self._group.values(gathered)[: spec.out_channels]

    def _grouped(self, gathered: Gathered, samples: Samples) -> torch.Tensor:
        spec = self._layer.spec
        if self._weight is None or self._weight.device != gathered.pixels.device:
            weight = samples.numbers(slid(kernel_slices(self._layer.weight), spec))
            self._weight = weight.contiguous(memory_format=torch.channels_last)
        bias = samples.numbers(self._layer.bias) if spec.bias else None
        return F.conv2d(gathered.pixels, self._weight, bias, gathered.stride, 0, gathered.dilation, spec.groups)[0]
