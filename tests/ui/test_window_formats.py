"""What file dialogs offer, and that a dropped file of every input format opens."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from input_files import NEARLY, WRITERS
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from convlab.io.formats import register
from convlab.io.formats.format import InputFormat
from convlab.io.formats.register import FORMATS, formats
from convlab.model import lesson, session_file
from convlab.ui.main_window import MainWindow


def filter_of(dialog: str, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The endings that the dialog for one file, or the one for several, offers; it is cancelled."""
    seen: list[str] = []

    def cancelled(*arguments: object) -> tuple[object, str]:
        seen.append(str(arguments[3]))
        return ([] if dialog.endswith("s") else ""), ""

    monkeypatch.setattr(QFileDialog, dialog, cancelled)
    if dialog.endswith("s"):
        window.opens.ask_stack()
    else:
        window.opens.ask_open()
    (first,) = (text.split(";;")[0] for text in seen)
    return set(re.findall(r"\*(\.\w+)", first))


def test_all_that_can_be_opened_is_offered(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    every = {suffix for each in FORMATS for suffix in each.suffixes}
    assert filter_of("getOpenFileName", window, monkeypatch) == {*every, session_file.SUFFIX, lesson.SUFFIX}


def test_pictures_are_offered_to_be_stacked(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = {suffix for each in formats("picture") for suffix in each.suffixes}
    assert filter_of("getOpenFileNames", window, monkeypatch) == pictures


def test_a_new_format_is_offered(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    def unread(*_: object) -> None:
        pytest.fail("nothing is opened here")

    made = InputFormat("Made up", (".madeup",), "picture", "", unread)  # type: ignore[arg-type]
    monkeypatch.setattr(register, "FORMATS", (*FORMATS, made))
    for dialog in ("getOpenFileName", "getOpenFileNames"):
        assert ".madeup" in filter_of(dialog, window, monkeypatch)


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
def test_a_dropped_file_opens(window: MainWindow, qtbot: QtBot, tmp_path: Path, format: InputFormat) -> None:
    path = tmp_path / f"a{format.suffixes[-1]}"
    wanted = WRITERS[format.name](path)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, modifiers = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.dropEvent(QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, buttons, modifiers))
    found = window.workbench.session.document.source
    assert found.name == path.name
    assert found.pixels.dtype == wanted.dtype
    values = found.pixels.astype(np.float64)
    assert np.abs(values - wanted.astype(np.float64)).max() <= NEARLY.get(format.name, 0)
