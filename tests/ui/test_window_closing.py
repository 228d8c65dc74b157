"""Closing saves what was asked to be saved, asks about a session's file that differs, and loses nothing by a fault."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QProgressDialog
from pytestqt.qtbot import QtBot

from convlab.app.worker import Asker, Task
from convlab.export.plan import ExportPlan
from convlab.export.register import format_of
from convlab.model import edits
from convlab.model.maps import edited
from convlab.model.message import message
from convlab.ui.main_window import MainWindow

LABEL = message("edit")
ANSWERS = QMessageBox.StandardButton


def plan(window: MainWindow, folder: Path) -> ExportPlan:
    document = window.workbench.session.document
    return ExportPlan(edited(document), tuple(range(document.conv.spec.out_channels)), format_of("npy"), folder, "maps")


def edit(window: MainWindow, value: float) -> None:
    window.workbench.session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), value), LABEL)


def closed(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)


@pytest.fixture
def session_file(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Path:
    """A session saved to a file, and changed since."""
    path = tmp_path / "mine.convlab"
    with qtbot.waitSignal(window.workbench.sessions.saved):
        window.workbench.sessions.save(path)
    edit(window, 7.5)
    return path


def test_saves_that_wait_behind_a_photo_that_is_being_opened_are_finished(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    gate = threading.Event()
    bench = window.workbench
    bench._photo_thread.submit(Task(Asker("photo"), lambda _: gate.wait(20)))
    bench.sessions.save(tmp_path / "s.convlab")
    bench.saver.save(plan(window, tmp_path))
    assert not window.close()
    gate.set()
    closed(window, qtbot)
    assert (tmp_path / "s.convlab").exists()
    (path,) = tmp_path.glob("*.npy")
    assert np.load(path).shape[0] == 2


def test_stop_ends_the_wait_and_leaves_no_part_of_a_file(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    bench, gate = window.workbench, threading.Event()

    def work(checkpoint: Callable[[], None]) -> None:
        gate.wait(20)
        checkpoint()
        raise AssertionError("stopped")

    bench._save_thread.enqueue(Task(Asker("save"), work, saves=True))
    assert not window.close()
    dialog = window.findChild(QProgressDialog)
    assert dialog is not None
    dialog.canceled.emit()
    gate.set()
    closed(window, qtbot)


def test_a_save_that_fails_while_closing_keeps_the_window_and_says_so(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    gate = threading.Event()
    window.workbench._save_thread.enqueue(Task(Asker("gate"), lambda _: gate.wait(20)))
    window.workbench.sessions.save(tmp_path / "gone" / "s.convlab")
    assert not window.close()
    gate.set()
    qtbot.waitUntil(lambda: window.messages.isVisible(), timeout=20_000)
    assert "gone" in window.messages.text
    assert window.isVisible()


def test_the_title_says_whether_the_sessions_file_differs(window: MainWindow, qtbot: QtBot, session_file: Path) -> None:
    assert window.windowTitle().startswith("mine.convlab[*]")
    assert window.isWindowModified()
    with qtbot.waitSignal(window.workbench.sessions.saved):
        window.menus.save_session.trigger()
    assert not window.isWindowModified()
    edit(window, 8.5)
    assert window.isWindowModified()
    window.menus.undo.trigger()
    assert not window.isWindowModified()


@pytest.mark.parametrize(
    ("answer", "closes", "saves"), [("Save", True, True), ("Discard", True, False), ("Cancel", False, False)]
)
def test_closing_asks_about_a_sessions_file_that_differs(
    window: MainWindow,
    qtbot: QtBot,
    session_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    closes: bool,
    saves: bool,
) -> None:
    before = session_file.read_bytes()
    monkeypatch.setattr(QMessageBox, "exec", lambda _: ANSWERS[answer])
    window.close()
    if closes:
        closed(window, qtbot)
    assert window.isVisible() is not closes
    assert (session_file.read_bytes() != before) is saves


@pytest.mark.parametrize("answer", ["Discard", "Cancel"])
def test_a_lesson_never_goes_into_the_sessions_file(
    window: MainWindow, qtbot: QtBot, session_file: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(QMessageBox, "exec", lambda _: ANSWERS[answer])
    with qtbot.waitSignal(window.workbench.classroom.catalog_changed):
        window.lessons.read()
    before = window.workbench.session.document
    action = window.menus.lessons.actions()[0]
    if answer == "Cancel":
        action.trigger()
        assert window.workbench.sessions.path == session_file
        assert window.workbench.session.document is before
        return
    with qtbot.waitSignal(window.workbench.classroom.opened):
        action.trigger()
    assert window.workbench.sessions.path is None
    assert "mine" not in window.windowTitle()


def test_a_state_that_is_in_no_file_asks_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.workbench.keeper.start(tmp_path / "states", go_on=True)
    edit(window, 7.5)
    window.close()
    closed(window, qtbot)
    assert (tmp_path / "states" / "1" / "state.json").exists()


def test_a_state_that_cannot_be_kept_is_asked_about(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "states").write_text("a file where the folder should be")
    window.workbench.keeper.start(tmp_path / "states", go_on=True)
    assert "not being kept" in window.messages.text
    edit(window, 7.5)
    asked: list[str] = []

    def answer(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(box.text())
        return ANSWERS.Save

    monkeypatch.setattr(QMessageBox, "exec", answer)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    window.close()
    closed(window, qtbot)
    assert asked == ["Save the changes to this state?"]
    assert (tmp_path / "mine.convlab").exists()


@pytest.mark.qt_no_exception_capture
def test_a_fault_while_closing_loses_nothing(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> bool:
        raise ZeroDivisionError("on purpose")

    with monkeypatch.context() as patched:
        patched.setattr(window.closing, "may_close", broken)
        with pytest.raises(ZeroDivisionError):
            window.close()
    assert window.isVisible()


def test_new_is_a_step_of_undo_and_leaves_what_was_kept(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    keeper = window.workbench.keeper
    keeper.start(tmp_path / "states", go_on=True)
    with qtbot.waitSignal(keeper.kept):
        edit(window, 7.5)
    changed = window.workbench.session.document
    window.menus.new.trigger()
    assert window.workbench.session.document != changed
    (left,) = keeper.others()
    assert "astronaut" in left.about
    window.menus.undo.trigger()
    assert window.workbench.session.document == changed


def test_states_that_were_left_are_in_the_menu_and_open(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    keeper = window.workbench.keeper
    keeper.start(tmp_path / "states", go_on=True)
    with qtbot.waitSignal(keeper.kept):
        edit(window, 7.5)
    window.menus.new.trigger()
    window.sessions.left_menu.aboutToShow.emit()
    (action,) = window.sessions.left_menu.actions()
    with qtbot.waitSignal(keeper.opened):
        action.trigger()
    assert window.workbench.session.document.conv.kernel_slices[0, 0, 0, 0] == 7.5
    assert window.messages.text == "You are where you left off."
    assert window.messages.button.text() == "Start fresh"


def test_escape_closes_a_message_and_a_success_replaces_it(window: MainWindow, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    window.show_message("Something was refused.")
    sheet = window.messages.styleSheet()
    window.show_message("Something else was refused.")
    assert window.messages.styleSheet() == sheet  # it does not darken
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.messages.isVisible()
    window.show_message("Something was refused.")
    window.say_done("Saved x")
    assert not window.messages.isVisible()


def test_the_keys_are_listed_and_name_every_shortcut_once(window: MainWindow, qtbot: QtBot) -> None:
    from convlab.ui.help_commands import _menu_keys

    keys = dict(_menu_keys(window))
    assert keys["Ctrl+S"] == "File ▸ Save session"
    assert keys["Ctrl+Shift+S"] == "File ▸ Save maps…"
    assert keys["Ctrl+N"] == "File ▸ New"
    assert keys["Ctrl+Z"] == "Edit ▸ Undo"
    assert len(keys) > 15


def test_an_unexpected_fault_is_one_message_with_its_text_behind_a_button(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(window.help, "_show_text", lambda _title, _about, text: texts.append(text))
    try:
        raise ZeroDivisionError("on purpose")
    except ZeroDivisionError as error:
        window.workbench.faults._uncaught(type(error), error, error.__traceback__)
    qtbot.waitUntil(window.messages.isVisible)
    assert "Your work is as it was" in window.messages.text
    assert "ZeroDivisionError" not in window.messages.text
    window.messages.button.click()
    assert "ZeroDivisionError: on purpose" in texts[0]


def test_a_fault_on_the_engines_thread_offers_its_text_too(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr("convlab.export.maps.save_maps", broken)
    bench = window.workbench
    with qtbot.waitSignal(bench.saver.failed):
        bench.saver.save(plan(window, tmp_path))
    assert window.messages.text.startswith("⚠ Something went wrong inside ConvLab")
    assert window.messages.button.text() == "Show the text"
    assert "on purpose" in bench.faults.last
