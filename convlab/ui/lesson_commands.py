"""Lessons from the window: choosing, opening, making challenges, and the panel's place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QDockWidget, QFileDialog

from convlab.app.classroom import OpenScene
from convlab.model.lesson import SUFFIX, Lesson
from convlab.model.tries import TABS
from convlab.ui.challenge_dialog import ChallengeDialog
from convlab.ui.scene_dialog import SceneDialog

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow

WIDE, LAYER_WIDTH, LESSON_WIDTH = 1500, 296, 330
"""Window width from which a lesson has a column of its own, and how wide both columns are at first."""


class LessonCommands(QObject):
    """Asks the classroom for what the menu says, and shows the panels that a scene needs."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.workbench
        self._bench.classroom.opened.connect(self._show_lesson)
        self._bench.classroom.made.connect(self._challenge_made)

    def ask_challenge(self) -> None:
        """Make a challenge from what is on screen, where one can hold it."""
        if not self._bench.classroom.can_make_challenge():
            return
        folder = self._bench.settings.lessons_folder
        dialog = ChallengeDialog(self.tr("Find the kernel"), str(folder), self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            text = dialog.text.toPlainText()
            self._bench.classroom.make_challenge(folder, dialog.title.text(), text, dialog.locks, dialog.start_name)
        dialog.deleteLater()

    def ask_scene(self) -> None:
        """Make a lesson's scene of what is on screen, where one can hold it."""
        classroom, folder = self._bench.classroom, self._bench.settings.lessons_folder
        if not classroom.can_make_scene():
            return
        dialog = SceneDialog(classroom.catalog.own, str(folder), self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            classroom.make_scene(folder, dialog.title.text(), dialog.text.toPlainText(), dialog.lesson)
        dialog.deleteLater()

    def open(self, lesson: Lesson, _checked: bool = False) -> None:
        """A lesson from the menu; a session's file that differs is asked about first."""
        if self._window.sessions.may_leave():
            self._bench.classroom.open(lesson)

    def ask_open(self) -> None:
        """Open a lesson or challenge file."""
        settings = self._bench.settings
        kinds = self.tr("Lessons (*{suffix})").format(suffix=SUFFIX)
        path, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Open a lesson"), str(settings.lessons_folder), kinds
        )
        if path:
            self._window.open_path(path)

    def ask_folder(self) -> None:
        """Choose the folder of one's own lessons."""
        settings = self._bench.settings
        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("Folder of lessons"), str(settings.lessons_folder)
        )
        if folder:
            settings.set_lessons_folder(folder)
            self.read()

    def read(self) -> None:
        """Read the lessons again."""
        self._bench.classroom.read_catalog(self._bench.settings.lessons_folder)

    @Slot(object)
    def _show_lesson(self, opened: OpenScene | None) -> None:
        if opened is not None:
            docks = self._window.docks
            layer, explain, lesson = docks.layer, docks.explain, docks.lesson
            if not lesson.isVisible():
                self._place_lesson(lesson, layer)
            lesson.show()
            lesson.raise_()
            explain.setVisible(opened.scene.view.explain or opened.scene.view.step)
            self._window.explain.tabs.setCurrentIndex(TABS.index(opened.scene.view.tab))

    def _place_lesson(self, lesson: QDockWidget, layer: QDockWidget) -> None:
        """Above the layer, or in a column of its own where the window is wide; where it was put by hand it stays."""
        if lesson.isFloating() or self._window.dockWidgetArea(lesson) != self._window.dockWidgetArea(layer):
            return
        lesson.show()
        if self._window.width() >= WIDE:
            self._window.splitDockWidget(layer, lesson, Qt.Orientation.Horizontal)
            self._window.resizeDocks([layer, lesson], [LAYER_WIDTH, LESSON_WIDTH], Qt.Orientation.Horizontal)
        else:
            self._window.splitDockWidget(lesson, layer, Qt.Orientation.Vertical)
            self._window.resizeDocks([lesson, layer], [3, 2], Qt.Orientation.Vertical)

    @Slot(object)
    def _challenge_made(self, path: Path) -> None:
        self._window.say_done(
            self.tr("Saved {name}: it is in the Lessons menu").format(name=path.name),
        )
        self.read()
