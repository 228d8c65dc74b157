"""Closing the window: what a person asked to be saved is saved first, or it is said that it could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QProgressDialog

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow

SHOW_AFTER_MS = 400


class Closing(QObject):
    """Holds the window open while something is being saved, then closes it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.workbench
        self._dialog: QProgressDialog | None = None
        self._waiting = self._failed = False
        self.asks = True
        for saver in (self._bench.saver, self._bench.step_saver):
            saver.progress.connect(self._progressed)
            saver.failed.connect(self._not_saved)
        self._bench.sessions.failed.connect(self._not_saved)
        self._bench.classroom.failed.connect(self._not_saved)

    def may_close(self) -> bool:
        """Whether nothing is to be waited for; else the window closes by itself when it is."""
        if self._waiting and not self._bench.saves:
            return not self._failed
        if not self._waiting and self.asks and not self._window.sessions.may_leave(closing=True):
            return False
        self._bench.keeper.keep_now()
        if not self._bench.saves:
            return True
        if not self._waiting:
            self._wait()
        return False

    def close_without_questions(self) -> None:
        """The system wants the program to end: the state is kept, nobody is asked."""
        self.asks = False
        self._window.close()

    def _wait(self) -> None:
        self._waiting, self._failed = True, False
        self._bench.all_saved.connect(self._done)
        self._dialog = QProgressDialog(self.tr("Saving …"), self.tr("Stop"), 0, 0, self._window)
        self._dialog.setWindowTitle(self.tr("Close"))
        self._dialog.setWindowModality(Qt.WindowModality.WindowModal)
        self._dialog.setMinimumDuration(SHOW_AFTER_MS)
        self._dialog.setAutoClose(False)
        self._dialog.setAutoReset(False)
        self._dialog.canceled.connect(self._bench.stop_saves)
        self._dialog.setValue(0)

    @Slot(int, int)
    def _progressed(self, done: int, count: int) -> None:
        if self._dialog is not None:
            self._dialog.setLabelText(self.tr("Saving {done} of {count} …").format(done=done, count=count))
            self._dialog.setMaximum(count)
            self._dialog.setValue(done)

    @Slot()
    def _not_saved(self) -> None:
        self._failed = self._waiting

    @Slot()
    def _done(self) -> None:
        self._bench.all_saved.disconnect(self._done)
        if self._dialog is not None:
            self._dialog.canceled.disconnect()
            self._dialog.close()
            self._dialog.deleteLater()
            self._dialog = None
        if not self._failed:
            self._window.close()
        self._waiting = False
