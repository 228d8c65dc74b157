"""Which files a file dialog offers, by their endings: made from the register of input formats."""

from __future__ import annotations

from convlab.io.formats.register import suffixes
from convlab.model.lesson import SUFFIX as LESSON
from convlab.model.session_file import SUFFIX as SESSION


def all_patterns() -> str:
    """Of all that can be opened: pictures, signals, sessions and lessons."""
    return _patterns((*suffixes(), SESSION, LESSON))


def picture_patterns() -> str:
    """Of what can be stacked."""
    return _patterns(suffixes("picture"))


def _patterns(endings: tuple[str, ...]) -> str:
    """As Qt wants them: '*.png *.jpg'."""
    return " ".join(f"*{ending}" for ending in endings)
