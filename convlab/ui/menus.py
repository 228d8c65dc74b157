"""The menus and the toolbar: every command with its name, shortcut and place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from convlab.model.charts import CHARTS
from convlab.model.lesson import Lesson
from convlab.model.message import message
from convlab.ui.plain import menu_text, tip_text
from convlab.ui.theme import shown

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow


class Menus(QObject):
    """Builds the window's actions once; the window does the work."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        sessions = window.sessions
        self.new = self._action(self.tr("&New"), sessions.new, QKeySequence.StandardKey.New)
        self.open = self._action(self.tr("&Open…"), window.opens.ask_open, QKeySequence.StandardKey.Open)
        self.paste = self._action(self.tr("&Paste picture"), window.opens.paste, "Ctrl+Shift+V")
        self.stack = self._action(self.tr("Stack photos as channels…"), window.opens.ask_stack)
        self.matrix = self._action(self.tr("&Numbers as input…"), window.opens.ask_matrix, "Ctrl+M")
        self.folder = self._action(self.tr("Open a folder of frames…"), window.opens.ask_folder)
        self.frame = self._action(self.tr("Choose frame…"), window.opens.ask_frame)
        self.budget = self._action(self.tr("Memory for photos…"), window.opens.ask_budget)
        self.save = self._action(self.tr("&Save maps…"), window.saves.ask_maps, "Ctrl+Shift+S")
        self.save_session = self._action(self.tr("Save sess&ion"), sessions.save, QKeySequence.StandardKey.Save)
        self.save_session_as = self._action(self.tr("Save session &as…"), sessions.ask_name)
        self.save_steps = self._action(self.tr("Save s&teps…"), window.saves.ask_steps)
        self.copy_map = self._action(self.tr("&Copy chosen map"), window.saves.copy_map, "Ctrl+Shift+C")
        self.quit = self._action(self.tr("&Quit"), window.close, QKeySequence.StandardKey.Quit)
        self.undo = self._action(self.tr("&Undo"), window.workbench.session.undo, QKeySequence.StandardKey.Undo)
        self.redo = self._action(self.tr("&Redo"), window.workbench.session.redo, QKeySequence.StandardKey.Redo)
        self.zoom_in = self._action(self.tr("Zoom in"), lambda: window.zoom(1.5), "Ctrl++")
        self.zoom_in.setShortcuts([QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")])
        self.zoom_out = self._action(self.tr("Zoom out"), lambda: window.zoom(1 / 1.5), "Ctrl+-")
        self.fit = self._action(self.tr("Fit"), window.fit, "Ctrl+0")
        self.actual = self._action(self.tr("1 : 1"), window.actual_size, "Ctrl+1")
        self.numbers = self._action(self.tr("Zoom to the numbers"), window.zoom_to_numbers, "Ctrl+2")
        self.present = self._action(self.tr("&Presentation"), window.toggle_presentation, "F11")
        self.reset_layout = self._action(self.tr("Reset layout"), window.reset_layout)
        self.explain = window.docks.explain.toggleViewAction()
        self.explain.setShortcut(QKeySequence("Ctrl+E"))
        self.challenge = self._action(self.tr("Make a &challenge…"), window.lessons.ask_challenge)
        self.scene = self._action(self.tr("Make a lesson &scene…"), window.lessons.ask_scene)
        self.open_lesson = self._action(self.tr("&Open a lesson…"), window.lessons.ask_open)
        self.lessons_folder = self._action(self.tr("&Folder of lessons…"), window.lessons.ask_folder)
        self.read_lessons = self._action(self.tr("&Read the folder again"), window.lessons.read)
        self.keys = self._action(self.tr("&Keys"), window.help.show_keys, QKeySequence.StandardKey.HelpContents)
        self.log = self._action(self.tr("&Log"), window.help.show_log)
        self.about = self._action(self.tr("&About ConvLab"), window.help.show_about)
        self._add_tips()
        self._recent = QMenu(self.tr("Open &recent"), window)
        self._samples = self._sample_menu()
        self.lessons = QMenu(self.tr("&Lessons"), window)
        self._fill_menu_bar()
        self.toolbar = self._tool_bar()
        window.workbench.settings.recent_changed.connect(self._show_recent)
        window.workbench.classroom.catalog_changed.connect(self._show_lessons)
        self._show_recent()
        self._show_lessons()

    def name_of(self, action: QAction) -> str:
        """What an action is called whatever it would act on now."""
        return {self.undo: self.tr("Undo"), self.redo: self.tr("Redo"), self.explain: self.tr("Explain")}.get(
            action, action.text()
        )

    def show_history(self) -> None:
        """Undo and redo say what they would undo and redo."""
        history = self._window.workbench.session.history
        for action, steps, verb in (
            (self.undo, history.past[-1:], self.tr("&Undo")),
            (self.redo, history.future[:1], self.tr("&Redo")),
        ):
            action.setEnabled(bool(steps))
            what = f" {shown(steps[0].label)}" if steps else ""
            action.setText(verb + what.replace("&", "&&"))
            action.setToolTip(tip_text(f"{verb.replace('&', '')}{what} ({action.shortcut().toString()})"))

    def _action(
        self,
        text: str,
        run: Callable[[], object],
        shortcut: QKeySequence.StandardKey | str | None = None,
    ) -> QAction:
        action = QAction(text, self._window)
        action.triggered.connect(lambda _checked=False: run())
        if shortcut is not None:
            action.setShortcut(QKeySequence(shortcut))
        self._window.addAction(action)
        return action

    def _add_tips(self) -> None:
        tips = {
            self.open: self.tr("Open a photo"),
            self.save: self.tr("Save feature maps as pictures or data"),
            self.fit: self.tr("Show the whole photo in every tile"),
            self.actual: self.tr("One screen pixel for each photo pixel"),
            self.numbers: self.tr("So close that every pixel shows its number"),
            self.present: self.tr("The sum of one value in large type, on the whole screen"),
            self.explain: self.tr("Where each value of a map comes from, tap by tap"),
        }
        for action, tip in tips.items():
            action.setToolTip(f"{tip} ({action.shortcut().toString()})")

    def _sample_menu(self) -> QMenu:
        menu = QMenu(self.tr("Sa&mples"), self._window)
        opener = self._window.workbench.opener
        for name in opener.sample_names():
            menu.addAction(name).triggered.connect(lambda _c=False, n=name: opener.open_sample(n))
        menu.addSection(self.tr("Test charts"))
        for name, (title, _) in CHARTS.items():
            menu.addAction(shown(message(title))).triggered.connect(lambda _c=False, n=name: opener.open_chart(n))
        return menu

    def _show_recent(self) -> None:
        menu, workbench = self._recent, self._window.workbench
        menu.clear()
        for path in workbench.settings.recent_files:
            menu.addAction(menu_text(path)).triggered.connect(lambda _c=False, p=path: self._window.open_path(p))
        menu.setEnabled(not menu.isEmpty())
        if not menu.isEmpty():
            menu.addSeparator()
            forget = menu.addMenu(self.tr("Forget"))
            for path in workbench.settings.recent_files:
                forget.addAction(menu_text(path)).triggered.connect(partial(self._forget, path))
            forget.addSeparator()
            forget.addAction(self.tr("All of them")).triggered.connect(workbench.settings.clear_recent)

    def _open_recent(self, path: str, _checked: bool = False) -> None:
        self._window.open_path(path)

    def _forget(self, path: str, _checked: bool = False) -> None:
        self._window.workbench.settings.forget_recent(path)

    def _show_lessons(self) -> None:
        """The lessons that come with ConvLab, one's own, and by name what could not be read."""
        menu, catalog = self.lessons, self._window.workbench.classroom.catalog
        menu.clear()
        for lesson in catalog.bundled:
            self._add_lesson(menu, lesson)
        if catalog.own or catalog.failures:
            menu.addSection(self.tr("Your own"))
        for lesson in catalog.own:
            self._add_lesson(menu, lesson)
        for failure in catalog.failures:
            text = shown(failure)
            menu.addAction(f"⚠ {menu_text(text)}").triggered.connect(
                lambda _c=False, t=text: self._window.show_message(t)
            )
        menu.addSeparator()
        menu.addActions([self.challenge, self.scene, self.open_lesson, self.lessons_folder, self.read_lessons])

    def _add_lesson(self, menu: QMenu, lesson: Lesson) -> None:
        title = f"★ {lesson.title}" if lesson.is_challenge else lesson.title
        menu.addAction(menu_text(title)).triggered.connect(partial(self._window.lessons.open, lesson))

    def _fill_menu_bar(self) -> None:
        bar = self._window.menuBar()
        file = bar.addMenu(self.tr("&File"))
        file.addActions([self.new, self.open])
        file.addMenu(self._recent)
        file.addMenu(self._window.sessions.left_menu)
        file.addMenu(self._samples)
        file.addActions([self.paste, self.matrix, self.stack, self.folder, self.frame])
        file.addSeparator()
        file.addActions([self.save_session, self.save_session_as])
        file.addSeparator()
        file.addActions([self.save, self.save_steps, self.copy_map])
        file.addSeparator()
        file.addActions([self.budget, self.quit])
        bar.addMenu(self.tr("&Edit")).addActions([self.undo, self.redo])
        view = bar.addMenu(self.tr("&View"))
        view.addActions([self.fit, self.actual, self.numbers, self.zoom_in, self.zoom_out])
        view.addSeparator()
        view.addActions([dock.toggleViewAction() for dock in self._window.docks])
        view.addAction(self.reset_layout)
        view.addSeparator()
        view.addAction(self.present)
        layers = bar.addMenu(self.tr("La&yers"))
        layers.addMenu(self._window.stack_commands.add_menu)
        layers.addMenu(self._window.stack_commands.preset_menu)
        layers.addSeparator()
        layers.addActions(self._window.stack_commands.actions)
        bar.addMenu(self.lessons)
        bar.addMenu(self.tr("&Help")).addActions([self.keys, self.log, self.about])

    def _layers_menu(self) -> QMenu:
        menu = QMenu(self.tr("Layers"), self._window)
        menu.addActions(self._window.stack_commands.add_menu.actions())
        menu.addSeparator()
        menu.addMenu(self._window.stack_commands.preset_menu)
        return menu

    def _tool_bar(self) -> QToolBar:
        bar = self._window.addToolBar(self.tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._add_button(bar, self.open, self.tr("Open"))
        samples = QToolButton()
        samples.setText(self.tr("Samples"))
        samples.setToolTip(self.tr("Photos and test charts that come with ConvLab"))
        samples.setMenu(self._samples)
        samples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        bar.addWidget(samples)
        self._add_button(bar, self.paste, self.tr("Paste"))
        layers = QToolButton()
        layers.setText(self.tr("Layers"))
        layers.setToolTip(self.tr("Put further layers after the chosen one"))
        layers.setMenu(self._layers_menu())
        layers.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        bar.addWidget(layers)
        bar.addSeparator()
        self._add_button(bar, self.undo, "↶", self.tr("undo"))
        self._add_button(bar, self.redo, "↷", self.tr("redo"))
        bar.addSeparator()
        self._add_button(bar, self.fit, self.tr("Fit"))
        self._add_button(bar, self.actual, self.tr("1 : 1"))
        self._add_button(bar, self.numbers, self.tr("Numbers"))
        self._add_button(bar, self.explain, self.tr("Explain"))
        self._add_button(bar, self.present, self.tr("Present"))
        bar.addSeparator()
        self._add_button(bar, self.save, self.tr("Save maps…"))
        return bar

    def _add_button(self, bar: QToolBar, action: QAction, text: str, name: str = "") -> None:
        """A button with a short text of its own for a menu's action."""
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setAccessibleName(name or text)
        button.clicked.connect(action.trigger)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        bar.addWidget(button)
