"""Rows of texts for a QTableView; read-only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractTableModel):
    """Numbers are at the right and have a real minus sign; the columns `texts` are left as they are."""

    def __init__(self, parent: QObject | None = None, texts: Sequence[int] = ()) -> None:
        super().__init__(parent)
        self._rows: Sequence[list[str]] = []
        self._titles: tuple[str, ...] = ()
        self._texts = frozenset(texts)

    def show_rows(self, titles: tuple[str, ...], rows: Sequence[list[str]]) -> None:
        """The titles and rows from now on."""
        self.beginResetModel()
        self._titles, self._rows = titles, rows
        self.endResetModel()

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Rows without the titles."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """As many as there are titles."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text, or where it stands."""
        is_text = index.column() in self._texts
        if role == Qt.ItemDataRole.DisplayRole:
            text = self._rows[index.row()][index.column()]
            return text if is_text else text.replace("-", "−")
        if role == Qt.ItemDataRole.TextAlignmentRole and not is_text:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        return None
