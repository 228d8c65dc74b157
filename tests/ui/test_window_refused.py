"""Commands on a layer that torch would refuse say the layer's own sentence, and dialogs take any text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow
from convlab.ui.save_dialog import SaveDialog
from convlab.ui.steps_dialog import StepsDialog

VERSION1 = Path(__file__).parents[1] / "fixtures" / "version1"


def change(window: MainWindow, **fields: object) -> None:
    window.workbench.session.apply(lambda document: edits.set_layer(document, **fields), message("edit"))


@pytest.mark.parametrize("fields", [{"kernel_size": (600, 600)}, {"groups": 0}, {"groups": 2}])
@pytest.mark.parametrize("command", ["save", "save_steps", "copy_map"])
def test_a_command_says_why_there_are_no_maps(
    window: MainWindow,
    settle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    fields: dict[str, object],
    command: str,
) -> None:
    monkeypatch.setattr(StepsDialog, "exec", lambda _: pytest.fail("a dialog for steps that cannot be"))
    monkeypatch.setattr(SaveDialog, "exec", lambda _: pytest.fail("a dialog for maps that cannot be"))
    window.docks.explain.show()
    settle()
    change(window, padding=(0, 0), **fields)
    settle()
    problem = window.workbench.session.layer_problems[0]
    window.messages.hide()
    getattr(window.menus, command).trigger()
    settle()
    assert window.messages.isVisible()
    assert window.messages.text == f"⚠ {problem.message}"


@pytest.mark.parametrize("fields", [{"kernel_size": (60, 60)}, {"groups": 0}, {"groups": 2}])
def test_a_challenge_on_a_refused_layer_is_not_reached_and_nothing_goes_wrong(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None], fields: dict[str, object]
) -> None:
    classroom = window.workbench.classroom
    data = json.loads((VERSION1 / "challenge-matrix.json").read_text())
    data["scenes"][0]["challenge"]["lock"] = []
    challenge = window.workbench.settings.lessons_folder / "free.json"
    challenge.parent.mkdir(parents=True, exist_ok=True)
    challenge.write_text(json.dumps(data))
    with qtbot.waitSignal(classroom.scored, timeout=20_000):
        classroom.open_file(str(challenge))
    refused = lambda scored: scored.present is None  # noqa: E731
    with qtbot.waitSignal(classroom.scored, timeout=20_000, check_params_cb=refused) as scored:
        change(window, padding=(0, 0), **fields)
    settle()
    assert not scored.args[0].score.reached
    assert window.messages.isHidden()


def test_a_challenge_whose_target_cannot_be_is_refused_with_its_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    data = json.loads((VERSION1 / "challenge-matrix.json").read_text())
    data["scenes"][0]["challenge"]["target"]["layer"] |= {"padding_mode": "reflect", "padding": [90, 90]}
    (tmp_path / "c.json").write_text(json.dumps(data))
    with qtbot.waitSignal(window.workbench.classroom.failed) as failed:
        window.open_path(str(tmp_path / "c.json"))
    assert "padding 90 in height is too much" in str(failed.args[0])


def test_the_save_dialog_takes_any_text(window: MainWindow, settle: Callable[[], None], tmp_path: Path) -> None:
    settle()
    dialog = SaveDialog(window.workbench.session, str(tmp_path), window)
    save = dialog._buttons.button(dialog._buttons.StandardButton.Save)
    for folder in ("x" * 300, "a\0b", "/" + "y/" * 3000, str(tmp_path / "gone")):
        dialog._folder.setText(folder)
        assert not save.isEnabled()
        assert dialog._files.text() == "There is no such folder."
    dialog._folder.setText(str(tmp_path))
    assert save.isEnabled()
    dialog._which.setCurrentIndex(dialog._which.findData("list"))
    for digits in ("9" * 5000, "0-" + "1" * 5000, "٣" * 5000):
        dialog._list.setText(digits)
        assert "is not within 0–1." in dialog._files.text()
        assert not save.isEnabled()
    for name in ("n" * 300, "..", "\0", "a/b"):
        dialog._name.setText(name)
    dialog.deleteLater()


def test_the_steps_dialog_takes_any_name(window: MainWindow, tmp_path: Path) -> None:
    dialog = StepsDialog(5, 4, str(tmp_path), window)
    for name in ("x" * 300, "a\0b", "..", ".", "/", "", "a/..", "\u202e.gif"):
        dialog.path.setText(name)
        for kind in (1, 0):
            dialog.kind.setCurrentIndex(kind)
    dialog.deleteLater()


def test_steps_under_a_name_that_no_file_can_have_are_refused(
    qtbot: QtBot, window: MainWindow, settle: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.docks.explain.show()
    window.zoom_to_numbers()
    settle()

    def accept(dialog: StepsDialog) -> QDialog.DialogCode:
        dialog.path.setText(str(tmp_path / ("x" * 300 + ".gif")))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(StepsDialog, "exec", accept)
    window.menus.save_steps.trigger()
    qtbot.waitUntil(lambda: not window.workbench.step_saver.saving, timeout=30_000)
    assert "was not saved: File name too long" in window.messages.text
