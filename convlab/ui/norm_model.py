"""A layer's numbers for each channel as a table: a row for each channel."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.layers.parameters import ChannelNumbers
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import format_weight, parse_number
from convlab.model.stack import channels_after
from convlab.model.stack_edits import change_layer
from convlab.ui.theme import shown

Index = QModelIndex | QPersistentModelIndex


class NormModel(QAbstractTableModel):
    """The parameters with a number for each channel. refused(str): why a text is no such number."""

    refused = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._place: int | None = None
        self._rows = 0
        self._columns: tuple[ChannelNumbers, ...] = ()

    def show_layer(self, place: int) -> None:
        """The layer at `place` from now on."""
        document = self._session.document
        layer = document.layers[place].layer
        columns = tuple(each for each in layer.PARAMETERS if isinstance(each, ChannelNumbers) and layer.shown(each))
        if not columns and not self._columns:
            return
        self.beginResetModel()
        self._place, self._columns = place, columns
        self._rows = channels_after(document.layers[:place], len(document.used_channels))
        self.endResetModel()

    def _numbers(self, column: ChannelNumbers) -> tuple[float, ...]:
        assert self._place is not None
        layer = self._session.document.layers[self._place].layer
        return layer.channel_numbers(column, self._rows)

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Channels."""
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """A column for each such parameter."""
        return 0 if parent.isValid() else len(self._columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """All can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """torch's names and what they say; the channels' numbers."""
        if orientation == Qt.Orientation.Vertical:
            return str(section) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return shown(message(self._columns[section].tip))
        return self._columns[section].name.replace("_", "_\n") if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A number as a person types it."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole) or self._place is None:
            return None
        return format_weight(self._numbers(self._columns[index.column()])[index.row()])

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed; a variance, for one, cannot be below 0."""
        if role != Qt.ItemDataRole.EditRole or self._place is None:
            return False
        column = self._columns[index.column()]
        try:
            number = parse_number(str(value))
            if number < column.least:
                text = QT_TRANSLATE_NOOP("model", "{name} cannot be below {least}, as {value} is.")
                raise ConvLabError(message(text, name=column.name, least=format_weight(column.least), value=number))
        except ConvLabError as error:
            self.refused.emit(shown(error.message))
            return False
        numbers = list(self._numbers(column))
        numbers[index.row()] = number
        label = message(QT_TRANSLATE_NOOP("model", "change {field}"), field=column.name)
        self._session.apply(partial(_changed, self._place, column.name, tuple(numbers)), label)
        return True


def _changed(place: int, name: str, numbers: tuple[float, ...], document: Document) -> Document:
    return change_layer(document, place, **{name: numbers})
