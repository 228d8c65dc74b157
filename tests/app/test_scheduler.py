"""Promises of the scheduler: the newest wins, stale answers are dropped, busy is quiet at first and always ends."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convlab.app.compute import Compute
from convlab.app.scheduler import BUSY_AFTER_MS, RenderScheduler
from convlab.app.session import Session
from convlab.app.tiles import Panel, RenderRequest, RenderResult
from convlab.app.worker import Checkpoint, Worker
from convlab.model import edits
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError, message
from convlab.model.problems import Limits
from convlab.model.source import Source
from convlab.model.view import TileKey

LABEL = message("edit")


class SlowCompute(Compute):
    """Stands in for the engine: an answer takes until its gate opens, or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.started = Event(), Event()
        self.gate.set()
        self.failure: ConvLabError | None = None
        self.exact = True
        self.rest, self.refining = Event(), Event()

    def start(self, _request: None, _checkpoint: Checkpoint) -> Limits:
        return Limits()

    def render(self, request: RenderRequest, checkpoint: Checkpoint) -> RenderResult:
        self.started.set()
        self.gate.wait(10)
        checkpoint()
        if self.failure:
            raise self.failure
        return RenderResult(request, with_maps=True, exact=self.exact)

    def refine(self, request: RenderRequest, checkpoint: Checkpoint) -> RenderResult:
        self.refining.set()
        while not self.rest.is_set():
            checkpoint()
        return RenderResult(request, with_maps=True, exact=True)


@pytest.fixture
def compute() -> SlowCompute:
    return SlowCompute()


@pytest.fixture
def session(qtbot: QtBot) -> Session:
    source = Source("photo", np.zeros((20, 30, 3), np.uint8), ("R", "G", "B"), 255)
    return Session(new_document(source, ConvSpec(), np.zeros((2, 3, 3, 3))))


@pytest.fixture
def scheduler(qtbot: QtBot, session: Session, compute: SlowCompute) -> Iterator[RenderScheduler]:
    worker = Worker("engine")
    scheduler = RenderScheduler(session, worker, compute)
    worker.start()
    scheduler.start_engine()
    qtbot.waitUntil(lambda: scheduler.settled)
    yield scheduler
    compute.gate.set()
    compute.rest.set()
    scheduler.close()
    worker.stop()


def change(session: Session, value: float) -> None:
    session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), value), LABEL)


def request_of(session: Session) -> RenderRequest:
    return RenderRequest(session.maps, session.maps_view, ())


def test_edits_of_one_turn_are_one_request(qtbot: QtBot, session: Session, scheduler: RenderScheduler) -> None:
    answers: list[RenderResult] = []
    scheduler.rendered.connect(answers.append)
    for value in range(1, 20):
        change(session, value)
    qtbot.waitUntil(lambda: scheduler.settled)
    assert [answer.request.maps.document.conv.kernel_slices[0, 0, 0, 0] for answer in answers] == [19]


def test_a_stale_answer_is_never_shown(
    qtbot: QtBot, session: Session, scheduler: RenderScheduler, compute: SlowCompute
) -> None:
    answers: list[RenderResult] = []
    scheduler.rendered.connect(answers.append)
    compute.gate.clear()
    compute.started.clear()
    change(session, 1)
    qtbot.waitUntil(compute.started.is_set)
    change(session, 2)
    qtbot.waitUntil(lambda: scheduler._rendering.stands(request_of(session)))
    compute.gate.set()
    qtbot.waitUntil(lambda: scheduler.settled)
    assert [answer.request.maps.document.conv.kernel_slices[0, 0, 0, 0] for answer in answers] == [2]


def test_busy_shows_only_past_150_ms_and_ends_with_the_answer(
    qtbot: QtBot, session: Session, scheduler: RenderScheduler, compute: SlowCompute
) -> None:
    assert BUSY_AFTER_MS == 150
    with qtbot.assertNotEmitted(scheduler.busy):
        change(session, 1)
        qtbot.waitUntil(lambda: scheduler.settled)
    compute.gate.clear()
    with qtbot.waitSignal(scheduler.busy, check_params_cb=lambda on: on):
        change(session, 2)
    with qtbot.waitSignal(scheduler.busy, check_params_cb=lambda on: not on):
        compute.gate.set()


def test_a_failure_is_a_sentence_and_no_busy_sign_stays(
    qtbot: QtBot, session: Session, scheduler: RenderScheduler, compute: SlowCompute
) -> None:
    compute.failure = ConvLabError("Out of memory on cpu.")
    compute.gate.clear()
    with qtbot.waitSignal(scheduler.busy, check_params_cb=lambda on: on):
        change(session, 1)
    with qtbot.waitSignals([scheduler.failed, scheduler.busy]):
        compute.gate.set()
    assert scheduler.settled


def test_a_request_holds_all_that_it_needs(qtbot: QtBot, session: Session, scheduler: RenderScheduler) -> None:
    panel = Panel((100, 120), (TileKey("map", 0),))
    with qtbot.waitSignal(scheduler.rendered) as answer:
        scheduler.set_panel("maps", panel)
    request = answer.args[0].request
    assert request.panels == (panel,)
    assert request.maps.document is session.document


def test_when_the_hand_rests_a_preview_is_followed_by_the_exact_answer(
    qtbot: QtBot, session: Session, scheduler: RenderScheduler, compute: SlowCompute
) -> None:
    answers: list[RenderResult] = []
    scheduler.rendered.connect(answers.append)
    compute.exact = False
    compute.rest.set()
    change(session, 1)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert [answer.exact for answer in answers] == [False, True]
    assert scheduler.refined


def test_an_edit_stops_the_refinement_and_starts_one_of_its_own(
    qtbot: QtBot, session: Session, scheduler: RenderScheduler, compute: SlowCompute
) -> None:
    answers: list[RenderResult] = []
    scheduler.rendered.connect(answers.append)
    compute.exact = False
    change(session, 1)
    qtbot.waitUntil(compute.refining.is_set)
    change(session, 2)
    qtbot.waitUntil(lambda: scheduler.settled)
    assert not scheduler.refined
    compute.rest.set()
    qtbot.waitUntil(lambda: scheduler.refined)
    shown = [(answer.request.maps.document.conv.kernel_slices[0, 0, 0, 0], answer.exact) for answer in answers]
    assert shown == [(1, False), (2, False), (2, True)]


def test_an_exact_answer_is_not_asked_for_twice(
    qtbot: QtBot, session: Session, scheduler: RenderScheduler, compute: SlowCompute
) -> None:
    change(session, 1)
    qtbot.waitUntil(lambda: scheduler.settled)
    assert scheduler.refined
    assert not compute.refining.is_set()
