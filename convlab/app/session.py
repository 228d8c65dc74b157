"""The one owner of changing state: the document with its history, and the view."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from convlab.model.document import Document
from convlab.model.edits import Edit
from convlab.model.history import History
from convlab.model.locks import changed
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.problems import Limits, Problem
from convlab.model.view import ViewState


class Session(QObject):
    """Applies edits, keeps undo, announces what changed.

    document_changed(old, new) and view_changed(old, new) carry the frozen values; an edit that changes
    nothing announces nothing. refused(Message) tells why an edit could not be made. What is locked (names of
    model.locks) no edit, undo or redo changes.
    """

    document_changed = Signal(object, object)
    view_changed = Signal(object, object)
    history_changed = Signal()
    limits_changed = Signal()
    locks_changed = Signal()
    refused = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(document)
        self._view = ViewState()
        self._limits = Limits()
        self._locks: frozenset[str] = frozenset()
        self._problems = document.problems(self._limits)

    @property
    def document(self) -> Document:
        """The present document."""
        return self._history.present

    @property
    def view(self) -> ViewState:
        """The present view."""
        return self._view

    @property
    def history(self) -> History:
        """The present document with its undo and redo steps."""
        return self._history

    @property
    def limits(self) -> Limits:
        """What the machine can do."""
        return self._limits

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the present layer; () when it can be evaluated."""
        return self._problems

    def apply(self, edit: Edit, label: Message, merge_key: str | None = None) -> None:
        """Make an edit. Edits in a row with the same merge key are one undo step, until `seal`."""
        try:
            document = edit(self.document)
        except ConvLabError as error:
            self.refused.emit(error.message)
            return
        if document != self.document and self._may_become(document):
            self._show(self._history.push(document, label, merge_key))

    def seal(self) -> None:
        """End a drag: the next edit is a step of its own."""
        self._history = self._history.sealed()

    def undo(self) -> None:
        """Go one step back."""
        self._go(self._history.undo())

    def redo(self) -> None:
        """Go one step ahead again."""
        self._go(self._history.redo())

    @property
    def locks(self) -> frozenset[str]:
        """What a challenge keeps as it is."""
        return self._locks

    def set_locks(self, locks: frozenset[str]) -> None:
        """Lock these names and no others."""
        if locks != self._locks:
            self._locks = locks
            self.locks_changed.emit()

    def set_view(self, **changes: object) -> None:
        """Change the view by ViewState's field names. To pin a map's pixel lets the input's go, and the reverse."""
        for one, other in (("pinned", "pinned_input"), ("pinned_input", "pinned")):
            if changes.get(one) is not None:
                changes[other] = None
        view = _valid_view(replace(self._view, **changes), self.document)  # type: ignore[arg-type]  # its own fields
        if view != self._view:
            old, self._view = self._view, view
            self.view_changed.emit(old, view)

    def set_limits(self, limits: Limits) -> None:
        """What the machine can do, once the engine knows."""
        if limits != self._limits:
            self._limits = limits
            self._problems = self.document.problems(limits)
            self.limits_changed.emit()

    def _go(self, history: History) -> None:
        if history is not self._history and self._may_become(history.present):
            self._show(history)

    def _may_become(self, document: Document) -> bool:
        """Whether nothing that is locked differs; else say what."""
        name = next((name for name in changed(self.document, document) if name in self._locks), None)
        if name is not None:
            text = QT_TRANSLATE_NOOP("model", "Locked in this challenge: {name}.")
            self.refused.emit(message(text, name=name))
        return name is None

    def _show(self, history: History) -> None:
        if history is self._history:
            return
        old, self._history = self.document, history
        self._problems = self.document.problems(self._limits)
        if old.source.size != self.document.source.size:
            self.set_view(viewport=None, cursor=None, pinned=None, pinned_input=None, stepping=False)
        else:
            self.set_view()
        if old is not self.document:
            self.document_changed.emit(old, self.document)
        self.history_changed.emit()


def _valid_view(view: ViewState, document: Document) -> ViewState:
    """The view with the chosen kernel, and the weight pointed at, inside the document's."""
    outputs, inputs, *kernel = document.weight.shape
    output = min(max(view.chosen_output, 0), outputs - 1)
    tap = view.tap if view.tap is None or all(at < n for at, n in zip(view.tap, kernel, strict=True)) else None
    return replace(view, chosen_output=output, chosen_input=min(max(view.chosen_input, 0), inputs - 1), tap=tap)
