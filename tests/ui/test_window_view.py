"""Zoom, pan, numbers and choosing, by wheel, mouse and keys; all tiles move together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convlab.app.workbench import Workbench
from convlab.model import edits
from convlab.model.message import message
from convlab.model.view import Display, TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.tile_grid import TileGrid

LABEL = message("edit")


def wheel(grid: TileGrid, at: QPointF, steps: int) -> None:
    event = QWheelEvent(
        at,
        QPointF(grid.viewport().mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(grid.viewport(), event)


def test_the_wheel_zooms_about_the_pixel_under_it(window: MainWindow, settle: Callable[[], None]) -> None:
    grid = window.maps.maps
    place = grid.place_of(TileKey("map", 0))
    point = place.rect.topLeft() + QPointF(60, 80)
    before = place.to_input(point)
    wheel(grid, point, 5)
    after = grid.place_of(TileKey("map", 0)).to_input(point)
    assert np.allclose(before, after, atol=1e-6)
    assert window.workbench.session.view.viewport.zoom > place.view.zoom * 2.5
    settle()
    tile = grid.tile(TileKey("map", 1))
    assert tile.region.rows < 512
    wheel(grid, point, -40)
    assert window.workbench.session.view.viewport is None


def test_dragging_pans_all_tiles(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> None:
    grid = window.maps.maps
    window.menus.actual.trigger()
    settle()
    start = window.workbench.session.view.viewport
    center = grid.place_of(TileKey("map", 0)).rect.center().toPoint()
    qtbot.mousePress(grid.viewport(), Qt.MouseButton.LeftButton, pos=center)
    qtbot.mouseMove(grid.viewport(), center + QPoint(30, 20))
    qtbot.mouseRelease(grid.viewport(), Qt.MouseButton.LeftButton, pos=center + QPoint(30, 20))
    moved = window.workbench.session.view.viewport
    if (moved.center_y, moved.center_x) == (start.center_y, start.center_x):  # mouseMove carries no buttons
        grid._press, grid._panned = QPointF(center), False
        grid._pan(QPointF(center + QPoint(30, 20)))
        moved = window.workbench.session.view.viewport
    assert (moved.center_y, moved.center_x) == (start.center_y - 20, start.center_x - 30)
    contribution = window.maps.contributions.place_of(TileKey("contribution", 0))
    assert contribution.view == moved


def test_close_up_every_pixel_has_its_number(window: MainWindow, settle: Callable[[], None]) -> None:
    window.menus.numbers.trigger()
    settle()
    for grid, key in (
        (window.maps.maps, TileKey("map", 0)),
        (window.maps.contributions, TileKey("contribution", 1)),
        (window.inputs.row(2).grid, TileKey("input", 2)),
    ):
        tile = grid.tile(key)
        assert tile.values is not None
        assert tile.values.shape == (tile.region.rows, tile.region.cols)
    tile = window.inputs.row(2).grid.tile(TileKey("input", 2))
    region = tile.region
    blue = window.workbench.session.document.source.pixels[
        region.top : region.top + region.rows, region.left : region.left + region.cols, 2
    ]
    assert np.allclose(tile.values, blue / 255, atol=1e-6)
    window.menus.fit.trigger()
    settle()
    assert window.maps.maps.tile(TileKey("map", 0)).values is None


def test_a_click_and_the_arrow_keys_choose_a_map(window: MainWindow, qtbot: QtBot) -> None:
    grid = window.maps.maps
    point = grid.place_of(TileKey("map", 1)).rect.center().toPoint()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert window.workbench.session.view.chosen_output == 1
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert window.workbench.session.view.chosen_output == 0


def test_512_maps_are_asked_for_only_where_they_are_seen(window: MainWindow, settle: Callable[[], None]) -> None:
    window.workbench.session.apply(lambda d: edits.set_layer(d, out_channels=512), LABEL)
    settle()
    grid = window.maps.maps
    assert grid.tile(TileKey("map", 0)) is not None
    assert grid.tile(TileKey("map", 400)) is None
    window.workbench.session.set_view(chosen_output=400)
    settle()
    assert grid.tile(TileKey("map", 400)) is not None


def test_three_outputs_have_an_rgb_picture(window: MainWindow, settle: Callable[[], None]) -> None:
    window.workbench.session.apply(lambda d: edits.set_layer(d, out_channels=3), LABEL)
    settle()
    tile = window.maps.maps.tile(TileKey("composite"))
    assert tile.pixels.ndim == 3
    window.workbench.session.set_view(display=Display("fixed", low=-2, high=2))
    settle()
    tile = window.maps.maps.tile(TileKey("composite"))
    for channel in range(3):
        assert np.array_equal(tile.pixels[:, :, channel], window.maps.maps.tile(TileKey("map", channel)).pixels)


def test_a_new_colour_map_changes_colours_and_computes_nothing(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    combo = window.maps.display._colormap
    with qtbot.waitSignal(window.workbench.scheduler.rendered):
        qtbot.keyClicks(combo, "v")
        combo.activated.emit(combo.currentIndex())
    settle()
    assert window.workbench.session.view.display.colormap == "viridis"
    tile = window.maps.maps.tile(TileKey("map", 0))
    assert tile.pixels.ndim == 3
    ends = {tuple(color) for color in tile.pixels.reshape(-1, 3)[::997].tolist()}
    assert len(ends) > 5


def test_negative_values_are_not_lost(window: MainWindow, settle: Callable[[], None]) -> None:
    histogram = window.maps.histogram.histogram
    assert histogram.edges[0] < -1
    assert histogram.edges[-1] > 1
    tile = window.maps.maps.tile(TileKey("map", 0))
    assert tile.limits[0] < 0
    assert (tile.pixels < 100).any()
    assert (tile.pixels > 155).any()


def test_the_layout_is_remembered_and_can_be_reset(window: MainWindow, qtbot: QtBot, workbench: Workbench) -> None:
    inputs = window.docks.inputs
    inputs.close()
    window.close()
    again = MainWindow(workbench)
    qtbot.addWidget(again)
    with qtbot.waitExposed(again):
        again.show()
    assert not again.docks.inputs.isVisible()
    again.menus.reset_layout.trigger()
    assert again.docks.inputs.isVisible()
    again.close()
