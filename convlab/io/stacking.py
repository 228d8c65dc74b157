"""Several photos as the channels of one input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.source import Source


def stack_sources(sources: Sequence[Source]) -> Source:
    """The colour channels of all photos as one, each scaled to the first one's size; alpha is left out.

    The type stays where all have the same one and range, else the values are float32 in 0…1. Channels of
    the second photo are called "R 2" and so on. ConvLabError when there is no channel to stack.
    """
    same = len({(source.pixels.dtype, source.max_value) for source in sources}) == 1
    names, planes = [], []
    for name, source, index in _channels(sources):
        plane = _scaled(source.pixels[:, :, index], sources[0].size)
        names.append(name)
        planes.append(plane if same else plane.astype(np.float32) / np.float32(source.max_value))
    if not planes:
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "There is no colour channel to stack.")))
    first = sources[0]
    return Source(
        name=" + ".join(source.name for source in sources),
        pixels=np.ascontiguousarray(np.stack(planes, axis=2)),
        channel_names=tuple(names),
        max_value=first.max_value if same else 1.0,
        description=" + ".join(source.description for source in sources),
    )


def _channels(sources: Sequence[Source]) -> Iterator[tuple[str, Source, int]]:
    """(name in the stack, source, channel) of every channel but alpha; photos are counted through nested stacks."""
    photos = 0
    for source in sources:
        numbers = [_photo_number(name) for name in source.channel_names]
        for index, name in enumerate(source.channel_names):
            if not source.is_alpha(index):
                number = photos + numbers[index]
                first = name.partition(" ")[0]
                yield (first if number == 1 else f"{first} {number}"), source, index
        photos += max(numbers)


def _photo_number(channel_name: str) -> int:
    number = channel_name.split()[1:]
    return int(number[0]) if number and number[0].isdecimal() else 1


def _scaled(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """[H, W] resampled to `size` in its own type; values stay in the range that they had."""
    if plane.shape == size:
        return plane
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    resized = np.asarray(image.resize((size[1], size[0]), Image.Resampling.LANCZOS))
    finite = plane[np.isfinite(plane)]
    if finite.size:
        resized = np.clip(resized, finite.min(), finite.max())
    return (np.rint(resized) if plane.dtype.kind == "u" else resized).astype(plane.dtype)


def scaled_alike(sources: Sequence[Source]) -> list[Source]:
    """The photos in the first one's size and channels, so that they can be slices; in its type where all have it.

    ConvLabError where one has other channels.
    """
    first = sources[0]
    same = len({(source.pixels.dtype, source.max_value) for source in sources}) == 1
    found = []
    for source in sources:
        if source.channel_names != first.channel_names:
            text = QT_TRANSLATE_NOOP("model", "“{name}” has other channels than “{first}”.")
            raise ConvLabError(message(text, name=source.name, first=first.name))
        planes = [_scaled(source.pixels[:, :, n], first.size) for n in range(source.channel_count)]
        pixels = np.stack(planes, axis=2)
        if not same:
            pixels = pixels.astype(np.float32) / np.float32(source.max_value)
        pixels = np.ascontiguousarray(pixels)
        found.append(replace(source, pixels=pixels, max_value=source.max_value if same else 1.0))
    return found
