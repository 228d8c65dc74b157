"""Explaining a value: by mouse and keys, as a student points at a pixel and asks where it comes from."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from convlab.model import edits, opening
from convlab.model.message import message
from convlab.model.reading import Input
from convlab.model.source import Source
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow

LABEL = message("edit")


@pytest.fixture
def explaining(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> MainWindow:
    """The window with the explain panel open."""
    window.menus.explain.trigger()
    qtbot.waitUntil(lambda: window.workbench.session.view.explaining)
    settle()
    return window


def point_at(window: MainWindow, qtbot: QtBot, output: int, down: int, right: int) -> QPoint:
    """Move the mouse over a map's tile; the point in the grid."""
    place = window.maps.maps.place_of(TileKey("map", output))
    point = (place.rect.topLeft().toPoint()) + QPoint(right, down)
    qtbot.mouseMove(window.maps.maps.viewport(), point)
    return point


def value_in_map(window: MainWindow, output: int, position: tuple[int, int]) -> float:
    document = window.workbench.session.document
    planes = np.pad(document.source.pixels / 255.0, ((1, 1), (1, 1), (0, 0)))
    row, col = position
    patch = planes[row : row + 3, col : col + 3].transpose(2, 0, 1)
    return float((patch * document.conv.kernel_slices[output]).sum() + document.conv.bias[output])


def test_the_panel_follows_the_mouse_and_adds_up_to_the_maps_value(explaining: MainWindow, qtbot: QtBot) -> None:
    assert explaining.explain.explanation is None
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        point_at(explaining, qtbot, 0, 60, 70)
    found = explaining.explain.explanation
    assert found.output == 0
    assert found.total == pytest.approx(value_in_map(explaining, 0, found.position), abs=1e-6)
    assert "[{}, {}]".format(*found.position) in explaining.explain._title.text()
    assert explaining.explain.formula.toPlainText().startswith("R: (")
    assert explaining.explain.model.rowCount() == 27 + 3 + 1 + 1 + 1


def test_a_click_keeps_the_pixel_and_escape_lets_it_go(explaining: MainWindow, qtbot: QtBot) -> None:
    session, grid = explaining.workbench.session, explaining.maps.maps
    point = point_at(explaining, qtbot, 1, 40, 50)
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=point)
    kept = session.view.pinned
    assert kept is not None
    assert session.view.chosen_output == 1
    assert explaining.explain.pin.isChecked()
    point_at(explaining, qtbot, 1, 90, 90)
    qtbot.waitUntil(lambda: explaining.explain.explanation is not None)
    assert explaining.explain.explanation.position == kept
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert session.view.pinned is None
    assert not explaining.explain.pin.isChecked()


def test_a_kept_pixel_follows_edits_of_the_layer(
    explaining: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    session = explaining.workbench.session
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.set_view(pinned=(30, 40))
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.apply(lambda d: edits.set_weight(d, (0, 1, 1, 1), 7.0), LABEL)
    assert explaining.explain.explanation.weights[1, 1, 1] == 7
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.apply(lambda d: edits.set_layer(d, groups=2), LABEL)
    assert explaining.explain.explanation is None
    assert not explaining.explain.copy.isEnabled()
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.undo()
    assert explaining.explain.explanation.position == (30, 40)


def test_another_photo_lets_the_pixel_go(explaining: MainWindow, settle: Callable[[], None]) -> None:
    session = explaining.workbench.session
    session.set_view(pinned=(300, 300))
    small = Source("small", np.zeros((20, 30, 3), np.uint8), ("R", "G", "B"), 255)
    session.apply(lambda d: opening.follow_source(d, small), LABEL)
    settle()
    assert session.view.pinned is None
    assert explaining.explain.explanation is None


def test_the_window_is_outlined_on_the_photo_and_on_each_channel_that_is_read(
    explaining: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    session = explaining.workbench.session
    session.apply(lambda d: edits.set_layer(d, out_channels=3, groups=3), LABEL)
    before = explaining.inputs.photo.grab().toImage()
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.set_view(pinned=(100, 120), chosen_output=1)
    assert explaining.inputs.photo.grab().toImage() != before
    windows = [row.grid.marks(TileKey("input", n)).window for n, row in explaining.inputs._rows.items()]
    assert [window is not None for window in windows] == [False, True, False]


def test_the_table_is_copied_and_saved_as_csv(
    explaining: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        explaining.workbench.session.set_view(pinned=(0, 0))
    qtbot.mouseClick(explaining.explain.copy, Qt.MouseButton.LeftButton)
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + 27 + 3 + 3
    assert lines[1].split("\t")[5] == "padding: zero"
    target = tmp_path / "ledger.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    qtbot.mouseClick(explaining.explain.save, Qt.MouseButton.LeftButton)
    rows = list(csv.reader(target.read_text(encoding="utf-8").splitlines()))
    assert rows == [line.split("\t") for line in lines]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "x.csv"), ""))
    qtbot.mouseClick(explaining.explain.save, Qt.MouseButton.LeftButton)
    assert explaining.messages.isVisible()


