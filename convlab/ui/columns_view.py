"""Unfold: the layer as a matrix product, its windows as columns, and what Fold makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from convlab.app.session import Session
from convlab.app.tiles import SMALL_SOURCE, Tile
from convlab.model.document import Document
from convlab.model.maps import LayerMaps
from convlab.model.numbers import value_text
from convlab.model.unfold import Columns, hit_counts, unfold
from convlab.model.view import ViewState
from convlab.ui.number_map import LARGEST_NUMBERS, NumberMap, shared_limits
from convlab.ui.plain import channel_text
from convlab.ui.rows_model import Index
from convlab.ui.theme import SPACE, figures_font, mixed, text_on, weight_color
from convlab.ui.tone_label import ToneLabel

CELL_WIDTH = 66


class ColumnsModel(QAbstractTableModel):
    """Rows: taps, then Σ + b, then the map's own value where it is on screen. Columns: the weight, then the windows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns: Columns | None = None
        self._sums: NDArray[np.float64] = np.empty(0)
        self._chosen: tuple[int, int] | None = None
        self._map: dict[tuple[int, int], float] = {}

    def show_columns(
        self, columns: Columns | None, chosen: tuple[int, int] | None, values: dict[tuple[int, int], float]
    ) -> None:
        """What is shown from now on; values: of the map, by (row, column)."""
        self.beginResetModel()
        self.columns, self._chosen, self._map = columns, chosen, values
        self._sums = np.empty(0) if columns is None else columns.sums
        self.endResetModel()

    def _text(self, row: int, column: int) -> str:
        assert self.columns is not None
        taps = len(self.columns.taps)
        if row < taps:
            value = self.columns.weights[row] if column == 0 else self.columns.values[row, column - 1]
            return value_text(float(value))
        if column == 0:
            return ""
        if row == taps:
            return value_text(float(self._sums[column - 1]))
        value = self._map.get(self.columns.positions[column - 1])
        return "" if value is None else value_text(value)

    def _ground(self, row: int, column: int) -> QColor | None:
        """Weights on the diverging map; the chosen window lit."""
        assert self.columns is not None
        palette = QApplication.palette()
        if column == 0 and row < len(self.columns.taps):
            scale = float(np.abs(self.columns.weights).max())
            return weight_color(float(self.columns.weights[row]), scale, palette)
        if column and self.columns.positions[column - 1] == self._chosen:
            return mixed(palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Highlight), 0.35)
        return palette.color(QPalette.ColorRole.Window) if row >= len(self.columns.taps) else None

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Taps, the sum, the map's value."""
        return 0 if parent.isValid() or self.columns is None else len(self.columns.taps) + 2

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """The weight and the windows."""
        return 0 if parent.isValid() or self.columns is None else len(self.columns.positions) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Numbers and their grounds."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        ground = self._ground(index.row(), index.column())
        if ground is not None and role == Qt.ItemDataRole.BackgroundRole:
            return ground
        if ground is not None and role == Qt.ItemDataRole.ForegroundRole:
            return text_on(ground)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Map positions above, taps at the left."""
        if role != Qt.ItemDataRole.DisplayRole or self.columns is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            if section == 0:
                return self.tr("W[{o}]").format(o=self.columns.output)
            return "{}, {}".format(*self.columns.positions[section - 1])
        taps = self.columns.taps
        if section < len(taps):
            return "{} {}, {}".format(*taps[section])
        return "Σ + b" if section == len(taps) else self.tr("map")


class ColumnsView(QWidget):
    """Follows the session while it is visible. chosen((row, column)): a window's column was clicked."""

    chosen = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tile: Tile | None = None
        self.about = ToneLabel(tone="quiet")
        self.about.setWordWrap(True)
        self.model = ColumnsModel(self)
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("windows as columns"))
        self.table.setModel(self.model)
        self.table.setFont(figures_font(self))
        self.table.setSelectionMode(QTableView.SelectionMode.NoSelection)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.horizontalHeader().setDefaultSectionSize(CELL_WIDTH)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self.table.clicked.connect(self._clicked)
        self.counts, self.folded = NumberMap(self.tr("how often each pixel is read")), NumberMap(self.tr("Fold"))
        self.restored = NumberMap(self.tr("Fold divided by how often each pixel is read"))
        self._counts_title, self._folded_title = ToneLabel(tone="quiet"), ToneLabel(tone="quiet")
        self._restored_title = ToneLabel(tone="quiet")
        self._lay_out()
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._view_changed)

    def show_tile(self, tile: Tile) -> None:
        """The chosen map's tile: its values stand beside the sums."""
        self._tile = tile
        self._show()

    @Slot(object, object)
    def _document_changed(self, _old: Document, _new: Document) -> None:
        self._tile = None
        self._show()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if (old.resting, old.chosen_output) != (new.resting, new.chosen_output):
            self._show()

    def _show(self) -> None:
        if not self.isVisible():
            return
        session, maps, view = self._session, self._session.edited, self._session.view
        usable = not session.problems and session.sees_edited and maps.reads_source
        usable = usable and not maps.window.transposed
        columns = unfold(maps, view.chosen_output, _inside(view.resting, maps)) if usable else None
        self.model.show_columns(columns, view.resting, {} if columns is None else self._map_values())
        self.table.horizontalHeader().setDefaultSectionSize(self._cell_width(columns))
        self.about.setText(self._sentence(maps, columns, usable))
        self._show_fold(maps, columns)
        if columns is not None and view.resting in columns.positions:
            self.table.scrollTo(self.model.index(0, columns.positions.index(view.resting) + 1))

    def _cell_width(self, columns: Columns | None) -> int:
        """For the longest number and position."""
        if columns is None:
            return CELL_WIDTH
        numbers = np.concatenate([columns.weights, columns.values.ravel()[:4000], columns.sums[:4000]])
        texts = {value_text(float(number)) for number in numbers}
        texts.add("{}, {}".format(*columns.positions[-1]))
        return max(self.fontMetrics().horizontalAdvance(text) for text in texts) + 14

    def _map_values(self) -> dict[tuple[int, int], float]:
        tile = self._tile
        if tile is None or tile.values is None or tile.region.step > 1:
            return {}
        top, left = tile.region.top, tile.region.left
        return {(top + r, left + c): float(tile.values[r, c]) for r, c in np.ndindex(*tile.values.shape)}

    def _sentence(self, maps: LayerMaps, columns: Columns | None, usable: bool) -> str:
        if not maps.reads_source or not self._session.sees_edited:
            return self.tr("Columns are shown of a layer that reads the input itself.")
        if not usable:
            return self.tr("A transposed layer folds instead of unfolding, and a refused one has no windows.")
        if columns is None:
            return self.tr("This kernel has too many taps to be looked at as columns.")
        height, width = maps.output_size
        text = self.tr(
            "unfold(x) is (1, {taps}, {total}); W.reshape(O, −1) @ unfold(x) + b is (1, O, {total}), reshaped "
            "{shape}: Conv{dims}d's output. A click on a column keeps its window."
        )
        shape = f"(1, O, {height}, {width})" if not maps.are_signals else f"(1, O, {width})"
        return text.format(taps=len(columns.taps), total=columns.total, shape=shape, dims=maps.window.dims)

    def _show_fold(self, maps: LayerMaps, columns: Columns | None) -> None:
        """What each pixel is hit by, and the sum that Fold makes; of an input small enough to read."""
        small = columns is not None and max(maps.picture.size) <= LARGEST_NUMBERS <= SMALL_SOURCE
        self._side.setVisible(small)
        if not small:
            return
        counts = hit_counts(maps).astype(np.float64)
        index = maps.input_channels[maps.window.group_inputs(self._session.view.chosen_output)[0]].index
        plane = maps.picture.pixels[:, :, index].astype(np.float64) / maps.picture.max_value
        name = channel_text(maps.picture.channel_names[index])
        self._counts_title.setText(self.tr("each pixel is read"))
        self._folded_title.setText(self.tr("fold(unfold({name}))").format(name=name))
        self.counts.show_values(counts, shared_limits([counts]))
        self.folded.show_values(plane * counts, shared_limits([plane * counts]))
        self._restored_title.setText(self.tr("divided by the counts"))
        restored = np.divide(plane * counts, counts, out=np.full(plane.shape, np.nan), where=counts > 0)
        self.restored.show_values(restored, shared_limits([restored]))
        bar = self._side.verticalScrollBar().sizeHint().width()
        self._side.setFixedWidth(self._inside.sizeHint().width() + bar + SPACE)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        if self.model.columns is not None and index.column() > 0:
            self.chosen.emit(self.model.columns.positions[index.column() - 1])

    def _lay_out(self) -> None:
        self._inside = QWidget()
        grid = QGridLayout(self._inside)
        grid.setContentsMargins(0, 0, 0, 0)
        parts = (
            (self._counts_title, self.counts),
            (self._folded_title, self.folded),
            (self._restored_title, self.restored),
        )
        for number, (title, numbers) in enumerate(parts):
            grid.addWidget(title, 0, number)
            grid.addWidget(numbers, 1, number, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(2, 1)
        self._side = QScrollArea()  # the panel need not be as high as the numbers
        self._side.setFrameShape(QFrame.Shape.NoFrame)
        self._side.setWidgetResizable(True)
        self._side.setWidget(self._inside)
        row = QHBoxLayout()
        row.addWidget(self.table, 1)
        row.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, 0)
        column.addWidget(self.about)
        column.addLayout(row, 1)

    # Qt's names

    def showEvent(self, event: Any) -> None:
        """Catch up."""
        super().showEvent(event)
        self._show()


def _inside(position: tuple[int, int] | None, maps: LayerMaps) -> tuple[int, int] | None:
    if position is None or any(at >= size for at, size in zip(position, maps.output_size, strict=True)):
        return None
    return position
