"""Sessions from the window: new, save, save as; states that were left; what is asked before leaving."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from convlab.app.keeping import KeptState
from convlab.app.workbench import first_document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.session_file import SUFFIX
from convlab.model.view import ViewState
from convlab.ui.chosen_name import chosen_path
from convlab.ui.plain import menu_text, one_line, tip_text
from convlab.ui.theme import shown

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow

SAVE, DISCARD, CANCEL = (
    QMessageBox.StandardButton.Save,
    QMessageBox.StandardButton.Discard,
    QMessageBox.StandardButton.Cancel,
)


class SessionCommands(QObject):
    """Saves the whole state to a person's file, and begins or goes on with another."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.workbench
        self.left_menu = QMenu(self.tr("&Go on with"), window)
        self.left_menu.setToolTipsVisible(True)
        self.left_menu.aboutToShow.connect(self._fill_left)
        self._bench.sessions.saved.connect(self._saved)
        self._bench.sessions.file_changed.connect(window.show_title)
        self._bench.classroom.opened.connect(self._lesson_opened)
        self._bench.keeper.opened.connect(self._went_on)
        self._bench.keeper.failed.connect(self._failed)

    def new(self) -> None:
        """The state of the first start, as a step of undo."""
        if not self.may_leave():
            return
        self._bench.classroom.leave()
        self._bench.keeper.begin_anew()
        self._bench.sessions.belongs_to(None)
        self._bench.session.apply(lambda _: first_document(), message(QT_TRANSLATE_NOOP("model", "new")))
        plain = ViewState()
        self._bench.session.set_view(
            viewport=None, chosen_output=0, chosen_input=0, display=plain.display, composite=False, pinned=None
        )

    def save(self) -> None:
        """Save to the session's file; ask for one where there is none."""
        path = self._bench.sessions.path
        if path is None:
            self.ask_name()
        else:
            self._bench.sessions.save(path)

    def ask_name(self) -> bool:
        """Ask for a name, then save the whole state; whether there was one."""
        settings, sessions = self._bench.settings, self._bench.sessions
        start = sessions.path or Path(settings.folder("save")) / sessions.proposed_name
        kinds = self.tr("ConvLab sessions (*{suffix})").format(suffix=SUFFIX)
        chosen, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save session as"), str(start), kinds)
        path = chosen_path(self._window, chosen, SUFFIX)
        if path is not None:
            settings.set_folder("save", str(path.parent))
            self._bench.sessions.save(path)
        return path is not None

    def may_leave(self, closing: bool = False) -> bool:
        """Whether the present state may be left: a session's file that differs from it is asked about.

        closing: what is discarded then is offered at the next start, not opened.
        """
        if not self._is_unsaved():
            return True
        path = self._bench.sessions.path
        name = self.tr("this state") if path is None else f"“{one_line(path.name)}”"
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("Save changes"), "", SAVE | DISCARD | CANCEL, self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Save the changes to {name}?").format(name=name))
        box.setDefaultButton(SAVE)
        answer = box.exec()
        box.deleteLater()
        if answer == SAVE and path is not None:
            self._bench.sessions.save(path)
        elif answer == SAVE:
            return self.ask_name()
        elif answer == DISCARD and closing:
            self._bench.keeper.set_aside()
        return answer in (SAVE, DISCARD)

    def _is_unsaved(self) -> bool:
        """Of a state in no file: where it should be kept by itself and cannot be."""
        bench = self._bench
        lost = bench.keeper.is_refused and bench.sessions.path is None and bool(bench.session.history.past)
        return bench.sessions.changed or lost

    def tell_start(self, left: KeptState | None, went_on: list[ConvLabError | None], said: list[Message]) -> None:
        """What the start found before there was a window: a state that was left, one that is open, what failed."""
        if left is not None:
            self._offer(left)
        for gone in went_on:
            self._went_on(gone)
        for text in said:
            self._failed(text)

    def _offer(self, state: KeptState) -> None:
        """Say that there is a state that was left, and open it when wanted."""
        text = self.tr("There is a state that was left on {when}: {about}.")
        said = text.format(when=_when(state), about=one_line(state.about))
        self._window.messages.show_notice(said, self.tr("Go on where you left off"), partial(self._go_on, state))

    def _go_on(self, state: KeptState) -> None:
        if self.may_leave():
            self._bench.keeper.open(state)

    @Slot(object)
    def _went_on(self, gone: ConvLabError | None) -> None:
        self._window.classroom_left()
        text = self.tr("You are where you left off.")
        if gone is not None:
            text = self.tr("{reason} The layers are on an empty picture until you open another.")
            text = text.format(reason=shown(gone.message))
        self._window.messages.show_notice(text, self.tr("Start fresh"), self.new)

    @Slot(object)
    def _failed(self, text: Message) -> None:
        self._window.show_failure(text)

    @Slot(object)
    def _saved(self, path: Path) -> None:
        self._window.say_done(self.tr("Saved {name}").format(name=one_line(path.name)))

    @Slot(object)
    def _lesson_opened(self, opened: object) -> None:
        """A lesson's state is not the session's: saving would write over that file."""
        if opened is not None:
            self._bench.sessions.belongs_to(None)

    @Slot()
    def _fill_left(self) -> None:
        """The states that windows have left, the newest first."""
        menu = self.left_menu
        menu.clear()
        for state in self._bench.keeper.others():
            text = f"{state.about}   {_when(state)}"
            action = menu.addAction(menu_text(text))
            action.setToolTip(tip_text(one_line(text)))
            action.triggered.connect(partial(self._chosen, state))
        if menu.isEmpty():
            menu.addAction(self.tr("No states were left")).setEnabled(False)

    def _chosen(self, state: KeptState, _checked: bool = False) -> None:
        self._go_on(state)


def _when(state: KeptState) -> str:
    when = QDateTime.fromSecsSinceEpoch(int(state.when))
    return QLocale().toString(when, QLocale.FormatType.ShortFormat)
