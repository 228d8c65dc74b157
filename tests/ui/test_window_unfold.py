"""The Unfold tab: columns and windows point at each other, the product is the map."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from convlab.model import edits, opening
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.ui.main_window import MainWindow

LABEL = message("edit")


@pytest.fixture
def unfolding(window: MainWindow, qtbot: QtBot, rest: Callable[[], None]) -> MainWindow:
    """1 … 16 under the kernel [[1, 0], [0, −1]], the tab open."""
    session = window.workbench.session
    session.apply(lambda d: opening.follow_source(d, matrix_source(np.arange(1.0, 17).reshape(1, 4, 4))), LABEL)
    session.apply(lambda d: edits.set_whole_layer(d, np.array([[[[1.0, 0], [0, -1]]]])), LABEL)
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0), bias=False), LABEL)
    window.menus.explain.trigger()
    qtbot.waitUntil(lambda: session.view.explaining)
    window.explain.tabs.setCurrentWidget(window.explain.columns)
    rest()
    return window


def cells(window: MainWindow) -> list[list[str]]:
    model = window.explain.columns.model
    return [[model.data(model.index(r, c)) for c in range(model.columnCount())] for r in range(model.rowCount())]


def test_columns_weights_sums_and_the_maps_values_stand_together(unfolding: MainWindow) -> None:
    rows = cells(unfolding)
    assert rows[0] == ["1", "1", "2", "3", "5", "6", "7", "9", "10", "11"]
    assert [row[0] for row in rows] == ["1", "0", "0", "−1", "", ""]
    assert rows[4] == rows[5] == ["", *["−5"] * 9]
    folded = unfolding.explain.columns.folded.values
    assert folded.tolist() == [[1, 4, 6, 4], [10, 24, 28, 16], [18, 40, 44, 24], [13, 28, 30, 16]]


def test_a_click_on_a_column_keeps_its_window_and_the_reverse(unfolding: MainWindow, qtbot: QtBot) -> None:
    view = unfolding.explain.columns
    index = view.model.index(2, 6)
    with qtbot.waitSignal(unfolding.workbench.scheduler.explained, check_params_cb=lambda found: found is not None):
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=view.table.visualRect(index).center())
    assert unfolding.workbench.session.view.pinned == (1, 2)
    assert unfolding.explain.explanation.values[0].tolist() == [[7, 8], [11, 12]]
    lit = view.model.data(view.model.index(0, 6), Qt.ItemDataRole.BackgroundRole)
    assert lit is not None
    assert view.model.data(view.model.index(0, 5), Qt.ItemDataRole.BackgroundRole) is None
    unfolding.workbench.session.set_view(pinned=(0, 0))
    assert view.model.data(view.model.index(0, 1), Qt.ItemDataRole.BackgroundRole) == lit


def test_a_transposed_layer_says_that_it_folds(unfolding: MainWindow) -> None:
    unfolding.workbench.session.apply(lambda d: edits.set_kind(d, "ConvTranspose2d"), LABEL)
    assert cells(unfolding) == []
    assert unfolding.explain.columns.about.text().startswith("A transposed layer folds")
