"""Edits of the stack: add, remove, move, switch and change layers, and which of them is the edited one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from convlab.model.document import Document
from convlab.model.edits import set_kind, set_layer, settled
from convlab.model.layer import AXES, ConvSpec
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.stack import ConvLayer, Entry, Layer, channels_after, with_changes, with_kernels
from convlab.model.weights import default_weight

MOST_LAYERS = 64
FIRST_OUTPUTS = 8
"""Of a convolution that is added."""


def focused(document: Document, place: int) -> Document:
    """The same stack with the layer at `place` as the edited one."""
    return document if place == document.focus else replace(document, focus=place)


def add_layer(document: Document, layer: Layer | None, place: int, transposed: bool = False) -> Document:
    """Put a layer, of as many axes as the others, at `place`; None adds a convolution, or a transposed one, with
    weights as PyTorch draws them."""
    entries = document.layers
    if len(entries) >= MOST_LAYERS:
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "A stack holds {most} layers."), most=MOST_LAYERS))
    dims = document.conv.spec.dims
    made = new_convolution(document, place, transposed) if layer is None else layer.in_dims(dims)
    added = Entry(made)
    focus = document.focus + (place <= document.focus)
    changed = document.with_layers((*entries[:place], added, *entries[place:]), focus)
    return settled(changed)


def remove_layer(document: Document, place: int) -> Document:
    """Take a layer out. The last convolution stays: its weights are what there is to edit."""
    entries = document.layers
    rest = entries[:place] + entries[place + 1 :]
    left = [n for n, _ in with_kernels(rest)]
    if not left:
        text = QT_TRANSLATE_NOOP("model", "The stack keeps one convolution: switch this one off instead.")
        raise ConvLabError(message(text))
    wanted = document.focus - (place < document.focus)
    focus = min(left, key=lambda n: (abs(n - wanted), n))
    return settled(document.with_layers(rest, focus))


def move_layer(document: Document, place: int, to: int) -> Document:
    """Move a layer to another place; the others close up."""
    order = list(range(len(document.layers)))
    order.insert(to, order.pop(place))
    entries = document.layers
    return settled(document.with_layers(tuple(entries[n] for n in order), order.index(document.focus)))


def switch_layer(document: Document, place: int, on: bool) -> Document:
    """Let a layer act, or pass its input on."""
    entries = document.layers
    changed = (*entries[:place], replace(entries[place], on=on), *entries[place + 1 :])
    return settled(replace(document, layers=changed))


def change_layer(document: Document, place: int, **changes: object) -> Document:
    """Set fields of the layer at `place`, which is no convolution, as `with_changes` says."""
    entries = document.layers
    entry = replace(entries[place], layer=with_changes(entries[place].layer, **changes))
    return settled(replace(document, layers=(*entries[:place], entry, *entries[place + 1 :])))


def set_depth(document: Document, place: int, name: str, value: int) -> Document:
    """Set a size's number along depth; which layer is the edited one stays."""
    there = focused(document, place)
    if there.place != place:
        return change_layer(document, place, depth={name: value})
    return replace(set_layer(there, depth={name: value}), focus=document.focus)


def set_parameter(document: Document, place: int, name: str, value: object) -> Document:
    """Set one parameter of any layer, a convolution too; which layer is the edited one stays."""
    there = focused(document, place)
    if there.place != place:
        return change_layer(document, place, **{name: value})
    changed = set_kind(there, str(value)) if name == "kind" else set_layer(there, **{name: value})
    return replace(changed, focus=document.focus)


def use_stack(document: Document, entries: tuple[Entry, ...]) -> Document:
    """These layers instead of all present ones; the last convolution is the edited one."""
    if document.conv.spec.dims != 2:
        document = set_kind(document, "Conv2d")
    places = [place for place, _ in with_kernels(entries)]
    if not places:
        raise ValueError("a stack has a convolution")
    return settled(document.with_layers(entries, places[-1]))


def new_convolution(document: Document, place: int, transposed: bool = False) -> ConvLayer:
    """A convolution that fits at `place`, of the stack's axes, dtype and device: 3 along each axis, padding 'same'; a
    transposed one 2 along each, with stride 2, for maps of twice the size."""
    channels = max(1, channels_after(document.layers[:place], len(document.used_channels)))
    present = document.conv.spec
    spec = ConvSpec(channels, FIRST_OUTPUTS, device=present.device, dtype=present.dtype, dims=present.dims)
    if transposed:
        spec = replace(spec, transposed=True, kernel_size=(2,) * AXES, stride=(2,) * AXES, padding=(0,) * AXES)
    return ConvLayer(spec, default_weight(spec, seed=place), np.zeros(FIRST_OUTPUTS))
