"""A stack of layers, built and explored in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from offering import offered
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.model import edits
from convlab.model.layers.pool import Pool
from convlab.model.maps import LayerMaps
from convlab.model.message import message
from convlab.model.region import Region, whole
from convlab.model.stack import Shape
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.stack_model import MIME, shape_text

LEFT = Qt.MouseButton.LeftButton
LABEL = message("edit")
VERSION1 = Path(__file__).parent.parent / "fixtures" / "version1"


@pytest.fixture
def numbers(window: MainWindow, rest: Callable[[], None]) -> MainWindow:
    """The window on a small matrix of one channel, whose tiles carry their numbers."""
    plane = np.random.default_rng(3).integers(-4, 5, (1, 8, 9)).astype(float)
    window.workbench.opener.use_matrix(plane)
    rest()
    return window


def add(window: MainWindow, kind: str) -> None:
    offered(window.stack_commands.add_menu, kind).trigger()


def kinds(window: MainWindow) -> list[str]:
    return [entry.layer.kind for entry in window.workbench.session.document.layers]


def shown_values(window: MainWindow) -> np.ndarray:
    tile = window.maps.maps.tile(TileKey("map", 0))
    assert tile is not None
    assert tile.values is not None
    return tile.values


def click_layer(qtbot: QtBot, window: MainWindow, place: int) -> None:
    view = window.stack.list
    rect = view.visualRect(view.model().index(place, 0))
    qtbot.mouseClick(view.viewport(), LEFT, pos=rect.center() + QPoint(8, 0))


def test_one_layer_has_no_row_of_layers_and_a_second_one_brings_it(window: MainWindow) -> None:
    assert not window.docks.layers.isVisible()
    add(window, "ReLU")
    assert window.docks.layers.isVisible()
    window.menus.undo.trigger()
    assert not window.docks.layers.isVisible()


def test_maps_of_the_chosen_layer_are_shown(qtbot: QtBot, numbers: MainWindow, rest: Callable[[], None]) -> None:
    before = shown_values(numbers).copy()
    assert (before < 0).any()
    add(numbers, "ReLU")
    rest()
    np.testing.assert_array_equal(shown_values(numbers), before.clip(0))
    add(numbers, "MaxPool2d")
    rest()
    wanted = nn.MaxPool2d(2)(torch.from_numpy(before.clip(0))[None])[0].numpy()
    np.testing.assert_allclose(shown_values(numbers), wanted, rtol=1e-6, atol=1e-6)
    click_layer(qtbot, numbers, 0)
    rest()
    np.testing.assert_array_equal(shown_values(numbers), before)
    assert numbers.maps.contributions.isVisible()


def test_a_weight_of_the_first_layer_changes_the_last_maps_that_are_kept_in_sight(
    qtbot: QtBot, numbers: MainWindow, rest: Callable[[], None]
) -> None:
    session = numbers.workbench.session
    for kind in ("ReLU", "Conv2d"):
        add(numbers, kind)
    numbers.stack_commands.watch.trigger()
    click_layer(qtbot, numbers, 0)
    rest()
    assert session.document.place == 0
    assert not numbers.maps.contributions.isVisible()
    before = shown_values(numbers).copy()
    numbers.kernels.table.model().set_value(1, 1, 5.0)  # type: ignore[attr-defined]
    rest()
    last = LayerMaps(session.document, 2)
    wanted = Evaluator().maps(last, whole(*last.output_size), [0])[0]
    np.testing.assert_allclose(shown_values(numbers), wanted, rtol=1e-5, atol=1e-5)
    assert not np.array_equal(before, shown_values(numbers))


def test_layers_are_dragged_switched_and_removed_by_hand(qtbot: QtBot, numbers: MainWindow) -> None:
    for kind in ("ReLU", "MaxPool2d"):
        add(numbers, kind)
    first, *_ = kinds(numbers)
    model = numbers.stack.model
    data = model.mimeData([model.index(2)])
    assert data.hasFormat(MIME)
    model.dropMimeData(data, Qt.DropAction.MoveAction, 1, 0, model.index(-1))
    assert kinds(numbers) == [first, "MaxPool2d", "ReLU"]
    view = numbers.stack.list
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert not numbers.workbench.session.document.layers[1].on
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert numbers.workbench.session.document.focus == 2
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert kinds(numbers) == [first, "MaxPool2d"]
    for _ in range(5):
        numbers.menus.undo.trigger()
    assert kinds(numbers) == [first]


def test_the_last_convolution_stays(window: MainWindow) -> None:
    add(window, "ReLU")
    window.workbench.session.choose_layer(0)
    window.stack_commands.remove.trigger()
    assert len(kinds(window)) == 2
    assert "switch this one off" in window.messages.text


def test_weights_that_still_fit_are_never_lost(window: MainWindow) -> None:
    session = window.workbench.session
    add(window, "Conv2d")
    first, second = (entry.layer for entry in session.document.layers)
    session.choose_layer(0)
    form = window.layer_form.fields
    form["out_channels"].value_changed.emit(5)
    session.seal()
    assert [entry.layer.spec.in_channels for entry in session.document.layers] == [3, 5]  # type: ignore[union-attr]
    form["out_channels"].value_changed.emit(2)
    assert [entry.layer for entry in session.document.layers] == [first, second]
    for _ in range(2):
        window.menus.undo.trigger()
    assert [entry.layer for entry in session.document.layers] == [first, second]


def test_the_first_layer_that_does_not_fit_says_so_and_can_be_mended(
    qtbot: QtBot, numbers: MainWindow, rest: Callable[[], None]
) -> None:
    session = numbers.workbench.session
    add(numbers, "MaxPool2d")
    add(numbers, "Conv2d")
    click_layer(qtbot, numbers, 1)
    field = numbers.layer_form.fields["padding"]
    field.height_spin.setFocus()
    field.height_spin.selectAll()
    qtbot.keyClicks(field.height_spin, "3")
    assert session.problems
    items = numbers.stack.model.items
    assert [bool(item.problem) for item in items] == [False, True, False]
    assert items[0].shape == Shape(session.document.layers[0].layer.spec.out_channels, (1, 8, 9))
    assert items[2].shape is None
    click_layer(qtbot, numbers, 2)
    notice = numbers.layer_form.notice
    assert "Layer 2, MaxPool2d" in notice.sentence.text()
    qtbot.mouseClick(notice.button, LEFT)
    layer = session.document.layers[1].layer
    assert isinstance(layer, Pool)
    assert layer.padding == (0, 1, 1)
    assert not session.problems
    rest()


def test_batch_norm_numbers_are_typed(numbers: MainWindow, rest: Callable[[], None]) -> None:
    before = shown_values(numbers).copy()
    add(numbers, "BatchNorm2d")
    model = numbers.layer_form.table.numbers
    titles = [model.headerData(n, Qt.Orientation.Horizontal).replace("\n", "") for n in range(4)]
    for name, text in (("weight", "2"), ("bias", "−1"), ("running_mean", "0,5"), ("running_var", "4")):
        assert model.setData(model.index(0, titles.index(name)), text)
    rest()
    norm = nn.BatchNorm2d(1).eval()
    for name, value in (("weight", 2.0), ("bias", -1.0), ("running_mean", 0.5), ("running_var", 4.0)):
        getattr(norm, name).data.fill_(value)
    with torch.no_grad():
        wanted = norm(torch.from_numpy(before)[None, None].float())[0, 0].numpy()
    np.testing.assert_allclose(shown_values(numbers), wanted, rtol=1e-6, atol=1e-6)
    assert not model.setData(model.index(0, titles.index("running_var")), "-1")
    assert "below 0" in numbers.messages.text


def test_the_code_of_the_whole_stack_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    offered(window.stack_commands.preset_menu, "Sobel magnitude").trigger()
    window.workbench.session.choose_layer(0)
    code = window.layer_info.findChild(QPlainTextEdit)
    qtbot.waitUntil(lambda: "model = nn.Sequential(" in code.toPlainText())
    assert "    Square(),\n" in code.toPlainText()
    style = next(b for b in window.layer_info.findChildren(QComboBox) if b.accessibleName() == "Style of the code")
    style.setFocus()
    qtbot.keyClick(style, Qt.Key.Key_Down)
    assert "class SimpleCNN(nn.Module)" in code.toPlainText()
    assert "x = x.square()" in code.toPlainText()
    assert window.workbench.settings.code_style == "class"
    assert window.layer_info.findChild(QPushButton).isEnabled()


def test_the_receptive_field_of_a_deep_value_is_outlined_on_the_photo(
    numbers: MainWindow, rest: Callable[[], None]
) -> None:
    session = numbers.workbench.session
    add(numbers, "MaxPool2d")
    add(numbers, "Conv2d")
    rest()
    session.set_view(cursor=(4.5, 4.5), cursor_on="map")
    marks = numbers.inputs.photo.marks(TileKey("photo"))
    # the unit at (2, 2) of a 3 × 3 layer reads (1…3)², these 2 × 2 blocks (2…7)², and the first 3 × 3 layer (1…8)²
    assert marks.field == (1, 1, 9, 9)


@pytest.mark.usefixtures("discard")
def test_a_session_holds_the_whole_stack(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    bench, path = window.workbench, tmp_path / "net.convlab"
    offered(window.stack_commands.preset_menu, "Depthwise and pointwise (MobileNet)").trigger()
    bench.session.choose_layer(1)
    window.stack_commands.switch.trigger()
    saved = bench.session.document
    with qtbot.waitSignal(bench.sessions.saved):
        bench.sessions.save(path)
    for _ in range(2):
        window.menus.undo.trigger()
    assert len(bench.session.document.layers) == 1
    with qtbot.waitSignal(bench.sessions.opened):
        window.open_path(str(path))
    assert bench.session.document.layers == saved.layers
    assert bench.session.document.focus == saved.focus == 1
    assert window.docks.layers.isVisible()


def test_saved_maps_are_those_of_the_layer_looked_at(window: MainWindow, tmp_path: Path) -> None:
    offered(window.stack_commands.preset_menu, "Sobel magnitude").trigger()
    maps = window.workbench.session.maps
    assert maps.count == 1
    value = Evaluator().maps(maps, Region(100, 100, 1, 1), [0])
    edges = LayerMaps(window.workbench.session.document, 0)
    x, y = Evaluator().maps(edges, Region(100, 100, 1, 1), [0, 1])[:, 0, 0]
    assert value[0, 0, 0] == pytest.approx(np.hypot(x, y), rel=1e-5)


def test_an_activation_is_the_layer_after_and_its_maps_are_what_is_seen(
    qtbot: QtBot, numbers: MainWindow, rest: Callable[[], None]
) -> None:
    session = numbers.workbench.session
    before = shown_values(numbers).copy()
    assert (before < 0).any()
    box = next(c for c in numbers.layer_form.findChildren(QComboBox) if c.accessibleName() == "activation")
    box.setFocus()
    qtbot.keyClicks(box, "ReLU")
    rest()
    assert kinds(numbers) == ["Conv2d", "ReLU"]
    np.testing.assert_allclose(shown_values(numbers), np.maximum(before, 0))
    assert numbers.maps.contributions.isVisible()
    assert session.document.focus == 0
    qtbot.keyClick(box, Qt.Key.Key_Down)
    rest()
    assert kinds(numbers) == ["Conv2d", "Sigmoid"]
    np.testing.assert_allclose(shown_values(numbers), 1 / (1 + np.exp(-before)), atol=1e-6)
    numbers.menus.undo.trigger()
    rest()
    assert kinds(numbers) == ["Conv2d"]
    np.testing.assert_array_equal(shown_values(numbers), before)


def test_a_signals_layer_has_an_activation_too(numbers: MainWindow, rest: Callable[[], None]) -> None:
    session = numbers.workbench.session
    session.apply(lambda d: edits.set_kind(d, "Conv1d"), LABEL)
    session.apply(lambda d: edits.set_activation(d, "relu"), LABEL)
    assert kinds(numbers) == ["Conv1d", "ReLU"]
    assert shape_text(numbers.stack.model.items[1].shape, numbers.stack.model.items[1].axes) == "2 × 9"
    session.apply(lambda d: edits.set_kind(d, "Conv2d"), LABEL)
    assert kinds(numbers) == ["Conv2d", "ReLU"]
    assert shape_text(numbers.stack.model.items[1].shape, numbers.stack.model.items[1].axes) == "2 × 8 × 9"
    rest()
    assert not session.problems


def test_a_state_of_version_1_shows_its_maps_behind_the_activation(
    qtbot: QtBot, window: MainWindow, rest: Callable[[], None]
) -> None:
    bench = window.workbench
    with qtbot.waitSignal(bench.sessions.opened):
        window.open_path(str(VERSION1 / "clipboard-16-bit.convlab"))
    rest()
    document = bench.session.document
    assert document.activation == "tanh"
    assert bench.session.maps.entries[-1].layer.activation == document.activation
    assert bench.session.sees_edited
