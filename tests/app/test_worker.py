"""Promises of the worker: newest wins, jobs all run, failures are sentences, stopping is prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Semaphore

import pytest
from pytestqt.qtbot import QtBot

from convlab.app.worker import Asker, Outcome, Task, Worker
from convlab.model.message import ConvLabError

JOB, SAVE, PHOTO, RENDER, REFINE, PROBE = (
    Asker(name) for name in ("job", "save", "photo", "render", "refine", "probe")
)


@pytest.fixture
def worker(qtbot: QtBot) -> Iterator[Worker]:
    worker = Worker("test")
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def outcomes(worker: Worker) -> list[Outcome]:
    found: list[Outcome] = []
    worker.done.connect(found.append)
    return found


def test_the_newest_task_of_a_kind_replaces_those_that_wait(
    qtbot: QtBot, worker: Worker, outcomes: list[Outcome]
) -> None:
    running, gate = Event(), Event()

    def job(_: object) -> bool:
        running.set()
        return gate.wait(10)

    worker.enqueue(Task(JOB, job))
    assert running.wait(10)
    for number in range(100):
        worker.submit(Task(RENDER, lambda _, n=number: n))
    gate.set()
    qtbot.waitUntil(lambda: len(outcomes) == 2)
    assert [outcome.result for outcome in outcomes] == [True, 99]


def test_a_running_task_stops_at_its_checkpoint_for_a_newer_one(
    qtbot: QtBot, worker: Worker, outcomes: list[Outcome]
) -> None:
    running, newer = Event(), Event()

    def old(checkpoint: Callable[[], None]) -> str:
        running.set()
        newer.wait(10)
        checkpoint()
        return "old"

    worker.submit(Task(RENDER, old))
    assert running.wait(10)
    worker.submit(Task(RENDER, lambda _: "new"))
    newer.set()
    qtbot.waitUntil(lambda: bool(outcomes))
    assert [outcome.result for outcome in outcomes] == ["new"]


def test_a_job_serves_newer_requests_at_its_checkpoints(qtbot: QtBot, worker: Worker, outcomes: list[Outcome]) -> None:
    running, asked = Event(), Event()

    def job(checkpoint: Callable[[], None]) -> str:
        running.set()
        asked.wait(10)
        checkpoint()
        return "saved"

    worker.enqueue(Task(SAVE, job))
    assert running.wait(10)
    worker.submit(Task(RENDER, lambda _: "drawn"))
    asked.set()
    qtbot.waitUntil(lambda: len(outcomes) == 2)
    assert [outcome.result for outcome in outcomes] == ["drawn", "saved"]


def test_a_cancelled_job_ends_without_result_or_failure(qtbot: QtBot, worker: Worker, outcomes: list[Outcome]) -> None:
    running, cancelled = Event(), Event()

    def job(checkpoint: Callable[[], None]) -> str:
        running.set()
        cancelled.wait(10)
        checkpoint()
        return "saved"

    task = Task(SAVE, job)
    worker.enqueue(task)
    assert running.wait(10)
    worker.cancel(task)
    cancelled.set()
    qtbot.waitUntil(lambda: bool(outcomes))
    assert (outcomes[0].result, outcomes[0].failure, outcomes[0].cancelled) == (None, None, True)


def test_a_refusal_arrives_as_its_sentence(qtbot: QtBot, worker: Worker, outcomes: list[Outcome]) -> None:
    def refuse(_: object) -> None:
        raise ConvLabError("photo.png is empty.")

    worker.submit(Task(PHOTO, refuse))
    qtbot.waitUntil(lambda: bool(outcomes))
    assert str(outcomes[0].failure) == "photo.png is empty."


def test_an_unexpected_error_is_a_sentence_too_and_the_worker_lives_on(
    qtbot: QtBot, worker: Worker, outcomes: list[Outcome]
) -> None:
    worker.submit(Task(RENDER, lambda _: 1 // 0))
    qtbot.waitUntil(lambda: bool(outcomes))
    assert "ZeroDivisionError" in str(outcomes[0].failure)
    worker.submit(Task(RENDER, lambda _: "alive"))
    qtbot.waitUntil(lambda: len(outcomes) == 2)
    assert outcomes[1].result == "alive"


def test_work_that_yields_stops_for_its_better_and_serves_others_in_between(
    qtbot: QtBot, worker: Worker, outcomes: list[Outcome]
) -> None:
    running, probed, edited = Event(), Event(), Event()

    def refine(checkpoint: Callable[[], None]) -> str:
        running.set()
        probed.wait(10)
        checkpoint()
        edited.wait(10)
        checkpoint()
        return "refined"

    worker.submit(Task(REFINE, refine, yields_to=(RENDER,)))
    assert running.wait(10)
    worker.submit(Task(PROBE, lambda _: "probe"))
    probed.set()
    qtbot.waitUntil(lambda: len(outcomes) == 1)
    worker.submit(Task(RENDER, lambda _: "render"))
    edited.set()
    qtbot.waitUntil(lambda: len(outcomes) == 2)
    worker.submit(Task(REFINE, lambda _: "again", yields_to=(RENDER,)))
    qtbot.waitUntil(lambda: len(outcomes) == 3)
    assert [outcome.result for outcome in outcomes] == ["probe", "render", "again"]


def test_waiting_work_that_yields_is_dropped_for_its_better(
    qtbot: QtBot, worker: Worker, outcomes: list[Outcome]
) -> None:
    running, gate = Event(), Event()

    def job(_: object) -> bool:
        running.set()
        return gate.wait(10)

    worker.enqueue(Task(JOB, job))
    assert running.wait(10)
    worker.submit(Task(REFINE, lambda _: "refined", yields_to=(RENDER,)))
    worker.submit(Task(RENDER, lambda _: "render"))
    worker.enqueue(Task(JOB, lambda _: "last"))
    gate.set()
    qtbot.waitUntil(lambda: len(outcomes) == 3)
    assert [outcome.result for outcome in outcomes] == [True, "render", "last"]


def test_a_worker_rests_once_each_time_it_has_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convlab.app.worker.REST_MS", 20)
    rested, ran = Semaphore(0), Event()
    worker = Worker("rests", rest=rested.release)
    worker.start()
    try:
        assert rested.acquire(timeout=10)
        worker.submit(Task(RENDER, lambda _: ran.set()))
        assert ran.wait(10)
        assert rested.acquire(timeout=10)
        assert not rested.acquire(timeout=0.2)
    finally:
        worker.stop()
