"""What is being opened: one thing at a time, read in the decoder's process, so that it can be given up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.ask import Answer, Ask, Jobs, Request, ignored
from convlab.app.worker import Checkpoint, Worker
from convlab.io.decoders import Decoders
from convlab.io.reader import Reader
from convlab.model.message import Message

Found = TypeVar("Found")


class Opening(QObject):
    """Runs reads in the photo thread; the newest replaces one that is under way, whoever asked for it.

    began(name) and ended() are for whoever shows it. Of a read that was cancelled only they are told.
    """

    began = Signal(str)
    ended = Signal()

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._decoders = Decoders()
        work = partial(_read, self._decoders)  # and not self: a task holds no Qt object, which would die in its thread
        self._reading = Ask[Callable[[Reader], Any], Any](
            self, worker, "photo", work, self._read, self._not_read, self._end
        )
        self._answered: Callable[[Any], None] = ignored
        self._failed: Callable[[Message], None] = ignored

    def warm_up(self) -> None:
        """Have the decoder's process ready."""
        self._decoders.start()

    def open(
        self,
        read: Callable[[Reader], Found],
        name: str,
        answered: Callable[[Found], None],
        failed: Callable[[Message], None],
    ) -> None:
        """Read next, in place of what is being opened; `name` is what a person calls it."""
        self._answered, self._failed = answered, failed
        self._reading.ask(read)
        self.began.emit(name)

    def jobs(
        self,
        owner: QObject,
        name: str,
        read: Callable[[Request, Reader], Answer],
        answered: Callable[[Answer | None], None],
        failed: Callable[[Message], None] = ignored,
    ) -> Jobs[Request, Answer | None]:
        """Reads that nobody waits for, one after another; their answer is None where the system fails."""
        return Jobs(owner, self._worker, name, partial(_read_quietly, self._decoders, read), answered, failed)

    @Slot()
    def cancel(self) -> None:
        """Give up what is being opened."""
        self._reading.cancel()

    def close(self) -> None:
        """End the decoder's process; after the thread, which may still be about to ask it."""
        self._decoders.close()

    def _read(self, found: Any) -> None:
        answered = self._answered
        self._end()
        answered(found)

    def _not_read(self, why: Message) -> None:
        failed = self._failed
        self._end()
        failed(why)

    def _end(self) -> None:
        self._reading.forget()  # a photo may hang on it
        self._answered = self._failed = ignored
        self.ended.emit()


def _read(decoders: Decoders, read: Callable[[Reader], Any], checkpoint: Checkpoint) -> Any:
    return read(decoders.reader(checkpoint))


def _read_quietly(
    decoders: Decoders, read: Callable[[Request, Reader], Answer], request: Request, checkpoint: Checkpoint
) -> Answer | None:
    try:
        return read(request, decoders.reader(checkpoint))
    except OSError:
        return None
