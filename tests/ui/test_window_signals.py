"""Signals in the real window: a line of the photo, typed sequences, files; line plots and stems."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from offering import offered
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.layer import KINDS
from convlab.model.message import message
from convlab.model.presets import PRESETS
from convlab.model.stack import ConvLayer
from convlab.model.view import TileKey
from convlab.model.weights import to_torch
from convlab.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
LABEL = message("test")


def choose_kind(window: MainWindow, kind: str) -> None:
    box = next(w for w in window.layer_form.findChildren(QComboBox) if w.accessibleName() == "layer")
    box.setCurrentIndex(box.findData(kind))
    box.activated.emit(box.currentIndex())


@pytest.fixture
def sequence(window: MainWindow, rest: Callable[[], None]) -> MainWindow:
    """Conv1d with one kernel on a typed sequence."""
    choose_kind(window, "Conv1d")
    window.workbench.opener.use_matrix(np.array([[[0.0, 1, 3, 2, 5, 4, 1, 0]]]))
    weight = np.array([[[[1.0, 2, -1]]]])
    window.workbench.session.apply(lambda d: edits.set_whole_layer(d, weight), LABEL)
    rest()
    return window


def numbers_of(conv: ConvLayer) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(to_torch(conv.spec, conv.weight).copy()), torch.from_numpy(conv.bias.copy())


def curve(window: MainWindow, index: int = 0) -> np.ndarray:
    tile = window.maps.maps.tile(TileKey("map", index))
    assert tile is not None
    assert tile.curve is not None
    return tile.curve.low


def test_a_map_of_a_sequence_is_drawn_as_torch_gives_it(sequence: MainWindow, rest: Callable[[], None]) -> None:
    x, w = torch.tensor([[[0.0, 1, 3, 2, 5, 4, 1, 0]]]), torch.tensor([[[1.0, 2, -1]]])
    np.testing.assert_allclose(curve(sequence), F.conv1d(x, w, padding=1)[0, 0].numpy(), atol=1e-6)
    choose_kind(sequence, "ConvTranspose1d")
    sequence.workbench.session.apply(lambda d: edits.set_layer(d, stride=(1, 2), padding=(0, 0)), LABEL)
    rest()
    np.testing.assert_allclose(curve(sequence), F.conv_transpose1d(x, w, stride=2)[0, 0].numpy(), atol=1e-6)
    assert sequence.docks.layer.windowTitle() == "LAYER  nn.ConvTranspose1d"


def test_the_line_is_dragged_over_the_photo_as_one_undo_step(
    qtbot: QtBot, window: MainWindow, rest: Callable[[], None]
) -> None:
    session = window.workbench.session
    photo = session.document.source
    choose_kind(window, "Conv1d")
    rest()
    steps = len(session.history.past)
    view = window.inputs.photo.viewport()
    place = window.inputs.photo.place_of(TileKey("photo"))
    assert place is not None
    start, end = (place.to_point(y, 100.0).toPoint() for y in (256.0, 400.0))
    qtbot.mousePress(view, LEFT, pos=start)
    for part in (0.3, 0.6, 1.0):
        qtbot.mouseMove(view, start + QPoint(0, round((end.y() - start.y()) * part)))
    qtbot.mouseRelease(view, LEFT, pos=end)
    line = session.document.reading.line
    assert line is not None
    assert abs(line.index - 400) <= 4
    np.testing.assert_array_equal(session.document.picture.pixels[0], photo.pixels[line.index])
    assert len(session.history.past) == steps + 1
    window.inputs.line.along.setCurrentIndex(1)
    window.inputs.line.along.activated.emit(1)
    assert session.document.reading.line.along == "column"
    assert window.inputs.line.isVisible()
    choose_kind(window, "Conv2d")
    assert session.document.source is photo
    assert not window.inputs.line.isVisible()
    rest()


def test_every_kind_can_be_chosen_and_undone(qtbot: QtBot, window: MainWindow, rest: Callable[[], None]) -> None:
    session = window.workbench.session
    first = session.document
    for kind in KINDS:
        choose_kind(window, kind)
        session.seal()
        assert session.document.conv.spec.kind == kind
        assert not session.problems
        rest()
        code = window.layer_info.findChild(QPlainTextEdit)
        qtbot.waitUntil(lambda kind=kind, code=code: f"nn.{kind}(" in code.toPlainText())  # type: ignore[misc]
    while session.history.past:
        window.menus.undo.trigger()
    assert session.document == first


def test_a_sound_file_brings_its_layer_and_undo_takes_it_away(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, rest: Callable[[], None]
) -> None:
    session = window.workbench.session
    before = session.document
    path = tmp_path / "wave.csv"
    path.write_text("left,right\n" + "".join(f"{n % 7},{n % 5}\n" for n in range(20_000)))
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(path))
    assert session.document.conv.spec.kind == "Conv1d"
    assert session.document.conv.spec.in_channels == 2
    rest()
    tile = window.maps.maps.tile(TileKey("map", 0))
    assert tile is not None
    assert tile.curve is not None
    assert tile.curve.block > 1
    assert not window.inputs.photo.isVisible()
    window.menus.undo.trigger()
    assert session.document == before
    rest()


def test_pointing_at_a_sample_explains_it(sequence: MainWindow, qtbot: QtBot) -> None:
    bench = sequence.workbench
    sequence.menus.explain.trigger()
    with qtbot.waitSignal(bench.scheduler.explained, check_params_cb=lambda e: e is not None):
        bench.session.set_view(pinned=(0, 4))
    found = sequence.explain.explanation
    assert found is not None
    np.testing.assert_array_equal(found.values[0], [[2, 5, 4]])
    np.testing.assert_array_equal(found.source_cols, [3, 4, 5])
    assert found.value == pytest.approx(2 * 1 + 5 * 2 - 4)
    marks = sequence.inputs.row(0).grid.marks(TileKey("input", 0))
    assert marks.window is found


def test_causal_is_a_choice_and_a_preset(qtbot: QtBot, sequence: MainWindow, rest: Callable[[], None]) -> None:
    session = sequence.workbench.session
    box = next(w for w in sequence.layer_form.findChildren(QComboBox) if w.accessibleName() == "padding")
    assert box.findData("causal") >= 0
    sequence.kernels._apply_preset(PRESETS["causal-average"])
    rest()
    assert session.document.conv.spec.padding == "causal"
    x = np.array([0.0, 1, 3, 2, 5, 4, 1, 0])
    wanted = [x[max(0, n - 3) : n + 1].sum() / 4 for n in range(8)]
    np.testing.assert_allclose(curve(sequence), wanted, atol=1e-6)
    code = sequence.layer_info.findChild(QPlainTextEdit)
    qtbot.waitUntil(lambda: "left only" in code.toPlainText())


def test_a_stack_of_signals_is_built_from_the_menu_with_torchs_classes_of_signals(
    sequence: MainWindow, rest: Callable[[], None]
) -> None:
    session = sequence.workbench.session
    for kind in ("ReLU", "MaxPool1d", "BatchNorm1d", "Conv1d", "ConvTranspose1d"):
        offered(sequence.stack_commands.add_menu, kind).trigger()
        assert session.document.layers[session.document.focus].layer.kind == kind
        assert session.problems == ()
    assert sequence.messages.text == ""
    rest()
    first, conv, back = (entry.layer for n, entry in enumerate(session.document.layers) if n in (0, 4, 5))
    x = F.conv1d(torch.tensor([[[0.0, 1, 3, 2, 5, 4, 1, 0]]], dtype=torch.float64), *numbers_of(first), padding=1)
    x = F.conv1d(F.max_pool1d(x.relu(), 2) / np.sqrt(1 + 1e-5), *numbers_of(conv), padding=1)
    x = F.conv_transpose1d(x, *numbers_of(back), stride=2)
    np.testing.assert_allclose(curve(sequence, 3), x[0, 3].numpy(), rtol=1e-4, atol=1e-5)
    choose_kind(sequence, "Conv2d")
    kinds = [entry.layer.kind for entry in session.document.layers]
    assert kinds == ["Conv2d", "ReLU", "MaxPool2d", "BatchNorm2d", "Conv2d", "Conv2d"]


@pytest.mark.usefixtures("discard")
def test_a_session_keeps_the_line(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    bench, path = window.workbench, tmp_path / "line.convlab"
    choose_kind(window, "Conv1d")
    window.inputs.line.index.setValue(77)
    saved = bench.session.document
    with qtbot.waitSignal(bench.sessions.saved):
        bench.sessions.save(path)
    choose_kind(window, "Conv2d")
    with qtbot.waitSignal(bench.sessions.opened):
        window.open_path(str(path))
    now = bench.session.document
    assert now.reading == saved.reading
    assert now.conv.spec == saved.conv.spec
    np.testing.assert_array_equal(now.picture.pixels, saved.picture.pixels)
    np.testing.assert_array_equal(now.conv.weight, saved.conv.weight)
