"""The way back in words and as a table: what an input pixel feeds, what a weight touches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QVBoxLayout, QWidget

from convlab.model.maps import LayerMaps
from convlab.model.numbers import value_text
from convlab.model.reverse import (
    Feeding,
    feeding,
    feeding_message,
    feeding_table,
    touched,
    touched_message,
)
from convlab.model.unit import in_unit
from convlab.model.view import ViewState
from convlab.ui.plain import PlainLabel
from convlab.ui.rows_model import RowsModel
from convlab.ui.theme import SPACE, shown

MOST_COLUMNS = 12
MOST_ROWS = 200
"""Channels beyond these columns, and all but the largest of more taps, are in the copied table only."""


class ReverseView(QWidget):
    """A sentence, and under it the taps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Feeding | None = None
        self._maps: LayerMaps | None = None
        self._unit = 1.0
        self.sentence = PlainLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.model = RowsModel(self)
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("pixels that are fed"))
        self.table.setModel(self.model)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, 0)
        column.addWidget(self.sentence)
        column.addWidget(self.table, 1)

    def show_feeding(self, maps: LayerMaps, output: int, position: tuple[int, int], unit: float = 1.0) -> None:
        """What the input pixel at `position` feeds in map `output`, values in `unit`; the document has no problems."""
        known = self._found is not None and self._maps == maps and self._unit == unit
        if known and self._found is not None and self._found.key == (output, position):
            return
        found = feeding(maps, output, *position)
        more = len(found.places) - MOST_ROWS
        rest = self.tr("  The {most} largest are listed.").format(most=MOST_ROWS) if more > 0 else ""
        self.sentence.setText(shown(feeding_message(found, unit)) + rest)
        self._found, self._maps, self._unit = found, maps, unit
        self.model.show_rows(self._titles(found), _short_rows(found, unit))
        self.table.show()

    def show_touched(self, maps: LayerMaps, view: ViewState) -> None:
        """What the weight under the mouse touches; the document has no problems."""
        if view.tap is None:
            return
        number = maps.window.group_inputs(view.chosen_output)[view.chosen_input]
        name = maps.picture.channel_names[maps.input_channels[number].index]
        self.sentence.setText(shown(touched_message(touched(maps, view.tap), view.chosen_output, name)))
        self._found = None
        self.table.hide()

    @property
    def rows(self) -> list[list[str]]:
        """The whole table with its titles, to be copied."""
        return [] if self._found is None else feeding_table(self._found)

    def _titles(self, found: Feeding) -> tuple[str, ...]:
        titles = [
            self.tr("output row"),
            self.tr("output column"),
            self.tr("kernel row"),
            self.tr("kernel column"),
        ]
        for name in found.channel_names:
            titles += [self.tr("{name}: weight").format(name=name), self.tr("{name}: product").format(name=name)]
        return tuple(titles[:MOST_COLUMNS])


def _short_rows(found: Feeding, unit: float) -> list[list[str]]:
    """The table's rows for the eye: few digits, as many channels as there are columns for, of many the largest."""
    channels, places = (MOST_COLUMNS - 4) // 2, found.places
    products = found.weights * in_unit(found.values, unit)
    pairs = np.stack([found.weights[:, :channels], products[:, :channels]], axis=2)
    pairs = pairs.reshape(len(places), pairs.shape[1] * 2)
    if len(places) > MOST_ROWS:
        largest = np.argsort(-np.abs(found.weights).max(axis=1), kind="stable")[:MOST_ROWS]
        places, pairs = places[largest], pairs[largest]
    return [
        [*(str(int(n)) for n in place), *(value_text(float(n)) for n in numbers)]
        for place, numbers in zip(places, pairs, strict=True)
    ]
