"""A whole state saved from the window and opened again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow

LABEL = message("edit")


@pytest.fixture
def saved(window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A changed state, saved by the menu under a name without suffix."""
    session = window.workbench.session
    session.apply(lambda d: edits.set_layer(d, transposed=True, stride=(2, 2)), LABEL)
    session.apply(lambda d: edits.set_weight(d, (1, 2, 0, 0), 7.5), LABEL)
    session.set_view(chosen_output=1, explaining=True, pinned=(3, 4))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    with qtbot.waitSignal(window.workbench.sessions.saved):
        window.menus.save_session.trigger()
    return tmp_path / "mine.convlab"


def test_what_was_saved_comes_back_in_one_undo_step(
    window: MainWindow, qtbot: QtBot, saved: Path, rest: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = window.workbench.session
    kept = session.document
    session.apply(lambda d: edits.set_layer(d, transposed=False, kernel_size=(5, 5)), LABEL)
    session.set_view(explaining=False, pinned=None, chosen_output=0)
    changed = session.document
    monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
    with qtbot.waitSignal(window.workbench.sessions.opened):
        window.open_path(str(saved))
    rest()
    assert session.document.conv.spec == kept.conv.spec
    assert session.document.conv.weight.tolist() == kept.conv.weight.tolist()
    assert (session.view.pinned, session.view.chosen_output) == ((3, 4), 1)
    assert window.explain.isVisible()
    window.menus.undo.trigger()
    assert session.document == changed
    assert window.workbench.settings.recent_files[0] == str(saved)


@pytest.mark.parametrize("name", ["result.v2", "blur_s1.5", "scan.001"])
def test_a_sessions_name_is_kept_and_what_is_there_asked_for(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    target = tmp_path / f"{name}.convlab"
    target.write_text("older")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    with qtbot.assertNotEmitted(window.workbench.sessions.saved, wait=50):
        window.menus.save_session.trigger()
    assert target.read_text() == "older"
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    with qtbot.waitSignal(window.workbench.sessions.saved):
        window.menus.save_session.trigger()
    assert target.read_bytes().startswith(b"{")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(name)] == [target.name]


def test_a_broken_session_leaves_everything_as_it_was(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = window.workbench.session.document
    (tmp_path / "bad.convlab").write_text("{}")
    with qtbot.waitSignal(window.workbench.sessions.failed):
        window.open_path(str(tmp_path / "bad.convlab"))
    assert window.messages.text == "⚠ “bad.convlab” was not opened: the session: “convlab” is missing."
    assert window.workbench.session.document is before