def test_a_tables_file_has_its_ending_and_runs_nothing_in_a_spreadsheet(
    explaining: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = explaining.workbench.session
    names = ("=1+1", "+cmd|' /C calc'!A0", "-1.5")
    source = replace(session.document.source, channel_names=names)
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.apply(lambda d: replace(d, input=Input(source)), message("edit"))
        session.set_view(pinned=(5, 5))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "value.v2"), ""))
    qtbot.mouseClick(explaining.explain.save, Qt.MouseButton.LeftButton)
    rows = list(csv.reader((tmp_path / "value.v2.csv").read_text(encoding="utf-8").splitlines()))
    first = {row[0] for row in rows if row[1]} - {"channel"}
    assert first == {"'=1+1", "'+cmd|' /C calc'!A0", "-1.5"}
    assert all(float(row[8]) == float(row[6]) * float(row[7]) for row in rows[1:] if row[1])
    qtbot.mouseClick(explaining.explain.copy, Qt.MouseButton.LeftButton)
    copied = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert copied == rows


def test_closing_the_panel_ends_explaining(explaining: MainWindow, qtbot: QtBot) -> None:
    session = explaining.workbench.session
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.set_view(pinned=(10, 10))
    explaining.menus.explain.trigger()
    qtbot.waitUntil(lambda: not session.view.explaining)
    assert session.view.pinned is None
    with qtbot.assertNotEmitted(explaining.workbench.scheduler.explained):
        point_at(explaining, qtbot, 0, 50, 50)


@pytest.mark.parametrize("change", [{"kernel_size": (11, 11)}, {"padding": (1, 1), "padding_mode": "circular"}])
def test_large_kernels_and_wrapped_padding_are_painted(
    explaining: MainWindow, qtbot: QtBot, change: dict[str, object]
) -> None:
    session = explaining.workbench.session
    session.apply(lambda d: edits.set_layer(d, **change), LABEL)
    explaining.zoom_to_numbers()
    with qtbot.waitSignal(explaining.workbench.scheduler.explained):
        session.set_view(pinned=(0, 0))
    image = explaining.grab().toImage()
    assert not image.isNull()
    assert explaining.explain.view.minimumHeight() > 60


def test_rows_that_no_window_reaches_are_hatched_on_the_photo(window: MainWindow, rest: Callable[[], None]) -> None:
    session = window.workbench.session
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0), kernel_size=(100, 100), stride=(300, 100)), LABEL)
    rest()
    image = window.inputs.photo.grab().toImage()
    place = window.inputs.photo.place_of(TileKey("photo"))
    session.apply(lambda d: edits.set_layer(d, stride=(100, 100)), LABEL)  # 512 = 100 + 4 · 100 + 12
    rest()
    after = window.inputs.photo.grab().toImage()

    def differs(row: float, col: float) -> bool:
        point = place.to_point(row, col).toPoint()
        return any(
            image.pixel(point.x() + dx, point.y() + dy) != after.pixel(point.x() + dx, point.y() + dy)
            for dx in range(4)
            for dy in range(4)
        )

    assert differs(450, 200)  # rows 400 to 511 were not reached before, 500 to 511 are not now
    assert not differs(100, 200)
