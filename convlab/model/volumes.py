"""Volumes: slices one behind another, and the layer of pictures that makes one slice of a layer of volumes."""

from __future__ import annotations

from convlab.model.document import Document
from convlab.model.taps import tap_sources


def output_depth(document: Document) -> int:
    """Slices of the layer's output; below 1 where the kernel does not fit."""
    return document.output_shape.size[0]


def read_slices(document: Document, depth: int) -> tuple[int, ...]:
    """The slices of the input that slice `depth` of the output reads, one for each tap; −1 for a slice of zeros."""
    if output_depth(document) < 1:
        return (-1,) * document.conv.spec.kernel_size[0]
    taps = tap_sources(document.conv.spec, document.input_shape.size, 0)
    return tuple(int(n) for n in taps[min(max(depth, 0), len(taps) - 1)])
