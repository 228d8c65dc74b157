"""Numbers as the input, typed, filled or cut from the photo."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.matrix_dialog import MatrixDialog

LABEL = message("edit")
DOT = "1 2 0 3 1\n0 1 2 3 1\n1 2 1 0 0\n5 2 3 1 1\n2 1 0 1 1"


def answer(drive: Callable[[MatrixDialog], None]) -> None:
    """Use the dialog that is about to open."""

    def use() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, MatrixDialog)
        drive(dialog)

    QTimer.singleShot(0, use)


@pytest.fixture
def dot_product(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> MainWindow:
    """The lesson's 5 × 5 numbers typed as the input, under its kernel."""

    def type_it(dialog: MatrixDialog) -> None:
        dialog.text.setPlainText("")
        for line in DOT.split("\n"):
            qtbot.keyClicks(dialog.text, line)
            qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
        qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), Qt.MouseButton.LeftButton)

    answer(type_it)
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.menus.matrix.trigger()
    kernel = np.array([[[[1, 2, 1], [0, 1, 0], [2, 1, 0]]]], float)
    session = window.workbench.session
    session.apply(lambda d: edits.set_whole_layer(d, kernel, None, 1), LABEL)
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0)), LABEL)
    settle()
    return window


def test_typed_numbers_are_the_input_and_the_map_shows_whole_numbers(dot_product: MainWindow) -> None:
    tile = dot_product.maps.maps.tile(TileKey("map", 0))
    assert tile.values.tolist() == [[10, 12, 12], [18, 16, 16], [13, 9, 3]]
    shown = dot_product.inputs._rows[0].grid.tile(TileKey("input", 0))
    assert shown.limits == (0, 5)
    photo = dot_product.inputs.photo.tile(TileKey("photo"))
    assert photo.pixels[3, 0].tolist() == [255, 255, 255]
    assert photo.pixels[0, 2].tolist() == [0, 0, 0]
    assert photo.values.tolist()[3] == [5, 2, 3, 1, 1]


def test_the_dialog_refuses_with_a_sentence_until_it_is_a_picture(window: MainWindow, qtbot: QtBot) -> None:
    seen: list[tuple[bool, str]] = []

    def look(dialog: MatrixDialog) -> None:
        ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
        for text in ("1 2\n3", "1 2\n3 4"):
            dialog.text.setPlainText(text)
            seen.append((ok.isEnabled(), dialog.about.text()))
        dialog.reject()

    answer(look)
    before = window.workbench.session.document.source
    window.menus.matrix.trigger()
    assert seen[0] == (False, "Row 2 has 1 cells, the first row has 2.")
    assert seen[1] == (True, "1 × 2 × 2 numbers: channels × rows × columns")
    assert window.workbench.session.document.source is before


def test_a_fill_has_the_size_asked_for_and_undo_brings_the_photo_back(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    def fill(dialog: MatrixDialog) -> None:
        for spin, value in zip(dialog.sizes, (3, 6, 7), strict=True):
            spin.setValue(value)
        qtbot.mouseClick(dialog.fills["ramp"], Qt.MouseButton.LeftButton)
        dialog.accept()

    answer(fill)
    photo = window.workbench.session.document.source
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.menus.matrix.trigger()
    source = window.workbench.session.document.source
    assert source.size == (6, 7)
    assert source.channel_names == ("R", "G", "B")
    assert source.pixels[0, 1, 2] == 85
    window.menus.undo.trigger()
    assert window.workbench.session.document.source is photo


def test_shift_and_drag_on_the_photo_explores_these_pixels(window: MainWindow, qtbot: QtBot) -> None:
    photo = window.workbench.session.document.source
    place = window.inputs.photo.place_of(TileKey("photo"))
    start = place.to_point(100, 120).toPoint()
    end = start + QPoint(12, 9)
    view, shift = window.inputs.photo.viewport(), Qt.KeyboardModifier.ShiftModifier
    with qtbot.waitSignal(window.workbench.opener.opened):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, shift, start)
        qtbot.mouseMove(view, end)
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, shift, end)
    part = window.workbench.session.document.source
    assert max(part.size) <= 64
    assert min(part.size) > 20
    assert part.name.startswith("astronaut")
    top, left = (int(text.split(":")[0]) for text in part.name.split("[")[1].rstrip("]").split(","))
    assert np.array_equal(part.pixels, photo.pixels[top : top + part.size[0], left : left + part.size[1]])
    assert abs(top - 100) <= 3
    assert abs(left - 120) <= 3
