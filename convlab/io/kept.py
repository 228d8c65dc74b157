"""States that the program keeps by itself: a folder for each window, its state written whole or not at all.

A slot's folder holds `state.json`, a line `about` it, the pixels of an input that is in no file (written once, named by
their hash), `lock`, which its window holds while it lives, and `deaths`: how often in a row a window with this state
has not ended well.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from platformdirs import user_state_path

from convlab.io.json_text import json_pieces
from convlab.io.reader import HERE, Reader
from convlab.io.regular import chunks_of
from convlab.io.saving import saving, sweep_strays
from convlab.io.sessions import open_input, where_of
from convlab.model.document import Document
from convlab.model.input_file import stored_pixels
from convlab.model.kept_file import MOST, KeptFile, kept_data, parse_kept
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.session_file import session_document, session_layer
from convlab.model.view import ViewState

STATE, ABOUT, LOCK, DEATHS = "state.json", "about", "lock", "deaths"
EMPTY_SIDE = 64
"""Of the black square that layers are on whose input is gone."""
MOST_SLOTS = 10
"""Older states of windows that are no more are forgotten."""


@dataclass(frozen=True, slots=True)
class KeptState:
    """A state on disk that no window holds: its folder, when it was written (seconds), and the rest as above."""

    folder: Path
    when: float
    deaths: int
    about: str


def kept_folder() -> Path:
    """Where they are, in the platform's own place for a program's state."""
    return user_state_path("ConvLab", appauthor=False) / "states"


def kept_states(root: Path) -> tuple[KeptState, ...]:
    """Those that no window holds, the newest first."""
    found = []
    for folder in _folders(root):
        with contextlib.suppress(OSError):
            when = (folder / STATE).stat().st_mtime
            if not _is_held(folder):
                found.append(KeptState(folder, when, _deaths(folder), _about(folder)))
    return tuple(sorted(found, key=lambda state: -state.when))


def forget_state(state: KeptState) -> None:
    """Remove one that no window holds."""
    if not _is_held(state.folder):
        shutil.rmtree(state.folder, ignore_errors=True)


class Slot:
    """A folder that this window alone writes to, until `release`."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where it cannot be made or another window holds it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise BlockingIOError(f"{folder} is held by another window") from error
        sweep_strays(folder)
        self.deaths = _deaths(folder)
        self._set_deaths(self.deaths + 1)

    def save(self, document: Document, view: ViewState, file: str, changed: bool, pause: Callable[[], None]) -> None:
        """Write a state; `pause` is called between its parts. ConvLabError where that fails; the older one stays.

        file, changed: the session's file that it belongs to ('' for none), and whether it differs from it.
        """
        path = self.folder / STATE
        where = where_of(document.source, path) or self._pixels_file(document)
        data = kept_data(document, view, where, file, changed)
        with saving(path) as target:
            for piece in json_pieces(data):
                target.write(piece.encode())
                if len(piece) > 1000:
                    pause()
        about = f"{document.source.name}, {document.conv.spec.kind}"
        with contextlib.suppress(OSError):  # the state is safe by now
            (self.folder / ABOUT).write_text(about[:200], encoding="utf-8", errors="replace")
            for old in self.folder.glob("pixels-*.npy"):
                if old.name != where:
                    old.unlink(missing_ok=True)

    def _pixels_file(self, document: Document) -> str:
        pixels = stored_pixels(document.source)
        name = f"pixels-{hashlib.sha256(pixels.data).hexdigest()[:32]}-{pixels.dtype}.npy"
        if not (self.folder / name).exists():
            with saving(self.folder / name) as file:
                np.lib.format.write_array(file, pixels, allow_pickle=False)
        return name

    def release(self, deaths: int = 0) -> None:
        """Leave the folder to others, with this count; without a state in it, it goes."""
        with contextlib.suppress(OSError):
            self._set_deaths(deaths)
            if not (self.folder / STATE).exists():
                shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()

    def _set_deaths(self, count: int) -> None:
        (self.folder / DEATHS).write_text(str(count), encoding="ascii")


def new_slot(root: Path) -> Slot:
    """A folder of one's own without a state; OSError where none can be made."""
    root.mkdir(parents=True, exist_ok=True)
    for old in kept_states(root)[MOST_SLOTS - 1 :]:
        forget_state(old)
    for number in range(1, 1000):
        folder = root / str(number)
        if not (folder / STATE).exists():
            with contextlib.suppress(BlockingIOError):
                return Slot(folder)
    raise OSError(f"no free folder in {root}")


def read_kept(folder: Path) -> KeptFile:
    """A slot's state as read; ConvLabError where there is none, or none that can be read."""
    try:
        return parse_kept(chunks_of(folder / STATE, MOST.file))
    except OSError as error:
        text = QT_TRANSLATE_NOOP("model", "What was kept cannot be read: {reason}.")
        raise ConvLabError(message(text, reason=error.strerror or type(error).__name__)) from error


def open_kept(
    found: KeptFile, folder: Path, budget_bytes: int, reader: Reader = HERE
) -> tuple[Document, ConvLabError | None]:
    """The state with its input; where that is gone the layers are on an empty picture, and why."""
    try:
        source = open_input(found.session.input, folder / STATE, budget_bytes, reader)
        return session_document(found.session, source), None
    except (OSError, ValueError) as error:
        reason = ConvLabError(message(QT_TRANSLATE_NOOP("model", "The input's kept pixels cannot be read.")))
        reason.__cause__ = error
    except ConvLabError as error:
        reason = error
    return session_layer(found.session, EMPTY_SIDE), reason


def _folders(root: Path) -> list[Path]:
    try:
        return [path for path in root.iterdir() if path.name.isdigit() and path.is_dir()]
    except OSError:
        return []


def _is_held(folder: Path) -> bool:
    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _about(folder: Path) -> str:
    try:
        return (folder / ABOUT).read_text(encoding="utf-8", errors="replace")[:200]
    except OSError:
        return ""


def _deaths(folder: Path) -> int:
    try:
        text = (folder / DEATHS).read_text(encoding="ascii")[:9]
    except (OSError, ValueError):
        return 0
    return int(text) if text.isdigit() else 0
