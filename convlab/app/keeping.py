"""The state of a window is kept by itself, so that neither a crash nor a power cut loses work."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from convlab.app.ask import Saves
from convlab.app.opening import Opening
from convlab.app.photos import PhotoOpener
from convlab.app.session import Session
from convlab.app.sessions import SessionFiles, on_this_machine, show_view
from convlab.app.worker import Checkpoint, Worker
from convlab.io.kept import KeptState, kept_folder, kept_states, new_slot, open_kept, read_kept
from convlab.io.kept import Slot as Folder
from convlab.io.reader import Reader
from convlab.model.document import Document
from convlab.model.kept_file import KeptFile
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.view import ViewState, saved_view

__all__ = ["Keeper", "KeptState", "kept_folder"]

MOST_DEATHS = 2
"""A state whose windows ended badly so often in a row is offered at the start, not opened."""
KEEP_AFTER_MS = 2500
"""From a change to the start of writing; changes that follow do not put it off."""
PAUSE_US = 300
"""Between parts of a large state, so that the window gets Python's lock at once."""
State = tuple[Document, ViewState, str, bool]
_Found = tuple[KeptFile, Document, ConvLabError | None]


class Keeper(QObject):
    """Writes the state to its window's folder; opens states that were left. Idle until `start`.

    kept(): the present state is on disk. opened(ConvLabError or None): a state that was left is the present one, with
    why its input is gone. failed(Message): the state could not be kept, told once until it can be again, or one that
    was left not opened.
    """

    kept = Signal()
    opened = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        session: Session,
        files: SessionFiles,
        saves: Worker,
        opening: Opening,
        opener: PhotoOpener,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._files, self._opening, self._opener = session, files, opening, opener
        self._keeping = Saves(self, saves, "keep", _write, self._written, self._written, self._not_written)
        self._root: Path | None = None
        self._folder: Folder | None = None
        self._kept: State | None = None
        self._refused: State | None = None
        self._writing: tuple[Folder, State] | None = None
        self._left: tuple[Folder, int] | None = None
        self._awaited: Document | None = None
        self._aside = False
        self._timer = QTimer(self, singleShot=True, interval=KEEP_AFTER_MS)
        self._timer.timeout.connect(self._keep)
        for signal in (session.document_changed, session.view_changed, files.file_changed):
            signal.connect(self._changed)

    @property
    def folder(self) -> Path | None:
        """Where this window's state is; None while it is not kept."""
        return None if self._folder is None else self._folder.folder

    @property
    def is_kept(self) -> bool:
        """Whether the present state is on disk."""
        return self._folder is not None and self._same(self._kept)

    @property
    def is_refused(self) -> bool:
        """Whether the state should be kept and cannot be."""
        return self._root is not None and (self._folder is None or self._refused is not None)

    def others(self) -> tuple[KeptState, ...]:
        """States that were left by windows that are no more, the newest first; () while none is kept."""
        return () if self._root is None else kept_states(self._root)

    def start(self, root: Path, go_on: bool) -> KeptState | None:
        """Keep the state under `root` from now on: go on with the one that was left last, or begin a new one.

        A state whose windows ended badly twice in a row is not opened, and none is unless `go_on`. The state that was
        left, where it is not being opened.
        """
        self._root = root
        left = kept_states(root)
        if left and go_on and left[0].deaths < MOST_DEATHS:
            with contextlib.suppress(OSError):  # another window took it meanwhile
                self._folder = Folder(left[0].folder)
                self._awaited = self._session.document  # nothing is written over it before it is open
                self._open(left[0], at_start=True)
                return None
        self.begin_anew()
        self._kept = self._state()  # what every first start shows is not worth a word at the next
        return left[0] if left else None

    @property
    def is_opening(self) -> bool:
        """Whether the state that was left is still being opened at the start."""
        return self._awaited is not None

    def begin_anew(self) -> None:
        """The present state gets a folder of its own; what was kept before it is among the others then."""
        if self._root is None:
            return
        try:
            folder = new_slot(self._root)
        except OSError as error:
            self._tell_failure(error.strerror or str(error))
            return
        if self._awaited is None:
            self._keep()  # what is left is left as it is now
        self._leave()
        self._folder, self._kept = folder, None
        self._changed()

    def open(self, state: KeptState) -> None:
        """Go on with a state that was left, as a step of undo; it stays among the others until this one is kept."""
        self._open(state, at_start=False)

    def keep_now(self) -> None:
        """Begin to write the present state, where it is not written."""
        self._keep()

    def set_aside(self) -> None:
        """The next start offers this state and does not open it."""
        self._aside = True

    def close(self) -> None:
        """The window ends well."""
        self._timer.stop()
        self._leave()
        self._release_left()  # no thread writes any more

    def _leave(self) -> None:
        """Release the folder, where it is still being written to as soon as that is done."""
        folder, deaths = self._folder, MOST_DEATHS if self._aside else 0
        self._folder, self._awaited, self._aside = None, None, False
        if folder is not None and self._writing is not None and self._writing[0] is folder:
            self._left = folder, deaths
        elif folder is not None:
            folder.release(deaths)

    def _release_left(self) -> None:
        if self._left is not None:
            (folder, deaths), self._left = self._left, None
            folder.release(deaths)

    def _open(self, state: KeptState, at_start: bool) -> None:
        folder, budget = state.folder, self._opener.budget_bytes

        def read(reader: Reader) -> _Found:
            found = read_kept(folder)
            return (found, *open_kept(found, folder, budget, reader))

        def refused(why: Message) -> None:
            if at_start:
                self.begin_anew()
            self.failed.emit(why)

        self._opening.open(read, state.about, lambda found: self._show(at_start, *found), refused)

    @Slot()
    def _changed(self) -> None:
        if self._folder is None:
            return
        if self._awaited is not None:
            if self._session.document is not self._awaited:  # a person was quicker than the disk
                self.begin_anew()
            return
        if not self._timer.isActive() and not self._same(self._kept) and not self._same(self._refused):
            self._timer.start()

    def _state(self) -> State:
        path = self._files.path
        file = "" if path is None else str(path.resolve())
        return self._session.document, ViewState(**saved_view(self._session.view)), file, self._files.changed

    def _same(self, kept: State | None) -> bool:
        return kept is not None and kept[0] is self._session.document and kept[1:] == self._state()[1:]

    @Slot()
    def _keep(self) -> None:
        if self._writing is not None or self._folder is None or self._awaited is not None or self.is_kept:
            return  # `_written` looks again
        self._writing = self._folder, self._state()
        self._keeping.add(self._writing)

    def _not_written(self) -> None:
        """It was stopped, because the window closes."""
        if self._writing is not None:
            self._writing = None
            self._release_left()

    def _written(self, failure: Message | None) -> None:
        if self._writing is None:
            return
        (folder, state), self._writing = self._writing, None
        if folder is not self._folder:
            self._release_left()
        elif failure is None:
            self._kept, self._refused = state, None
            self.kept.emit()
        elif folder.folder.exists():
            self._tell_failure(failure)
            self._refused = state
        else:  # somebody has removed it under the window
            self._leave()
            self.begin_anew()
        self._changed()

    def _tell_failure(self, reason: object) -> None:
        if self._refused is None:
            self.failed.emit(
                message(QT_TRANSLATE_NOOP("model", "Your work is not being kept: {reason}"), reason=reason)
            )

    def _show(self, at_start: bool, found: KeptFile, document: Document, gone: ConvLabError | None) -> None:
        document = on_this_machine(document, self._session)
        if at_start and self._awaited is None:
            return  # the person has begun something else
        self._awaited = None
        if at_start:
            self._session.begin(document)
        else:
            label = message(QT_TRANSLATE_NOOP("model", "go on with {name}"), name=document.source.name)
            self._session.set_locks(frozenset())
            self._session.apply(lambda _: document, label)
        show_view(self._session, found.session.view)
        self._files.belongs_to(Path(found.file) if found.file else None, found.changed)
        self.opened.emit(gone)


def _write(what: tuple[Folder, State], _checkpoint: Checkpoint) -> None:
    folder, state = what
    folder.save(*state, _pause)


def _pause() -> None:
    QThread.usleep(PAUSE_US)
