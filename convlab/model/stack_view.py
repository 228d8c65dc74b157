"""The maps of any layer of a stack: as a document whose edited layer gives them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convlab.model.document import Document
from convlab.model.layer import ConvSpec
from convlab.model.stack import ConvLayer, Entry, channels_after


def seen(document: Document, place: int | None) -> Document:
    """A document whose feature maps are what leaves the layer at `place`; None is the edited layer.

    For a layer without kernels, and for one that is switched off, its layer is the identity after it: 1 × 1, each
    channel by itself, weight 1, which gives every value back bit by bit.
    """
    place = document.place if place is None else place
    entry = document.layers[place]
    if entry.on and isinstance(entry.layer, ConvLayer):
        return document if place == document.focus else replace(document, focus=place)
    before = document.layers[: place + 1]
    return _identity(document, before, max(1, channels_after(before, len(document.used_channels))))


def looked_at(document: Document) -> str:
    """The kind of layer whose maps a document made by `seen` has: 'Conv2d', 'sqrt'; 'input' before all layers."""
    spec = document.layer
    plain = spec.kernel_size == (1, 1, 1) and spec.groups == spec.in_channels == spec.out_channels and not spec.bias
    if not document.before or not plain or not (document.weight == 1).all():
        return spec.kind
    return next((entry.layer.kind for entry in reversed(document.before) if entry.on), "input")


def identity_of_input(document: Document) -> Document:
    """A document whose feature maps are what the edited layer reads."""
    return _identity(document, document.before, document.layer.in_channels)


def _identity(document: Document, before: tuple[Entry, ...], count: int) -> Document:
    layer = ConvSpec(
        in_channels=count,
        out_channels=count,
        kernel_size=(1, 1),
        padding=(0, 0),
        groups=count,
        bias=False,
        device=document.layer.device,
        dtype=document.layer.dtype,
    )
    identity = ConvLayer(layer, np.ones(layer.weight_shape), np.zeros(count), count, in_channels_follows=False)
    return document.with_layers((*before, Entry(identity)), len(before))
