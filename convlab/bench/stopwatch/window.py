"""The measured program's window: opened, found its parts by their accessible names, waited for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLabel, QMainWindow, QWidget

from convlab.ui.application import Start, opened

SIZE = (1600, 1000)
LIMIT_S = 120.0
QUIET_S = 0.4
"""Longer than any program waits before it refines what it shows."""
STATUS = "preview or exact, and the time it took"
EXACT = "exact"
WAIT = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents


class NothingCameError(RuntimeError):
    """What was waited for did not come."""


def inside_the_loop(work: Callable[[], None]) -> None:
    """Do `work` inside the application's event loop, where a person's events come too."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            raised.append(error)
        app.exit()  # `quit` would ask the windows first, and they ask a person

    QTimer.singleShot(0, run)
    app.exec()
    if raised:
        raise raised[0]


def until(condition: Callable[[], bool], what: str, beat_ms: int = 10) -> None:
    """Let the program run until this holds, asked after each event; beat_ms: at least so often."""
    end = perf_counter() + LIMIT_S
    beat = QTimer(interval=beat_ms)
    beat.start()
    while not condition():
        if perf_counter() > end:
            raise NothingCameError(f"{what} did not come within {LIMIT_S:g} s")
        QApplication.processEvents(WAIT)
    beat.stop()


class OpenWindow:
    """The program's window with a session open in it, at 1600 × 1000 logical pixels."""

    def __init__(self, session: str) -> None:
        settings = Path(session).with_name(f"settings-{os.getpid()}.ini")  # nobody's own are touched
        _, self._workbench, window = opened(Start(session, "light", size=SIZE), str(settings))
        self.window: QMainWindow = window
        window.open_path(session)
        until(lambda: os.path.basename(session) in self.window.windowTitle(), "the session")
        self.rest()

    def rest(self) -> None:
        """Until every pixel is evaluated and nothing more happens for a while."""
        label = self.part(STATUS)
        assert isinstance(label, QLabel)
        seen = ("", 0.0)

        def rested() -> bool:
            nonlocal seen
            if label.text() != seen[0] or not seen[0].startswith(EXACT):
                seen = (label.text(), perf_counter())
            return perf_counter() - seen[1] > QUIET_S

        until(rested, "the exact maps")

    def part(self, name: str) -> QWidget:
        """The widget of this accessible name."""
        found = self.find(name)
        if found is None:
            raise NothingCameError(f"the window has no part named “{name}”")
        return found

    def find(self, name: str) -> QWidget | None:
        """The same, None where there is none in sight."""
        widgets = self.window.findChildren(QWidget)
        return next((each for each in widgets if each.accessibleName() == name and each.isVisible()), None)


def pane(widget: QWidget) -> QWidget:
    """Where a widget is painted and takes the mouse."""
    return widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
