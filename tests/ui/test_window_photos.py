"""Opening photos as a person does, and every way it can fail: the photo that was there stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from convlab.ui.main_window import MainWindow


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "small.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)).save(path)
    return path


def drop(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(QPoint(300, 300)), Qt.DropAction.CopyAction, mime, buttons, modifiers))


def test_the_open_dialog_opens_and_remembers(
    window: MainWindow, qtbot: QtBot, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: (str(photo), ""))
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.menus.open.trigger()
    assert window.workbench.session.document.source.size == (40, 60)
    assert window.windowTitle() == "small.png – ConvLab"
    assert window.workbench.settings.recent_files == (str(photo),)
    assert window.menus._recent.actions()[0].text() == str(photo)
    window.menus.undo.trigger()
    assert window.workbench.session.document.source.size == (512, 512)


def test_a_gray_photo_between_two_colour_photos_leaves_the_layer_as_it_was(
    window: MainWindow, qtbot: QtBot, photo: Path, tmp_path: Path, settle: Callable[[], None]
) -> None:
    session, before = window.workbench.session, window.workbench.session.document
    path = tmp_path / "gray.png"
    Image.fromarray(np.full((30, 50), 77, np.uint8)).save(path)
    with qtbot.waitSignal(window.workbench.opener.opened):
        drop(window, path)
    settle()
    assert session.document.conv.spec == before.conv.spec
    assert not session.problems
    assert window.messages.text == "“gray.png” is gray: the layer’s three inputs read it as R = G = B."
    with qtbot.waitSignal(window.workbench.opener.opened):
        drop(window, photo)
    np.testing.assert_array_equal(session.document.conv.weight, before.conv.weight)
    assert not window.messages.isVisible()


def test_the_other_choice_is_one_click_away_and_one_step_of_undo(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, settle: Callable[[], None]
) -> None:
    session, before = window.workbench.session, window.workbench.session.document
    path = tmp_path / "gray.png"
    Image.fromarray(np.full((30, 50), 77, np.uint8)).save(path)
    with qtbot.waitSignal(window.workbench.opener.opened):
        drop(window, path)
    assert window.messages.button.text() == "Give it 1 input"
    qtbot.mouseClick(window.messages.button, Qt.MouseButton.LeftButton)
    settle()
    assert session.document.conv.spec.in_channels == 1
    assert session.document.picture.channel_names == ("gray",)
    assert not window.messages.isVisible()
    session.undo()
    np.testing.assert_array_equal(session.document.conv.weight, before.conv.weight)
    session.undo()
    assert session.document == before


def test_two_dropped_photos_are_one_input_of_six_channels(
    window: MainWindow, qtbot: QtBot, photo: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (10, 10), (255, 0, 0)).save(other)
    with qtbot.waitSignal(window.workbench.opener.opened):
        drop(window, photo, other)
    source = window.workbench.session.document.source
    assert source.channel_names == ("R", "G", "B", "R 2", "G 2", "B 2")
    assert source.size == (40, 60)
    assert window.workbench.session.document.conv.spec.in_channels == 6


def test_a_pasted_picture_is_opened_pixel_for_pixel(window: MainWindow, qtbot: QtBot) -> None:
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    QGuiApplication.clipboard().setImage(image)
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.menus.paste.trigger()
    pixels = window.workbench.session.document.source.pixels
    assert pixels.shape[:2] == (10, 20)
    assert pixels[3, 4, :3].tolist() == [0x33, 0x66, 0x99]


def test_an_empty_clipboard_is_said(window: MainWindow) -> None:
    QGuiApplication.clipboard().clear()
    window.menus.paste.trigger()
    assert window.messages.isVisible()
    assert "clipboard" in window.messages.text


def bad_files(folder: Path) -> dict[str, Path]:
    whole = folder / "whole.png"
    Image.effect_noise((200, 200), 50).save(whole)
    text, cut, empty = folder / "notes.txt", folder / "cut.png", folder / "empty.png"
    text.write_text("these are notes\n" * 10)
    cut.write_bytes(whole.read_bytes()[:5000])
    empty.touch()
    (folder / "nothing").mkdir()
    paths = {"text": text, "cut": cut, "empty": empty, "vanished": folder / "vanished.png"}
    return paths | {"folder without pictures": folder / "nothing"}


@pytest.mark.parametrize("kind", ["text", "cut", "empty", "vanished", "folder without pictures"])
def test_a_bad_file_is_named_and_the_photo_stays(window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    path = bad_files(tmp_path)[kind]
    before = window.workbench.session.document
    with qtbot.waitSignal(window.workbench.opener.failed):
        drop(window, path)
    assert window.messages.isVisible()
    assert path.name in window.messages.text
    assert "Error" not in window.messages.text
    assert window.workbench.session.document is before


def test_a_photo_over_the_memory_budget_is_refused_with_the_figure(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    Image.new("RGB", (3000, 3000)).save(path)
    window.workbench.opener.budget_bytes = 1_000_000
    with qtbot.waitSignal(window.workbench.opener.failed):
        drop(window, path)
    assert "large.png" in window.messages.text
    assert "MB" in window.messages.text


def test_mute_solo_and_order_reach_the_layer(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> None:
    session, rows = window.workbench.session, window.inputs
    qtbot.mouseClick(rows.row(0)._mute, Qt.MouseButton.LeftButton)
    assert session.document.input_gains == (0, 1, 1)
    qtbot.mouseClick(rows.row(0)._mute, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(rows.row(2)._solo, Qt.MouseButton.LeftButton)
    assert session.document.input_gains == (0, 0, 1)
    qtbot.mouseClick(rows.row(2)._up, Qt.MouseButton.LeftButton)
    assert [channel.index for channel in session.document.input_channels] == [0, 2, 1]
    qtbot.mouseClick(rows.row(1)._use, Qt.MouseButton.LeftButton)
    assert session.document.conv.spec.in_channels == 2
    settle()
    for _ in range(5):
        window.menus.undo.trigger()
    assert session.document.input_gains == (1, 1, 1)
    assert session.document.conv.spec.in_channels == 3


def test_a_frame_can_be_chosen(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "film.gif"
    frames = [Image.new("L", (12, 8), level) for level in (0, 120, 250)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    with qtbot.waitSignal(window.workbench.opener.opened):
        drop(window, path)
    assert window.workbench.session.document.source.frames == 3
    assert window.menus.frame.isEnabled()
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.workbench.opener.open_file(str(path), 2)
    assert window.workbench.session.document.source.pixels.max() >= 249


def test_a_notice_goes_with_the_input_that_it_is_about(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "gray.png"
    Image.fromarray(np.full((30, 50), 77, np.uint8)).save(path)
    with qtbot.waitSignal(window.workbench.opener.opened):
        drop(window, path)
    assert window.messages.isVisible()
    window.menus.undo.trigger()
    assert not window.messages.isVisible()


def test_a_long_channel_name_widens_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("short", "a name of a channel that is quite long enough to fill rows"):
        (tmp_path / "t.csv").write_text(f"{name},{name}2\n" + "1,2\n3,4\n5,6\n7,8\n")
        with qtbot.waitSignal(window.workbench.opener.opened):
            window.open_path(str(tmp_path / "t.csv"))
        width = window.minimumSizeHint().width()
        if name == "short":
            wanted = width
    assert width == wanted
