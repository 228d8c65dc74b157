"""The layers of the stack as a list: what each is called, what leaves it, and whether it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from convlab.app.session import Session
from convlab.model.problems import bytes_text
from convlab.model.stack import Shape, chain_problem
from convlab.ui.layer_figures import grouped
from convlab.ui.theme import shown

Index = QModelIndex | QPersistentModelIndex
MIME = "application/x-convlab-layer"
ITEM = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class StackItem:
    """What is shown of one layer. shape: what leaves it, None behind one that does not fit; problem: why it does not.

    axes: how many of the shape's three axes there are to be shown, the last ones.
    watched: its maps are looked at, whichever layer is chosen.
    """

    number: int
    kind: str
    on: bool
    shape: Shape | None
    problem: str
    watched: bool
    about: str
    axes: int = 2


class StackModel(QAbstractListModel):
    """The session's layers. moved(from, to): one was dragged to another place."""

    moved = Signal(int, int)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.items: tuple[StackItem, ...] = ()
        self.show_stack()

    def show_stack(self) -> None:
        """Take over the session's layers."""
        items = self._items()
        if len(items) != len(self.items):
            self.beginResetModel()
            self.items = items
            self.endResetModel()
        elif items != self.items:
            self.items = items
            self.dataChanged.emit(self.index(0), self.index(len(items) - 1))

    def _items(self) -> tuple[StackItem, ...]:
        session, document = self._session, self._session.document
        found = chain_problem(document.layers, document.source_shape, session.limits)
        fault = len(document.layers) if found is None else found[0]
        shape: Shape | None = document.source_shape
        items, axes = [], len(document.conv.spec.axes)
        for place, entry in enumerate(document.layers):
            about = ""
            if place >= fault:
                shape = None
            elif shape is not None and entry.on:
                about = self._about(place, shape)
                shape = entry.layer.output_shape(shape)
            problem = shown(found[1].message) if found is not None and place == fault else ""
            watched = session.view.watched_layer == place
            items.append(StackItem(place + 1, entry.layer.kind, entry.on, shape, problem, watched, about, axes))
        return tuple(items)

    def _about(self, place: int, shape: Shape) -> str:
        """What the layer costs."""
        document = self._session.document
        layer = document.layers[place].layer
        found = layer.costs(shape, document.conv.spec.dtype)
        text = self.tr("{parameters} parameters, {macs} multiply-adds, maps of {memory}")
        return text.format(
            parameters=grouped(found.parameters),
            macs=grouped(found.multiply_accumulates),
            memory=bytes_text(found.map_bytes),
        )

    def _sentence(self, item: StackItem) -> str:
        """A layer in words, for tooltips and screen readers."""
        text = self.tr("Layer {number}, {kind}").format(number=item.number, kind=item.kind)
        if item.problem:
            return f"{text}: {item.problem}"
        if not item.on:
            return self.tr("{layer}: switched off").format(layer=text)
        if item.shape is not None:
            text += f": {shape_text(item.shape, item.axes)}"
        return f"{text}\n{item.about}" if item.about else text

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """The number of layers."""
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A layer's name, its sentence, or the item itself."""
        item = self.items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{item.number} {item.kind}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(item)
        return item if role == ITEM else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Layers can be dragged between the others."""
        flags = Qt.ItemFlag
        if not index.isValid():
            return flags.ItemIsDropEnabled
        return flags.ItemIsEnabled | flags.ItemIsSelectable | flags.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Layers are moved, not copied."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Our own."""
        return [MIME]

    def mimeData(self, indexes: Sequence[Index]) -> QMimeData:
        """The place of the dragged layer."""
        data = QMimeData()
        data.setData(MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(self, data: QMimeData, _action: Qt.DropAction, row: int, _column: int, _parent: Index) -> bool:
        """Say where to; the list follows the document, so that Qt has nothing to move itself."""
        if data.hasFormat(MIME):
            start = int(bytes(data.data(MIME).data()))
            end = len(self.items) if row < 0 else row
            self.moved.emit(start, end - (end > start))
        return False


def shape_text(shape: Shape, axes: int, times: str = " × ") -> str:
    """'16 × 384 × 512': the channels, and the size along the last `axes` of its three axes."""
    return times.join(map(str, (shape.channels, *shape.size[-axes:])))
