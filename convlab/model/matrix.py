"""Numbers as input: matrices typed or pasted, filled, or cut from a photo."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import FLOAT32_MAX, format_numbers, parse_array, parse_numbers
from convlab.model.region import Region
from convlab.model.source import Source

FloatArray = NDArray[np.float64]

MOST_CHANNELS, MOST_SIDE = 8, 256
MOST_CUT = 64
"""Rows and columns that can be cut from a photo."""


def parse_matrix(text: str) -> FloatArray:
    """Numbers of 1 to 8 channels: float64 [C, H, W].

    Python lists or arrays of 2, 3 (channels first) or 4 dimensions (one picture), or rows as `parse_numbers`
    reads them, channels apart by an empty line. ConvLabError says what is wrong.
    """
    if any(bracket in text for bracket in "[({"):
        array = parse_array(text)
        if array.ndim == 4 and len(array) == 1:
            array = array[0]
        if array.ndim not in (2, 3):
            text = QT_TRANSLATE_NOOP("model", "A picture has 2 dimensions, or 3 with its channels; this has {ndim}.")
            raise _refusal(text, ndim=array.ndim)
        channels = array.reshape(-1, *array.shape[-2:])
    else:
        blocks = [block for block in re.split(r"\n[ \t\r]*\n", text.strip("\r\n")) if block.strip()]
        parts = [parse_numbers(block) for block in blocks] or [parse_numbers(text)]
        for number, part in enumerate(parts):
            if part.shape != parts[0].shape:
                raise _refusal(
                    QT_TRANSLATE_NOOP("model", "Channel {n} has {rows} × {cols} numbers, channel 0 has {first}."),
                    n=number,
                    rows=part.shape[0],
                    cols=part.shape[1],
                    first=" × ".join(map(str, parts[0].shape)),
                )
        channels = np.stack(parts)
    _check_size(channels)
    return channels


def format_matrix(channels: FloatArray) -> str:
    """The channels as text that `parse_matrix` reads back exactly."""
    return "\n\n".join(format_numbers(channel) for channel in channels)


def matrix_source(channels: FloatArray, name: str = "matrix") -> Source:
    """The numbers [C, H, W] as a source that the layer reads as they are, in float32.

    Three channels are R, G and B, one is gray. On screen black is 0 or the smallest number, white the largest.
    """
    _check_size(channels)
    if np.abs(channels).max() > FLOAT32_MAX or not np.isfinite(channels).all():
        raise _refusal(QT_TRANSLATE_NOOP("model", "A number is larger than float32 can hold."))
    names = {1: ("gray",), 3: ("R", "G", "B")}.get(len(channels), tuple(f"c{n}" for n in range(len(channels))))
    pixels = np.ascontiguousarray(channels.transpose(1, 2, 0), dtype=np.float32)
    low, high = min(0.0, float(channels.min())), float(channels.max())
    shown = (low, high if high > low else low + 1.0)
    size = " × ".join(map(str, channels.shape))
    return Source(name, pixels, names, 1.0, f"float32, {size}", shown_range=shown)


def cut(source: Source, region: Region) -> Source:
    """A rectangle of a source's pixels, at most 64 × 64, from its top left; numbers and channels stay."""
    rows, cols = min(region.rows, MOST_CUT), min(region.cols, MOST_CUT)
    pixels = source.pixels[region.top : region.top + rows, region.left : region.left + cols].copy()
    height, width = pixels.shape[:2]
    if not pixels.size:
        raise _refusal(QT_TRANSLATE_NOOP("model", "There are no pixels in this rectangle."))
    name = f"{source.name} [{region.top}:{region.top + height}, {region.left}:{region.left + width}]"
    return Source(
        name, pixels, source.channel_names, source.max_value, source.description, shown_range=source.shown_range
    )


def random_digits(size: tuple[int, int, int], seed: int = 0) -> FloatArray:
    """Whole numbers 0…9."""
    return np.random.default_rng(seed).integers(0, 10, size).astype(np.float64)


def ramp(size: tuple[int, int, int]) -> FloatArray:
    """0, 1, 2 … along the rows, from each channel to the next."""
    return np.arange(np.prod(size), dtype=np.float64).reshape(size)


def one_hot(size: tuple[int, int, int]) -> FloatArray:
    """A 1 in the middle of each channel, 0 elsewhere: a layer answers with its kernel, turned by 180°."""
    channels = np.zeros(size)
    channels[:, (size[1] - 1) // 2, (size[2] - 1) // 2] = 1
    return channels


FILLS: dict[str, tuple[str, Callable[[tuple[int, int, int]], FloatArray]]] = {
    "random": (QT_TRANSLATE_NOOP("model", "Random 0…9"), random_digits),
    "ramp": (QT_TRANSLATE_NOOP("model", "Ramp"), ramp),
    "one-hot": (QT_TRANSLATE_NOOP("model", "One-hot"), one_hot),
}
"""Title and maker by name."""


def _check_size(channels: FloatArray) -> None:
    count, height, width = channels.shape
    if count > MOST_CHANNELS:
        text = QT_TRANSLATE_NOOP("model", "{n} channels are too many: {most} at most.")
        raise _refusal(text, n=count, most=MOST_CHANNELS)
    if max(height, width) > MOST_SIDE:
        text = QT_TRANSLATE_NOOP("model", "{rows} × {cols} numbers are too many: {most} × {most} at most.")
        raise _refusal(text, rows=height, cols=width, most=MOST_SIDE)


def _refusal(template: str, **values: object) -> ConvLabError:
    return ConvLabError(message(template, **values))
