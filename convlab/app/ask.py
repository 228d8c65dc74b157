"""One typed way to ask a worker: its answer comes back, in the window's thread, to the one who asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject

from convlab.app.worker import Asker, Checkpoint, Outcome, Task, Worker
from convlab.model.document import Document
from convlab.model.message import Message

Request = TypeVar("Request")
Answer = TypeVar("Answer")


def ignored(*_: object) -> None:
    """Hears what nobody waits for."""


class Asking(QObject, Generic[Request, Answer]):
    """One kind of request, its work, and who hears how each ends; either Ask or Jobs.

    work(request, checkpoint) runs on the worker: neither it nor a request may hold a QObject. A request ends in one of
    answered(answer), failed(Message) and cancelled(); in none of them where a newer one took its place, it was
    forgotten, or `owner` is no more. counted(done, all): so many of its parts are done.
    """

    def __init__(
        self,
        owner: QObject,
        worker: Worker,
        name: str,
        work: Callable[[Request, Checkpoint], Answer],
        answered: Callable[[Answer], None],
        failed: Callable[[Message], None],
        cancelled: Callable[[], None] = ignored,
        counted: Callable[[int, int], None] = ignored,
    ) -> None:
        super().__init__(owner)
        self.asker = Asker(name)
        self._worker, self._work = worker, work
        self._answered, self._failed, self._cancelled, self._counted = answered, failed, cancelled, counted
        self._under_way: set[Task] = set()
        worker.listen(self.asker, self)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._under_way)

    def cancel(self) -> None:
        """Stop what is under way; cancelled() follows."""
        for task in self._under_way:
            self._worker.cancel(task)

    def forget(self) -> None:
        """What is under way is for nobody."""
        self._under_way.clear()

    def told(self, outcome: Outcome) -> None:
        """What became of a task."""
        if outcome.task not in self._under_way:
            return
        self._under_way.remove(outcome.task)
        if outcome.failure is not None:
            self._failed(outcome.failure)
        elif outcome.cancelled:
            self._cancelled()
        else:
            self._answered(outcome.result)

    def counted(self, task: Task, done: int, count: int) -> None:
        """So many of a task's parts are done."""
        if task in self._under_way:
            self._counted(done, count)


class Ask(Asking[Request, Answer]):
    """The newest request wins; an equal one is not asked again.

    While the first is under way its answer is waited for, and afterwards given once more, until it is forgotten.
    """

    _request: Request | None = None
    _given: tuple[Answer, ...] = ()
    _better: tuple[Asker, ...] = ()
    _worse: tuple[Ask[Any, Any], ...] = ()

    def yield_to(self, other: Ask[Any, Any]) -> None:
        """What `other` asks stops what is under way here, which is to be asked anew then; the rest goes before it."""
        self._better += (other.asker,)
        other._worse += (self,)

    def ask(self, request: Request) -> None:
        """Ask this in place of what was asked before."""
        if self.stands(request):
            for answer in self._given:
                self._answered(answer)
            return
        self.forget()
        for each in self._worse:
            if each.waiting:
                each.forget()
        task = Task(self.asker, partial(self._work, request), self._better)
        self._request = request
        self._under_way.add(task)
        self._worker.submit(task)

    def stands(self, request: Request) -> bool:
        """Whether this is what was asked last, and its answer is under way or was given."""
        return self._request is not None and same(self._request, request)

    def forget(self) -> None:
        """What was asked is for nobody any more, and its answer stands no more."""
        super().forget()
        self._request, self._given = None, ()

    def told(self, outcome: Outcome) -> None:
        """What became of a task; what has failed may be asked again."""
        if outcome.task in self._under_way:
            if outcome.failure is None and not outcome.cancelled:
                self._given = (outcome.result,)
            else:
                self._request = None
        super().told(outcome)


class Jobs(Asking[Request, Answer]):
    """Each request is served, one after another."""

    saves = False
    """Whether it is something that closing waits for."""

    def add(self, request: Request) -> None:
        """Serve this after what was asked before."""
        task = Task(self.asker, partial(self._work, request), saves=self.saves)
        self._under_way.add(task)
        self._worker.enqueue(task)


class Saves(Jobs[Request, Answer]):
    """Writes what a person asked for."""

    saves = True


def same(one: object, other: object) -> bool:
    """Whether two requests ask for the same. A document is only itself, so that no arrays are compared."""
    if type(one) is not type(other) or not is_dataclass(one):
        return one == other
    pairs = ((getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return all(a is b or (not isinstance(a, Document) and a == b) for a, b in pairs)
