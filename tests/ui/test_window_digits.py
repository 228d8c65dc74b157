"""One value has the same digits wherever the window shows it; the unit 0…255; what is under a resting mouse."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from math import floor

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QCheckBox
from pytestqt.qtbot import QtBot

from convlab.io.samples import open_sample
from convlab.model import opening
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.model.numbers import value_text
from convlab.model.source import Source
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.presentation import Presentation

LABEL = message("edit")
MAP = TileKey("map", 0)


@pytest.fixture
def first_lesson(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> MainWindow:
    """Lesson 1, then the astronaut sample."""
    classroom = window.workbench.classroom
    with qtbot.waitSignal(classroom.catalog_changed):
        window.menus.read_lessons.trigger()
    action = next(action for action in window.menus.lessons.actions() if action.text().startswith("1 "))
    with qtbot.waitSignal(classroom.opened):
        action.trigger()
    settle()
    window.workbench.session.apply(lambda d: opening.follow_source(d, open_sample("astronaut")), LABEL)
    settle()
    return window


def point_at(window: MainWindow, qtbot: QtBot, position: tuple[int, int]) -> None:
    """Zoom so far in that the mouse can be on one map pixel, and rest there."""
    bench, session = window.workbench, window.workbench.session
    geometry = session.document.geometry
    y, x = geometry.to_input(position[0] + 0.5, position[1] + 0.5)
    session.set_view(viewport=type(window.maps.maps.place_of(MAP).view)(y, x, 24.0))
    qtbot.waitUntil(lambda: bench.scheduler.settled)
    point = window.maps.maps.place_of(MAP).to_point(y, x).toPoint()
    with qtbot.waitSignals([bench.scheduler.probed, bench.scheduler.explained]):
        for away in (QPoint(9, 9), QPoint(1, 1)):  # a mouse that is there already does not move
            qtbot.mouseMove(window.maps.maps.viewport(), point + away)
    qtbot.waitUntil(lambda: window.explain.explanation is not None and window.explain.explanation.position == position)
    qtbot.waitUntil(lambda: window.maps.maps.value(MAP) is not None)


def last(text: str) -> str:
    """What a line of arithmetic comes to."""
    return re.split(r"[=≈]\s+", text)[-1].split("   ")[0].strip()


def texts(window: MainWindow) -> dict[str, str]:
    """The explained value as every place but the presentation shows it."""
    panel = window.explain
    rows = panel.model.rowCount()
    total = panel.model.index(rows - 2, 8).data()
    flow = panel.flow.flow
    return {
        "sums": last(panel.view.accessibleDescription()),
        "flow": flow.total,
        "flow's output": flow.value,
        "flow's map": flow.near.texts[flow.near_position[0]][flow.near_position[1]],
        "sentence": last(flow.sentence),
        "formula": last(panel.formula.toPlainText()),
        "table": total,
        "table, torch": panel.model.index(rows - 1, 8).data(),
        **under_the_mouse(window),
    }


def under_the_mouse(window: MainWindow) -> dict[str, str]:
    """Of the value under the mouse, where it is on a map."""
    value = window.maps.maps.value(MAP)
    if value is None:
        return {}
    return {"status bar": window.statusBar().readout.rsplit(": ", 1)[1], "caption": value_text(value)}


def test_the_value_of_the_issue_has_the_same_digits_in_every_place(first_lesson: MainWindow, qtbot: QtBot) -> None:
    """0.8551 in the flow, 0.85489 in the sums and 0.854902 in the status bar: it is 218/255."""
    point_at(first_lesson, qtbot, (187, 184))
    shown = texts(first_lesson)
    assert set(shown.values()) == {"0.8549"}, shown
    first_lesson.activateWindow()
    first_lesson.workbench.session.set_view(pinned=(187, 184))
    first_lesson.toggle_presentation()
    presentation = first_lesson.presentation
    assert isinstance(presentation, Presentation)
    qtbot.waitUntil(lambda: presentation.flow.flow is not None and presentation.formula.text != "")
    assert presentation.flow.flow.total == "0.8549"
    assert last(presentation.formula.text) == "0.8549"
    presentation.close()


def test_every_pixel_of_a_photo_is_torchs_value_rounded(first_lesson: MainWindow, qtbot: QtBot) -> None:
    session = first_lesson.workbench.session
    document = session.document
    planes = torch.from_numpy(document.source.pixels.astype(np.float64) / 255).permute(2, 0, 1)
    read = torch.stack([planes[channel.index] for channel in document.input_channels])
    weight = torch.from_numpy(np.array(document.conv.kernel_slices))
    expected = torch.nn.functional.conv2d(read[None], weight)[0, 0]
    height, width = expected.shape
    rng = np.random.default_rng(5)
    for position in [(int(rng.integers(height)), int(rng.integers(width))) for _ in range(12)]:
        with qtbot.waitSignal(
            first_lesson.workbench.scheduler.explained,
            check_params_cb=lambda found, at=position: found is not None and found.position == at,
        ):
            session.set_view(pinned=position)
        shown = texts(first_lesson)
        assert len(set(shown.values())) == 1, shown
        text = Decimal(shown["sums"].replace("−", "-"))
        truth = Decimal(float(expected[position]))
        assert abs(truth.quantize(text, ROUND_HALF_EVEN) - text) <= Decimal(0)


def test_the_unit_reaches_the_explanation(first_lesson: MainWindow, qtbot: QtBot) -> None:
    point_at(first_lesson, qtbot, (187, 184))
    box = unit_box(first_lesson)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    panel = first_lesson.explain
    line = panel.formula.toPlainText()
    assert line.endswith("= 218; 218 / 255 ≈ 0.8549")
    assert panel.flow.flow.added == "218 / 255"
    assert set(texts(first_lesson).values()) == {"0.8549"}
    read = [panel.model.index(row, 6).data() for row in range(9)]
    assert all(text.isdigit() for text in read)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert "/ 255" not in panel.formula.toPlainText()


def unit_box(window: MainWindow) -> QCheckBox:
    (box,) = (box for box in window.inputs.findChildren(QCheckBox) if box.text() == "0…255")
    return box


@pytest.mark.parametrize("kind", ["matrix", "float photo", "signal"])
def test_the_unit_is_for_photos_of_whole_numbers(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None], kind: str
) -> None:
    session, box = window.workbench.session, unit_box(window)
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    assert session.view.byte_units
    photo = session.document.source
    others = {
        "matrix": matrix_source(np.full((3, 5, 5), 5.0)),
        "float photo": Source("x.tif", np.full((5, 5, 3), 5, np.float32), ("R", "G", "B"), 1.0, path="x.tif"),
        "signal": Source("x.csv", np.full((1, 5, 3), 5, np.float32), ("R", "G", "B"), 1.0, signal=True),
    }
    session.apply(lambda d: opening.follow_source(d, others[kind]), LABEL)
    settle()
    assert not box.isEnabled()
    assert not box.isChecked()
    assert "whole numbers" in box.toolTip() or "signal" in box.toolTip()
    session.set_view(cursor=(0.5, 0.5), cursor_on="input")
    qtbot.waitUntil(lambda: "R 5" in window.statusBar().readout)
    assert "R 5  " in window.statusBar().readout
    session.apply(lambda d: opening.follow_source(d, photo), LABEL)
    settle()
    assert box.isEnabled()
    assert box.isChecked()


def rest_on(window: MainWindow, qtbot: QtBot, down: int, right: int) -> QPoint:
    place = window.maps.maps.place_of(MAP)
    point = place.rect.topLeft().toPoint() + QPoint(right, down)
    for away in (QPoint(9, 9), QPoint()):  # a mouse that is there already does not move
        qtbot.mouseMove(window.maps.maps.viewport(), point + away)
    qtbot.waitUntil(lambda: window.workbench.session.view.cursor is not None)
    return point


@pytest.mark.parametrize("key", ["zoom_in", "zoom_out", "actual", "numbers", "fit"])
def test_the_value_is_that_of_the_pixel_under_the_resting_mouse(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None], key: str
) -> None:
    session, grid = window.workbench.session, window.maps.maps
    for _ in range(3):
        window.menus.zoom_in.trigger()
    settle()
    point = rest_on(window, qtbot, 30, 50)
    before = session.view.cursor
    getattr(window.menus, key).trigger()
    settle()
    under = grid.place_of(MAP).to_input(point)
    qtbot.waitUntil(lambda: session.view.cursor is not None and np.allclose(session.view.cursor, under))
    if key != "fit":
        assert np.allclose(under, before, atol=1e-6)  # zoomed about the pointer
    row, col = floor(under[0]), floor(under[1])
    qtbot.waitUntil(lambda: f"({col}, {row})" in window.statusBar().readout)


def test_a_pan_by_the_keys_moves_the_pixels_under_a_resting_mouse(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    session, grid = window.workbench.session, window.maps.maps
    window.menus.numbers.trigger()
    settle()
    point = rest_on(window, qtbot, 30, 50)
    before = session.view.cursor
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: session.view.cursor != before)
    assert np.allclose(session.view.cursor, grid.place_of(MAP).to_input(point))
