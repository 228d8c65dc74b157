"""A thread for long work: the newest task of each asker wins, queued jobs are all done."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

from PySide6.QtCore import QMutex, QMutexLocker, QObject, QThread, QWaitCondition, Signal, Slot
from shiboken6 import isValid

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message

REST_MS = 1000
"""With nothing to do for so long, a worker rests."""

INSIDE = QT_TRANSLATE_NOOP("model", "Something went wrong inside ConvLab ({kind}: {error}); nothing was lost.")
"""Of a fault in the program itself, whose traceback `broke` carries."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What work calls between its parts: raises Stopped once it is no longer wanted. report(done, all) counts parts."""

    check: Callable[[], None]
    report: Callable[[int, int], None] = lambda _done, _all: None

    def __call__(self) -> None:
        """Go on, or unwind."""
        self.check()


Work = Callable[[Checkpoint], object]


class Stopped(Exception):  # noqa: N818  (a signal to unwind, no error)
    """Raised by a checkpoint: the work is no longer wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Asker:
    """Who asks, as its tasks know it: equal to itself alone, and no Qt object. name: of its work, for a person."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A piece of work: `work` gets a checkpoint to call between its parts, and returns the result.

    Work may not hold a QObject: the worker may drop the last reference, and a Qt object that is deleted on the wrong
    thread crashes later. yields_to: whose submitted tasks stop it; others are served at its checkpoints. saves: it
    writes what a person asked for, so that closing waits for it.
    """

    asker: Asker
    work: Work
    yields_to: tuple[Asker, ...] = ()
    saves: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: its result, or the sentence that says why there is none, or that it was cancelled."""

    task: Task
    result: Any = None
    failure: Message | None = None
    cancelled: bool = False


class Listener(Protocol):
    """A QObject that hears, in the window's thread, what becomes of an asker's tasks."""

    def told(self, outcome: Outcome) -> None:
        """A task has ended."""

    def counted(self, task: Task, done: int, count: int) -> None:
        """So many of a task's parts are done."""


