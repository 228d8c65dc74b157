"""Turns changes of document, view and panels into render requests; the newest wins."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from convlab.app.ask import Ask, Jobs, ignored
from convlab.app.compute import Compute, ExplainRequest, PairRequest, ProbeRequest
from convlab.app.rendering import render_inputs
from convlab.app.session import Session
from convlab.app.tiles import Panel, RenderRequest, RenderResult
from convlab.app.worker import Worker
from convlab.model.message import Message
from convlab.model.pair import pair_refusal
from convlab.model.pointing import explained_position
from convlab.model.problems import Limits
from convlab.model.view import ViewState

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
        self._session = session
        self._panels: dict[str, Panel] = {}
        self._closed = self._ready = self._is_busy = False
        self._pair_seed: int | None = None
        self._unrefined: RenderRequest | None = None
        failed = self.failed.emit
        self._starting = Jobs(self, worker, "start", compute.start, self._engine_ready, failed)
        self._rendering = Ask(self, worker, "render", compute.render, self._rendered, self._not_rendered)
        self._refining = Ask(self, worker, "refine", compute.refine, self._refined, self._not_refined)
        self._probing = Ask(self, worker, "probe", compute.probe, self.probed.emit, ignored)
        self._explaining = Ask(self, worker, "explain", compute.explain, self.explained.emit, self._not_explained)
        self._pairing = Ask(self, worker, "pair", compute.pair, self.paired.emit, self.paired.emit)
        self._refining.yield_to(self._rendering)
        self._pairing.yield_to(self._rendering)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._request)
        self._late = QTimer(self, singleShot=True, interval=BUSY_AFTER_MS)
        self._late.timeout.connect(self._report_busy)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._refine)
        session.document_changed.connect(self._changed)
        session.seen_changed.connect(self._changed)
        session.view_changed.connect(self._view_changed)
        session.limits_changed.connect(self._changed)

    @property
    def settled(self) -> bool:
        """Whether the maps on screen are the present document's."""
        return self._ready and not self._rendering.waiting and not self._soon.isActive()

    @property
    def refined(self) -> bool:
        """Whether they are settled and exact as well, or cannot be."""
        return self.settled and self._unrefined is None

    @Slot()
    def start_engine(self) -> None:
        """Begin to import torch; maps follow when it is there."""
        self._starting.add(None)
        self._schedule()

    def close(self) -> None:
        """Ask for nothing more; answers that are still on their way are for nobody."""
        self._closed = True
        self._soon.stop()
        self._late.stop()
        self._rest.stop()
        for each in (self._starting, self._rendering, self._refining, self._probing, self._explaining, self._pairing):
            each.forget()

    def set_panel(self, name: str, panel: Panel) -> None:
        """What the panel `name` wants drawn from now on."""
        if self._panels.get(name) != panel:
            self._panels[name] = panel
            self._schedule()

    @Slot()
    def _schedule(self) -> None:
        if not self._soon.isActive() and not self._closed:
            self._soon.start()

    @Slot()
    def _changed(self) -> None:
        """What is being taken apart is of another document."""
        self._explaining.forget()
        self._pairing.forget()
        self._schedule()

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
        session = self._session
        request = RenderRequest(session.maps, session.maps_view, tuple(self._panels.values()), not session.problems)
        if not self._ready:  # the photo can be looked at while torch is being imported
            self.rendered.emit(render_inputs(request))
            return
        if not self._rendering.stands(request):
            self._rest.stop()
            self._refining.forget()
            if not self._late.isActive() and not self._is_busy:
                self._late.start()
        self._rendering.ask(request)
        self._probe(session.view.cursor)
        self._explain()

    def want_pair(self, seed: int | None) -> None:
        """From now on show the layer and its transpose, for y drawn from `seed`; None ends it."""
        self._pair_seed = seed
        if seed is None:
            self._pairing.forget()
        self._pair()

    def _pair(self) -> None:
        session = self._session
        if self._pair_seed is None or not self._ready:
            return
        usable = not session.problems and session.sees_edited
        refusal = pair_refusal(session.edited) if usable else None
        if refusal is not None or not usable:
            self._pairing.forget()
            self.paired.emit(refusal)
            return
        request = PairRequest(session.edited, self._pair_seed)
        if self.settled and not self._pairing.stands(request):  # a render would drop it: after that it is asked again
            self._pairing.ask(request)

    def explain_again(self) -> None:
        """Announce the explained value to somebody who was not there when it was worked out."""
        self._explain()

    def _explain(self) -> None:
        session = self._session
        if not session.view.explaining:
            self._explaining.forget()
            return
        usable = not session.problems and session.sees_edited
        position = explained_position(session.edited, session.view) if usable else None
        if position is None or not self._ready:
            self._explaining.forget()
            self.explained.emit(None)
            return
        self._explaining.ask(ExplainRequest(session.maps, session.view.chosen_output, position))

    def _not_explained(self, _why: Message) -> None:
        self.explained.emit(None)

    def _probe(self, position: tuple[float, float] | None) -> None:
        session = self._session
        if position is None or not self._ready:
            self._probing.forget()
            self.probed.emit({})
            return
        keys = tuple(key for panel in self._panels.values() for key in panel.keys)
        evaluable = not session.problems
        self._probing.ask(ProbeRequest(session.maps, position, keys, session.maps_view.chosen_output, evaluable))

    @Slot()
    def _report_busy(self) -> None:
        self._is_busy = True
        self.busy.emit(True)

    def _settle(self) -> None:
        self._late.stop()
        if self._is_busy:
            self._is_busy = False
            self.busy.emit(False)

    def _engine_ready(self, limits: Limits) -> None:
        self._ready = True
        self._schedule()
        self.ready.emit()
        self._session.set_limits(limits)

    def _rendered(self, result: RenderResult) -> None:
        self._settle()
        self._unrefined = result.request if result.with_maps and not result.exact else None
        self.rendered.emit(result)
        self._pair()
        if self._unrefined is not None:
            self._rest.start(REST_MS if result.request.maps.window.device == "cpu" else 0)

    def _not_rendered(self, why: Message) -> None:
        self._settle()
        self._unrefined = None
        self.failed.emit(why)

    @Slot()
    def _refine(self) -> None:
        if self._unrefined is not None:
            self._refining.ask(self._unrefined)

    def _refined(self, result: RenderResult) -> None:
        self._unrefined = None
        self._rendering.forget()  # its answer is worse than this one
        self.rendered.emit(result)

    def _not_refined(self, why: Message) -> None:
        self._unrefined = None
        self.failed.emit(why)
