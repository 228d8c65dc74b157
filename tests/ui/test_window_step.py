"""Stepping the window over the input, as a teacher does with keys or a presenter's clicker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from pytestqt.qtbot import QtBot

from convlab.model import edits, opening
from convlab.model.matrix import matrix_source, ramp
from convlab.model.message import message
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow

LABEL = message("edit")


@pytest.fixture
def stepping(window: MainWindow, qtbot: QtBot, rest: Callable[[], None]) -> MainWindow:
    """A 4 × 6 ramp under a 3 × 3 layer without padding: a map of 2 × 4, stepping at its first position."""
    session = window.workbench.session
    session.apply(lambda d: opening.follow_source(d, matrix_source(ramp((1, 4, 6)))), LABEL)
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0)), LABEL)
    window.menus.explain.trigger()
    qtbot.waitUntil(lambda: session.view.explaining)
    rest()
    qtbot.waitUntil(lambda: window.workbench.stepper.count == 8)
    qtbot.mouseClick(window.explain.steps.on, Qt.MouseButton.LeftButton)
    assert session.view.stepping
    window.maps.maps.setFocus()
    return window


def places(window: MainWindow, qtbot: QtBot, *keys: Qt.Key) -> list[tuple[int, int]]:
    found = []
    for key in keys:
        qtbot.keyClick(window.maps.maps, key)
        found.append(window.workbench.session.view.pinned)
    return found


def test_keys_and_a_clicker_step_in_row_major_order(stepping: MainWindow, qtbot: QtBot) -> None:
    key = Qt.Key
    assert stepping.workbench.session.view.pinned == (0, 0)
    steps = places(stepping, qtbot, key.Key_Right, key.Key_PageDown, key.Key_Right, key.Key_Right, key.Key_Left)
    assert steps == [(0, 1), (0, 2), (0, 3), (1, 0), (0, 3)]
    steps = places(stepping, qtbot, key.Key_PageUp, key.Key_Down, key.Key_End, key.Key_Right, key.Key_Up, key.Key_Home)
    assert steps == [(0, 2), (1, 0), (1, 3), (1, 3), (0, 0), (0, 0)]


def test_the_panel_explains_each_step(stepping: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(stepping.workbench.scheduler.explained):
        qtbot.keyClick(stepping.maps.maps, Qt.Key.Key_Right)
    found = stepping.explain.explanation
    assert found.position == (0, 1)
    assert found.values[0].tolist() == [[1, 2, 3], [7, 8, 9], [13, 14, 15]]
    assert stepping.explain.steps.about.text() == "2 / 8"


def test_playing_reaches_the_end_and_pauses_there(stepping: MainWindow, qtbot: QtBot) -> None:
    stepper = stepping.workbench.stepper
    stepping.explain.steps.speed.setValue(60)
    qtbot.keyClick(stepping.maps.maps, Qt.Key.Key_Space)
    assert stepper.playing
    qtbot.waitUntil(lambda: not stepper.playing)
    assert stepping.workbench.session.view.pinned == (1, 3)
    qtbot.keyClick(stepping.maps.maps, Qt.Key.Key_Space)
    assert stepper.playing
    assert stepper.index == 0
    qtbot.keyClick(stepping.maps.maps, Qt.Key.Key_Space)
    assert not stepper.playing


def test_maps_are_empty_where_the_window_has_not_been(stepping: MainWindow, qtbot: QtBot) -> None:
    stepping.workbench.stepper.go_to(5)
    grid = stepping.maps.maps
    image = grid.grab().toImage()
    ground = grid.palette().color(QPalette.ColorRole.Window)
    tile, place = grid.tile(TileKey("map", 0)), grid.place_of(TileKey("map", 0))

    def empty(row: int, col: int) -> bool:
        point = place.to_point(*tile.geometry.to_input(row + 0.2, col + 0.2)).toPoint()
        colors = [QColor(image.pixel(point.x() + dx, point.y() + dy)) for dx in range(3) for dy in range(3)]
        return ground in colors

    assert [[empty(row, col) for col in range(4)] for row in range(2)] == [[False] * 4, [False, False, True, True]]


def test_the_scrubber_goes_anywhere_and_step_ends_it(stepping: MainWindow, qtbot: QtBot) -> None:
    stepping.explain.steps.scrubber.setValue(6)
    view = stepping.workbench.session.view
    assert view.pinned == (1, 2)
    qtbot.mouseClick(stepping.explain.steps.on, Qt.MouseButton.LeftButton)
    assert not stepping.workbench.session.view.stepping
    before = stepping.workbench.session.view.pinned
    qtbot.keyClick(stepping.maps.maps, Qt.Key.Key_Right)  # chooses a tile again
    assert stepping.workbench.session.view.pinned == before


def test_closing_the_panel_while_playing_leaves_no_timer(stepping: MainWindow, qtbot: QtBot) -> None:
    stepping.workbench.stepper.toggle()
    assert stepping.workbench.stepper.playing
    stepping.menus.explain.trigger()
    qtbot.waitUntil(lambda: not stepping.workbench.session.view.explaining)
    assert not stepping.workbench.stepper.playing
    assert not stepping.workbench.session.view.stepping


def test_in_a_large_photo_it_steps_over_what_is_in_sight(
    window: MainWindow, qtbot: QtBot, rest: Callable[[], None]
) -> None:
    window.menus.explain.trigger()
    qtbot.waitUntil(lambda: window.workbench.session.view.explaining)
    window.zoom_to_numbers()
    rest()
    region = window.maps.maps.tile(TileKey("map", 0)).region
    qtbot.waitUntil(lambda: window.workbench.stepper.count == region.size)
    assert region.rows < 100
    window.workbench.stepper.go_to(region.cols)
    assert window.workbench.session.view.pinned == (region.top + 1, region.left)
    assert np.prod((region.rows, region.cols)) == window.workbench.stepper.count
