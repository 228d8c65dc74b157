"""Lessons as a student does them, challenges as a teacher makes them and a student solves them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QDialogButtonBox
from pytestqt.qtbot import QtBot

from convlab.app.lesson_work import Scored
from convlab.io.lessons import bundled_lessons
from convlab.model import edits, opening
from convlab.model.challenge import Score
from convlab.model.layers.pool import Pool
from convlab.model.matrix import matrix_source, ramp
from convlab.model.message import message
from convlab.model.stack import Entry
from convlab.model.view import TileKey
from convlab.ui.challenge_dialog import ChallengeDialog
from convlab.ui.challenge_view import ChallengeView
from convlab.ui.link_button import LinkButton
from convlab.ui.main_window import MainWindow
from convlab.ui.scene_dialog import SceneDialog

LABEL = message("edit")


@pytest.fixture
def school(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """The window with an own lessons folder, the lessons read."""
    folder = tmp_path / "lessons"
    folder.mkdir()
    window.workbench.settings.set_lessons_folder(str(folder))
    read(window, qtbot)
    return window


def read(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.workbench.classroom.catalog_changed):
        window.menus.read_lessons.trigger()


def choose(window: MainWindow, qtbot: QtBot, text: str) -> None:
    """Take the lesson whose title begins so from the menu."""
    action = next(action for action in window.menus.lessons.actions() if action.text().startswith(text))
    with qtbot.waitSignal(window.workbench.classroom.opened):
        action.trigger()


def answer(window: MainWindow, qtbot: QtBot, number: int, text: str) -> str:
    box = window.lesson.questions[number]
    box.answer.selectAll()
    classroom = window.workbench.classroom
    with qtbot.waitSignals([classroom.judged], timeout=10_000):
        qtbot.keyClicks(box.answer, text)
        qtbot.keyClick(box.answer, Qt.Key.Key_Return)
    return box.verdict.text()


def test_a_student_opens_the_first_lesson_and_answers(
    school: MainWindow, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    choose(school, qtbot, "1 ")
    settle()
    assert school.lesson.isVisible()
    assert school.explain.isVisible()
    qtbot.waitUntil(lambda: school.explain.explanation is not None and school.explain.explanation.value == 10)
    said = answer(school, qtbot, 0, "17")
    assert said.startswith("✗ Not yet: it is 18.")
    assert "= 18" in said
    assert answer(school, qtbot, 0, "18").startswith("✓ Right: 18.")
    assert answer(school, qtbot, 1, "4 × 6").startswith("✓ Right: 4 × 6.")


def test_an_answer_that_is_no_number_is_asked_for_again(school: MainWindow, qtbot: QtBot) -> None:
    choose(school, qtbot, "1 ")
    box = school.lesson.questions[0]
    assert not box.check.isEnabled()
    qtbot.keyClicks(box.answer, "ten")
    with qtbot.waitSignal(school.workbench.classroom.unreadable):
        qtbot.mouseClick(box.check, Qt.MouseButton.LeftButton)
    assert box.verdict.text() == "'ten' is not a number."
    qtbot.keyClicks(box.answer, "x")
    assert not box.verdict.isVisible()


def test_answers_are_about_the_scene_and_not_about_what_the_student_changed(school: MainWindow, qtbot: QtBot) -> None:
    choose(school, qtbot, "1 ")
    school.workbench.session.apply(lambda d: edits.set_weight(d, (0, 0, 1, 1), 100), LABEL)
    assert answer(school, qtbot, 0, "18").startswith("✓")


def test_parts_are_gone_through_and_started_over(school: MainWindow, qtbot: QtBot) -> None:
    choose(school, qtbot, "1 ")
    classroom, session = school.workbench.classroom, school.workbench.session
    assert not school.lesson.back.isEnabled()
    with qtbot.waitSignal(classroom.opened):
        qtbot.mouseClick(school.lesson.forward, Qt.MouseButton.LeftButton)
    assert school.lesson.scenes.currentText() == "2  Step by step"
    assert session.view.stepping
    assert not school.lesson.forward.isEnabled()
    session.apply(lambda d: edits.set_layer(d, stride=(2, 2)), LABEL)
    with qtbot.waitSignal(classroom.opened):
        qtbot.mouseClick(school.lesson.again, Qt.MouseButton.LeftButton)
    assert session.document.conv.spec.stride == (1, 1, 1)


def test_comparisons_follow_the_students_edits(school: MainWindow, qtbot: QtBot) -> None:
    choose(school, qtbot, "3 ")
    classroom = school.workbench.classroom
    with qtbot.waitSignal(classroom.compared):
        school.lesson.scenes.setCurrentIndex(2)
        school.lesson.scenes.activated.emit(2)
    parts = school.lesson.comparison.parts
    assert [part.map.values[0, 0] for part in parts] == [1, 5, 6, 9]
    with qtbot.waitSignal(classroom.compared):
        school.workbench.session.apply(lambda d: edits.set_weight(d, (0, 0, 1, 1), 11), LABEL)
    assert [part.map.values[0, 0] for part in parts] == [11, 15, 16, 19]
    with qtbot.waitSignal(classroom.compared):  # reflect and circular refuse what zeros and replicate take
        school.workbench.session.apply(lambda d: edits.set_layer(d, padding=(6, 6)), LABEL)
    assert [part.problem.isVisible() for part in parts] == [False, True, False, True]


def test_what_was_on_screen_before_a_lesson_comes_back_by_undo(school: MainWindow, qtbot: QtBot) -> None:
    before = school.workbench.session.document
    choose(school, qtbot, "5 ")
    assert school.workbench.session.document.conv.spec.out_channels == 64
    school.menus.undo.trigger()
    assert school.workbench.session.document == before


def test_a_broken_lesson_is_named_and_the_rest_still_load(school: MainWindow, qtbot: QtBot) -> None:
    folder = school.workbench.settings.lessons_folder
    (folder / "mine.json").write_text('{"convlab": "lesson", "version": 1, "title": "Mine", "scenes": 3}')
    shutil.copy(bundled_lessons() / "02-stride.json", folder)
    with qtbot.waitSignal(school.workbench.classroom.failed):
        read(school, qtbot)
    texts = [action.text() for action in school.menus.lessons.actions()]
    assert sum(text.startswith("2 ") for text in texts) == 2
    (broken,) = (text for text in texts if "mine.json" in text)
    assert "“scenes” must be a list" in broken
    assert "mine.json" in school.messages.text


def make_challenge(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *free: str) -> Path:
    """As a teacher: the menu, and Save."""

    def press_save(dialog: ChallengeDialog) -> int:
        dialog.show()
        for name in free:
            dialog.free[name].setChecked(True)
        save = dialog.buttons.button(QDialogButtonBox.StandardButton.Save)
        qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
        return dialog.result()

    monkeypatch.setattr(ChallengeDialog, "exec", press_save)
    with qtbot.waitSignal(window.workbench.classroom.catalog_changed):
        window.menus.challenge.trigger()
    (path,) = window.workbench.settings.lessons_folder.glob("*.json")
    return path


def prepare_target(window: MainWindow) -> None:
    session = window.workbench.session
    session.apply(lambda d: opening.follow_source(d, matrix_source(ramp((1, 6, 6)) % 7)), LABEL)
    session.apply(lambda d: edits.set_layer(d, out_channels=1, groups=1, padding=(0, 0), stride=(2, 2)), LABEL)
    session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), 4), LABEL)


def test_a_teacher_makes_a_challenge_in_two_clicks_and_a_student_reaches_it(
    school: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_target(school)
    target = school.workbench.session.document
    path = make_challenge(school, qtbot, monkeypatch)
    assert path.parent == school.workbench.settings.lessons_folder
    assert json.loads(path.read_text())["title"] == "Find the kernel"
    classroom, session = school.workbench.classroom, school.workbench.session
    with qtbot.waitSignal(classroom.scored):
        choose(school, qtbot, "★ Find the kernel")
    view = school.lesson.challenge
    assert view.isVisible()
    assert not view.mark.isVisible()
    assert view.distance.text().startswith("largest difference ")
    assert session.document.conv.weight.sum() == 1  # an identity kernel
    with qtbot.waitSignal(classroom.scored, check_params_cb=lambda scored: scored.score.reached):
        for place in ((0, 0, r, c) for r in range(3) for c in range(3)):
            value = float(target.conv.kernel_slices[place])
            session.apply(lambda d, p=place, v=value: edits.set_weight(d, p, v), LABEL)
    assert view.mark.isVisible()
    assert "largest difference 0" in view.distance.text()


def test_what_is_locked_cannot_be_changed_until_the_challenge_is_left(
    school: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_target(school)
    make_challenge(school, qtbot, monkeypatch)
    choose(school, qtbot, "★ ")
    session = school.workbench.session
    before = session.document
    assert not school.layer_form.fields["stride"].isEnabled()
    with qtbot.waitSignal(session.refused):
        session.apply(lambda d: edits.set_layer(d, stride=(1, 1)), LABEL)
    assert school.messages.text == "⚠ Locked in this challenge: stride."
    with qtbot.waitSignal(session.refused):
        school.workbench.opener.open_sample("coffee")
    assert school.messages.text == "⚠ Locked in this challenge: source."
    assert school.messages.isVisible()
    with qtbot.waitSignal(session.refused):
        school.menus.undo.trigger()
    assert session.document == before
    school.docks.lesson.close()
    qtbot.waitUntil(lambda: school.workbench.classroom.open_scene is None)
    assert school.layer_form.fields["stride"].isEnabled()
    school.menus.undo.trigger()
    assert session.document != before


def test_a_free_parameter_is_to_be_found_too(school: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_target(school)
    make_challenge(school, qtbot, monkeypatch, "stride")
    classroom, session = school.workbench.classroom, school.workbench.session
    with qtbot.waitSignal(classroom.scored):
        choose(school, qtbot, "★ ")
    assert session.document.conv.spec.stride == (1, 1, 1)
    said = school.lesson.challenge.distance.text()
    assert said == "Your maps are 1 × 4 × 4, the target's are 1 × 2 × 2 (channels × rows × columns)."
    with qtbot.waitSignal(classroom.scored):
        session.apply(lambda d: edits.set_layer(d, stride=(2, 2)), LABEL)
    assert school.lesson.challenge.distance.text().startswith("largest difference")


def test_a_challenge_needs_a_title_and_can_be_cancelled(school: MainWindow, qtbot: QtBot) -> None:
    dialog = ChallengeDialog("Find the kernel", "/somewhere", school)
    qtbot.addWidget(dialog)
    dialog.title.clear()
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Save).isEnabled()
    dialog.reject()
    assert dialog.result() == QDialog.DialogCode.Rejected
    assert {"weight", "bias"}.isdisjoint(dialog.locks)
    assert {"source", "stride", "kernel_size", "dtype"} <= set(dialog.locks)


def test_a_lessons_file_opens_like_a_photo(school: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(school.workbench.classroom.opened):
        school.open_path(str(bundled_lessons() / "07-dilation.json"))
    assert school.lesson.title.text() == "7  Dilation"
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    before = school.workbench.session.document
    with qtbot.waitSignal(school.workbench.classroom.failed):
        school.open_path(str(broken))
    assert school.messages.text.startswith("⚠ “broken.json” was not loaded: it is no valid JSON")
    assert school.workbench.session.document is before


def test_lesson_12_outlines_what_two_layers_see(school: MainWindow, qtbot: QtBot) -> None:
    """5 × 5 pixels of the input, for the number of the second layer's map that is shown at first."""
    choose(school, qtbot, "12 ")
    classroom, grid = school.workbench.classroom, school.inputs.photo
    with qtbot.waitSignal(classroom.opened):
        qtbot.mouseClick(school.lesson.forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: school.explain.explanation is not None and school.explain.explanation.value == 64)
    place = grid.place_of(TileKey("photo"))

    def framed() -> bool:
        """Whether white of the frame, which the window's outline has none of, lies along row 2's upper edge."""
        points = [place.to_point(2, 2 + n / 10) for n in range(2, 48)]
        image = grid.viewport().grab().toImage()
        ratio = image.devicePixelRatio()
        near = [(p.x() * ratio, (p.y() + dy) * ratio) for p in points for dy in (0, 1, 2)]
        return any(QColor(image.pixel(round(x), round(y))) == QColor("white") for x, y in near)

    qtbot.waitUntil(framed)
    school.docks.lesson.close()
    qtbot.waitUntil(lambda: not framed())


