"""What values a layer's maps can have, judged by the layers' numbers and the input's range, not by the pixels.

Interval arithmetic, channel by channel and layer by layer. A 3 × 3 kernel with the weights 2 and −1 (and seven zeros)
reaches −1 … 2 on a photo of 0 … 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, reduce
from itertools import product
from typing import cast

import numpy as np
from numpy.typing import NDArray

from convlab.model.layer import Activation
from convlab.model.maps import LayerMaps
from convlab.model.plain_layers import BatchNorm, Function, Pointwise, Pool, norm_numbers
from convlab.model.source import Source
from convlab.model.stack import ConvLayer, Entry, Layer

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Of each channel the least and the largest value that it can have: float64 [channels].

    white: float64 [channels], what a white picture gives. rising: bool [channels], no value gets smaller where an input
    grows, so that no picture from black to white gives more than a white one.
    """

    low: Numbers
    high: Numbers
    white: Numbers
    rising: NDArray[np.bool_]

    @property
    def signed(self) -> bool:
        """Whether any channel can be negative; where nothing is known it can."""
        return not bool((self.low >= 0).all())

    @property
    def most(self) -> float:
        """The largest magnitude that any channel can have; 0 where it is not known."""
        found = max(np.abs(self.low).max(), np.abs(self.high).max())
        return float(found) if np.isfinite(found) else 0.0


def maps_reach(maps: LayerMaps) -> Reach:
    """Of the feature maps of a layer without problems."""
    with np.errstate(all="ignore"):  # what overflows is infinite, and what is not known NaN: signed, without a white
        made = input_reach(maps) if maps.conv is None else layer_reach(maps.conv, input_reach(maps))
        for function in maps.functions:
            made = layer_reach(function, made)
        return made


def sums_reach(maps: LayerMaps) -> Reach:
    """Of the sums of each map's contributions: without bias and activation."""
    with np.errstate(all="ignore"):
        sums = replace(maps.convolution, bias=np.zeros_like(maps.convolution.bias), activation="none")
        return layer_reach(sums, input_reach(maps))


def input_reach(maps: LayerMaps) -> Reach:
    """Of the channels that the maps' layer reads."""
    found = reduce(_after, maps.before, source_reach(maps))
    return found if maps.before else _first(found, maps.window.in_channels)


def source_reach(maps: LayerMaps) -> Reach:
    """Of the channels that enter the first layer: from black to white, or what a file has beyond; 0 where muted.

    Typed numbers and tables have no white.
    """
    low, high = _range(maps.picture)
    white = 1.0 if maps.picture.shown_range == (0.0, 1.0) else np.nan
    gains = np.array(maps.input_gains)
    return Reach(low * gains, high * gains, white * gains, np.ones(len(gains), bool))


@lru_cache(maxsize=2)
def _range(source: Source) -> tuple[float, float]:
    """Whole numbers are never beyond black and white; the range of other files is what is in them."""
    low, high = source.shown_range
    if source.pixels.dtype.kind != "f":
        return low, high
    least, most = (float(end.reduce(source.pixels, axis=None)) / source.max_value for end in (np.fmin, np.fmax))
    return min(low, least), max(high, most)


def layer_reach(layer: Layer, reach: Reach) -> Reach:
    """Of what leaves the layer where `reach` enters it."""
    if isinstance(layer, ConvLayer):
        return _activated(layer.activation, _convolved(layer, reach))
    if isinstance(layer, Pointwise):
        return _through(layer.function, layer.negative_slope, reach)
    if isinstance(layer, BatchNorm):
        return _normalised(layer, reach)
    return _with_zero(reach) if _averages_padding(layer) else reach


def _after(reach: Reach, entry: Entry) -> Reach:
    return layer_reach(entry.layer, reach) if entry.on else reach


def _first(reach: Reach, count: int) -> Reach:
    return Reach(reach.low[:count], reach.high[:count], reach.white[:count], reach.rising[:count])


def _averages_padding(pool: Pool) -> bool:
    return pool.pooling == "avg" and any(pool.padding)


def _with_zero(reach: Reach) -> Reach:
    return Reach(np.minimum(reach.low, 0), np.maximum(reach.high, 0), reach.white, reach.rising)


