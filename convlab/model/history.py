"""Undo and redo over documents, as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from convlab.model.document import Document
from convlab.model.message import Message

MAX_STEPS = 500
MAX_OTHER_PIXELS = 512 << 20
"""Bytes of photos that are no longer shown which undo may hold on to."""


@dataclass(frozen=True, slots=True)
class Step:
    """A document to go back to, and the edit that led away from it (undo) or to it (redo)."""

    document: Document
    label: Message
    merge_key: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The present document with the steps behind and ahead of it, oldest first and next first."""

    present: Document
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()

    def push(self, document: Document, label: Message, merge_key: str | None = None) -> History:
        """Make `document` the present. Consecutive edits with the same merge key are one step."""
        if merge_key is not None and self.past and self.past[-1].merge_key == merge_key and not self.future:
            if document == self.past[-1].document:  # a drag that came back is no step
                return History(document, self.past[:-1])
            return replace(self, present=document)
        past = (*self.past, Step(self.present, label, merge_key))[-MAX_STEPS:]
        return History(document, _within_memory(past, document))

    def moved(self, document: Document) -> History:
        """The present seen otherwise, with another layer as the edited one: no step, and the end of a drag."""
        return replace(self.sealed(), present=document)

    def sealed(self) -> History:
        """The same history, whose last step takes no further edits (the drag has ended)."""
        if not self.past or self.past[-1].merge_key is None:
            return self
        return replace(self, past=(*self.past[:-1], replace(self.past[-1], merge_key=None)))

    def undo(self) -> History:
        """One step back; itself when there is none."""
        if not self.past:
            return self
        step = self.past[-1]
        return History(step.document, self.past[:-1], (Step(self.present, step.label), *self.future))

    def redo(self) -> History:
        """One step ahead again; itself when there is none."""
        if not self.future:
            return self
        step = self.future[0]
        return History(step.document, (*self.past, Step(self.present, step.label)), self.future[1:])


def _within_memory(past: tuple[Step, ...], present: Document) -> tuple[Step, ...]:
    """Drop the oldest steps once the photos they alone hold exceed the budget."""
    inputs, total = {id(present.input)}, 0
    counted = {id(array) for array in present.input.arrays}
    for count, step in enumerate(reversed(past)):
        if id(step.document.input) in inputs:  # as for most steps
            continue
        inputs.add(id(step.document.input))
        for array in step.document.input.arrays:
            total += 0 if id(array) in counted else array.nbytes
            counted.add(id(array))
        if total > MAX_OTHER_PIXELS:
            return past[len(past) - count :]
    return past
