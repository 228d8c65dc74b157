"""Any file that can be an input: a picture, or by its suffix a signal."""

from __future__ import annotations

from pathlib import Path

from convlab.io.photos import DEFAULT_BUDGET, read_photo
from convlab.io.signals import SUFFIXES, read_signal
from convlab.model.source import Source


def read_input(path: str, frame: int = 0, budget_bytes: int = DEFAULT_BUDGET) -> Source:
    """The file's source; frame counts from 0, of a picture with several. ConvLabError says why it was not opened."""
    if Path(path).suffix.lower() in SUFFIXES:
        return read_signal(path)
    return read_photo(path, frame, budget_bytes)