def _convolved(layer: ConvLayer, reach: Reach) -> Reach:
    """Before the activation. Of a transposed layer a value is made of the taps of one phase alone."""
    spec = layer.spec
    if spec.padding_mode == "zeros" and (spec.transposed or spec.kernel_size[0] > 1 or np.any(spec.pads)):
        reach = _with_zero(reach)
    bias = layer.bias if spec.bias else np.zeros(spec.out_channels)
    found = [_summed(layer, reach, phase) for phase in _phases(layer)]
    low, high, white = (np.stack([getattr(each, end) for each in found]) for end in ("low", "high", "white"))
    rising = np.all([each.rising for each in found], axis=0)
    return Reach(low.min(0) + bias, high.max(0) + bias, white.max(0) + bias, rising)


def _phases(layer: ConvLayer) -> list[Numbers]:
    """The taps [out, in, kD', kH', kW'] that can come together in one value: all, or of a transposed layer those
    of each phase. Kernel 4 and stride 2: taps 0 and 2, or 1 and 3.
    """
    spec = layer.spec
    if not spec.transposed:
        return [layer.weight]
    axes = [
        [np.flatnonzero(np.arange(k) * d % s == phase) for phase in range(s)]
        for k, d, s in zip(spec.kernel_size, spec.dilation, spec.stride, strict=True)
    ]
    together = [taps for taps in product(*axes) if all(each.size for each in taps)]
    return [layer.weight[:, :, d[:, None, None], r[:, None], c] for d, r, c in together]


def _summed(layer: ConvLayer, reach: Reach, weight: Numbers) -> Reach:
    groups, (outputs, inputs) = layer.spec.groups, weight.shape[:2]
    taps = weight.reshape(outputs, inputs, -1)
    ones: Numbers = np.ones(taps.shape[2])
    positive: Numbers = np.maximum(taps, 0) @ ones
    negative: Numbers = np.minimum(taps, 0) @ ones
    ends = (reach.low, reach.high, reach.white)
    low, high, white = (np.repeat(end.reshape(groups, inputs), outputs // groups, axis=0) for end in ends)
    rising = np.repeat(reach.rising.reshape(groups, inputs), outputs // groups, axis=0)
    silent = ((low == 0) & (high == 0)) | ((positive == 0) & (negative == 0))
    rises = ((negative == 0) & rising) | silent
    sums = (positive * low + negative * high, positive * high + negative * low, (positive + negative) * white)
    least, most, whites = (np.where(silent, 0, each).sum(1) for each in sums)
    return Reach(least, most, whites, rises.all(1))


def _activated(activation: Activation, reach: Reach) -> Reach:
    return reach if activation == "none" else _through(cast(Function, activation), 0.0, reach)


def _through(function: Function, slope: float, reach: Reach) -> Reach:
    """A function of single values rises or falls on each side of 0: its extremes are at the ends and at 0."""
    zero = np.clip(0.0, reach.low, reach.high)
    ends = np.stack([_valued(function, slope, x) for x in (reach.low, zero, reach.high)])
    falls_below = function == "square" or (function == "leaky_relu" and slope < 0)
    rises = (reach.low >= 0) | (not falls_below)
    return Reach(ends.min(0), ends.max(0), _valued(function, slope, reach.white), reach.rising & rises)


def _valued(function: Function, slope: float, x: Numbers) -> Numbers:
    match function:
        case "relu":
            return np.maximum(x, 0)
        case "leaky_relu":
            return np.where(x < 0, slope * x, x)
        case "sigmoid":
            return 1 / (1 + np.exp(-x))
        case "tanh":
            return np.tanh(x)
        case "square":
            return x * x
        case "sqrt":
            return np.sqrt(np.maximum(x, 0))  # of a negative value no number, which has no shade


def _normalised(norm: BatchNorm, reach: Reach) -> Reach:
    names = ("weight", "bias", "running_mean", "running_var")
    weight, bias, mean, var = (np.array(norm_numbers(norm, name, len(reach.low))) for name in names)
    scale = weight / np.sqrt(var + norm.eps)
    low, high, white = ((x - mean) * scale + bias for x in (reach.low, reach.high, reach.white))
    return Reach(np.minimum(low, high), np.maximum(low, high), white, reach.rising & (scale >= 0))
