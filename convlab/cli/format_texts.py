"""The formats as lines for help: (name, what it is)."""

from __future__ import annotations

from convlab.export import register as exports


def written_formats() -> list[tuple[str, str]]:
    """Those of results."""
    return [(each.name, f"{each.title}: {each.about}") for each in exports.formats()]
