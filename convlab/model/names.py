"""Endings of files' names, put on and taken off."""

from __future__ import annotations

from pathlib import Path


def with_ending(path: Path, ending: str) -> Path:
    """The path with `ending` added unless its name has it, in any case; dots in a name are part of it."""
    return path if not path.name or path.name.lower().endswith(ending) else path.with_name(path.name + ending)


def without_ending(path: Path, ending: str) -> Path:
    """The path without `ending`, where its name has it and is more than that."""
    name = path.name
    return path.with_name(name[: -len(ending)]) if name.lower().endswith(ending) and len(name) > len(ending) else path
