"""One typed way to ask: the newest wins, an equal request is not asked again, an answer goes to who asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from convlab.app.ask import Ask, Jobs, Saves
from convlab.app.worker import Checkpoint, Worker
from convlab.model.message import ConvLabError, Message

NEVER = -1


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
    assert 2 not in desk.begun


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
