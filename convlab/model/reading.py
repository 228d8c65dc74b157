"""What of a source the layers read: the whole of it, a line, a frame, its channels as depth, or other channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from convlab.model.colours import Channels, can_be, with_channels
from convlab.model.layer import ROWS
from convlab.model.signals import channels_as_depth, depth_of, line_inside, line_of, picture_of, slice_of
from convlab.model.source import Line, Source


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is read: the whole as it is stored, where nothing else is said.

    channels: gray as R = G = B, or colour as its luminance. frame: the slice of a volume that is read as a picture.
    line: the row or column of a picture, or of that frame, that is read as a signal. depth: a picture's channels are
    the slices of a volume.
    """

    channels: Channels = "stored"
    frame: int | None = None
    line: Line | None = None
    depth: bool = False


WHOLE = Reading()
SLICES_KEPT = 2
"""Of a volume, those looked at last."""


def read(source: Source, reading: Reading) -> Source:
    """What the layers read of the source: itself where that is the whole."""
    found = source if reading.frame is None else slice_of(source, reading.frame)
    found = found if reading.line is None else line_of(found, reading.line)
    found = with_channels(found, reading.channels)
    return channels_as_depth(found) if reading.depth else found


def reading_in(source: Source, axes: range, last: Reading = WHOLE) -> Reading:
    """How layers of these axes read the source: as `last`, where they can.

    Of a picture a signal is the middle row at first, of a volume a picture is the middle slice.
    """
    volumes, deep = 0 in axes, source.volume is not None
    frame = line = None
    if deep and not volumes:
        frame = depth_of(source) // 2 if last.frame is None else min(max(last.frame, 0), depth_of(source) - 1)
    if ROWS not in axes and source.size[0] > 1:
        line = line_inside(last.line or Line("row", source.size[0] // 2), source.size)
    channels = last.channels if can_be(source, last.channels) else "stored"
    return Reading(channels, frame, line, depth=volumes and not deep)


@dataclass(frozen=True)
class Input:
    """A source as it was opened, and how it is read: the same object as long as neither is changed."""

    source: Source
    reading: Reading = WHOLE

    @cached_property
    def picture(self) -> Source:
        """What is read: made once, so that who compares it by identity sees whether it is the same."""
        return read(self.source, self.reading)

    @cached_property
    def slices(self) -> Callable[[tuple[int, ...], tuple[int, ...]], Source]:
        """Of a volume that is read `picture_of` these: the same object for the same question, as edits go on."""
        return lru_cache(SLICES_KEPT)(partial(picture_of, self.picture))

    @property
    def arrays(self) -> Iterator[NDArray[np.generic]]:
        """Those that hold its pixels in memory; one may come twice."""
        for each in (self.source, self.picture):
            yield from (_whole(values) for values in (each.pixels, each.volume) if values is not None)


def _whole(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """The array that this is a part of."""
    while isinstance(values.base, np.ndarray):
        values = values.base
    return values
