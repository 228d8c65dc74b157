"""Every 'Try' of every lesson, done by the window's own controls at 1280 × 800, does what its text says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from trying import Trying

from convlab.io.lessons import bundled_lessons, read_lessons
from convlab.model.document import Document
from convlab.model.lesson import Lesson
from convlab.model.tries import CHECKS, STEPS
from convlab.ui.main_window import MainWindow

sys.path.insert(0, str(Path(__file__).parent.parent))
from test_bundled_lessons import picture, run, up_to_edited

LESSONS, _ = read_lessons(bundled_lessons())
SCENES = [(lesson, number) for lesson in LESSONS for number in range(len(lesson.scenes))]
NAMES = [f"{lesson.title.split()[0]}.{number + 1}" for lesson, number in SCENES]


def test_every_try_of_every_lesson_says_what_it_means() -> None:
    tries = [each for lesson in LESSONS for scene in lesson.scenes for each in scene.tries]
    assert len(tries) > 70
    assert all(each.then for each in tries)


def test_every_step_and_check_of_the_format_can_be_done() -> None:
    assert all(hasattr(Trying, f"_do_{name}") for name in STEPS)
    assert all(hasattr(Trying, f"_check_{name}") for name in CHECKS)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("lesson", "number"), SCENES, ids=NAMES)
def test_what_a_lesson_says_to_try_does_what_it_says(
    window: MainWindow,
    qtbot: QtBot,
    settle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    lesson: Lesson,
    number: int,
) -> None:
    classroom = window.workbench.classroom

    def maps(document: Document) -> np.ndarray:
        found = run(up_to_edited(document), picture(document))[0].numpy()
        if document.conv.spec.dims == 1:
            return found[:, None]
        return found[:, window.workbench.session.view.depth] if document.conv.spec.dims == 3 else found

    for each in lesson.scenes[number].tries:
        with qtbot.waitSignal(classroom.opened, timeout=20_000):
            classroom.open(lesson, number)
        settle()
        trying = Trying(window, qtbot, settle, monkeypatch, tmp_path, maps)
        try:
            trying.do(each)
            trying.check(each)
        except BaseException:
            print(f"tried: {each.text}")
            raise
