"""Volumes in the real window: Conv3d on frames and typed slices, looked at slice by slice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from offering import offered
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QInputDialog, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from convlab.cli.apply import apply
from convlab.cli.arguments import parser
from convlab.engine.evaluate import Evaluator
from convlab.export.maps import save_maps
from convlab.model import edits
from convlab.model.message import message
from convlab.model.presets import PRESETS
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.save_dialog import SaveDialog

LABEL = message("test")
SLICES = np.random.default_rng(4).integers(-3, 6, (5, 6, 7)).astype(float)


def choose_kind(window: MainWindow, kind: str) -> None:
    box = next(w for w in window.layer_form.findChildren(QComboBox) if w.accessibleName() == "layer")
    box.setCurrentIndex(box.findData(kind))
    box.activated.emit(box.currentIndex())


@pytest.fixture
def typed(window: MainWindow, rest: Callable[[], None]) -> MainWindow:
    """Conv3d with random whole weights on five typed slices."""
    choose_kind(window, "Conv3d")
    window.workbench.opener.use_matrix(SLICES)
    rest()
    session = window.workbench.session
    session.apply(lambda d: edits.set_layer(d, out_channels=1, padding="same"), LABEL)
    weight = np.random.default_rng(5).integers(-2, 3, (1, 1, 3, 3, 3)).astype(float)
    session.apply(lambda d: edits.set_weights(d, weight), LABEL)
    rest()
    return window


def torch_maps(window: MainWindow, **arguments: object) -> np.ndarray:
    document = window.workbench.session.document
    x, w = torch.from_numpy(SLICES)[None, None], torch.from_numpy(document.conv.weight.copy())
    return F.conv3d(x, w, padding="same", **arguments)[0, 0].numpy()  # type: ignore[arg-type]


def shown_values(window: MainWindow) -> np.ndarray:
    tile = window.maps.maps.tile(TileKey("map", 0))
    assert tile is not None
    assert tile.values is not None
    return tile.values


def write_clip(path: Path, frames: int = 6) -> np.ndarray:
    """A bright square that moves to the right, as an animated GIF in grays."""
    clip = np.zeros((frames, 24, 32), np.uint8)
    for n in range(frames):
        clip[n, 8:14, 3 * n : 3 * n + 6] = 255
    pictures = [Image.fromarray(frame) for frame in clip]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, loop=0)
    return clip


def test_the_slider_goes_through_torchs_slices(qtbot: QtBot, typed: MainWindow, rest: Callable[[], None]) -> None:
    wanted = torch_maps(typed)
    slider = typed.maps.slices.slider
    assert slider.isVisible()
    assert slider.maximum() == 4
    slider.setFocus()
    for depth in range(5):
        if depth:
            qtbot.keyClick(slider, Qt.Key.Key_Right)
        rest()
        assert typed.workbench.session.view.depth == depth
        np.testing.assert_allclose(shown_values(typed), wanted[depth], atol=1e-4)
    assert "reads 3, 4, –" in typed.maps.slices.about.text()
    assert [row for row in (0, 1, 2) if typed.inputs.row(row).isVisibleTo(typed)] == [0, 1, 2]


def test_a_weight_of_one_slice_of_the_kernel_changes_the_map(typed: MainWindow, rest: Callable[[], None]) -> None:
    typed.workbench.session.set_view(depth=2, chosen_input=2)
    typed.kernels.table.model().set_value(0, 1, 9.0)  # type: ignore[attr-defined]
    rest()
    assert typed.workbench.session.document.conv.kernel_slices[0, 2, 0, 1] == 9
    np.testing.assert_allclose(shown_values(typed), torch_maps(typed)[2], atol=1e-4)


def test_depth_is_edited_by_torchs_names_and_refused_in_a_sentence(
    qtbot: QtBot, typed: MainWindow, rest: Callable[[], None]
) -> None:
    session = typed.workbench.session
    session.apply(lambda d: edits.set_layer(d, padding=(1, 1)), LABEL)
    box = next(w for w in typed.layer_form.findChildren(QSpinBox) if w.accessibleName() == "kernel_size depth")
    assert box.isVisible()
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "9")
    assert session.document.conv.spec.kernel_size[0] == 9
    notice = typed.layer_form.notice
    assert "9 × 3 × 3, more than the padded input of 7 × 8 × 9: kernel_size 7 × 3 × 3 fits" in notice.sentence.text()
    qtbot.mouseClick(notice.button, Qt.MouseButton.LeftButton)
    assert not session.problems
    for _ in range(2):
        typed.menus.undo.trigger()
    assert session.document.conv.spec.kernel_size[0] == 3
    rest()


def test_a_clip_opens_as_a_volume_and_its_difference_shows_what_moves(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, rest: Callable[[], None]
) -> None:
    clip = write_clip(tmp_path / "clip.gif")
    session = window.workbench.session
    choose_kind(window, "Conv3d")
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(tmp_path / "clip.gif"))
    assert session.document.source.volume is not None
    assert len(session.document.source.volume) == 6
    window.kernels._apply_preset(PRESETS["temporal-difference"])
    assert not session.problems
    session.set_view(depth=3)
    window.zoom_to_numbers()
    rest()
    evaluator, flat = Evaluator(), session.maps
    from convlab.model.region import whole

    maps = evaluator.maps(flat, whole(*flat.output_size), [0])[0]
    moved = (clip[4].astype(float) - clip[3]) / 255
    np.testing.assert_allclose(maps, moved, atol=1e-5)


@pytest.mark.usefixtures("discard")
def test_whole_volumes_are_saved_and_apply_gives_the_same(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, rest: Callable[[], None]
) -> None:
    write_clip(tmp_path / "clip.gif")
    choose_kind(window, "Conv3d")
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(tmp_path / "clip.gif"))
    dialog = SaveDialog(window.workbench.session, str(tmp_path), window)
    dialog._format.setCurrentIndex(dialog._format.findData("npy"))
    (path,) = save_maps(dialog.plan(), Evaluator())
    dialog.deleteLater()
    saved = np.load(path)
    assert saved.shape == (2, 6, 24, 32)
    session_file = tmp_path / "clip.convlab"
    with qtbot.waitSignal(window.workbench.sessions.saved):
        window.workbench.sessions.save(session_file)
    options = ["apply", str(tmp_path / "clip.gif"), "--out", str(tmp_path / "out"), "--session", str(session_file)]
    assert apply(parser().parse_args([*options, "--format", "npy"])) == 0
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "clip_clip.npy"), saved)
    choose_kind(window, "Conv2d")
    assert window.workbench.session.document.picture.volume is None
    with qtbot.waitSignal(window.workbench.sessions.opened):
        window.open_path(str(session_file))
    document = window.workbench.session.document
    assert document.picture.volume is not None
    assert document.picture.volume.shape == (6, 24, 32, 1)  # its luminance, which the layer's one input reads
    assert document.source.volume is not None
    assert document.source.volume.shape == (6, 24, 32, 3)
    rest()


def test_an_explained_value_names_the_slices(typed: MainWindow, qtbot: QtBot) -> None:
    bench = typed.workbench
    bench.session.set_view(depth=2)
    typed.menus.explain.trigger()
    with qtbot.waitSignal(bench.scheduler.explained, check_params_cb=lambda e: e is not None):
        bench.session.set_view(pinned=(3, 3))
    found = typed.explain.explanation
    assert found is not None
    assert found.channel_names == ("gray z1", "gray z2", "gray z3")
    np.testing.assert_array_equal(found.values, SLICES[1:4, 2:5, 2:5])
    assert found.value == pytest.approx(torch_maps(typed)[2, 3, 3], abs=1e-4)


def test_a_dropped_folder_brings_its_frames_and_the_layer(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, rest: Callable[[], None]
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(4):
        Image.fromarray(np.full((20, 30, 3), 60 * number, np.uint8)).save(folder / f"{number}.png")
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(folder))
    document = window.workbench.session.document
    assert document.conv.spec.kind == "Conv3d"
    assert document.conv.spec.in_channels == 3
    assert document.source.volume is not None
    assert document.source.volume[:, 0, 0, 0].tolist() == [0, 60, 120, 180]
    rest()
    assert not window.workbench.session.problems


def test_conv3d_on_an_open_clip_takes_all_its_frames(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, rest: Callable[[], None]
) -> None:
    write_clip(tmp_path / "clip.gif")
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(tmp_path / "clip.gif"))
    assert window.workbench.session.document.source.volume is None
    with qtbot.waitSignal(window.workbench.opener.opened):
        choose_kind(window, "Conv3d")
    volume = window.workbench.session.document.source.volume
    assert volume is not None
    assert len(volume) == 6
    rest()


def test_a_frame_of_a_volume_is_chosen_undone_and_named(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, rest: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = write_clip(tmp_path / "clip.gif")
    session = window.workbench.session
    choose_kind(window, "Conv3d")
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(tmp_path / "clip.gif"))
    choose_kind(window, "Conv2d")
    rest()
    assert shown_photo(window) == pytest.approx(clip[3], abs=1)
    steps = len(session.history.past)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (2, True))
    window.menus.frame.trigger()
    rest()
    assert len(session.history.past) == steps + 1
    assert shown_photo(window) == pytest.approx(clip[1], abs=1)
    assert any("frame 2 of 6" in label.text() for label in window.inputs.findChildren(QLabel))
    window.menus.undo.trigger()
    rest()
    assert shown_photo(window) == pytest.approx(clip[3], abs=1)
    choose_kind(window, "Conv3d")
    assert session.document.picture.volume is not None
    assert len(session.document.picture.volume) == 6


def shown_photo(window: MainWindow) -> np.ndarray:
    """The gray levels that the photo's tile shows, one for each pixel of the clip."""
    tile = window.inputs.photo.tile(TileKey("photo"))
    assert tile is not None
    assert (tile.region.rows, tile.region.cols) == (24, 32)
    return tile.pixels.reshape(24, 32, -1)[..., 0].astype(float)


