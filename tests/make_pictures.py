"""Makes the README's pictures from the running app: `.venv/bin/python tests/make_pictures.py`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from convlab.app.settings import Settings
from convlab.app.workbench import Workbench
from convlab.model import edits, opening
from convlab.model.lesson import Lesson, parse_lesson
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.model.presets import PRESETS
from convlab.model.source import Line
from convlab.model.stack_presets import STACK_PRESETS
from convlab.model.viewport import Viewport
from convlab.ui.application import application
from convlab.ui.main_window import MainWindow

FOLDER = Path(__file__).parent.parent / "assets" / "readme"
LABEL = message("picture")
Change = Callable[[MainWindow], None]


def bank(window: MainWindow) -> None:
    """Eight edge directions of a portrait."""
    result = PRESETS["edge-bank"].make(3)
    window.workbench.session.apply(lambda d: edits.set_whole_layer(d, result.weight, result.bias, result.groups), LABEL)


def explain(window: MainWindow) -> None:
    """One value taken apart, its window on the photo."""
    window.menus.explain.trigger()
    window.workbench.session.set_view(viewport=Viewport(100.5, 250.5, 30.0), pinned=(100, 250))


def lesson(window: MainWindow) -> None:
    """Lesson 3, the padding modes beside each other."""
    folder = Path(__file__).parent.parent / "assets" / "lessons"
    open_scene(window, parse_lesson((folder / "03-padding.json").read_bytes(), str(folder / "x")), 2)


def flow(window: MainWindow) -> None:
    """The flow of one value in the explain panel, while the window slides."""
    folder = Path(__file__).parent.parent / "assets" / "lessons"
    open_scene(window, parse_lesson((folder / "01-dot-product.json").read_bytes(), str(folder / "x")), 1)
    settled(window)
    window.workbench.stepper.go_to(4)


def present(window: MainWindow) -> None:
    """Presentation mode on a photo under a 3 → 6 layer."""
    result = PRESETS["edge-bank"].make(3)
    window.workbench.session.apply(lambda d: edits.set_whole_layer(d, result.weight, result.bias, result.groups), LABEL)
    settled(window)
    window.toggle_presentation()
    assert window.presentation is not None
    window.presentation.showNormal()
    window.presentation.resize(1280, 800)
    window.workbench.session.set_view(pinned=(100, 250), chosen_output=1)


def open_scene(window: MainWindow, lesson: Lesson, index: int) -> None:
    """Open a lesson's scene and wait for it."""
    loop = QEventLoop()
    window.workbench.classroom.opened.connect(loop.quit)
    window.workbench.classroom.open(lesson, index)
    loop.exec()


def refused(window: MainWindow) -> None:
    """A layer that torch refuses."""
    window.workbench.session.apply(lambda d: edits.set_layer(d, groups=2), LABEL)


def volume(window: MainWindow) -> None:
    """Lesson 17, what moves from slice to slice."""
    folder = Path(__file__).parent.parent / "assets" / "lessons"
    open_scene(window, parse_lesson((folder / "17-volumes.json").read_bytes(), str(folder / "x")), 2)
    window.workbench.session.set_view(depth=1)


def stack(window: MainWindow) -> None:
    """The start of a small classifier, its last maps, and what one of their values sees of the photo."""
    window.stack_commands.use(STACK_PRESETS["simple-cnn"])
    window.workbench.session.set_view(cursor=(225.0, 330.0), cursor_on="map")


def signal(window: MainWindow) -> None:
    """Conv1d on a row of the photo."""
    session = window.workbench.session
    session.apply(lambda d: edits.set_line(edits.set_kind(d, "Conv1d"), Line("row", 180)), LABEL)
    weight = np.zeros((2, 3, 1, 9))
    weight[0, :, 0] = 1 / 27
    weight[1, :, 0, 3:6] = [-1 / 3, 0, 1 / 3]
    session.apply(lambda d: edits.set_whole_layer(d, weight), LABEL)


def pair(window: MainWindow) -> None:
    """A strided convolution of a small matrix beside its transpose."""
    session = window.workbench.session
    numbers = np.random.default_rng(1).integers(0, 9, (1, 6, 6)).astype(float)
    session.apply(lambda d: opening.follow_source(d, matrix_source(numbers)), LABEL)
    weight = np.array([[[[1.0, 2, 1], [0, 1, 0], [0, -1, 2]]]])
    session.apply(lambda d: edits.set_whole_layer(d, weight), LABEL)
    session.apply(lambda d: edits.set_layer(d, stride=(2, 2), padding=(1, 1)), LABEL)
    window.menus.explain.trigger()
    loop = QEventLoop()
    window.workbench.scheduler.paired.connect(loop.quit)
    window.explain.tabs.setCurrentWidget(window.explain.pair)
    loop.exec()


PICTURES: dict[str, tuple[str, Change | None]] = {
    "window": ("light", None),
    "explain": ("light", explain),
    "flow": ("light", flow),
    "presentation": ("dark", present),
    "lesson": ("light", lesson),
    "refused": ("light", refused),
    "signal": ("dark", signal),
    "pair": ("light", pair),
    "stack": ("light", stack),
    "volume": ("light", volume),
}


def settled(window: MainWindow) -> None:
    """Wait until the maps on screen are the document's, and exact."""
    loop, poll = QEventLoop(), QTimer(interval=10)
    bench = window.workbench

    def ready() -> bool:
        view, found = bench.session.view, window.explain.explanation
        explained = not view.explaining or view.pinned is None or (found is not None and found.position == view.pinned)
        return bench.scheduler.refined and explained

    poll.timeout.connect(lambda: ready() and loop.quit())
    poll.start()
    loop.exec()
    poll.stop()
    QApplication.processEvents()


def main(names: list[str]) -> None:
    """Make the pictures named, or all."""
    with TemporaryDirectory() as folder:
        for name in names or list(PICTURES):
            scheme, change = PICTURES[name]
            application(scheme)
            store = QSettings(f"{folder}/{name}.ini", QSettings.Format.IniFormat)
            window = MainWindow(Workbench(settings=Settings(store)))
            window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            window.resize(1280, 800)
            window.show()
            window.workbench.scheduler.start_engine()
            settled(window)
            if change:
                change(window)
                settled(window)
            (window.presentation or window).grab().save(str(FOLDER / f"{name}.png"))
            window.close()
            print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
