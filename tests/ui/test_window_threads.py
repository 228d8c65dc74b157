"""Nothing of Qt's ends on a worker's thread: garbage is collected, and objects are deleted, where the window lives."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from scripted import Person

from convlab.app.worker import Outcome, Task, Worker
from convlab.ui.main_window import MainWindow

THINGS = 150


@pytest.fixture
def collections() -> Iterator[list[tuple[str, int]]]:
    """Each collection's thread and generation, with the thresholds at 1."""
    seen: list[tuple[str, int]] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append((threading.current_thread().name, info["generation"]))

    before = gc.get_threshold()
    gc.callbacks.append(note)
    gc.set_threshold(1, 1, 1)
    yield seen
    gc.set_threshold(*before)
    gc.callbacks.remove(note)


class Deaths(QObject):
    """Notes the thread in which each widget and dialog ends."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[str] = []
        self._known: set[int] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Polish and id(watched) not in self._known:
            self._known.add(id(watched))
            watched.destroyed.connect(self._note, Qt.ConnectionType.DirectConnection)
        return False

    def _note(self) -> None:
        self.threads.append(threading.current_thread().name)


def test_garbage_is_collected_and_objects_end_on_the_gui_thread_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, collections: list[tuple[str, int]]
) -> None:
    deaths = Deaths()
    QApplication.instance().installEventFilter(deaths)
    person = Person(window, tmp_path, seed=1)
    person.do(THINGS)
    qtbot.waitUntil(lambda: any(generation == 2 for _, generation in collections))
    QApplication.instance().removeEventFilter(deaths)
    assert {name for name, _ in collections} == {"MainThread"}
    assert len(deaths.threads) > 100
    assert set(deaths.threads) == {"MainThread"}
    assert sum(person.saved.values()) > 10


class Watch(QObject):
    """Looks into every task that is asked for and every outcome, in the window's thread."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, list[str]] = {}

    def task(self, task: Task) -> None:
        self.held.setdefault(task.asker.name, []).extend(held_by(task))

    @Slot(object)
    def outcome(self, outcome: Outcome) -> None:
        self.held.setdefault(outcome.task.asker.name, []).extend(held_by(outcome))


def test_no_task_and_no_result_holds_a_qt_object(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch()

    def watched(way: str) -> None:
        original = getattr(Worker, way)

        def submit(worker: Worker, task: Task) -> None:
            watch.task(task)
            original(worker, task)

        monkeypatch.setattr(Worker, way, submit)

    watched("submit")
    watched("enqueue")
    for worker in window.workbench._workers:
        worker.done.connect(watch.outcome)
    window.docks.explain.setVisible(True)
    with qtbot.waitSignal(window.workbench.classroom.catalog_changed):
        window.lessons.read()
    Person(window, tmp_path, seed=2).do(80)
    lesson = window.workbench.classroom.catalog.bundled[2]
    with qtbot.waitSignal(window.workbench.classroom.compared):
        window.workbench.classroom.open(lesson, 2)
    assert {kind: held for kind, held in watch.held.items() if held} == {}
    assert {"render", "probe", "explain", "photo", "save", "save session", "copy", "catalog"} <= set(watch.held)


def held_by(*roots: object) -> list[str]:
    """QObjects that can be reached from these, through closures and fields but not through classes and modules."""
    seen: set[int] = set()
    found, todo = [], list(roots)
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType):
            continue
        seen.add(id(thing))
        if isinstance(thing, QObject):
            found.append(type(thing).__name__)
        elif hasattr(thing, "__globals__"):
            todo += [cell.cell_contents for cell in thing.__closure__ or ()]
            todo += list(thing.__defaults__ or ())
        else:
            todo += gc.get_referents(thing)
    return found
