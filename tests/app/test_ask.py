"""One typed way to ask: the newest wins, an equal request is not asked again, an answer goes to who asked."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from convlab.app.ask import Ask, Jobs, Saves, same
from convlab.app.worker import INSIDE, Asker, Checkpoint, Task, Worker
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError, Message
from convlab.model.source import Source

NEVER, BREAKS = -1, -2


@dataclass
class Desk:
    """Work that waits at a gate, and what was heard of it. A request is a number: twice it is the answer."""

    gate: Event = field(default_factory=Event)
    begun: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    failures: list[Message] = field(default_factory=list)
    cancels: list[str] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)

    def work(self, request: int, checkpoint: Checkpoint) -> int:
        self.begun.append(request)
        while not self.gate.wait(0.01):
            checkpoint()
        checkpoint()
        checkpoint.report(1, 2)
        if request == NEVER:
            raise ConvLabError("never")
        if request == BREAKS:
            raise ZeroDivisionError("on purpose")
        return 2 * request

    def cancelled(self) -> None:
        self.cancels.append("cancelled")

    def counted(self, done: int, count: int) -> None:
        self.counts.append((done, count))


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    worker = Worker("asked")
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def owner(worker: Worker) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


def asking(owner: QObject, worker: Worker, desk: Desk, kind: type = Ask, name: str = "double") -> Ask[int, int]:
    heard = (desk.answers.append, desk.failures.append, desk.cancelled, desk.counted)
    return kind(owner, worker, name, desk.work, *heard)


def test_the_newest_request_wins(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk = Desk()
    ask = asking(owner, worker, desk)
    ask.ask(1)
    qtbot.waitUntil(lambda: desk.begun == [1])
    for number in (2, 3, 4):
        ask.ask(number)
    desk.gate.set()
    qtbot.waitUntil(lambda: not ask.waiting)
    assert desk.answers == [8]
    assert desk.cancels == []


def test_requests_that_wait_are_not_begun_once_there_is_a_newer_one(
    qtbot: QtBot, owner: QObject, worker: Worker
) -> None:
    desk, busy, free = Desk(), Event(), Event()
    ask = asking(owner, worker, desk)
    desk.gate.set()
    worker.submit(Task(Asker("other"), lambda _: (busy.set(), free.wait(10))))
    assert busy.wait(10)
    for number in (2, 3, 4):
        ask.ask(number)
    free.set()
    qtbot.waitUntil(lambda: not ask.waiting)
    assert (desk.begun, desk.answers) == ([4], [8])


def test_an_equal_request_is_not_asked_again(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk = Desk()
    ask = asking(owner, worker, desk)
    ask.ask(5)
    qtbot.waitUntil(lambda: desk.begun == [5])
    ask.ask(5)
    desk.gate.set()
    qtbot.waitUntil(lambda: desk.answers == [10])
    ask.ask(5)  # its answer stands, and is given once more
    assert desk.answers == [10, 10]
    ask.forget()
    ask.ask(5)
    qtbot.waitUntil(lambda: desk.answers == [10, 10, 10])
    assert desk.begun == [5, 5]


def test_a_failure_reaches_the_asker_alone_and_may_be_asked_again(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    failing, other = Desk(), Desk()
    failing.gate.set()
    other.gate.set()
    ask, beside = asking(owner, worker, failing), asking(owner, worker, other, name="other")
    ask.ask(NEVER)
    beside.ask(4)
    qtbot.waitUntil(lambda: len(failing.failures) == 1 and other.answers == [8])
    assert str(failing.failures[0]) == "never"
    assert (failing.answers, other.failures) == ([], [])
    assert not ask.waiting
    ask.ask(NEVER)
    qtbot.waitUntil(lambda: len(failing.failures) == 2)


def test_what_was_forgotten_is_for_nobody(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk = Desk()
    ask = asking(owner, worker, desk)
    ask.ask(1)
    qtbot.waitUntil(lambda: desk.begun == [1])
    ask.forget()
    assert not ask.waiting
    with qtbot.waitSignal(worker.done):
        desk.gate.set()
    assert (desk.answers, desk.failures, desk.cancels) == ([], [], [])


def test_an_answer_to_an_asker_that_is_no_more_is_for_nobody(qtbot: QtBot, worker: Worker) -> None:
    desk, owner = Desk(), QObject()
    ask = asking(owner, worker, desk)
    ask.ask(1)
    qtbot.waitUntil(lambda: desk.begun == [1])
    owner.deleteLater()
    qtbot.waitSignal(owner.destroyed, timeout=1000).wait()
    with qtbot.waitSignal(worker.done):
        desk.gate.set()
    assert desk.answers == []


def test_what_yields_is_stopped_by_its_better_and_is_to_be_asked_anew(
    qtbot: QtBot, owner: QObject, worker: Worker
) -> None:
    low, high = Desk(), Desk()
    high.gate.set()
    refining, rendering = asking(owner, worker, low, name="refine"), asking(owner, worker, high, name="render")
    refining.yield_to(rendering)
    refining.ask(1)
    qtbot.waitUntil(lambda: low.begun == [1])
    rendering.ask(3)
    qtbot.waitUntil(lambda: high.answers == [6])
    assert not refining.waiting
    low.gate.set()
    refining.ask(1)
    qtbot.waitUntil(lambda: low.answers == [2])
    assert low.begun == [1, 1]


def test_jobs_are_served_one_after_another_and_tell_how_far_they_are(
    qtbot: QtBot, owner: QObject, worker: Worker
) -> None:
    desk = Desk()
    jobs = asking(owner, worker, desk, Jobs)
    jobs.add(1)
    jobs.add(2)
    desk.gate.set()
    qtbot.waitUntil(lambda: desk.answers == [2, 4])
    assert desk.counts == [(1, 2), (1, 2)]
    assert worker.saves == 0


def test_a_save_is_waited_for_until_it_ends_and_says_that_it_was_cancelled(
    qtbot: QtBot, owner: QObject, worker: Worker
) -> None:
    desk = Desk()
    saves = asking(owner, worker, desk, Saves)
    saves.add(1)
    qtbot.waitUntil(lambda: desk.begun == [1])
    assert worker.saves == 1
    saves.cancel()
    qtbot.waitUntil(lambda: desk.cancels == ["cancelled"])
    assert desk.answers == []
    qtbot.waitUntil(lambda: worker.saves == 0)


def test_an_answer_comes_in_the_windows_thread(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk, threads = Desk(), list[str]()
    desk.gate.set()
    ask = Ask(owner, worker, "double", desk.work, lambda _: threads.append(threading.current_thread().name), print)
    ask.ask(1)
    qtbot.waitUntil(lambda: not ask.waiting)
    assert threads == ["MainThread"]


def test_a_fault_is_a_sentence_for_the_asker(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk = Desk()
    desk.gate.set()
    ask = asking(owner, worker, desk)
    ask.ask(BREAKS)
    qtbot.waitUntil(lambda: not ask.waiting)
    assert [why.template for why in desk.failures] == [INSIDE]
    assert "double" in str(desk.failures[0])


def test_what_was_cancelled_says_so_and_may_be_asked_again(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk = Desk()
    ask = asking(owner, worker, desk)
    ask.ask(1)
    qtbot.waitUntil(lambda: desk.begun == [1])
    ask.cancel()
    qtbot.waitUntil(lambda: desk.cancels == ["cancelled"])
    assert not ask.waiting
    desk.gate.set()
    ask.ask(1)
    qtbot.waitUntil(lambda: desk.answers == [2])


def test_what_yields_is_served_when_nothing_else_waits(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk, blocking = Desk(), Desk()
    desk.gate.set()
    low, high, third, first = (
        asking(owner, worker, each, name=name)
        for name, each in (("low", desk), ("high", desk), ("third", desk), ("first", blocking))
    )
    low.yield_to(high)
    first.ask(0)
    qtbot.waitUntil(lambda: blocking.begun == [0])
    for number, ask in enumerate((low, third, high, low)):
        ask.ask(number)
    blocking.gate.set()
    qtbot.waitUntil(lambda: not low.waiting)
    assert desk.begun == [1, 2, 3]


def test_an_answer_stands_though_a_better_one_is_asked(qtbot: QtBot, owner: QObject, worker: Worker) -> None:
    desk = Desk()
    desk.gate.set()
    pairing, rendering = asking(owner, worker, desk, name="pair"), asking(owner, worker, desk, name="render")
    pairing.yield_to(rendering)
    pairing.ask(1)
    qtbot.waitUntil(lambda: desk.answers == [2])
    rendering.ask(3)
    qtbot.waitUntil(lambda: desk.answers == [2, 6])
    assert pairing.stands(1)
    assert not pairing.stands(3)


def test_the_worker_keeps_no_asker_alive(qtbot: QtBot, worker: Worker) -> None:
    desk, owner = Desk(), QObject()
    desk.gate.set()
    ask = asking(owner, worker, desk)
    ask.ask(1)
    qtbot.waitUntil(lambda: desk.answers == [2])
    gone = weakref.ref(ask)
    del ask, owner
    gc.collect()
    assert gone() is None


@dataclass(frozen=True)
class Question:
    document: Document
    output: int


def test_a_document_is_compared_by_identity_and_never_by_its_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    def document() -> Document:
        source = Source("photo", np.zeros((20, 30, 3), np.uint8), ("R", "G", "B"), 255)
        return new_document(source, ConvSpec(), np.zeros((2, 3, 3, 3)))

    def compared(*_: object) -> bool:
        raise AssertionError("compared")

    one, other = document(), document()
    monkeypatch.setattr(Document, "__eq__", compared)
    assert same(Question(one, 1), Question(one, 1))
    assert not same(Question(one, 1), Question(one, 2))
    assert not same(Question(one, 1), Question(other, 1))
