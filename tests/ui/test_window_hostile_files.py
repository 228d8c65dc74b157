"""Mutated sessions and lessons in the real window: opened and drawn, or refused in one sentence."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from convlab.ui.main_window import MainWindow

FIXTURES = Path(__file__).parents[1] / "fixtures"
VERSION1 = FIXTURES / "version1"
SESSIONS = sorted(path.name for path in VERSION1.glob("*.convlab"))
LESSONS = sorted(str(path.relative_to(VERSION1)) for path in VERSION1.glob("*.json"))
NUMBERS = (-1, 0, 1, 2, 3, 7, 512, 2**31 - 1, 2**63, 10**30, 10**400, -0.0, 1e-320, 0.5, 3.4e38, -3.4e38, 1e300)
OTHERS = (
    None,
    True,
    False,
    "",
    "\n",
    " ",
    "<b>x</b>",
    "same",
    "\u202e",
    "\ud800",
    [],
    {},
    [0],
    [1, 2],
    [[1]],
    [1e38, -1e38],
)


def open_and_draw(qtbot: QtBot, window: MainWindow, path: Path) -> str:
    """What the window says once the file is open and drawn, or refused; "" where it says nothing."""
    bench = window.workbench
    window.messages.hide()
    ended: list[object] = []
    bench.opening.ended.connect(lambda: ended.append(True))
    window.open_path(str(path))
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)
    bench.opening.ended.disconnect()
    qtbot.waitUntil(lambda: bench.scheduler.settled, timeout=30_000)
    return window.messages.text if window.messages.isVisible() else ""


def mutate(data: st.DataObject, value: dict[str, Any]) -> None:
    """Another value somewhere, or something away."""
    holder: Any = value
    key: Any = data.draw(st.sampled_from(sorted(value)))
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.integers(0, 4)):
        holder = holder[key]
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
    if data.draw(st.integers(0, 9)) == 0:
        del holder[key]
    else:
        holder[key] = deepcopy(data.draw(st.sampled_from((*NUMBERS, *OTHERS))))


def check(said: str) -> None:
    assert "went wrong inside" not in said
    assert "\n" not in said
    assert len(said) < 1000


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(SESSIONS))
def test_a_mutated_session_is_drawn_or_refused(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, data: st.DataObject, name: str
) -> None:
    value = json.loads((VERSION1 / name).read_text())
    if "path" in value["input"]:
        value["input"] |= {"path": str(VERSION1 / Path(value["input"]["path"]).name), "relative": ""}
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(data, value)
    path = tmp_path / "a.convlab"
    path.write_text(json.dumps(value))
    check(open_and_draw(qtbot, window, path))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), name=st.sampled_from(LESSONS))
def test_a_mutated_lesson_is_drawn_or_refused(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, data: st.DataObject, name: str
) -> None:
    value = json.loads((VERSION1 / name).read_text())
    mutate(data, value)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))
    check(open_and_draw(qtbot, window, path))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("one-number-range.convlab", "“shown_range” must be two numbers"),
        ("kernels-not-divisible.json", "groups 6 must divide in_channels 1 and out_channels 7"),
    ],
)
def test_the_cases_are_refused_with_their_reason(qtbot: QtBot, window: MainWindow, name: str, said: str) -> None:
    assert said in open_and_draw(qtbot, window, FIXTURES / "cases" / name)
