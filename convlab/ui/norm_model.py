"""The numbers of a BatchNorm2d as a table: a row for each channel."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import format_weight, parse_number
from convlab.model.plain_layers import NORM_DEFAULTS, BatchNorm, norm_numbers
from convlab.model.stack import channels_after
from convlab.model.stack_edits import change_layer
from convlab.ui.theme import shown

Index = QModelIndex | QPersistentModelIndex
NAMES = tuple(NORM_DEFAULTS)


class NormModel(QAbstractTableModel):
    """weight, bias, running_mean, running_var of the layer at `place`. refused(str): why a text is no such number."""

    refused = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._place: int | None = None
        self._rows = 0

    def show_layer(self, place: int | None) -> None:
        """The layer at `place` from now on; None for none."""
        self.beginResetModel()
        self._place = place
        document = self._session.document
        entries = document.layers[:place]
        self._rows = 0 if place is None else channels_after(entries, len(document.used_channels))
        self.endResetModel()

    def _norm(self) -> BatchNorm:
        assert self._place is not None
        layer = self._session.document.layers[self._place].layer
        assert isinstance(layer, BatchNorm)
        return layer

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Channels."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """The four kinds of numbers."""
        return 0 if parent.isValid() else len(NAMES)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """torch's names; the channels' numbers."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return NAMES[section].replace("_", "_\n") if orientation == Qt.Orientation.Horizontal else str(section)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A number as a person types it."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) or self._place is None:
            return None
        return format_weight(norm_numbers(self._norm(), NAMES[index.column()], self._rows)[index.row()])

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed; a variance below 0 has no square root."""
        if role != Qt.ItemDataRole.EditRole or self._place is None:
            return False
        name = NAMES[index.column()]
        try:
            number = parse_number(str(value))
            if name == "running_var" and number < 0:
                text = QT_TRANSLATE_NOOP("model", "running_var is a variance: {value} is below 0.")
                raise ConvLabError(message(text, value=number))
        except ConvLabError as error:
            self.refused.emit(shown(error.message))
            return False
        numbers = list(norm_numbers(self._norm(), name, self._rows))
        numbers[index.row()] = number
        label = message(QT_TRANSLATE_NOOP("model", "change {field}"), field=name)
        self._session.apply(partial(_changed, self._place, name, tuple(numbers)), label)
        return True


def _changed(place: int, name: str, numbers: tuple[float, ...], document: Document) -> Document:
    return change_layer(document, place, **{name: numbers})
