"""Presentation mode as a teacher uses it, and the steps saved as pictures."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from convlab.model import edits, opening
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.ui.main_window import MainWindow
from convlab.ui.presentation import Presentation
from convlab.ui.steps_dialog import StepsDialog

LABEL = message("edit")
DOT = np.array([[[1.0, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]]])
KERNEL = np.array([[[[1.0, 2, 1], [0, 1, 0], [2, 1, 0]]]])


@pytest.fixture
def classroom(window: MainWindow, qtbot: QtBot, rest: Callable[[], None]) -> MainWindow:
    """The dot product of lesson 1 on screen: a map of 3 × 3."""
    session = window.workbench.session
    session.apply(lambda d: opening.follow_source(d, matrix_source(DOT)), LABEL)
    session.apply(lambda d: edits.set_whole_layer(d, KERNEL), LABEL)
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0), bias=False), LABEL)
    rest()
    qtbot.waitUntil(lambda: window.workbench.stepper.count == 9)
    return window


def present(window: MainWindow, qtbot: QtBot) -> Presentation:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    presentation = window.presentation
    assert presentation is not None
    qtbot.waitUntil(lambda: presentation.flow.flow is not None)
    return presentation


def test_what_was_explained_already_is_shown_at_once(classroom: MainWindow, qtbot: QtBot) -> None:
    """Found by hand: with a pixel kept before, nothing changed and nothing was shown."""
    bench = classroom.workbench
    with qtbot.waitSignal(bench.scheduler.explained, check_params_cb=lambda found: found is not None):
        classroom.menus.explain.trigger()
        bench.session.set_view(pinned=(1, 1))
    presentation = present(classroom, qtbot)
    assert presentation.flow.flow.position == (1, 1)
    presentation.close()


def step(presentation: Presentation, qtbot: QtBot, key: Qt.Key) -> str:
    """Press a key; the total that is then shown."""
    qtbot.keyClick(presentation, key)
    session = presentation._session

    def shown() -> bool:
        flow, view = presentation.flow.flow, session.view
        return flow is not None and (flow.position, flow.output) == (view.pinned, view.chosen_output)

    qtbot.waitUntil(shown)
    return presentation.flow.flow.total


def test_f11_shows_a_value_and_the_clicker_steps_through_the_map(classroom: MainWindow, qtbot: QtBot) -> None:
    expected = torch.nn.functional.conv2d(torch.tensor(DOT)[None], torch.tensor(KERNEL))[0, 0].ravel().tolist()
    presentation = present(classroom, qtbot)
    assert presentation.isFullScreen()
    found = [float(presentation.flow.flow.total)]
    found += [float(step(presentation, qtbot, Qt.Key.Key_PageDown)) for _ in range(8)]
    assert found == expected
    assert float(step(presentation, qtbot, Qt.Key.Key_PageUp)) == expected[-2]
    assert float(step(presentation, qtbot, Qt.Key.Key_Home)) == expected[0]
    assert float(step(presentation, qtbot, Qt.Key.Key_Down)) == expected[3]
    assert presentation.formula.text == "out 0 [1, 0] = 0·1 + 1·2 + 2·1 + 1·0 + 2·1 + 1·0 + 5·2 + 2·1 + 3·0 = 18"
    assert not presentation.flow.flow.near.empty[1, 0]
    assert presentation.flow.flow.near.empty[1, 1]
    assert presentation.place.value() == 3


def test_space_plays_and_pauses(classroom: MainWindow, qtbot: QtBot) -> None:
    presentation, stepper = present(classroom, qtbot), classroom.workbench.stepper
    stepper.set_speed(50)
    qtbot.keyClick(presentation, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not stepper.playing)
    assert classroom.workbench.session.view.pinned == (2, 2)
    qtbot.keyClick(presentation, Qt.Key.Key_Space)
    qtbot.keyClick(presentation, Qt.Key.Key_Space)
    assert not stepper.playing


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F11])
def test_leaving_puts_everything_back(classroom: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    session = classroom.workbench.session
    layout, view = classroom.saveState(), session.view
    presentation = present(classroom, qtbot)
    step(presentation, qtbot, Qt.Key.Key_Right)
    with qtbot.waitSignal(presentation.left):
        qtbot.keyClick(presentation, key)
    assert classroom.presentation is None
    assert (session.view.explaining, session.view.pinned, session.view.stepping) == (False, None, False)
    assert session.view.display == view.display
    assert classroom.saveState() == layout


def test_tab_shows_the_next_output(classroom: MainWindow, qtbot: QtBot) -> None:
    session = classroom.workbench.session
    session.apply(lambda d: edits.set_whole_layer(d, np.concatenate([KERNEL, -KERNEL])), LABEL)
    presentation = present(classroom, qtbot)
    assert step(presentation, qtbot, Qt.Key.Key_Tab) == "−10"
    assert step(presentation, qtbot, Qt.Key.Key_Tab) == "10"
    assert step(presentation, qtbot, Qt.Key.Key_Backtab) == "−10"


def test_a_layer_that_torch_refuses_is_told_on_the_stage(classroom: MainWindow, qtbot: QtBot) -> None:
    session = classroom.workbench.session
    presentation = present(classroom, qtbot)
    session.apply(lambda d: edits.set_layer(d, kernel_size=(9, 9)), LABEL)
    qtbot.waitUntil(lambda: presentation.flow.flow is None)
    assert presentation.formula.text == str(session.problems[0].message)


def test_closing_the_window_while_presenting_closes_both(classroom: MainWindow, qtbot: QtBot) -> None:
    presentation = present(classroom, qtbot)
    with qtbot.waitSignal(presentation.left):
        classroom.close()
    assert classroom.presentation is None


def save_steps(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, path: Path, gif: bool, cancel: bool = False
) -> None:
    def accept(dialog: StepsDialog) -> QDialog.DialogCode:
        dialog.kind.setCurrentIndex(0 if gif else 1)
        dialog.speed.setValue(5)
        dialog.path.setText(str(path))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(StepsDialog, "exec", accept)
    saver = window.workbench.step_saver
    with qtbot.waitSignal(saver.cancelled if cancel else saver.saved, timeout=30_000):
        window.menus.save_steps.trigger()
        if cancel:
            saver.cancel()


def test_the_steps_become_a_gif_that_plays_them(
    classroom: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "steps.gif"
    save_steps(classroom, qtbot, monkeypatch, path, gif=True)
    with Image.open(path) as gif:
        assert gif.n_frames == 9
        assert gif.size == (960, 540)
        assert gif.info["loop"] == 0
        frames = []
        for number in range(9):
            gif.seek(number)
            assert gif.info["duration"] == 200
            frames.append(np.asarray(gif.convert("L"), dtype=float))
    assert all(np.abs(a - b).max() > 50 for a, b in pairwise(frames))


def test_the_steps_become_a_folder_of_png_files(
    classroom: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_steps(classroom, qtbot, monkeypatch, tmp_path / "frames", gif=False)
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [f"step_{n:04d}.png" for n in range(1, 10)]
    assert [path.name for path in tmp_path.iterdir() if "convlab-part" in path.name] == []


def test_a_cancelled_save_leaves_nothing(
    classroom: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for gif in (True, False):
        folder = tmp_path / str(gif)
        folder.mkdir()
        save_steps(classroom, qtbot, monkeypatch, folder / "steps.gif", gif, cancel=True)
        assert list(folder.iterdir()) == []


def test_a_folder_that_is_there_is_not_touched(
    classroom: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames" / "mine.txt").write_text("mine")
    monkeypatch.setattr(StepsDialog, "exec", lambda dialog: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(StepsDialog, "gif", property(lambda dialog: False))
    monkeypatch.setattr(StepsDialog, "_show", lambda dialog: dialog.path.setText(str(tmp_path / "frames")))
    with qtbot.waitSignal(classroom.workbench.step_saver.failed):
        classroom.menus.save_steps.trigger()
    assert "there is something of that name" in classroom.messages.text
    assert [path.name for path in (tmp_path / "frames").iterdir()] == ["mine.txt"]


def test_too_many_steps_are_told_before_anything_is_done(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = StepsDialog(2001, 4, str(tmp_path))
    qtbot.addWidget(dialog)
    assert not dialog.buttons.button(dialog.buttons.StandardButton.Save).isEnabled()
    assert dialog.about.text().startswith("2001 steps are too many, 2000 at most: zoom in")
    few = StepsDialog(100, 4, str(tmp_path))
    qtbot.addWidget(few)
    assert few.about.text() == "100 steps, 25.0 seconds"
    assert few.path.text().endswith("steps.gif")
    few.kind.setCurrentIndex(1)
    assert few.path.text().endswith("steps")
    for name in ("result.v2", "blur_s1.5"):
        few.path.setText(str(tmp_path / name))
        few.kind.setCurrentIndex(0)
        assert few.path.text() == str(tmp_path / f"{name}.gif")
        few.kind.setCurrentIndex(1)
        assert few.path.text() == str(tmp_path / name)
        assert few.target == tmp_path / name
    few.kind.setCurrentIndex(0)
    few.path.setText(str(tmp_path / "result.v2"))
    assert few.target == tmp_path / "result.v2.gif"
    few.target.write_text("older")
    few.path.setText(str(few.target))
    assert "will be replaced" in few.about.text()
    few.kind.setCurrentIndex(1)
    few.path.clear()
    assert not few.buttons.button(few.buttons.StandardButton.Save).isEnabled()