@pytest.mark.parametrize("lesson", ["16 ", "17 "])
def test_a_lesson_leaves_no_chain_open(
    school: MainWindow, qtbot: QtBot, settle: Callable[[], None], lesson: str
) -> None:
    choose(school, qtbot, lesson)
    classroom = school.workbench.classroom
    assert classroom.open_scene is not None
    for number in range(len(classroom.open_scene.lesson.scenes)):
        with qtbot.waitSignal(classroom.opened):
            classroom.open(classroom.open_scene.lesson, number)
        settle()
    choose(school, qtbot, "2 ")
    settle()
    layer = school.workbench.session.document.conv.spec
    links = {link.accessibleName(): link for link in school.findChildren(LinkButton) if link.isVisible()}
    for name in ("kernel_size", "stride", "dilation"):
        _, height, width = getattr(layer, name)
        assert links[f"{name} linked"].isChecked() == (height == width)


@pytest.mark.parametrize("kind", ["stack", "signal"])
def test_a_stack_or_a_signal_becomes_a_challenge_and_is_solved(
    school: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(ChallengeDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    bench = school.workbench
    if kind == "stack":
        bench.session.apply(lambda d: d.with_layers((*d.layers, Entry(Pool())), 0), LABEL)
    else:
        sound = replace(matrix_source(ramp((1, 1, 200))), name="tone", signal=True)
        bench.session.apply(lambda d: opening.follow_source(d, sound), LABEL)
    wanted = bench.session.document
    with qtbot.waitSignal(bench.classroom.made) as made:
        school.menus.challenge.trigger()
    with qtbot.waitSignal(bench.classroom.scored) as far:
        school.open_path(str(made.args[0]))
    assert not far.args[0].score.reached
    assert [entry.layer.kind for entry in bench.session.document.layers] == [e.layer.kind for e in wanted.layers]
    with qtbot.waitSignal(bench.classroom.scored) as solved:
        bench.session.apply(lambda d: d.with_conv(weight=wanted.conv.weight, bias=wanted.conv.bias), LABEL)
    assert solved.args[0].score.reached


def test_what_is_on_screen_becomes_scenes_of_a_lesson(
    school: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, titles = school.workbench, iter(["A stack", "Its second map"])

    def fill_in(dialog: SceneDialog) -> int:
        qtbot.keyClicks(dialog.title, next(titles))
        dialog.text.setPlainText("Look at the pixel.")
        assert dialog.buttons.button(QDialogButtonBox.StandardButton.Save).isEnabled()
        dialog.into.setCurrentIndex(dialog.into.count() - 1)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(SceneDialog, "exec", fill_in)
    bench.session.apply(lambda d: d.with_layers((*d.layers, Entry(Pool())), 0), LABEL)
    first = bench.session.document
    with qtbot.waitSignals([bench.classroom.made, bench.classroom.catalog_changed]):
        school.menus.scene.trigger()
    bench.session.set_view(chosen_output=1, explaining=True, pinned=(2, 1))
    bench.session.apply(lambda d: edits.set_bias(d, 0, 3.0), LABEL)
    second = bench.session.document
    with qtbot.waitSignals([bench.classroom.made, bench.classroom.catalog_changed]):
        school.menus.scene.trigger()
    (lesson,) = bench.classroom.catalog.own
    assert (lesson.title, [scene.title for scene in lesson.scenes]) == ("A stack", ["A stack", "Its second map"])
    for number, wanted in enumerate([first, second]):
        with qtbot.waitSignal(bench.classroom.opened):
            bench.classroom.open(lesson, number)
        assert bench.session.document.layers == wanted.layers
        np.testing.assert_array_equal(bench.session.document.picture.pixels, wanted.picture.pixels)
    view = bench.session.view
    assert (view.chosen_output, view.explaining, view.offered) == (1, True, (2, 1))


def test_the_maps_beside_a_scene_of_fixed_range_have_that_range(school: MainWindow, qtbot: QtBot) -> None:
    choose(school, qtbot, "9 ")
    with qtbot.waitSignal(school.workbench.classroom.compared):
        school.lesson.scenes.setCurrentIndex(1)
        school.lesson.scenes.activated.emit(1)
    blur = school.lesson.comparison.parts[0].map
    middle = blur.grab().toImage().pixelColor(blur.width() - 5, 5)
    assert middle.red() == pytest.approx(255 * float(blur.values[3, -6]), abs=6)


def test_pointing_wins_over_the_pixel_of_a_lesson_and_not_over_a_click(school: MainWindow, qtbot: QtBot) -> None:
    choose(school, qtbot, "1 ")
    session, panel = school.workbench.session, school.explain
    qtbot.waitUntil(lambda: panel.explanation is not None and panel.explanation.position == (0, 0))
    session.set_view(cursor=(2.5, 3.5), cursor_on="map")
    qtbot.waitUntil(lambda: panel.explanation is not None and panel.explanation.position == (1, 2))
    session.set_view(cursor=None, cursor_on=None)
    qtbot.waitUntil(lambda: panel.explanation is not None and panel.explanation.position == (0, 0))
    session.set_view(pinned=(2, 2), cursor=(2.5, 3.5), cursor_on="map")
    qtbot.waitUntil(lambda: panel.explanation is not None and panel.explanation.position == (2, 2))
    school.docks.lesson.close()
    qtbot.waitUntil(lambda: session.view.offered is None)


@pytest.mark.parametrize(
    ("size", "axes"),
    [((2, 9), "channels × samples"), ((2, 9, 9), "channels × rows × columns"), ((2, 3, 9, 9), "× slices × rows ×")],
)
def test_other_sizes_are_said_along_the_axes_that_there_are(qtbot: QtBot, size: tuple[int, ...], axes: str) -> None:
    view = ChallengeView()
    qtbot.addWidget(view)
    curve = np.sin(np.linspace(0, 9, 200))[None]
    view.show_scored(Scored(Score(False, sizes=(size, size)), curve, curve))
    assert axes in view.distance.text()
    assert view.target.height() > 40  # a curve, of a picture one pixel would be seen
    drawn = view.target.grab().toImage()
    assert len({drawn.pixel(x, y) for x in range(drawn.width()) for y in range(drawn.height())}) > 2
