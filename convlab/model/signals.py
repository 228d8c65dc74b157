"""Signals and volumes: one row of numbers for each channel, or many pictures, by themselves or out of a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.source import Line, Source


def line_of(photo: Source, line: Line) -> Source:
    """A row or column of a picture as a signal; the line is moved inside where it lies outside."""
    axis = 0 if line.along == "row" else 1
    index = min(max(line.index, 0), photo.size[axis] - 1)
    pixels = photo.pixels[index : index + 1] if axis == 0 else photo.pixels[:, index : index + 1].swapaxes(0, 1)
    return replace(photo, pixels=np.array(pixels), photo=photo, line=Line(line.along, index))


def as_signal(source: Source) -> Source:
    """The source where it is one row, else its middle row."""
    return source if source.size[0] == 1 else line_of(source, Line("row", source.size[0] // 2))


def as_picture(source: Source) -> Source:
    """The picture that a signal or volume was made of; of other volumes the middle slice, else the source."""
    if source.photo is not None:
        return source.photo
    return source if source.volume is None else replace(source, volume=None)


def source_in(source: Source, dims: int) -> Source:
    """The source as a signal (dims 1), a picture (2) or a volume (3)."""
    if dims == 3:
        return as_volume(source if source.volume is not None else as_picture(source))
    return as_picture(source) if dims == 2 else as_signal(as_picture(source))


def depth_of(source: Source) -> int:
    """Slices of the source; 1 for a picture."""
    return 1 if source.volume is None else len(source.volume)


def volume_source(slices: NDArray[np.generic], like: Source) -> Source:
    """Slices [D, H, W, C] with the channels of `like`, as a source."""
    slices = np.ascontiguousarray(slices)
    slices.flags.writeable = False
    return replace(like, pixels=slices[len(slices) // 2].copy(), volume=slices, photo=None, line=None)


def as_volume(source: Source) -> Source:
    """The source where it is a volume, else its channels, but alpha, as slices of one channel."""
    if source.volume is not None:
        return source
    planes = [source.pixels[:, :, n] for n in range(source.channel_count) if not source.is_alpha(n)]
    like = replace(source, channel_names=("gray",), pixels=source.pixels[:, :, :1])
    return replace(volume_source(np.stack(planes)[..., None], like), photo=source)
