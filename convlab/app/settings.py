"""What is remembered between runs: recent files, folders, the window's layout."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, QStandardPaths, Signal

MAX_RECENT = 10


class Settings(QObject):
    """A typed face of QSettings. recent_changed() follows a change of the recent files."""

    recent_changed = Signal()

    def __init__(self, store: QSettings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store or QSettings("ConvLab", "ConvLab")

    @property
    def recent_files(self) -> tuple[str, ...]:
        """Paths opened last, newest first; those that have vanished are left out."""
        return tuple(path for path in self._paths() if Path(path).exists())

    def add_recent(self, path: str) -> None:
        """Put `path` first."""
        path = str(Path(path).resolve())
        paths = [path, *(other for other in self._paths() if other != path)]
        self._store.setValue("recent", paths[:MAX_RECENT])
        self.recent_changed.emit()

    def forget_recent(self, path: str) -> None:
        """Take one out."""
        self._store.setValue("recent", [other for other in self._paths() if other != path])
        self.recent_changed.emit()

    def clear_recent(self) -> None:
        """Forget them all."""
        self._store.remove("recent")
        self.recent_changed.emit()

    def folder(self, purpose: str) -> str:
        """The folder last used for 'open' or 'save'; the home folder at first."""
        value = self._store.value(f"folder/{purpose}", "")
        return str(value) if value and Path(str(value)).is_dir() else str(Path.home())

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
    def memory_budget(self) -> int:
        """Bytes that an opened photo may decode to; 0 when the default holds."""
        return self._whole_number("memory_budget")

    def set_memory_budget(self, count: int) -> None:
        """Change it."""
        self._store.setValue("memory_budget", count)

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
            return [value]
        return [str(path) for path in value] if isinstance(value, list) else []

    def _whole_number(self, key: str) -> int:
        try:
            return max(0, int(str(self._store.value(key, 0))))
        except ValueError:
            return 0
