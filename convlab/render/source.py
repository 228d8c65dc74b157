"""The source's own pixels for the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.region import Region
from convlab.model.source import Source
from convlab.render.pixels import Pixels, marked, tinted, to_pixels


def channel_values(source: Source, channel: int, region: Region) -> NDArray[np.float32]:
    """The channel's values, scaled as the layer reads them, in region: float32 [rows, cols]."""
    values: NDArray[np.float32] = _sampled(source, region)[:, :, channel].astype(np.float32)
    return values / np.float32(source.max_value)


def channel_pixels(source: Source, channel: int, region: Region, tint: bool = False) -> Pixels:
    """The channel in gray, or in its own colour: 0 is black and 1 white, or what the source says."""
    values = channel_values(source, channel, region)
    if not tint:
        return to_pixels(values, source.shown_range)
    return marked(tinted(_levels(values, source), source.channel_names[channel]), values)


def photo_pixels(source: Source, region: Region) -> Pixels:
    """The picture as a person knows it, uint8 [rows, cols, 3]: RGB where there is, else the first channel.

    Alpha lies over a mid-gray, so that what it hides is seen to be hidden. What is no number has its own colour.
    """
    names = source.channel_names
    colors = [names.index(n) for n in "RGB"] if {"R", "G", "B"} <= set(names) else [0]
    values = [channel_values(source, channel, region) for channel in colors]
    pixels = np.stack([_levels(each, source) for each in values] * (3 // len(values)), axis=2)
    if "A" in names:
        alpha = np.nan_to_num(channel_values(source, names.index("A"), region), posinf=1.0, neginf=0.0)[:, :, None]
        pixels = np.rint(pixels * alpha + 128 * (1 - alpha)).clip(0, 255).astype(np.uint8)
    return marked(pixels, *values)


def _levels(values: NDArray[np.float32], source: Source) -> Pixels:
    """uint8 [rows, cols]; anything where a value is no number."""
    pixels = to_pixels(values, source.shown_range)
    return pixels if pixels.ndim == 2 else pixels[:, :, 0]


def reduced(source: Source, pixels: NDArray[np.generic]) -> Source:
    """The source with other pixels: its area averages."""
    return replace(source, pixels=pixels)


def _sampled(source: Source, region: Region) -> NDArray[np.generic]:
    rows = slice(region.top, region.top + (region.rows - 1) * region.step + 1, region.step)
    cols = slice(region.left, region.left + (region.cols - 1) * region.step + 1, region.step)
    return source.pixels[rows, cols]
