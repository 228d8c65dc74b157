"""Unexpected exceptions: written to the log, told in one sentence, and the program goes on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Signal, Slot

log = logging.getLogger(__name__)


class Faults(QObject):
    """Hears of every exception that nobody caught. happened(its text) comes in the GUI thread."""

    happened = Signal(str)
    _caught = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.last = ""
        self._hooks: tuple[object, ...] = ()
        self._caught.connect(self._tell)

    def install(self) -> None:
        """Become the process's hooks for uncaught exceptions, in slots and in threads."""
        self._hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._uncaught
        threading.excepthook = lambda found: self._in_thread(found)
        sys.unraisablehook = lambda found: self.keep(_text(found.exc_type, found.exc_value, found.exc_traceback))

    def uninstall(self) -> None:
        """Give the hooks back."""
        if self._hooks:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks  # type: ignore[assignment]
            self._hooks = ()

    @Slot(str)
    def keep(self, text: str) -> None:
        """Write a fault to the log, and remember it; nothing is told."""
        log.error("%s", text)
        self.last = text

    @Slot(str)
    def _tell(self, text: str) -> None:
        self.last = text
        self.happened.emit(text)

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        text = _text(kind, error, trace)
        log.error("%s", text)
        self._caught.emit(text)

    def _in_thread(self, found: threading.ExceptHookArgs) -> None:
        text = _text(found.exc_type, found.exc_value, found.exc_traceback)
        log.error("in thread %s: %s", found.thread and found.thread.name, text)
        self._caught.emit(text)


def _text(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> str:
    return "".join(traceback.format_exception(kind, error, trace)).rstrip()
