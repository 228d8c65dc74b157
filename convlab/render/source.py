"""The source's own pixels for the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.region import Region
from convlab.model.source import Source
from convlab.render.pixels import Pixels, to_pixels


def channel_values(source: Source, channel: int, region: Region) -> NDArray[np.float32]:
    """The channel's values, scaled as the layer reads them, in region: float32 [rows, cols]."""
    values: NDArray[np.float32] = _sampled(source, region)[:, :, channel].astype(np.float32)
    return values / np.float32(source.max_value)


def channel_pixels(source: Source, channel: int, region: Region) -> Pixels:
    """The channel in gray: 0 is black and 1 white, or what the source says."""
    return to_pixels(channel_values(source, channel, region), source.shown_range)


def photo_pixels(source: Source, region: Region) -> Pixels:
    """The picture as a person knows it, uint8 [rows, cols, 3]: RGB where there is, else the first channel.

    Alpha lies over a mid-gray, so that what it hides is seen to be hidden.
    """
    names = source.channel_names
    colors = [names.index(n) for n in "RGB"] if {"R", "G", "B"} <= set(names) else [0, 0, 0]
    pixels = np.stack([_gray(source, channel, region) for channel in colors], axis=2)
    if "A" in names:
        alpha = channel_values(source, names.index("A"), region)[:, :, None]
        pixels = np.rint(pixels * alpha + 128 * (1 - alpha)).astype(np.uint8)
    return pixels


def _gray(source: Source, channel: int, region: Region) -> Pixels:
    pixels = channel_pixels(source, channel, region)
    return pixels if pixels.ndim == 2 else pixels.max(axis=2)


def reduced(source: Source, pixels: NDArray[np.generic]) -> Source:
    """The source with other pixels: its area averages."""
    return replace(source, pixels=pixels)


def _sampled(source: Source, region: Region) -> NDArray[np.generic]:
    rows = slice(region.top, region.top + (region.rows - 1) * region.step + 1, region.step)
    cols = slice(region.left, region.left + (region.cols - 1) * region.step + 1, region.step)
    return source.pixels[rows, cols]
