"""The way back in the window: point at the input or at a weight; padding is drawn with its values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convlab.model import edits, opening
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow

LABEL = message("edit")
PHOTO, MAP = TileKey("photo"), TileKey("map", 0)
KERNEL = np.array([[[[1.0, 2, 1], [0, 1, 0], [2, 1, 0]]]])


@pytest.fixture
def explaining(window: MainWindow, qtbot: QtBot, rest: Callable[[], None]) -> MainWindow:
    """0 … 24 in 5 × 5 under a 3 × 3 kernel with padding 1, explained."""
    session = window.workbench.session
    session.apply(lambda d: opening.follow_source(d, matrix_source(np.arange(25.0).reshape(1, 5, 5))), LABEL)
    session.apply(lambda d: edits.set_whole_layer(d, KERNEL), LABEL)
    session.apply(lambda d: edits.set_layer(d, padding=(1, 1), bias=False), LABEL)
    window.menus.explain.trigger()
    qtbot.waitUntil(lambda: session.view.explaining)
    rest()
    return window


def point_at(window: MainWindow, qtbot: QtBot, row: int, col: int) -> QPoint:
    """Move the mouse to an input pixel on the photo."""
    grid = window.inputs.photo
    point = grid.place_of(PHOTO).to_point(row + 0.5, col + 0.5).toPoint()
    qtbot.mouseMove(grid.viewport(), point)
    qtbot.waitUntil(lambda: window.workbench.session.view.cursor_on == "photo")
    return point


def test_an_input_pixel_shows_where_it_goes(explaining: MainWindow, qtbot: QtBot) -> None:
    point_at(explaining, qtbot, 0, 0)
    panel = explaining.explain
    assert panel.reverse.sentence.text() == (
        "The input pixel at row 0, column 0 (gray 0) feeds 4 pixels of out 0 by 4 taps."
    )
    assert explaining.maps.maps.marks(MAP).fed == ((0, 0), (0, 1), (1, 0), (1, 1))
    assert panel.explanation is None
    model = panel.reverse.model
    rows = [[model.data(model.index(r, c)) for c in range(6)] for r in range(model.rowCount())]
    assert rows[0] == ["0", "0", "1", "1", "1", "0"]
    assert [row[4] for row in rows] == ["1", "0", "2", "1"]


def test_a_click_keeps_the_input_pixel_and_escape_lets_it_go(explaining: MainWindow, qtbot: QtBot) -> None:
    session, grid = explaining.workbench.session, explaining.inputs.photo
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=point_at(explaining, qtbot, 2, 2))
    assert session.view.pinned_input == (2, 2)
    assert explaining.explain.pin.isChecked()
    session.set_view(cursor=None, cursor_on=None)
    assert len(explaining.maps.maps.marks(MAP).fed) == 9
    qtbot.mouseClick(explaining.explain.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text().splitlines()[1] == "1\t1\t2\t2\t0.0\t0.0"
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert session.view.pinned_input is None
    assert explaining.maps.maps.marks(MAP).fed == ()


def test_a_map_pixel_takes_the_place_of_a_kept_input_pixel(explaining: MainWindow, qtbot: QtBot) -> None:
    session, grid = explaining.workbench.session, explaining.maps.maps
    session.set_view(pinned_input=(2, 2))
    point = grid.place_of(MAP).to_point(1.5, 1.5).toPoint()
    with qtbot.waitSignal(explaining.workbench.scheduler.explained, check_params_cb=lambda found: found is not None):
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert (session.view.pinned, session.view.pinned_input) == ((1, 1), None)
    assert explaining.explain.explanation.position == (1, 1)


def test_a_weight_shows_what_it_touches(explaining: MainWindow, qtbot: QtBot) -> None:
    table = explaining.kernels.table
    qtbot.mouseMove(table.viewport(), table.visualRect(table.model().index(0, 2)).center())
    qtbot.waitUntil(lambda: explaining.workbench.session.view.tap == (0, 2))
    assert explaining.explain.reverse.sentence.text() == (
        "The weight at row 0, column 2 (gray → out 0) reads rows 0 … 3, columns 1 … 4: "
        "25 places, 9 of them on no pixel."
    )
    found = explaining.inputs.photo.marks(PHOTO).touched
    assert (found.rows.tolist(), found.cols.tolist()) == ([0, 1, 2, 3], [1, 2, 3, 4])


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
def test_padding_has_its_place_beside_the_picture_and_its_values_in_it(
    explaining: MainWindow, qtbot: QtBot, rest: Callable[[], None], mode: str
) -> None:
    session, grid = explaining.workbench.session, explaining.inputs.photo
    session.apply(lambda d: edits.set_layer(d, padding_mode=mode), LABEL)
    rest()
    place = grid.place_of(PHOTO)
    ring = place.rect.contains(place.to_point(-1, -1)) and place.rect.contains(place.to_point(6, 6))
    assert ring
    before = corner(grid.viewport().grab().toImage(), place)
    with qtbot.waitSignal(explaining.workbench.scheduler.explained, check_params_cb=lambda found: found is not None):
        session.set_view(pinned=(0, 0))
    after = corner(grid.viewport().grab().toImage(), place)
    assert before.std() == 0
    assert after.std() > 10


def corner(image: QImage, place: object) -> np.ndarray:
    """Gray levels inside the cell at row −1, column −1, without its frame."""
    start, end = place.to_point(-1, -1), place.to_point(0, 0)
    ratio = image.devicePixelRatio()
    xs = range(round((start.x() + 3) * ratio), round((end.x() - 3) * ratio))
    ys = range(round((start.y() + 3) * ratio), round((end.y() - 3) * ratio))
    return np.array([[image.pixelColor(x, y).lightness() for x in xs] for y in ys], dtype=float)


def test_a_map_larger_than_its_input_is_seen_whole(
    explaining: MainWindow, qtbot: QtBot, rest: Callable[[], None]
) -> None:
    explaining.menus.explain.trigger()
    explaining.workbench.session.apply(lambda d: edits.set_layer(d, padding=(4, 4)), LABEL)
    rest()
    tile, place = explaining.maps.maps.tile(MAP), explaining.maps.maps.place_of(MAP)
    assert (tile.region.rows, tile.region.cols) == (11, 11)
    corners = [place.to_point(*tile.geometry.to_input(row, col)) for row, col in ((0, 0), (11, 11))]
    assert all(place.rect.adjusted(-0.5, -0.5, 0.5, 0.5).contains(point) for point in corners)
