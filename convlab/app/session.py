"""The one owner of changing state: the document with its history, and the view."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from convlab.model.document import Document
from convlab.model.edits import Edit
from convlab.model.history import History
from convlab.model.locks import changed
from convlab.model.maps import LayerMaps, edited
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.problems import Limits, Problem
from convlab.model.view import ViewState


class Session(QObject):
    """Applies edits, keeps undo, announces what changed.

    document_changed(old, new) and view_changed(old, new) carry the frozen values; an edit that changes
    nothing announces nothing. seen_changed: another layer's maps are looked at. refused(Message) tells why an edit
    could not be made. What is locked (names of model.locks) no edit, undo or redo changes.
    """

    document_changed = Signal(object, object)
    view_changed = Signal(object, object)
    history_changed = Signal()
    limits_changed = Signal()
    seen_changed = Signal()
    locks_changed = Signal()
    refused = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(document)
        self._view = ViewState()
        self._limits = Limits()
        self._locks: frozenset[str] = frozenset()
        self._edited, self._maps = edited(document), LayerMaps(document, document.focus)
        self._judge()

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
    def edited(self) -> LayerMaps:
        """The maps of the convolution that is edited, of volumes the slice looked at."""
        return self._edited

    @property
    def maps(self) -> LayerMaps:
        """The maps looked at."""
        return self._maps

    @property
    def sees_edited(self) -> bool:
        """Whether the maps looked at are those of the edited convolution, or of the activation after it."""
        return self._maps.of_edited

    @property
    def maps_view(self) -> ViewState:
        """The view of the maps looked at: its chosen output is one of them."""
        if self.sees_edited:
            return self._view
        chosen = min(self._view.chosen_map, self._maps.count - 1)
        return replace(self._view, chosen_output=chosen, chosen_input=0)

    @property
    def seen_place(self) -> int:
        """The place of the layer whose maps are looked at."""
        return self.document.focus if self._view.watched_layer is None else self._view.watched_layer

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the maps looked at cannot be evaluated; () when they can."""
        return self._problems

    @property
    def layer_problems(self) -> tuple[Problem, ...]:
        """What is wrong with the edited layer, or one before it."""
        return self._layer_problems

    def apply(self, edit: Edit, label: Message, merge_key: str | None = None) -> None:
        """Make an edit. Edits in a row with the same merge key are one undo step, until `seal`."""
        try:
            document = edit(self.document)
        except ConvLabError as error:
            self.refused.emit(error.message)
            return
        if document != self.document and self._may_become(document):
            self._show(self._history.push(document, label, merge_key))

    def begin(self, document: Document) -> None:
        """Another document without a way back: the first step of undo is yet to come."""
        self._show(History(document))

    def choose_layer(self, place: int) -> None:
        """Edit the layer at `place`, and look at its maps unless another is watched; no step of undo."""
        if place != self.document.focus:
            self._show(self._history.moved(replace(self.document, focus=place)))

    def choose_map(self, index: int) -> None:
        """Choose one of the maps looked at."""
        if self.sees_edited:
            self.set_view(chosen_output=index)
        else:
            self.set_view(chosen_map=index)

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
            if self._look():
                self.seen_changed.emit()
            self.view_changed.emit(old, view)

    def set_limits(self, limits: Limits) -> None:
        """What the machine can do, once the engine knows."""
        if limits != self._limits:
            self._limits = limits
            self._judge()
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
        view = self._view
        if old.picture.size != self.document.picture.size:
            view = replace(view, viewport=None, cursor=None, stepping=False)
            view = replace(view, pinned=None, pinned_input=None, offered=None)
        if len(old.layers) != len(self.document.layers):
            view = replace(view, watched_layer=None)
        old_view, self._view = self._view, _valid_view(view, self.document)
        self._look()
        if self._view != old_view:
            self.view_changed.emit(old_view, self._view)
        if old is not self.document:
            self.document_changed.emit(old, self.document)
        self.history_changed.emit()

    def _look(self) -> bool:
        """Find what is looked at; whether that is another layer or slice now."""
        maps = LayerMaps(self.document, self.seen_place, self._view.depth)
        if maps == self._maps:
            return False
        self._maps, self._edited = maps, edited(self.document, self._view.depth)
        self._judge()
        return True

    def _judge(self) -> None:
        self._layer_problems = self._edited.problems(self._limits)
        self._problems = self._layer_problems if self.sees_edited else self._maps.problems(self._limits)


def _valid_view(view: ViewState, document: Document) -> ViewState:
    """The view with the chosen kernel, and the weight pointed at, inside the document's."""
    outputs, inputs, *kernel = document.conv.kernel_slices.shape
    output = min(max(view.chosen_output, 0), outputs - 1)
    tap = view.tap if view.tap is None or all(at < n for at, n in zip(view.tap, kernel, strict=True)) else None
    watched = view.watched_layer
    if watched is not None and not 0 <= watched < len(document.layers):
        watched = None
    return replace(
        view,
        chosen_output=output,
        chosen_input=min(max(view.chosen_input, 0), inputs - 1),
        tap=tap,
        watched_layer=watched,
        depth=_valid_depth(view.depth, LayerMaps(document, document.focus if watched is None else watched)),
    )


def _valid_depth(depth: int, maps: LayerMaps) -> int:
    """The slice, or the nearest that the maps have."""
    return min(max(depth, 0), max(maps.depth - 1, 0)) if maps.are_volumes else 0
