"""Turns changes of document, view and panels into render requests; the newest wins."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from convlab.app.compute import Compute, ExplainRequest, PairRequest, ProbeRequest
from convlab.app.rendering import render_inputs
from convlab.app.session import Session
from convlab.app.tiles import Panel, RenderRequest, RenderResult
from convlab.app.worker import Outcome, Task, Worker
from convlab.model.pair import pair_refusal
from convlab.model.pointing import explained_position
from convlab.model.problems import Limits
from convlab.model.view import TileKey, ViewState

BUSY_AFTER_MS = 150
REST_MS = 120
"""Without a new request for this long the hand rests, and what is shown is refined."""


class RenderScheduler(QObject):
    """Owns the worker thread that has torch.

    An answer comes at once from the pixels shown, and when the hand rests again from all of them (`exact`).
    rendered(RenderResult) and probed(dict of TileKey to value) answer the newest request; failed(Message)
    says why one could not be answered; busy(bool) is True while an answer takes longer than 150 ms. ready():
    torch is there. paired(Pair, Message or None) answers `want_pair`, and every document after it.
    explained(Explanation or None) follows the view's pinned pixel or cursor while it is explaining.
    """

    ready = Signal()
    rendered = Signal(object)
    probed = Signal(object)
    explained = Signal(object)
    paired = Signal(object)
    failed = Signal(object)
    busy = Signal(bool)

    def __init__(self, session: Session, worker: Worker, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._worker, self._compute = session, worker, compute
        self._panels: dict[str, Panel] = {}
        self._closed = False
        self._generation = 0
        self._answered = 0
        self._ready = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._request)
        self._late = QTimer(self, singleShot=True, interval=BUSY_AFTER_MS)
        self._late.timeout.connect(self._report_busy)
        self._is_busy = False
        self._pair_seed: int | None = None
        self._paired_last: PairRequest | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._refine)
        self._unrefined: RenderRequest | None = None
        session.document_changed.connect(self._schedule)
        session.seen_changed.connect(self._schedule)
        session.view_changed.connect(self._view_changed)
        session.limits_changed.connect(self._schedule)
        worker.done.connect(self._done)

    @property
    def settled(self) -> bool:
        """Whether the maps on screen are the present document's."""
        return self._ready and self._answered == self._generation and not self._soon.isActive()

    @property
    def refined(self) -> bool:
        """Whether they are settled and exact as well, or cannot be."""
        return self.settled and self._unrefined is None

    @Slot()
    def start_engine(self) -> None:
        """Begin to import torch; maps follow when it is there."""
        self._worker.enqueue(Task("start", self._compute.start))
        self._schedule()

    def close(self) -> None:
        """Ask for nothing more; answers that are still on their way are for nobody."""
        self._closed = True
        self._soon.stop()
        self._late.stop()
        self._rest.stop()

    def set_panel(self, name: str, panel: Panel) -> None:
        """What the panel `name` wants drawn from now on."""
        if self._panels.get(name) != panel:
            self._panels[name] = panel
            self._schedule()

    @Slot()
    def _schedule(self) -> None:
        if not self._soon.isActive() and not self._closed:
            self._soon.start()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if old.cursor != new.cursor:
            self._probe(new.cursor)
        explained = (
            "cursor",
            "cursor_on",
            "pinned",
            "offered",
            "pinned_input",
            "explaining",
            "chosen_output",
        )  # what is explained, and whether
        if any(getattr(old, name) != getattr(new, name) for name in explained):
            self._explain()
        drawn = (
            "viewport",
            "display",
            "chosen_output",
            "chosen_map",
            "tinted",
            "explaining",
        )  # explaining makes room for padding
        if any(getattr(old, name) != getattr(new, name) for name in drawn):
            self._schedule()

    def _request(self) -> None:
        self._generation += 1
        self._rest.stop()
        session = self._session
        request = RenderRequest(
            session.maps, session.maps_view, tuple(self._panels.values()), self._generation, not session.problems
        )
        if not self._ready:  # the photo can be looked at while torch is being imported
            self.rendered.emit(render_inputs(request))
            return
        if not self._late.isActive() and not self._is_busy:
            self._late.start()
        self._worker.submit(Task("render", partial(self._compute.render, request), request))
        self._probe(session.view.cursor)
        self._explain()

    def want_pair(self, seed: int | None) -> None:
        """From now on show the layer and its transpose, for y drawn from `seed`; None ends it."""
        if seed is None:
            self._paired_last = None
        self._pair_seed = seed
        self._pair()

    def _pair(self) -> None:
        session = self._session
        if self._pair_seed is None or not self._ready:
            return
        usable = not session.problems and session.sees_edited
        refusal = pair_refusal(session.edited) if usable else None
        if refusal is not None or not usable:
            self._paired_last = None
            self.paired.emit(refusal)
            return
        request = PairRequest(session.edited, self._pair_seed)
        if request == self._paired_last or not self.settled:  # a render would drop it: after that it is asked again
            return
        self._worker.submit(Task("pair", partial(self._compute.pair, request), request, yields_to=("render",)))

    def _paired(self, outcome: Outcome) -> None:
        if outcome.task.token == PairRequest(self._session.edited, self._pair_seed or 0):
            self._paired_last = outcome.task.token
            self.paired.emit(outcome.result if outcome.failure is None else outcome.failure)

    def explain_again(self) -> None:
        """Announce the explained value to somebody who was not there when it was worked out."""
        self._explain()

    def _explain(self) -> None:
        session = self._session
        if not session.view.explaining:
            return
        usable = not session.problems and session.sees_edited
        position = explained_position(session.edited, session.view) if usable else None
        if position is None or not self._ready:
            self.explained.emit(None)
            return
        request = ExplainRequest(session.edited, session.view.chosen_output, position)
        self._worker.submit(Task("explain", partial(self._compute.explain, request), request))

    def _explained(self, outcome: Outcome) -> None:
        session, request = self._session, outcome.task.token
        if not isinstance(request, ExplainRequest) or session.problems or not session.view.explaining:
            return
        if not session.sees_edited:
            return
        position = explained_position(session.edited, session.view)
        now = ExplainRequest(session.edited, session.view.chosen_output, position) if position else None
        if request == now:
            self.explained.emit(outcome.result)

    def _probe(self, position: tuple[float, float] | None) -> None:
        session = self._session
        if position is None or not self._ready:
            self.probed.emit({})
            return
        keys = tuple(key for panel in self._panels.values() for key in panel.keys)
        evaluable = not session.problems
        request = ProbeRequest(session.maps, position, keys, session.maps_view.chosen_output, evaluable)
        self._worker.submit(Task("probe", partial(self._compute.probe, request), request))

    @Slot()
    def _report_busy(self) -> None:
        self._is_busy = True
        self.busy.emit(True)

    def _settle(self) -> None:
        self._late.stop()
        if self._is_busy:
            self._is_busy = False
            self.busy.emit(False)

    @Slot(object)
    def _done(self, outcome: Outcome) -> None:
        if self._closed:
            return
        if outcome.task.kind == "start":
            self._engine_ready(outcome)
        elif outcome.task.kind == "refine":
            self._refined(outcome)
        elif outcome.task.kind == "render":
            self._rendered(outcome)
        elif outcome.task.kind == "explain":
            self._explained(outcome)
        elif outcome.task.kind == "pair":
            self._paired(outcome)
        elif outcome.task.kind == "probe" and isinstance(outcome.result, dict):
            self._probed(outcome.result)

    def _engine_ready(self, outcome: Outcome) -> None:
        if isinstance(outcome.result, Limits):
            self._ready = True
            self.ready.emit()
            self._pair()
            self._session.set_limits(outcome.result)
            self._schedule()
        elif outcome.failure is not None:
            self.failed.emit(outcome.failure)

    def _rendered(self, outcome: Outcome) -> None:
        request = outcome.task.token
        if not isinstance(request, RenderRequest) or request.generation != self._generation:
            return
        self._answered = request.generation
        self._settle()
        if outcome.failure is not None:
            self.failed.emit(outcome.failure)
        elif isinstance(outcome.result, RenderResult):
            self._unrefined = request if outcome.result.with_maps and not outcome.result.exact else None
            self.rendered.emit(outcome.result)
            self._pair()
            if self._unrefined is not None:
                self._rest.start(REST_MS if request.maps.window.device == "cpu" else 0)

    @Slot()
    def _refine(self) -> None:
        request = self._unrefined
        if request is not None and request.generation == self._generation:
            work = partial(self._compute.refine, request)
            self._worker.submit(Task("refine", work, request, yields_to=("render",)))

    def _refined(self, outcome: Outcome) -> None:
        if outcome.task.token is not self._unrefined or self._unrefined is None:
            return
        current = self._unrefined.generation == self._generation
        self._unrefined = None
        if outcome.failure is not None:
            self.failed.emit(outcome.failure)
        elif current and isinstance(outcome.result, RenderResult):
            self.rendered.emit(outcome.result)

    def _probed(self, values: dict[TileKey, float]) -> None:
        if self._session.view.cursor is not None:
            self.probed.emit(values)
