"""The explanation's table for a QTableView."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from convlab.model.explanation import Explanation, ledger

Index = QModelIndex | QPersistentModelIndex
TEXT_COLUMNS = (0, 5)


class LedgerModel(QAbstractTableModel):
    """One row a tap, then the sums; read-only."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[list[str]] = []
        self._titles = (
            self.tr("channel"),
            self.tr("kernel row"),
            self.tr("kernel column"),
            self.tr("source row"),
            self.tr("source column"),
            self.tr("note"),
            self.tr("value"),
            self.tr("weight"),
            self.tr("product"),
        )

    def show_explanation(self, explanation: Explanation | None) -> None:
        """The rows from now on."""
        self.beginResetModel()
        self._rows = [] if explanation is None else ledger(explanation)[1:]
        self.endResetModel()

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Taps, sums, bias, total, torch's value."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """As in the CSV file."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Numbers at the right, with a real minus sign."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()].replace("-", "−" if index.column() > 5 else "-")
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() not in TEXT_COLUMNS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        return None
