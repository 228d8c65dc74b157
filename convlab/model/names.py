"""Names of files: what is left of one without its kind, and the ending that a kind has."""

from __future__ import annotations

from pathlib import Path, PurePath

PHOTO_SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".tif", ".tiff", ".webp", ".bmp", ".gif")
"""For a file dialog; reading goes by content."""
SIGNAL_SUFFIXES = (".wav", ".csv", ".tsv")
_SUFFIXES = (*PHOTO_SUFFIXES, *SIGNAL_SUFFIXES, ".npy", ".convlab", ".json")


def stem_of(path: str) -> str:
    """The file's name without the ending of a kind that ConvLab knows: 'scan.001' of scan.001.png and of scan.001."""
    name = PurePath(path).name
    suffix = next((suffix for suffix in _SUFFIXES if name.lower().endswith(suffix) and name.lower() != suffix), "")
    return name[: len(name) - len(suffix)]


def with_ending(path: Path, ending: str) -> Path:
    """The path with `ending` added unless its name has it, in any case; dots in a name are part of it."""
    return path if not path.name or path.name.lower().endswith(ending) else path.with_name(path.name + ending)


def without_ending(path: Path, ending: str) -> Path:
    """The path without `ending`, where its name has it and is more than that."""
    name = path.name
    return path.with_name(name[: -len(ending)]) if name.lower().endswith(ending) and len(name) > len(ending) else path
