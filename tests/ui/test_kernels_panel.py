"""Kernels by mouse and keys: typed, wheeled, dragged, pasted, acted on; every gesture one undo step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.model.presets import PRESETS
from convlab.model.view import TileKey
from convlab.ui.kernel_table import KernelTable
from convlab.ui.main_window import MainWindow


def cell(table: KernelTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.model().index(row, column)).center()


def click(qtbot: QtBot, table: KernelTable, row: int, column: int) -> None:
    table.setFocus()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cell(table, row, column))


def edit_cell(qtbot: QtBot, table: KernelTable, row: int, column: int) -> QLineEdit:
    """Open the editor of a cell as F2 does."""
    click(qtbot, table, row, column)
    qtbot.keyClick(table, Qt.Key.Key_F2)
    return next(editor for editor in table.findChildren(QLineEdit) if editor.isVisible())


def enter(qtbot: QtBot, table: KernelTable, editor: QLineEdit, key: Qt.Key = Qt.Key.Key_Return) -> None:
    """Press the key and wait until the view has taken the editor away."""
    qtbot.keyClick(editor, key)
    qtbot.waitUntil(lambda: not table.findChildren(QLineEdit))


def act(window: MainWindow, title: str) -> None:
    """Choose an entry of the Actions menu by its text."""
    actions = window.kernels.action_button.menu().actions()
    next(action for action in actions if action.text() == title).trigger()


def test_a_typed_weight_changes_the_map_while_it_is_typed(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    table, session = window.kernels.table, window.workbench.session
    before = window.maps.maps.tile(TileKey("map", 0)).pixels
    start = session.document
    editor = edit_cell(qtbot, table, 1, 1)
    qtbot.keyClicks(editor, "2.5")
    assert session.document.conv.kernel_slices[0, 0, 1, 1] == 2.5
    settle()
    assert not np.array_equal(window.maps.maps.tile(TileKey("map", 0)).pixels, before)
    enter(qtbot, table, editor)
    window.menus.undo.trigger()
    assert session.document == start


def test_a_fraction_and_a_decimal_comma_are_numbers(window: MainWindow, qtbot: QtBot) -> None:
    table, session = window.kernels.table, window.workbench.session
    for row, (typed, value) in enumerate((("1/9", 1 / 9), ("−0,5", -0.5))):
        editor = edit_cell(qtbot, table, row, 0)
        editor.insert(typed)
        editor.setModified(True)
        enter(qtbot, table, editor)
        assert session.document.conv.kernel_slices[0, 0, row, 0] == value


def test_text_that_is_no_number_is_refused_and_the_weight_stays(window: MainWindow, qtbot: QtBot) -> None:
    table, session = window.kernels.table, window.workbench.session
    start = session.document
    editor = edit_cell(qtbot, table, 0, 0)
    qtbot.keyClicks(editor, "1e99x")
    enter(qtbot, table, editor)
    assert session.document == start
    assert "not a number" in window.messages.text


def test_escape_brings_the_weight_back(window: MainWindow, qtbot: QtBot) -> None:
    table, session = window.kernels.table, window.workbench.session
    start = session.document
    editor = edit_cell(qtbot, table, 0, 0)
    qtbot.keyClicks(editor, "7")
    assert session.document.conv.kernel_slices[0, 0, 0, 0] == 7
    enter(qtbot, table, editor, Qt.Key.Key_Escape)
    assert session.document.conv.kernel_slices[0, 0, 0, 0] == start.conv.kernel_slices[0, 0, 0, 0]


def test_a_drag_is_one_undo_step(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> None:
    table, session = window.kernels.table, window.workbench.session
    start = session.document
    point = cell(table, 1, 1)
    table.setFocus()
    qtbot.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    for distance in range(1, 61):
        qtbot.mouseMove(table.viewport(), point - QPoint(0, distance))
    assert session.document.conv.kernel_slices[0, 0, 1, 1] == 1.0
    qtbot.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=point - QPoint(0, 60))
    settle()
    window.menus.undo.trigger()
    assert session.document == start


@pytest.mark.parametrize(
    ("modifier", "step"),
    [
        (Qt.KeyboardModifier.NoModifier, 0.1),
        (Qt.KeyboardModifier.ShiftModifier, 1.0),
        (Qt.KeyboardModifier.ControlModifier, 0.01),
    ],
)
def test_the_wheel_steps_the_current_weight(
    window: MainWindow, qtbot: QtBot, modifier: Qt.KeyboardModifier, step: float
) -> None:
    table = window.kernels.table
    click(qtbot, table, 1, 1)
    point = cell(table, 1, 1)
    event = QWheelEvent(
        QPointF(point),
        QPointF(table.viewport().mapToGlobal(point)),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(table.viewport(), event)
    assert window.workbench.session.document.conv.kernel_slices[0, 0, 1, 1] == pytest.approx(2 * step)


@pytest.mark.parametrize(
    "text",
    ["1\t2\t3\n4\t5\t6\n7\t8\t9", "[[1,2,3],[4,5,6],[7,8,9]]", "np.array([[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]])"],
)
def test_paste_takes_spreadsheet_and_python(window: MainWindow, qtbot: QtBot, text: str) -> None:
    table, session = window.kernels.table, window.workbench.session
    click(qtbot, table, 0, 0)
    QGuiApplication.clipboard().setText(text)
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert session.document.conv.kernel_slices[0, 0].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "1\t2\t3\n4\t5\t6\n7\t8\t9"


def test_a_larger_pasted_matrix_grows_the_kernel_and_a_bad_one_is_said(window: MainWindow, qtbot: QtBot) -> None:
    table, session = window.kernels.table, window.workbench.session
    click(qtbot, table, 0, 0)
    QGuiApplication.clipboard().setText("\n".join(["1 2 3 4 5"] * 5))
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert session.document.conv.spec.kernel_size == (1, 5, 5)
    assert session.document.conv.kernel_slices[0, 0, 4].tolist() == [1, 2, 3, 4, 5]
    after = session.document
    QGuiApplication.clipboard().setText("1 2\n3")
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert session.document == after
    assert "Row 2" in window.messages.text


def test_delete_clears_the_selected_weights(window: MainWindow, qtbot: QtBot) -> None:
    table, session = window.kernels.table, window.workbench.session
    click(qtbot, table, 1, 2)
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert session.document.conv.kernel_slices[0, 0, 1, 2] == 0
    assert session.document.conv.kernel_slices[0, 0, 0, 2] != 0


def test_a_click_and_the_arrows_choose_a_kernel(window: MainWindow, qtbot: QtBot) -> None:
    grid, session = window.kernels.grid, window.workbench.session
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.cell_rect(1, 2).center())
    assert (session.view.chosen_output, session.view.chosen_input) == (1, 2)
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert (session.view.chosen_output, session.view.chosen_input) == (0, 1)


@pytest.mark.parametrize(("scope", "changed"), [(0, 1), (1, 3), (2, 2), (3, 6)])
def test_an_action_acts_on_its_scope_in_one_step(window: MainWindow, scope: int, changed: int) -> None:
    session = window.workbench.session
    start = session.document
    window.kernels.scope.setCurrentIndex(scope)
    act(window, "Negate")
    differs = [
        (o, i)
        for o in range(2)
        for i in range(3)
        if (session.document.conv.weight[o, i] != start.conv.weight[o, i]).any()
    ]
    assert len(differs) == changed
    window.menus.undo.trigger()
    assert session.document == start


def test_an_impossible_action_is_said(window: MainWindow) -> None:
    start = window.workbench.session.document
    act(window, "Normalise: sum 1")
    assert window.workbench.session.document is start
    assert "sum to 0" in window.messages.text


def test_random_weights_come_again_from_their_seed(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    session = window.workbench.session
    monkeypatch.setattr(QInputDialog, "getInt", lambda *a: (42, True))
    window.kernels.scope.setCurrentIndex(3)
    act(window, "Random: normal…")
    first = session.document.conv.weight
    act(window, "Zero")
    act(window, "Random: normal…")
    assert np.array_equal(session.document.conv.weight, first)


def test_a_presets_parameters_act_live_and_cancel_takes_all_back(window: MainWindow, qtbot: QtBot) -> None:
    session, kernels = window.workbench.session, window.kernels
    start = session.document
    kernels._apply_preset(PRESETS["gaussian"])
    assert kernels.strip.isVisible()
    sigma = kernels.strip._values["sigma"]
    sigma.setFocus()
    sigma.selectAll()
    qtbot.keyClicks(sigma, "2")
    assert session.document.conv.spec.kernel_size == (1, 13, 13)
    sigma.selectAll()
    qtbot.keyClicks(sigma, "0.5")
    assert session.document.conv.spec.kernel_size == (1, 5, 5)
    assert session.document.conv.kernel_slices[0].sum() == pytest.approx(3)
    qtbot.keyClick(sigma, Qt.Key.Key_Escape)
    assert session.document == start
    assert not kernels.strip.isVisible()


def test_a_layer_preset_replaces_the_layer(window: MainWindow, settle: Callable[[], None]) -> None:
    session = window.workbench.session
    window.kernels._apply_preset(PRESETS["edge-bank"])
    settle()
    assert session.document.conv.spec.out_channels == 8
    assert window.maps.maps.tile(TileKey("map", 3)) is not None
    window.menus.undo.trigger()
    assert session.document.conv.spec.out_channels == 2


def test_512_by_8_kernels_scroll_to_the_chosen_one(window: MainWindow, settle: Callable[[], None]) -> None:
    session = window.workbench.session
    session.apply(lambda d: edits.set_layer(d, out_channels=512), message("edit"))
    session.set_view(chosen_output=300)
    grid = window.kernels.grid
    assert grid.viewport().rect().contains(grid.cell_rect(300, 0).center())
    rows, _ = grid._in_sight()
    assert len(rows) < 30
    settle()


def test_alt_and_the_arrows_step_the_current_weight(window: MainWindow, qtbot: QtBot) -> None:
    table, session = window.kernels.table, window.workbench.session
    click(qtbot, table, 1, 1)
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier)
    assert session.document.conv.kernel_slices[0, 0, 1, 1] == pytest.approx(1.09)
