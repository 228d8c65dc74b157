"""Every value of every kind of session replaced by what it should not be: used, or refused in a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from convlab.app.session import Session
from convlab.io.sessions import open_session
from convlab.model.edits import set_layer
from convlab.model.message import ConvLabError

VERSION1 = Path(__file__).parents[1] / "fixtures" / "version1"
SESSIONS = sorted(path.name for path in VERSION1.glob("*.convlab"))
VALUES = (-1, 7, 10**400, None, "", [9, 1])
GONE = object()
DEEPEST = 3


def places(value: object, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values are; of long or deep lists the first two."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*place, key)
        if len(place) < DEEPEST:
            yield from places(each, (*place, key))


def mutated(data: dict[str, Any], place: tuple[Any, ...], value: object) -> dict[str, Any]:
    changed = deepcopy(data)
    holder: Any = changed
    for key in place[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return changed


def use(path: Path) -> None:
    """Open it as the window does."""
    document, view = open_session(path)
    session = Session(set_layer(document, device="cpu"))
    names = ("viewport", "chosen_output", "chosen_input", "display", "pinned", "depth", "watched_layer")
    session.set_view(**{name: getattr(view, name) for name in names})
    assert session.maps.output_size is not None


@pytest.mark.parametrize("name", SESSIONS)
def test_each_value_replaced_is_used_or_refused(tmp_path: Path, name: str) -> None:
    data = json.loads((VERSION1 / name).read_text())
    if "path" in data["input"]:
        data["input"] |= {"path": str(VERSION1 / Path(data["input"]["path"]).name), "relative": ""}
    path, said = tmp_path / "a.convlab", list[str]()
    for place in places(data):
        for value in (*VALUES, GONE):
            path.write_text(json.dumps(mutated(data, place, value)))
            try:
                use(path)
            except ConvLabError as error:
                said.append(str(error))
    assert len(said) > 50
    assert all("\n" not in text and len(text) < 1000 for text in said)
