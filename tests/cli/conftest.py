"""A photo, a folder for results, and the command line as a call."""

from __future__ import annotations

from pathlib import Path

import pytest
from photo_files import Run, save_photo

from convlab.__main__ import main


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    save_photo(path)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def apply(out: Path) -> Run:
    """apply(photo, …, option, …): the exit status of `convlab apply` into `out`."""

    def run(*arguments: object) -> int:
        return main(["apply", *map(str, arguments), "--out", str(out)])

    return run
