"""Signals and volumes: one row of numbers for each channel, or many pictures, by themselves or out of a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.source import Line, Source


def line_inside(line: Line, size: tuple[int, int]) -> Line:
    """The line, or the nearest that lies in a picture of (height, width) `size`."""
    return Line(line.along, min(max(line.index, 0), size[0 if line.along == "row" else 1] - 1))


def line_of(picture: Source, line: Line) -> Source:
    """A row or column of a picture, which it lies in, as a signal."""
    at = slice(line.index, line.index + 1)
    pixels = picture.pixels[at] if line.along == "row" else picture.pixels[:, at].swapaxes(0, 1)
    return replace(picture, pixels=np.ascontiguousarray(pixels))


def depth_of(source: Source) -> int:
    """Slices of the source; 1 for a picture."""
    return 1 if source.volume is None else len(source.volume)


def volume_source(slices: NDArray[np.generic], like: Source) -> Source:
    """Slices [D, H, W, C] with the channels of `like`, as a source."""
    slices = np.ascontiguousarray(slices)
    slices.flags.writeable = False
    return replace(like, pixels=slices[len(slices) // 2], volume=slices)


def slice_of(source: Source, number: int) -> Source:
    """A slice of a volume as a picture: a frame among the others."""
    assert source.volume is not None
    return replace(source, pixels=source.volume[number], volume=None, frame=number, frames=len(source.volume))


def channels_as_depth(picture: Source) -> Source:
    """The channels of a picture, but alpha, as the slices of a volume of one channel."""
    planes = [picture.pixels[:, :, n] for n in range(picture.channel_count) if not picture.is_alpha(n)]
    like = replace(picture, channel_names=("gray",), pixels=picture.pixels[:, :, :1])
    return volume_source(np.stack(planes)[..., None], like)


def picture_of(source: Source, channels: tuple[int, ...], slices: tuple[int, ...]) -> Source:
    """These slices of a volume's channels as channels of a picture: one for each channel and slice, −1 for zeros."""
    volume = source.volume
    assert volume is not None
    names, planes = [], []
    for channel in channels:
        for at in slices:
            names.append(f"{source.channel_names[channel]} {slice_name(at)}")
            planes.append(volume[at, :, :, channel] if at >= 0 else np.zeros(volume.shape[1:3], volume.dtype))
    pixels = np.ascontiguousarray(np.stack(planes, axis=2))
    return replace(source, pixels=pixels, channel_names=tuple(names), volume=None)


def slice_name(number: int) -> str:
    """'z3', or '–' for −1, a slice of zeros."""
    return f"z{number}" if number >= 0 else "–"
