"""Signals: one row of numbers for each channel, by themselves or taken from a picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

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
    """The picture that a signal was taken from, else the source."""
    return source if source.photo is None else source.photo