def test_a_stack_on_a_volume_is_looked_at_layer_by_layer_and_slice_by_slice(
    qtbot: QtBot, typed: MainWindow, rest: Callable[[], None]
) -> None:
    session = typed.workbench.session
    for kind in ("ReLU", "MaxPool3d", "Conv3d"):
        offered(typed.stack_commands.add_menu, kind).trigger()
        assert session.problems == ()
    rest()
    first, last = (session.document.layers[n].layer for n in (0, 3))
    x = torch.from_numpy(SLICES)[None, None]
    pooled = F.max_pool3d(F.conv3d(x, torch.from_numpy(first.weight.copy()), padding="same").relu(), 2)
    made = F.conv3d(pooled, torch.from_numpy(last.weight.copy()), torch.from_numpy(last.bias.copy()), padding="same")
    slider = typed.maps.slices.slider
    assert slider.maximum() == made.shape[2] - 1 == 1
    for depth in range(2):
        session.set_view(depth=depth)
        rest()
        np.testing.assert_allclose(shown_values(typed), made[0, 0, depth], rtol=1e-4, atol=1e-4)
    assert "reads 0, 1, – of 2" in typed.maps.slices.about.text()
    session.choose_layer(2)
    rest()
    np.testing.assert_allclose(shown_values(typed), pooled[0, 0, 1], rtol=1e-4, atol=1e-4)
    assert "reads 2, 3 of 5" in typed.maps.slices.about.text()
    for place, rows in ((0, 3), (2, 1), (0, 3)):  # the slices that are read, or the middle of those that are seen
        session.choose_layer(place)
        rest()
        assert len(typed.inputs._rows) == rows
    assert typed.messages.text == ""
    session.set_view(depth=4)
    assert (slider.maximum(), slider.value()) == (4, 4)
    session.choose_layer(3)
    assert (slider.maximum(), slider.value()) == (1, 1)
