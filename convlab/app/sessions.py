"""Saves and opens whole states, off the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.photos import PhotoOpener
from convlab.app.session import Session
from convlab.app.worker import Outcome, Task, Worker
from convlab.io.sessions import open_session, save_session
from convlab.model.document import Document
from convlab.model.edits import set_layer
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.view import ViewState


class SessionFiles(QObject):
    """One at a time, in the photo thread. saved(path), opened(path) or failed(Message) follows."""

    saved = Signal(object)
    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, worker: Worker, opener: PhotoOpener, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._worker, self._opener = session, worker, opener
        worker.done.connect(self._done)

    def save(self, path: Path) -> None:
        """Write the present state."""
        document, view = self._session.document, self._session.view

        def work(_checkpoint: object) -> Path:
            save_session(path, document, view)
            return path

        self._worker.enqueue(Task("save session", work, self))

    def open(self, path: Path) -> None:
        """Take a file's state in place of the present one, as one undo step."""
        budget = self._opener.budget_bytes

        def work(_checkpoint: object) -> tuple[Path, Document, ViewState]:
            return (path, *open_session(path, budget))

        self._worker.submit(Task("photo", work, self))

    @Slot(object)
    def _done(self, outcome: Outcome) -> None:
        if outcome.task.token is not self:
            return
        if outcome.failure is not None:
            self.failed.emit(outcome.failure)
        elif isinstance(outcome.result, Path):
            self.saved.emit(outcome.result)
        elif isinstance(outcome.result, tuple):
            self._show(*outcome.result)

    def _show(self, path: Path, document: Document, view: ViewState) -> None:
        """The device stays this machine's."""
        placed = set_layer(document, device=self._session.document.layer.device)
        label = message(QT_TRANSLATE_NOOP("model", "open {name}"), name=path.name)
        self._session.set_locks(frozenset())
        self._session.apply(lambda _: placed, label)
        self._session.set_view(
            viewport=view.viewport,
            chosen_output=view.chosen_output,
            chosen_input=view.chosen_input,
            display=view.display,
            byte_units=view.byte_units,
            tinted=view.tinted,
            composite=view.composite,
            explaining=view.explaining,
            pinned=view.pinned,
            stepping=False,
            depth=view.depth,
            chosen_layer=view.chosen_layer,
            watched_layer=view.watched_layer,
        )
        self.opened.emit(path)
