"""What is remembered between runs: recent files, folders, the window's layout."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from PySide6.QtCore import QByteArray, QObject, QSettings, QStandardPaths, Signal

from convlab.model.stack_code import CODE_STYLES, CodeStyle

MAX_RECENT = 10


class Settings(QObject):
    """A typed face of QSettings. recent_changed() follows a change of the recent files."""

    recent_changed = Signal()

    def __init__(self, store: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._vanished: set[str] = set()
        self._store = store or QSettings("ConvLab", "ConvLab")

    @property
    def recent_files(self) -> tuple[str, ...]:
        """Paths opened last, newest first, but those that are known to have vanished.

        Nothing here asks the disk: on a share that is gone the answer never comes.
        """
        return tuple(path for path in self._paths() if path not in self._vanished)

    def add_recent(self, path: str) -> None:
        """Put `path` first."""
        path = os.path.abspath(path)
        paths = [path, *(other for other in self._paths() if other != path)]
        self._vanished -= {path}
        self._keep_recent(paths[:MAX_RECENT])

    def set_vanished(self, paths: Collection[str]) -> None:
        """What somebody found to be gone."""
        if self._vanished != set(paths):
            self._vanished = set(paths)
            self.recent_changed.emit()

    def forget_recent(self, path: str) -> None:
        """Take one out."""
        self._keep_recent([other for other in self._paths() if other != path])

    def clear_recent(self) -> None:
        """Forget them all."""
        self._store.remove("recent")
        self.recent_changed.emit()

    def folder(self, purpose: str) -> str:
        """The folder last used for 'open' or 'save'; the home folder at first."""
        value = self.folder_unasked(purpose)
        return value if os.path.isdir(value) else str(Path.home())

    def folder_unasked(self, purpose: str) -> str:
        """The same, though it may be gone: the disk is not asked. "" at first."""
        return str(self._store.value(f"folder/{purpose}", "") or "")

    def set_folder(self, purpose: str, folder: str) -> None:
        """Remember the folder."""
        self._store.setValue(f"folder/{purpose}", folder)

    @property
    def lessons_folder(self) -> Path:
        """Where the person's own lessons are: 'ConvLab lessons' among the documents, unless another was chosen."""
        chosen = str(self._store.value("lessons_folder", "") or "")
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(chosen) if chosen else Path(documents or Path.home()) / "ConvLab lessons"

    def set_lessons_folder(self, folder: str) -> None:
        """Choose another."""
        self._store.setValue("lessons_folder", folder)

    @property
    def cache_bytes(self) -> int:
        """What the engine keeps of samples and maps at most: 1 GB unless the settings' file says otherwise, in MB."""
        value = str(self._store.value("cache_mb", "") or "")
        return (int(value) if value.isdecimal() else 1000) * 1_000_000

    @property
    def memory_budget(self) -> int:
        """Bytes that an opened photo may decode to; 0 when the default holds."""
        return self._whole_number("memory_budget")

    def set_memory_budget(self, count: int) -> None:
        """Change it."""
        self._store.setValue("memory_budget", count)

    @property
    def code_style(self) -> CodeStyle:
        """How the PyTorch code of several layers is written."""
        kept = str(self._store.value("code_style", "") or "")
        return next((style for style in CODE_STYLES if style == kept), CODE_STYLES[0])

    def set_code_style(self, style: CodeStyle) -> None:
        """Remember it."""
        self._store.setValue("code_style", style)

    def layout(self, name: str) -> QByteArray | None:
        """A window's saved geometry or state."""
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def set_layout(self, name: str, value: QByteArray) -> None:
        """Remember it."""
        self._store.setValue(f"layout/{name}", value)

    def forget_layout(self) -> None:
        """The next start has the layout of the first."""
        self._store.remove("layout")

    def _paths(self) -> list[str]:
        value = self._store.value("recent", [])
        if isinstance(value, str):  # QSettings gives a list of one back as a string
            return [_path(value)]
        return [_path(str(path)) for path in value] if isinstance(value, list) else []

    def _keep_recent(self, paths: list[str]) -> None:
        self._store.setValue("recent", [_stored(path) for path in paths])
        self.recent_changed.emit()

    def _whole_number(self, key: str) -> int:
        try:
            return max(0, int(str(self._store.value(key, 0))))
        except ValueError:
            return 0


_SCHEME = "file://"


def _stored(path: str) -> str:
    """A path as text that Qt keeps: one that is no UTF-8 as a file's URL, which an absolute path never looks like."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return _SCHEME + quote_from_bytes(os.fsencode(path))
    return path


def _path(stored: str) -> str:
    return os.fsdecode(unquote_to_bytes(stored[len(_SCHEME) :])) if stored.startswith(_SCHEME) else stored
