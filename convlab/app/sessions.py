"""Saves and opens whole states, off the GUI thread, and knows which file the present one belongs to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.opening import Opening
from convlab.app.photos import PhotoOpener
from convlab.app.session import Session
from convlab.app.worker import Outcome, Task, Worker
from convlab.io.names import stem_of
from convlab.io.reader import Reader
from convlab.io.sessions import open_session, save_session
from convlab.model.document import Document
from convlab.model.edits import set_layer
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.session_file import SUFFIX
from convlab.model.view import ViewState, saved_view


class SessionFiles(QObject):
    """Opens in the photo thread, saves in a thread of its own. saved(path), opened(path) or failed(Message) follows.

    noticed(Message): something is to be said of what was saved. file_changed(): `path` or `changed` is another now.
    """

    saved = Signal(object)
    noticed = Signal(object)
    opened = Signal(object)
    failed = Signal(object)
    file_changed = Signal()

    def __init__(
        self,
        session: Session,
        photos: Worker,
        saves: Worker,
        opening: Opening,
        opener: PhotoOpener,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._saves, self._opening, self._opener = session, saves, opening, opener
        self._mine = object()
        self._path: Path | None = None
        self._in_file: Document | None = None
        self._changed = False
        self._generation = 0
        photos.done.connect(self._done)
        saves.done.connect(self._done)
        session.document_changed.connect(self._compare)

    @property
    def path(self) -> Path | None:
        """The session's file that the present state came from or went to."""
        return self._path

    @property
    def proposed_name(self) -> str:
        """For a file of the present state: the name of its input."""
        return (stem_of(self._session.document.source.name) or "session") + SUFFIX

    @property
    def changed(self) -> bool:
        """Whether the document is another than in that file."""
        return self._changed

    def save(self, path: Path) -> None:
        """Write the present state; its file is that one from then on."""
        document, view = self._session.document, self._session.view

        def work(_checkpoint: object) -> tuple[Path, Document, Message | None]:
            return path, document, save_session(path, document, view)

        self._saves.enqueue(Task("save session", work, (self._mine, self._generation), saves=True))

    def open(self, path: Path) -> None:
        """Take a file's state in place of the present one, as one undo step."""
        budget = self._opener.budget_bytes

        def read(reader: Reader) -> tuple[Path, Document, ViewState]:
            return (path, *open_session(path, budget, reader))

        self._opening.submit(read, path.name, (self._mine, self._generation))

    def belongs_to(self, path: Path | None, changed: bool = False) -> None:
        """The present state is of this file, or of none."""
        self._path, self._in_file = path, None if changed or path is None else self._session.document
        self._changed = changed and path is not None
        self._generation += 1
        self.file_changed.emit()

    @Slot(object, object)
    def _compare(self, _old: Document, new: Document) -> None:
        changed = self._path is not None and new != self._in_file
        if changed != self._changed:
            self._changed = changed
            self.file_changed.emit()

    @Slot(object)
    def _done(self, outcome: Outcome) -> None:
        token = outcome.task.token
        if not isinstance(token, tuple) or token[0] is not self._mine:
            return
        if outcome.failure is not None:
            self.failed.emit(outcome.failure)
        elif outcome.task.kind == "save session" and isinstance(outcome.result, tuple):
            path, document, notice = outcome.result
            self._saved(path, document, notice, is_present=token[1] == self._generation)
        elif isinstance(outcome.result, tuple):
            self._show(*outcome.result)

    def _saved(self, path: Path, document: Document, notice: Message | None, is_present: bool) -> None:
        """is_present: nothing else has been opened since."""
        if is_present:
            self._path, self._in_file = path, document
            self._changed = self._session.document != document
            self.file_changed.emit()
        self.saved.emit(path)
        if notice is not None:
            self.noticed.emit(notice)

    def _show(self, path: Path, document: Document, view: ViewState) -> None:
        label = message(QT_TRANSLATE_NOOP("model", "open {name}"), name=path.name)
        placed = on_this_machine(document, self._session)
        self._session.set_locks(frozenset())
        self._session.apply(lambda _: placed, label)
        show_view(self._session, view)
        self.belongs_to(path)
        self.opened.emit(path)


def on_this_machine(document: Document, session: Session) -> Document:
    """The document on the device that the present one is on."""
    return set_layer(document, device=session.document.layer.device)


def show_view(session: Session, view: ViewState) -> None:
    """Show what a file says of the view; the rest stays."""
    session.set_view(stepping=False, **saved_view(view))
