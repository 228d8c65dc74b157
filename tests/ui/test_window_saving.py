"""Saving from the window and reading back with other programs; a failed save leaves nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox
from pytestqt.qtbot import QtBot
from test_window_start import torch_maps

from convlab.model import edits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow
from convlab.ui.save_dialog import SaveDialog


def save(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, kind: str, folder: Path) -> None:
    """Press Save maps…, choose the format and the folder, accept; wait for the end."""

    def accept(dialog: SaveDialog) -> QDialog.DialogCode:
        dialog._format.setCurrentIndex(dialog._format.findData(kind))
        dialog._folder.setText(str(folder))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(SaveDialog, "exec", accept)
    saver = window.workbench.saver
    window.menus.save.trigger()
    qtbot.waitUntil(lambda: not saver.saving, timeout=20_000)


def test_npy_holds_exactly_the_maps(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(window, qtbot, monkeypatch, "npy", tmp_path)
    (path,) = tmp_path.glob("*.npy")
    assert path.name == "astronaut_conv3x3_maps.npy"
    maps = np.load(path)
    assert maps.dtype == np.float32
    expected = torch_maps(window.workbench.session.document)
    assert np.abs(maps - expected).max() <= 1e-5 * np.abs(expected).max()


def test_tiff_stack_has_channel_names(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(window, qtbot, monkeypatch, "tiff", tmp_path)
    (path,) = tmp_path.glob("*.tif")
    with tifffile.TiffFile(path) as tiff:
        assert tiff.imagej_metadata["Labels"] == ["out 0", "out 1"]
        assert tiff.asarray().min() < 0


def test_png_is_what_is_displayed_and_png16_has_16_bits(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("png", "png16"):
        (tmp_path / kind).mkdir()
        save(window, qtbot, monkeypatch, kind, tmp_path / kind)
        names = sorted(path.name for path in (tmp_path / kind).iterdir())
        assert names == ["astronaut_conv3x3_out0.png", "astronaut_conv3x3_out1.png"]
    expected = torch_maps(window.workbench.session.document)[0]
    most = np.percentile(np.abs(expected), 99.6)
    scaled = np.clip((expected / most + 1) / 2, 0, 1)
    picture = np.asarray(Image.open(tmp_path / "png" / "astronaut_conv3x3_out0.png"))
    assert np.abs(picture - np.rint(scaled * 255)).max() <= 1
    deep = Image.open(tmp_path / "png16" / "astronaut_conv3x3_out0.png")
    assert deep.mode == "I;16"
    assert np.abs(np.asarray(deep).astype(float) - scaled * 65535).max() <= 2


def test_a_folder_that_vanished_gives_a_message_and_no_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    save(window, qtbot, monkeypatch, "npy", folder)
    assert window.messages.isVisible()
    assert "gone" in window.messages.text or "astronaut" in window.messages.text
    assert not list(tmp_path.rglob("*.npy*"))


def test_the_chosen_map_goes_to_the_clipboard(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.workbench.saver.copied):
        window.menus.copy_map.trigger()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (512, 512)
    expected = torch_maps(window.workbench.session.document)[0]
    level = round((expected[100, 50] / np.percentile(np.abs(expected), 99.6) + 1) / 2 * 255)
    assert abs(image.pixelColor(50, 100).red() - level) <= 1


@pytest.mark.parametrize("name", ["result.v2", "blur_s1.5", "scan.001", "a b"])
def test_a_name_is_kept_as_it_is_typed(window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str) -> None:
    dialog = SaveDialog(window.workbench.session, str(tmp_path), window)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog._name.text() == "astronaut"
    dialog._name.selectAll()
    qtbot.keyClicks(dialog._name, name)
    assert dialog._files.text().startswith(f"{name}_conv3x3_out0.png")
    dialog.close()


def test_chosen_maps_are_saved_and_others_are_refused_before_saving(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.workbench.session.apply(lambda d: edits.set_layer(d, out_channels=6), message("edit"))
    dialog = SaveDialog(window.workbench.session, str(tmp_path), window)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._which.setCurrentIndex(dialog._which.findData("list"))
    save = dialog._buttons.button(QDialogButtonBox.StandardButton.Save)
    dialog._list.selectAll()
    qtbot.keyClicks(dialog._list, "1-2, 5")
    assert dialog.plan().outputs == (1, 2, 5)
    assert "out1.png … astronaut_conv3x3_out5.png" in dialog._files.text()
    assert save.isEnabled()
    qtbot.keyClicks(dialog._list, ", 9")
    assert "'9' is not within 0–5" in dialog._files.text()
    assert not save.isEnabled()
    dialog.close()
