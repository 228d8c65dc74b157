"""Switching the kind of layer in the window: maps, explained values and what a pixel is stamped onto."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from convlab.model import edits, opening
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow

LABEL = message("edit")
MAP = TileKey("map", 0)


def choose_kind(window: MainWindow, qtbot: QtBot, kind: str) -> None:
    """By keys, as with any combo box."""
    combo = window.layer_form.fields["kind"]
    combo.setFocus()
    step = Qt.Key.Key_Down if combo.currentIndex() < combo.findText(kind) else Qt.Key.Key_Up
    while combo.currentText() != kind:
        qtbot.keyClick(combo, step)


def test_the_kind_is_switched_and_undone_without_losing_a_weight(
    window: MainWindow, qtbot: QtBot, rest: Callable[[], None]
) -> None:
    session = window.workbench.session
    before = session.document
    assert not window.layer_form.fields["output_padding"].isVisible()
    choose_kind(window, qtbot, "ConvTranspose2d")
    rest()
    assert window.docks.layer.windowTitle() == "LAYER  nn.ConvTranspose2d"
    assert window.layer_form.fields["output_padding"].isVisible()
    np.testing.assert_array_equal(session.document.conv.weight, before.conv.weight)
    assert session.problems == ()
    window.menus.undo.trigger()
    assert session.document == before
    assert not window.layer_form.fields["output_padding"].isVisible()


def test_the_maps_in_the_window_are_torchs(window: MainWindow, qtbot: QtBot, rest: Callable[[], None]) -> None:
    session = window.workbench.session
    numbers = np.arange(12.0).reshape(1, 3, 4)
    session.apply(lambda d: opening.follow_source(d, matrix_source(numbers)), LABEL)
    kernel = np.array([[[[1.0, 2, 1], [0, 1, 0], [2, 1, 0]]]])
    session.apply(lambda d: edits.set_whole_layer(d, kernel), LABEL)
    choose_kind(window, qtbot, "ConvTranspose2d")
    session.apply(lambda d: edits.set_layer(d, stride=(2, 2), output_padding=(1, 1), bias=False), LABEL)
    rest()
    tile, place = window.maps.maps.tile(MAP), window.maps.maps.place_of(MAP)
    expected = torch.nn.functional.conv_transpose2d(
        torch.tensor(numbers)[None], torch.tensor(kernel), stride=2, padding=1, output_padding=1
    )[0, 0].numpy()
    assert (tile.region.rows, tile.region.cols) == expected.shape == (6, 8)
    np.testing.assert_allclose(tile.values, expected, atol=1e-5)
    assert place.rect.contains(place.to_point(*tile.geometry.to_input(3, 4)))


def test_pointing_at_an_input_pixel_shows_its_stamp(window: MainWindow, qtbot: QtBot, rest: Callable[[], None]) -> None:
    session = window.workbench.session
    session.apply(lambda d: opening.follow_source(d, matrix_source(np.ones((1, 3, 3)))), LABEL)
    session.apply(lambda d: edits.set_layer(d, transposed=True, padding=(0, 0), stride=(2, 2)), LABEL)
    window.menus.explain.trigger()
    qtbot.waitUntil(lambda: session.view.explaining)
    rest()
    session.set_view(pinned_input=(1, 1))
    assert window.maps.maps.marks(MAP).fed == tuple((r, c) for r in (2, 3, 4) for c in (2, 3, 4))
    with qtbot.waitSignal(window.workbench.scheduler.explained, check_params_cb=lambda found: found is not None):
        session.set_view(pinned=(3, 3))
    found = window.explain.explanation
    tile = window.maps.maps.tile(MAP)
    assert found.total == np.float64(tile.values[3, 3]) or abs(found.total - tile.values[3, 3]) < 1e-6
    notes = {found.place_text(r, c)[2] for r in range(3) for c in range(3)}
    assert notes == {"", "between pixels: zero"}
