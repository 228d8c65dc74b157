"""The formats as lines for help, and for README: (name, what it is)."""

from __future__ import annotations

from convlab.export import register as exports
from convlab.io.formats import register as inputs
from convlab.io.formats.format import InputFormat


def read_formats() -> list[tuple[str, str]]:
    """Those of inputs."""
    return [(each.name, f"{', '.join(each.suffixes)}: {_about(each)}") for each in inputs.formats()]


def written_formats() -> list[tuple[str, str]]:
    """Those of results."""
    return [(each.name, f"{each.title}: {each.about}") for each in exports.formats()]


def _about(format: InputFormat) -> str:
    return f"{format.about}, several frames" if format.frames else format.about
