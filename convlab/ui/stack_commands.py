"""What can be done to the stack of layers, as actions for menus, buttons and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from convlab.app.session import Session
from convlab.model import stack_edits
from convlab.model.document import Document
from convlab.model.edits import Edit
from convlab.model.layers.register import FAMILIES, LAYERS
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.stack import Layer
from convlab.model.stack_presets import STACK_PRESETS, StackPreset, apply_preset
from convlab.ui.theme import shown


@dataclass(frozen=True, slots=True)
class Added:
    """What can be added: a layer as it is offered, or where there is none a convolution that fits."""

    layer: Layer | None
    transposed: bool = False

    def title(self, dims: int) -> str:
        """torch's class of it in a stack of signals (1), pictures (2) or volumes (3)."""
        if self.layer is None:
            return f"Conv{'Transpose' if self.transposed else ''}{dims}d"
        return self.layer.in_dims(dims).offered_as


CONVOLUTIONS = Added(None), Added(None, transposed=True)
ADDED = (*CONVOLUTIONS, *(Added(layer) for kind in LAYERS for layer in kind.offered()))


class StackCommands(QObject):
    """Adds, removes, moves, switches; every command acts on the chosen layer."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._dims = session.document.conv.spec.dims
        self._offered: list[tuple[QAction, Added]] = []
        self.add_menu = self._add_menu(parent)
        self.preset_menu = self._preset_menu(parent)
        self.switch = self._action(self.tr("On"), self._switch, "Ctrl+/")
        self.switch.setCheckable(True)
        self.watch = self._action(self.tr("Keep these maps in sight"), self._watch, "Ctrl+K")
        self.watch.setCheckable(True)
        self.left = self._action(self.tr("Move one place ahead"), lambda: self._move_by(-1), "Ctrl+Alt+Left")
        self.right = self._action(self.tr("Move one place back"), lambda: self._move_by(1), "Ctrl+Alt+Right")
        self.remove = self._action(self.tr("Remove"), self._remove)
        self.previous = self._action(self.tr("Choose the layer before"), lambda: self._step(-1), "Alt+PgUp")
        self.next = self._action(self.tr("Choose the layer after"), lambda: self._step(1), "Alt+PgDown")
        self._add_tips()
        self._shown: tuple[int, int, bool, bool] | None = None
        session.document_changed.connect(self._show)
        session.view_changed.connect(self._show)
        self._show()

    @property
    def actions(self) -> list[QAction]:
        """In the order of the menus."""
        return [self.switch, self.watch, self.left, self.right, self.remove, self.previous, self.next]

    def move(self, start: int, end: int) -> None:
        """Move a layer to another place, and choose it."""
        if start == end:
            return
        watched = self._session.view.watched_layer
        order = list(range(len(self._session.document.layers)))
        order.insert(end, order.pop(start))
        self._run(partial(_moved, start, end), _label(QT_TRANSLATE_NOOP("model", "move layer {n}"), start), end)
        if watched is not None:
            self._session.set_view(watched_layer=order.index(watched))

    def add(self, added: Added) -> None:
        """Put a layer after the chosen one, and choose it."""
        place = self._session.document.focus + 1
        watched = self._session.view.watched_layer
        name = added.title(self._session.document.conv.spec.dims)
        label = message(QT_TRANSLATE_NOOP("model", "add {kind}"), kind=name)
        if self._run(partial(_added, added, place), label, place) and watched is not None:
            self._session.set_view(watched_layer=watched + (watched >= place))

    def use(self, preset: StackPreset) -> None:
        """A preset's layers instead of the present ones; its last maps are looked at."""
        label = message(QT_TRANSLATE_NOOP("model", "stack {name}"), name=preset.name)
        self._session.apply(partial(_with_preset, preset), label)
        self._session.choose_layer(len(self._session.document.layers) - 1)

    def _run(self, edit: Edit, label: Message, choose: int) -> bool:
        """Make an edit and choose a layer; False where it was refused."""
        before = self._session.document
        self._session.apply(edit, label)
        made = self._session.document is not before
        if made:
            self._session.choose_layer(min(choose, len(self._session.document.layers) - 1))
        return made

    def _switch(self) -> None:
        place = self._session.document.focus
        on = not self._session.document.layers[place].on
        turned_on, off = (
            QT_TRANSLATE_NOOP("model", "switch layer {n} on"),
            QT_TRANSLATE_NOOP("model", "switch layer {n} off"),
        )
        self._session.apply(partial(_switched, place, on), _label(turned_on if on else off, place))
        self._shown = None
        self._show()  # the button follows the document when the edit was refused

    def _watch(self) -> None:
        session = self._session
        session.set_view(watched_layer=session.document.focus if session.view.watched_layer is None else None)

    def _move_by(self, offset: int) -> None:
        place = self._session.document.focus
        self.move(place, min(max(place + offset, 0), len(self._session.document.layers) - 1))

    def _remove(self) -> None:
        place, watched = self._session.document.focus, self._session.view.watched_layer
        label = _label(QT_TRANSLATE_NOOP("model", "remove layer {n}"), place)
        if self._run(partial(_removed, place), label, max(0, place - 1)) and watched not in (None, place):
            assert watched is not None
            self._session.set_view(watched_layer=watched - (watched > place))

    def _step(self, offset: int) -> None:
        place = self._session.document.focus + offset
        if 0 <= place < len(self._session.document.layers):
            self._session.choose_layer(place)

    @Slot()
    def _show(self) -> None:
        session, place = self._session, self._session.document.focus
        self._name_added(session.document.conv.spec.dims)
        entries, watched = session.document.layers, session.view.watched_layer is not None
        count, on = len(entries), entries[place].on
        if (place, count, on, watched) == self._shown:
            return
        self._shown = (place, count, on, watched)
        self.switch.setChecked(on)
        self.watch.setChecked(watched)
        self.left.setEnabled(place > 0)
        self.right.setEnabled(place < count - 1)
        self.remove.setEnabled(count > 1)
        self.previous.setEnabled(place > 0)
        self.next.setEnabled(place < count - 1)

    def _name_added(self, dims: int) -> None:
        """In the menu, as torch calls them in this stack."""
        if dims != self._dims:
            self._dims = dims
            for action, added in self._offered:
                action.setText(added.title(dims))

    def _action(self, text: str, run: Callable[[], object], shortcut: str = "") -> QAction:
        action = QAction(text, self)
        action.triggered.connect(lambda _checked=False: run())
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        return action

    def _add_tips(self) -> None:
        tips = {
            self.switch: self.tr("A layer that is off passes its input on"),
            self.watch: self.tr("Look at the chosen layer's maps while another layer is edited"),
            self.remove: self.tr("Take the chosen layer out of the stack"),
        }
        for action, tip in tips.items():
            keys = action.shortcut().toString()
            action.setToolTip(f"{tip} ({keys})" if keys else tip)

    def _add_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(self.tr("&Add after the chosen layer"), parent)
        for added in CONVOLUTIONS:
            self._offer(menu, added)
        menu.addSeparator()
        for title, kinds in FAMILIES:
            family = menu.addMenu(shown(message(title)))
            for layer in (layer for kind in kinds for layer in kind.offered()):
                self._offer(family, Added(layer))
        return menu

    def _offer(self, menu: QMenu, added: Added) -> None:
        action = menu.addAction(added.title(self._dims))
        action.triggered.connect(lambda _c=False: self.add(added))
        self._offered.append((action, added))

    def _preset_menu(self, parent: QWidget) -> QMenu:
        menu = QMenu(self.tr("&Stacks"), parent)
        menu.setToolTipsVisible(True)
        for preset in STACK_PRESETS.values():
            action = menu.addAction(shown(message(preset.title)))
            action.setToolTip(f"<p>{preset.description}</p>")
            action.triggered.connect(lambda _c=False, preset=preset: self.use(preset))
        return menu


def _label(template: str, place: int) -> Message:
    return message(template, n=place + 1)


def _added(added: Added, place: int, document: Document) -> Document:
    return stack_edits.add_layer(document, added.layer, place, added.transposed)


def _moved(start: int, end: int, document: Document) -> Document:
    return stack_edits.move_layer(document, start, end)


def _removed(place: int, document: Document) -> Document:
    return stack_edits.remove_layer(document, place)


def _switched(place: int, on: bool, document: Document) -> Document:
    return stack_edits.switch_layer(document, place, on)


def _with_preset(preset: StackPreset, document: Document) -> Document:
    return apply_preset(document, preset)
