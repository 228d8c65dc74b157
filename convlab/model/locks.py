"""What a teacher may lock in a challenge, and what an edit changes."""

from __future__ import annotations

from collections.abc import Callable

from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.stack import same_array

LAYER_FIELDS = (
    "kind",
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "padding_mode",
    "dtype",
)

_same: dict[str, Callable[[Document, Document], bool]] = {
    "source": lambda a, b: a.input == b.input and a.channels == b.channels,
    "weight": lambda a, b: a.conv.weight.shape != b.conv.weight.shape or same_array(a.conv.weight, b.conv.weight),
    "bias": lambda a, b: (
        a.conv.spec.bias == b.conv.spec.bias
        and (len(a.conv.bias) != len(b.conv.bias) or same_array(a.conv.bias, b.conv.bias))
    ),
    "activation": lambda a, b: a.activation == b.activation,
}

LOCKS = ("source", *LAYER_FIELDS, "weight", "bias", "activation")
"""The input, the layer's parameters by torch's names, and its numbers. The device is never locked."""

LOCK_TITLES = {
    "source": QT_TRANSLATE_NOOP("model", "the input"),
    "kind": QT_TRANSLATE_NOOP("model", "the kind of layer"),
    "weight": QT_TRANSLATE_NOOP("model", "the weights"),
    "bias": QT_TRANSLATE_NOOP("model", "the bias"),
    "activation": QT_TRANSLATE_NOOP("model", "the activation"),
}
"""Titles of those that are no parameters of nn.Conv2d."""


def changed(old: Document, new: Document) -> tuple[str, ...]:
    """The names among LOCKS that differ between two documents, in their order.

    Weights and biases that are cut or continued because the layer's sizes changed count as these sizes.
    """
    return tuple(name for name in LOCKS if not _unchanged(name, old, new))


def _unchanged(name: str, old: Document, new: Document) -> bool:
    return _same[name](old, new) if name in _same else getattr(old.conv.spec, name) == getattr(new.conv.spec, name)
