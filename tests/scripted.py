"""A person at the window, by script: edits, saves, dialogs, photos, messages, hovering; for tests and for the soak."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import numpy as np
from PIL import Image
from PySide6.QtCore import QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from convlab.model import edits
from convlab.model.matrix import random_digits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow
from convlab.ui.save_dialog import SaveDialog

LABEL = message("edit")
PICTURES = ("png", "png16", "tiff", "npy", "rgb", "sheet")


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Let the program run until this holds; RuntimeError when it never does."""
    end = monotonic() + seconds
    beat = QTimer(interval=10)  # wakes the loop where no event comes
    beat.start()
    while not condition():
        if monotonic() > end:
            raise RuntimeError("what was waited for did not come")
        QApplication.processEvents(
            QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        )
    beat.stop()


class Person:
    """Does one thing after another, drawn from a seed; `counts` says what how often."""

    def __init__(self, window: MainWindow, folder: Path, seed: int) -> None:
        self.window, self.bench, self.folder = window, window.workbench, folder
        self.rng = np.random.default_rng(seed)
        self.counts: dict[str, int] = {}
        self.saved: dict[str, int] = {}
        self.photos = self._photos()
        self.things: tuple[Callable[[], None], ...] = (
            self.edit_weight,
            self.edit_weight,
            self.change_layer,
            self.hover,
            self.explain,
            self.undo,
            self.change_photo,
            self.type_numbers,
            self.say_something,
            self.look_at_dialogs,
            self.present,
            self.save_maps,
            self.save_maps,
            self.save_session,
            self.copy_map,
        )

    def do(self, count: int) -> None:
        """So many things, each to its end."""
        for _ in range(count):
            thing = self.things[self.rng.integers(len(self.things))]
            self.counts[thing.__name__] = self.counts.get(thing.__name__, 0) + 1
            thing()
            QApplication.processEvents()

    def _photos(self) -> tuple[Path, ...]:
        pictures = {
            "colour.png": self.rng.integers(0, 256, (60, 80, 3), dtype=np.uint8),
            "gray.png": self.rng.integers(0, 256, (50, 40), dtype=np.uint8),
        }
        for name, pixels in pictures.items():
            Image.fromarray(pixels).save(self.folder / name)
        return tuple(self.folder / name for name in pictures)

    # Things

    def edit_weight(self) -> None:
        shape = self.bench.session.document.conv.kernel_slices.shape
        place = tuple(int(self.rng.integers(n)) for n in shape)
        value = float(self.rng.normal())
        self.bench.session.apply(lambda d: edits.set_weight(d, place, value), LABEL)  # type: ignore[arg-type]

    def change_layer(self) -> None:
        size, outputs = int(self.rng.integers(1, 6)), int(self.rng.integers(1, 9))
        self.bench.session.apply(
            lambda d: edits.set_layer(d, kernel_size=(size, 3), out_channels=outputs, groups=1), LABEL
        )

    def hover(self) -> None:
        grid = self.window.maps.maps.viewport()
        where = QPointF(*(float(self.rng.integers(1, n)) for n in (grid.width(), grid.height())))
        buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        move = QMouseEvent(QMouseEvent.Type.MouseMove, where, grid.mapToGlobal(where), buttons, buttons, modifiers)
        QApplication.sendEvent(grid, move)

    def explain(self) -> None:
        self.window.docks.explain.toggleViewAction().trigger()

    def undo(self) -> None:
        self.bench.session.undo()

    def change_photo(self) -> None:
        path = self.photos[self.rng.integers(len(self.photos))]
        before = self.bench.session.document
        self.window.open_path(str(path))
        until(lambda: self.bench.session.document is not before)

    def type_numbers(self) -> None:
        before = self.bench.session.document
        self.bench.opener.use_matrix(random_digits((int(self.rng.integers(1, 4)), 8, 9)))
        until(lambda: self.bench.session.document is not before)

    def say_something(self) -> None:
        self.window.show_message("Something was refused.")
        self.window.say_done("Something went well.")

    def look_at_dialogs(self) -> None:
        ways = (
            self.window.saves.ask_maps,
            self.window.opens.ask_matrix,
            self.window.help.show_keys,
            self.window.help.show_log,
        )
        self._with_dialog(ways[self.rng.integers(len(ways))], lambda dialog: dialog.reject())

    def present(self) -> None:
        self.window.toggle_presentation()
        QApplication.processEvents()
        self.window.toggle_presentation()

    def save_maps(self) -> None:
        """By the dialog, in a format drawn, to the end."""
        if self.bench.session.problems:
            return

        def accept(dialog: QDialog) -> None:
            assert isinstance(dialog, SaveDialog)
            number = int(self.rng.integers(dialog._format.count()))
            dialog._format.setCurrentIndex(number)
            dialog._folder.setText(str(self.folder))
            name = str(dialog._format.currentData())
            self.saved[name] = self.saved.get(name, 0) + 1
            dialog.accept()

        self._with_dialog(self.window.saves.ask_maps, accept)
        until(lambda: not self.bench.saves)

    def save_session(self) -> None:
        self.bench.sessions.save(self.folder / "state.convlab")
        self.saved["session"] = self.saved.get("session", 0) + 1
        until(lambda: not self.bench.saves)

    def copy_map(self) -> None:
        if not self.bench.session.problems:
            self.window.menus.copy_map.trigger()

    def _with_dialog(self, ask: Callable[[], object], answer: Callable[[QDialog], None]) -> None:
        """Open a dialog and answer it as soon as it is up."""

        def found() -> None:
            dialog: QWidget | None = QApplication.activeModalWidget()
            if isinstance(dialog, QDialog):
                answer(dialog)

        QTimer.singleShot(0, self.window, found)
        ask()
