"""Whether an edit changed weights and biases and nothing else: most of what is shown is the same then."""

from __future__ import annotations

from convlab.model.document import Document
from convlab.model.stack import Entry


def numbers_only(old: Document, new: Document) -> bool:
    """Whether the same layers read the same input, with other weights and biases at most."""
    return (
        old.picture is new.picture
        and old.channels == new.channels
        and old.focus == new.focus
        and len(old.layers) == len(new.layers)
        and all(_alike(a, b) for a, b in zip(old.layers, new.layers, strict=True))
    )


def _alike(old: Entry, new: Entry) -> bool:
    if old is new:
        return True
    a, b = old.layer, new.layer
    if old.on != new.on or a.outline != b.outline:
        return False
    return [numbers.shape for numbers in a.arrays] == [numbers.shape for numbers in b.arrays]
