"""The input formats, in the order in which they are named. A new one is its description with its reader, and a line."""

from __future__ import annotations

from pathlib import PurePath

from convlab.io.formats import pictures, signals
from convlab.io.formats.format import Holds, InputFormat

FORMATS: tuple[InputFormat, ...] = (
    pictures.PNG,
    pictures.JPEG,
    pictures.TIFF,
    pictures.WEBP,
    pictures.BMP,
    pictures.GIF,
    signals.WAV,
    signals.CSV,
)
HEAD = 32
"""Bytes of a file that are looked at to tell its format."""


def formats(holds: Holds | None = None) -> tuple[InputFormat, ...]:
    """Those that hold pictures or signals, or all."""
    return tuple(each for each in FORMATS if holds in (None, each.holds))


def names(holds: Holds | None = None) -> tuple[str, ...]:
    """How they are called."""
    return tuple(each.name for each in formats(holds))


def suffixes(holds: Holds | None = None) -> tuple[str, ...]:
    """The endings of their files' names."""
    return tuple(suffix for each in formats(holds) for suffix in each.suffixes)


def told_by_name(name: str, holds: Holds | None = None) -> InputFormat | None:
    """The format that a file of this name has, where its name tells: of those without a start of their own."""
    suffix = PurePath(name).suffix.lower()
    return next((each for each in formats(holds) if each.start is None and suffix in each.suffixes), None)


def told(name: str, head: bytes, holds: Holds | None = None) -> InputFormat | None:
    """The format of a file, by its name or by its first bytes; None where it is none of these."""
    by_start = (each for each in formats(holds) if each.start is not None and each.start.match(head))
    return told_by_name(name, holds) or next(by_start, None)
