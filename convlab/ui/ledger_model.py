"""The explanation's table for a QTableView."""

from __future__ import annotations

from PySide6.QtCore import QObject

from convlab.model.shown_ledger import ShownLedger
from convlab.model.shown_sums import ShownSums
from convlab.ui.rows_model import RowsModel

TEXT_COLUMNS = (0, 5)


class LedgerModel(RowsModel):
    """One row a tap, then the sums; columns as in the CSV file, numbers with the digits that they have elsewhere."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent, TEXT_COLUMNS)

    def show_sums(self, sums: ShownSums | None) -> None:
        """The rows from now on."""
        titles = (
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
        self.show_rows(titles, [] if sums is None else ShownLedger(sums))
