"""Saves and opens whole states, off the GUI thread, and knows which file the present one belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.ask import Saves
from convlab.app.opening import Opening
from convlab.app.photos import PhotoOpener
from convlab.app.session import Session
from convlab.app.worker import Checkpoint, Worker
from convlab.io.names import stem_of
from convlab.io.reader import Reader
from convlab.io.sessions import open_session, save_session
from convlab.model.document import Document
from convlab.model.edits import set_layer
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.session_file import SUFFIX
from convlab.model.view import ViewState, saved_view


@dataclass(frozen=True, slots=True, eq=False)
class _Save:
    """A state to be written; generation: of which opened file it is."""

    path: Path
    document: Document
    view: ViewState
    generation: int


def _save(save: _Save, _checkpoint: Checkpoint) -> tuple[_Save, Message | None]:
    return save, save_session(save.path, save.document, save.view)


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
        saves: Worker,
        opening: Opening,
        opener: PhotoOpener,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._opening, self._opener = session, opening, opener
        self._saving = Saves(self, saves, "save session", _save, self._saved, self.failed.emit)
        self._path: Path | None = None
        self._in_file: Document | None = None
        self._changed = False
        self._generation = 0
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
        self._saving.add(_Save(path, self._session.document, self._session.view, self._generation))

    def open(self, path: Path) -> None:
        """Take a file's state in place of the present one, as one undo step."""
        budget = self._opener.budget_bytes

        def read(reader: Reader) -> tuple[Path, Document, ViewState]:
            return (path, *open_session(path, budget, reader))

        self._opening.open(read, path.name, self._show, self.failed.emit)

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

    def _saved(self, answer: tuple[_Save, Message | None]) -> None:
        save, notice = answer
        if save.generation == self._generation:  # nothing else has been opened since
            self._path, self._in_file = save.path, save.document
            self._changed = self._session.document != save.document
            self.file_changed.emit()
        self.saved.emit(save.path)
        if notice is not None:
            self.noticed.emit(notice)

    def _show(self, found: tuple[Path, Document, ViewState]) -> None:
        path, document, view = found
        label = message(QT_TRANSLATE_NOOP("model", "open {name}"), name=path.name)
        placed = on_this_machine(document, self._session)
        self._session.set_locks(frozenset())
        self._session.apply(lambda _: placed, label)
        show_view(self._session, view)
        self.belongs_to(path)
        self.opened.emit(path)


def on_this_machine(document: Document, session: Session) -> Document:
    """The document on the device that the present one is on."""
    return set_layer(document, device=session.document.conv.spec.device)


def show_view(session: Session, view: ViewState) -> None:
    """Show what a file says of the view; the rest stays."""
    session.set_view(stepping=False, **saved_view(view))
