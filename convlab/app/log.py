"""The program's log: what went wrong unexpectedly, and where a crash inside a C library happened."""

from __future__ import annotations

import faulthandler
import logging
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from platformdirs import user_log_path

MOST_BYTES = 1_000_000
"""A larger log is set aside at the next start, in place of the one set aside before."""
SHOWN_BYTES = 200_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_crashes: TextIO | None = None
"""Kept open: faulthandler writes to its descriptor while the program dies."""


def log_path() -> Path:
    """The file, in the platform's own place for logs."""
    return user_log_path("ConvLab", appauthor=False) / "convlab.log"


def start_log(path: Path | None = None) -> Path | None:
    """From now on warnings, unexpected exceptions and crashes are written there; None where no file can be."""
    global _crashes
    path = path or log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
        _crashes = open(path, "a", encoding="utf-8")  # noqa: SIM115  (stays open until the process ends)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.getLogger().addHandler(handler)
    faulthandler.enable(_crashes)
    about = f"ConvLab {version('convlab')}, Python {platform.python_version()}, {platform.platform()}"
    logging.getLogger(__name__).warning("start: %s", about)
    return path


def read_log(path: Path | None = None) -> str:
    """The end of the log; '' where there is none."""
    path = path or log_path()
    try:
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - SHOWN_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