class Worker(QThread):
    """Runs tasks one at a time off the GUI thread; every task ends in one `done` unless a newer one replaced it.

    The asker's listener is told first, where it still lives. rest(): called on the thread each time it has had nothing
    to do for a while; whatever comes then waits for it. broke(traceback) comes before the `done` of a fault.
    """

    done = Signal(object)
    broke = Signal(str)
    _progressed = Signal(object, int, int)

    def __init__(self, name: str, parent: QObject | None = None, rest: Callable[[], None] = lambda: None) -> None:
        super().__init__(parent)
        self._rest = rest
        self.setObjectName(name)
        self._mutex = QMutex()
        self._wake = QWaitCondition()
        self._newest: dict[Asker, Task] = {}
        self._jobs: deque[Task] = deque()
        self._running: tuple[Task, ...] = ()
        self._cancelled: set[Task] = set()
        self._saves = 0
        self._listeners: WeakValueDictionary[Asker, Listener] = WeakValueDictionary()
        self.done.connect(self._tell)
        self._progressed.connect(self._tell_progress)
        self._stopping = False

    def listen(self, asker: Asker, listener: Listener) -> None:
        """From now on tell `listener` what becomes of the asker's tasks; it is not kept alive."""
        self._listeners[asker] = listener

    def submit(self, task: Task) -> None:
        """Run `task` next; it replaces a waiting one of its asker and stops a running one at its checkpoint.

        So does it with tasks that yield to its asker. Tasks that yield are run when no others wait.
        """
        with QMutexLocker(self._mutex):
            self._newest[task.asker] = task
            for asker in [asker for asker, waiting in self._newest.items() if task.asker in waiting.yields_to]:
                del self._newest[asker]
            self._wake.wakeOne()

    def enqueue(self, task: Task) -> None:
        """Run `task` after the jobs before it; newer submitted tasks are served at its checkpoints."""
        with QMutexLocker(self._mutex):
            self._jobs.append(task)
            self._saves += task.saves
            self._wake.wakeOne()

    @property
    def saves(self) -> int:
        """Jobs that save something, waiting or under way."""
        with QMutexLocker(self._mutex):
            return self._saves

    def cancel(self, task: Task) -> None:
        """Stop a task at its next checkpoint, or drop it while it waits."""
        with QMutexLocker(self._mutex):
            self._cancelled.add(task)

    def cancel_saves(self) -> None:
        """Stop those that save something, under way or waiting."""
        with QMutexLocker(self._mutex):
            self._cancelled |= {task for task in (*self._jobs, *self._running) if task.saves}

    def stop(self) -> None:
        """Ask the running task to stop, and wait for the thread's end."""
        with QMutexLocker(self._mutex):
            self._stopping = True
            self._wake.wakeAll()
        self.wait()

    def _next(self) -> tuple[Task, bool] | None:
        if not self._comes_within(REST_MS):
            self._rest()
        with QMutexLocker(self._mutex):
            while not self._called:
                self._wake.wait(self._mutex)
            if self._stopping:
                return None
            newest = self._pop_newest()
            if newest is not None:
                return newest, False
            self._running = (self._jobs.popleft(),)
            return self._running[0], True

    def _comes_within(self, ms: int) -> bool:
        """Wait so long at most, and say whether there is something to do."""
        with QMutexLocker(self._mutex):
            if not self._called:
                self._wake.wait(self._mutex, ms)
            return self._called

    @property
    def _called(self) -> bool:
        return bool(self._stopping or self._newest or self._jobs)

    def _pop_newest(self) -> Task | None:
        asker = min(self._newest, key=lambda asker: bool(self._newest[asker].yields_to), default=None)
        return None if asker is None else self._newest.pop(asker)

    def _serve(self, task: Task, checkpoint: Checkpoint) -> None:
        try:
            if task in self._cancelled:
                raise Stopped
            outcome = Outcome(task, task.work(checkpoint))
        except Stopped:
            if task not in self._cancelled:
                self._saved(task)
                return
            outcome = Outcome(task, cancelled=True)
        except ConvLabError as error:
            outcome = Outcome(task, failure=error.message)
        except Exception as error:
            self.broke.emit(traceback.format_exc())
            outcome = Outcome(task, failure=message(INSIDE, kind=task.asker.name, error=type(error).__name__))
        self._cancelled.discard(task)
        self.done.emit(outcome)

    @Slot(object)
    def _tell(self, outcome: Outcome) -> None:
        """In the window's thread: a save counts until what became of it is known there."""
        self._saved(outcome.task)
        listener = self._listener(outcome.task)
        if listener is not None:
            listener.told(outcome)

    @Slot(object, int, int)
    def _tell_progress(self, task: Task, done: int, count: int) -> None:
        listener = self._listener(task)
        if listener is not None:
            listener.counted(task, done, count)

    def _listener(self, task: Task) -> Listener | None:
        """Who waits for the task, unless Qt has deleted it."""
        found = self._listeners.get(task.asker)
        return found if found is not None and isValid(found) else None

    def _saved(self, task: Task) -> None:
        with QMutexLocker(self._mutex):
            self._saves -= task.saves

    def _newest_checkpoint(self, task: Task) -> Checkpoint:
        stops = {task.asker, *task.yields_to}

        def checkpoint() -> None:
            with QMutexLocker(self._mutex):
                if self._stopping or task in self._cancelled or not stops.isdisjoint(self._newest):
                    raise Stopped
                other = self._pop_newest() if task.yields_to else None
            if other is not None:
                self._serve(other, self._newest_checkpoint(other))

        return self._reporting(task, checkpoint)

    def _reporting(self, task: Task, check: Callable[[], None]) -> Checkpoint:
        return Checkpoint(check, lambda done, count: self._progressed.emit(task, done, count))

    def _job_checkpoint(self, task: Task) -> Checkpoint:
        def checkpoint() -> None:
            while True:
                with QMutexLocker(self._mutex):
                    if self._stopping or task in self._cancelled:
                        raise Stopped
                    newest = self._pop_newest()
                if newest is None:
                    return
                self._serve(newest, self._newest_checkpoint(newest))

        return self._reporting(task, checkpoint)

    # Qt's names

    def run(self) -> None:
        """The thread: serve tasks until stopped."""
        while (found := self._next()) is not None:
            task, is_job = found
            self._serve(task, self._job_checkpoint(task) if is_job else self._newest_checkpoint(task))
