"""A thread for long work: the newest task of each kind wins, queued jobs are all done."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QMutex, QMutexLocker, QObject, QThread, QWaitCondition, Signal

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message

log = logging.getLogger(__name__)
Checkpoint = Callable[[], None]
Work = Callable[[Checkpoint], object]


class Stopped(Exception):  # noqa: N818  (a signal to unwind, no error)
    """Raised by a checkpoint: the work is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of work: `work` gets a checkpoint to call between its parts, and returns the result.

    yields_to: kinds of submitted tasks that stop it; others are served at its checkpoints.
    """

    kind: str
    work: Work
    token: object = None
    yields_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: its result, or the sentence that says why there is none; neither when cancelled."""

    task: Task
    result: object = None
    failure: Message | None = None


class Worker(QThread):
    """Runs tasks one at a time off the GUI thread; every task ends in one `done` unless a newer one replaced it."""

    done = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._mutex = QMutex()
        self._wake = QWaitCondition()
        self._newest: dict[str, Task] = {}
        self._jobs: deque[Task] = deque()
        self._cancelled: set[int] = set()
        self._stopping = False

    def submit(self, task: Task) -> None:
        """Run `task` next; it replaces a waiting one of its kind and stops a running one at its checkpoint.

        So does it with tasks that yield to its kind. Tasks that yield are run when no others wait.
        """
        with QMutexLocker(self._mutex):
            self._newest[task.kind] = task
            for kind in [kind for kind, waiting in self._newest.items() if task.kind in waiting.yields_to]:
                del self._newest[kind]
            self._wake.wakeOne()

    def enqueue(self, task: Task) -> None:
        """Run `task` after the jobs before it; newer submitted tasks are served at its checkpoints."""
        with QMutexLocker(self._mutex):
            self._jobs.append(task)
            self._wake.wakeOne()

    def cancel(self, task: Task) -> None:
        """Stop a job at its next checkpoint, or drop it while it waits."""
        with QMutexLocker(self._mutex):
            self._cancelled.add(id(task))

    def stop(self) -> None:
        """Ask the running task to stop, and wait for the thread's end."""
        with QMutexLocker(self._mutex):
            self._stopping = True
            self._wake.wakeAll()
        self.wait()

    def _next(self) -> tuple[Task, bool] | None:
        with QMutexLocker(self._mutex):
            while not (self._stopping or self._newest or self._jobs):
                self._wake.wait(self._mutex)
            if self._stopping:
                return None
            newest = self._pop_newest()
            return (newest, False) if newest else (self._jobs.popleft(), True)

    def _pop_newest(self) -> Task | None:
        kind = min(self._newest, key=lambda kind: bool(self._newest[kind].yields_to), default=None)
        return None if kind is None else self._newest.pop(kind)

    def _serve(self, task: Task, checkpoint: Checkpoint) -> None:
        try:
            outcome = Outcome(task, task.work(checkpoint))
        except Stopped:
            if id(task) not in self._cancelled:
                return
            outcome = Outcome(task)
        except ConvLabError as error:
            outcome = Outcome(task, failure=error.message)
        except Exception as error:
            log.exception("task %s failed", task.kind)
            text = QT_TRANSLATE_NOOP(
                "model", "Something went wrong inside ConvLab ({kind}: {error}); nothing was lost."
            )
            outcome = Outcome(task, failure=message(text, kind=task.kind, error=type(error).__name__))
        self._cancelled.discard(id(task))
        self.done.emit(outcome)

    def _newest_checkpoint(self, task: Task) -> Checkpoint:
        stops = {task.kind, *task.yields_to}

        def checkpoint() -> None:
            with QMutexLocker(self._mutex):
                if self._stopping or not stops.isdisjoint(self._newest):
                    raise Stopped
                other = self._pop_newest() if task.yields_to else None
            if other is not None:
                self._serve(other, self._newest_checkpoint(other))

        return checkpoint

    def _job_checkpoint(self, task: Task) -> Checkpoint:
        def checkpoint() -> None:
            while True:
                with QMutexLocker(self._mutex):
                    if self._stopping or id(task) in self._cancelled:
                        raise Stopped
                    newest = self._pop_newest()
                if newest is None:
                    return
                self._serve(newest, self._newest_checkpoint(newest))

        return checkpoint

    # Qt's names

    def run(self) -> None:
        """The thread: serve tasks until stopped."""
        while (found := self._next()) is not None:
            task, is_job = found
            self._serve(task, self._job_checkpoint(task) if is_job else self._newest_checkpoint(task))
