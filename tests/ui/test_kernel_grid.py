"""The grid of kernels by itself: what it paints, what is in sight, biases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import message
from convlab.ui.kernel_grid import BIAS, KernelGrid

EDIT = message("edit")


@pytest.fixture
def grid(qtbot: QtBot, session: Session) -> Iterator[KernelGrid]:
    grid = KernelGrid(session)
    qtbot.addWidget(grid)
    grid.resize(280, 400)
    grid.show()
    yield grid
    grid.hide()


def picture(grid: KernelGrid) -> QImage:
    return grid.viewport().grab().toImage()


def test_the_grid_paints_only_what_is_in_sight(grid: KernelGrid, session: Session) -> None:
    session.apply(lambda d: edits.set_layer(d, in_channels=128, out_channels=512), EDIT)
    rows, columns = grid._in_sight()
    assert len(rows) * len(columns) < 300
    session.set_view(chosen_output=400, chosen_input=100)
    assert grid.viewport().rect().contains(grid.cell_rect(400, 100))
    rows, columns = grid._in_sight()
    assert 400 in rows
    assert 100 in columns


def test_the_chosen_kernel_stays_in_sight_when_the_grid_shrinks(grid: KernelGrid, session: Session) -> None:
    session.set_view(chosen_output=5)
    grid.resize(280, 130)
    assert grid.viewport().rect().contains(grid.cell_rect(5, 0))


def test_the_arrows_stop_at_the_edges(grid: KernelGrid, session: Session, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(grid, key)
    assert (session.view.chosen_output, session.view.chosen_input) == (0, 0)
    for _ in range(8):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert (session.view.chosen_output, session.view.chosen_input) == (5, 2)


def test_each_row_ends_with_its_bias(grid: KernelGrid, session: Session) -> None:
    beside = grid.cell_rect(0, 2).translated(grid.cell_rect(0, 2).width() + 4, 0)
    assert beside.left() + BIAS <= grid.viewport().width() + 8
    with_bias = picture(grid)
    session.apply(lambda d: edits.set_bias(d, 0, -77.0), EDIT)
    assert picture(grid).copy(beside) != with_bias.copy(beside)
    session.apply(lambda d: edits.set_layer(d, bias=False), EDIT)
    without = picture(grid).copy(beside)
    assert len({without.pixel(x, y) for x in range(8, 40) for y in range(without.height())}) == 1


def test_a_group_says_which_inputs_it_reads(grid: KernelGrid, session: Session) -> None:
    session.apply(lambda d: edits.set_layer(d, groups=3), EDIT)
    assert grid._names(0) == ["R"]
    assert grid._names(5) == ["B"]
