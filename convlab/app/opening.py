"""What is being opened: one thing at a time, read in the decoder's process, so that it can be given up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.worker import Checkpoint, Outcome, Task, Worker
from convlab.io.decoders import Decoders
from convlab.io.reader import Reader

Read = Callable[[Reader], object]


class Opening(QObject):
    """Runs reads in the photo thread; the newest replaces one that is under way.

    began(name) and ended() are for whoever shows it. A read that was cancelled has an outcome of neither result nor
    failure.
    """

    began = Signal(str)
    ended = Signal()

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._decoders = Decoders()
        self._task: Task | None = None
        worker.done.connect(self._done)

    def warm_up(self) -> None:
        """Have the decoder's process ready."""
        self._decoders.start()

    def submit(self, read: Read, name: str, token: object) -> None:
        """Read next, in place of what is being opened; `name` is what a person calls it."""
        self._task = Task("photo", self._work(read), token)
        self._worker.submit(self._task)
        self.began.emit(name)

    def enqueue(self, kind: str, read: Read) -> None:
        """Read what nobody waits for, after what was asked before."""
        self._worker.enqueue(Task(kind, self._work(_quietly(read))))

    @Slot()
    def cancel(self) -> None:
        """Give up what is being opened."""
        if self._task is not None:
            self._worker.cancel(self._task)

    def close(self) -> None:
        """End the decoder's process; after the thread, which may still be about to ask it."""
        self._decoders.close()

    def _work(self, read: Read) -> Callable[[Checkpoint], object]:
        decoders = self._decoders  # and not self: a task holds no Qt object, which would die in its thread
        return lambda checkpoint: read(decoders.reader(checkpoint))

    @Slot(object)
    def _done(self, outcome: Outcome) -> None:
        if outcome.task is self._task:
            self._task = None
            self.ended.emit()


def _quietly(read: Read) -> Read:
    """What nobody waits for may fail without a word, where the system says that it does."""

    def attempt(reader: Reader) -> object:
        try:
            return read(reader)
        except OSError:
            return None

    return attempt
