"""Convolutions as torch computes them: all outputs at once, with the same bits as when their maps are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
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
        self._taps = layer.spec.kernel_size[0]
        self._layer = _of_slices(layer)
        self._group: DenseGroup | None = None
        self._weight: torch.Tensor | None = None

    def __call__(self, samples: Samples) -> torch.Tensor:
        """Sums of products, a slice of the output at a time."""
        span = samples.dilation[0] * (self._taps - 1) + 1
        starts = range(0, samples.values.shape[1] - span + 1, samples.stride[0])
        wanted = starts if samples.keep[0] is None else [starts[int(number)] for number in samples.keep[0]]
        made = [self._slice(samples, slice(start, start + span, samples.dilation[0])) for start in wanted]
        whole = made[0].unsqueeze(1) if len(made) == 1 else torch.stack(made, 1)
        return replace(samples, keep=(None, *samples.keep[1:])).wanted(whole)

    def _slice(self, samples: Samples, slices: slice) -> torch.Tensor:
        """[maps, rows, cols] of these slices of the input."""
        (_, *stride), (_, *dilation) = samples.stride, samples.dilation
        gathered = Gathered(samples.picture(slices), (stride[0], stride[1]), (dilation[0], dilation[1]))
        return self._grouped(gathered, samples) if self._layer.spec.groups > 1 else self._dense(gathered)

    def _dense(self, gathered: Gathered) -> torch.Tensor:
        """As the layer's own maps are convolved, so that they have the same bits."""
        spec = self._layer.spec
        if self._group is None or self._group.device != gathered.pixels.device:
            filters = rounded(layer_filters(self._layer, range(spec.out_channels)), spec)
            (self._group,) = dense_groups(filters, gathered.pixels.shape[1], False, gathered.pixels.device)
        return self._group.values(gathered)[: spec.out_channels]

    def _grouped(self, gathered: Gathered, samples: Samples) -> torch.Tensor:
        spec = self._layer.spec
        if self._weight is None or self._weight.device != gathered.pixels.device:
            weight = samples.numbers(slid(kernel_slices(self._layer.weight), spec))
            self._weight = weight.contiguous(memory_format=torch.channels_last)
        bias = samples.numbers(self._layer.bias) if spec.bias else None
        return F.conv2d(gathered.pixels, self._weight, bias, gathered.stride, 0, gathered.dilation, spec.groups)[0]


def _of_slices(layer: ConvLayer) -> ConvLayer:
    """The layer of pictures whose channels are the slices under a window, in the order of the window's grid: a
    transposed layer's kernels are turned along depth."""
    spec = layer.spec
    if spec.kernel_size[0] == 1:
        return layer
    weight = layer.weight[:, :, ::-1] if spec.transposed else layer.weight
    flat = replace(spec, dims=2, in_channels=spec.in_channels * spec.kernel_size[0])
    return replace(layer, spec=flat, weight=np.ascontiguousarray(kernel_slices(weight)[:, :, None]))
