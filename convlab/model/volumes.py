"""Volumes: slices one behind another, and the layer of pictures that makes one slice of a layer of volumes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from convlab.model.document import Document
from convlab.model.source import Source
from convlab.model.taps import tap_sources


def output_depth(document: Document) -> int:
    """Slices of the layer's output; below 1 where the kernel does not fit."""
    return document.output_shape.size[0]


def read_slices(document: Document, depth: int) -> tuple[int, ...]:
    """The slices of the input that slice `depth` of the output reads, one for each tap; −1 for a slice of zeros."""
    if output_depth(document) < 1:
        return (-1,) * document.layer.kernel_size[0]
    taps = tap_sources(document.layer, document.input_shape.size, 0)
    return tuple(int(n) for n in taps[min(max(depth, 0), len(taps) - 1)])


@lru_cache(maxsize=2)
def picture_of(source: Source, channels: tuple[int, ...], slices: tuple[int, ...]) -> Source:
    """The slices of each channel as channels of a picture; the same object for the same question, as edits go on."""
    volume = source.volume
    assert volume is not None
    names, planes = [], []
    for channel in channels:
        for at in slices:
            names.append(f"{source.channel_names[channel]} {f'z{at}' if at >= 0 else '–'}")
            planes.append(volume[at, :, :, channel] if at >= 0 else np.zeros(volume.shape[1:3], volume.dtype))
    pixels = np.ascontiguousarray(np.stack(planes, axis=2))
    return replace(source, pixels=pixels, channel_names=tuple(names), volume=None)
