"""What values a layer's maps can have, judged by the layers' numbers and the input's range, not by the pixels.

Interval arithmetic, channel by channel and layer by layer. A 3 × 3 kernel with the weights 2 and −1 (and seven zeros)
reaches −1 … 2 on a photo of 0 … 1.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np

from convlab.model.layers.reach import Reach as Reach
from convlab.model.maps import LayerMaps
from convlab.model.stack import Entry


def maps_reach(maps: LayerMaps) -> Reach:
    """Of the feature maps of a layer without problems."""
    with np.errstate(all="ignore"):  # what overflows is infinite, and what is not known NaN: signed, without a white
        made = input_reach(maps) if maps.conv is None else maps.conv.reach(input_reach(maps))
        return reduce(lambda reach, function: function.reach(reach), maps.functions, made)


def sums_reach(maps: LayerMaps) -> Reach:
    """Of the sums of each map's contributions: without bias and activation."""
    with np.errstate(all="ignore"):
        sums = replace(maps.convolution, bias=np.zeros_like(maps.convolution.bias))
        return sums.reach(input_reach(maps))


def input_reach(maps: LayerMaps) -> Reach:
    """Of the channels that the maps' layer reads."""
    found = reduce(_after, maps.before, source_reach(maps))
    if maps.are_volumes:
        found = _of_slices(found, maps.slices)
    return found if maps.before else _first(found, maps.window.in_channels)


def source_reach(maps: LayerMaps) -> Reach:
    """Of the channels that enter the first layer: from black to white, or what a file has beyond; 0 where muted.

    Typed numbers and tables have no white.
    """
    low, high = maps.document.picture.value_range
    white = 1.0 if maps.document.picture.shown_range == (0.0, 1.0) else np.nan
    gains = np.array(maps.source_gains)
    return Reach(low * gains, high * gains, white * gains, np.ones(len(gains), bool))


def _after(reach: Reach, entry: Entry) -> Reach:
    return entry.layer.reach(reach) if entry.on else reach


def _of_slices(reach: Reach, slices: tuple[int, ...]) -> Reach:
    """Of each channel's slices, −1 being one of zeros."""
    low, high, white = (each.repeat(len(slices)) for each in (reach.low, reach.high, reach.white))
    found = Reach(low, high, white, reach.rising.repeat(len(slices)), reach.defined)
    return found.with_zero if -1 in slices else found


def _first(reach: Reach, count: int) -> Reach:
    return Reach(reach.low[:count], reach.high[:count], reach.white[:count], reach.rising[:count], reach.defined)
