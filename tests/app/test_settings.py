"""Promises of the settings: recent files newest first, vanished ones left out, broken stores do no harm."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSettings

from convlab.app.settings import Settings


def store(path: Path) -> QSettings:
    return QSettings(str(path / "settings.ini"), QSettings.Format.IniFormat)


def test_recent_files_are_newest_first_and_survive_a_restart(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    first = Settings(store(tmp_path))
    for name in ("a.png", "b.png", "a.png"):
        first.add_recent(str(tmp_path / name))
    first._store.sync()
    again = Settings(store(tmp_path))
    assert [Path(path).name for path in again.recent_files] == ["a.png", "b.png"]
    again.set_vanished([str(tmp_path / "a.png")])  # the disk is asked elsewhere
    assert [Path(path).name for path in again.recent_files] == ["b.png"]
    again.add_recent(str(tmp_path / "a.png"))
    assert [Path(path).name for path in again.recent_files] == ["a.png", "b.png"]


def test_a_path_that_is_no_utf_8_is_remembered(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 %41.png")
    first = Settings(store(tmp_path))
    first.add_recent(path)
    first.add_recent("/a/file with %20 & é.png")
    first._store.sync()
    assert Settings(store(tmp_path)).recent_files == ("/a/file with %20 & é.png", path)


def test_nonsense_in_the_store_is_as_nothing(tmp_path: Path) -> None:
    broken = store(tmp_path)
    broken.setValue("memory_budget", "plenty")
    broken.setValue("layout/geometry", 3)
    broken.setValue("folder/open", "/no/such/folder")
    broken.setValue("code_style", "poem")
    settings = Settings(broken)
    assert settings.memory_budget == 0
    assert settings.layout("geometry") is None
    assert settings.code_style == "sequential"
    assert settings.folder("open") == str(Path.home())
