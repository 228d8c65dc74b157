"""From an edit to painted pixels, in the real window drawn offscreen at 1600 × 1000.

.venv/bin/python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from convlab.bench.live import LiveWindow, drag, last_is_right
from convlab.model.viewport import Viewport

CASES = [(1, 6, 3), (12, 6, 3), (100, 6, 3), (12, 64, 3), (12, 6, 11)]


@pytest.fixture
def live(qtbot: QtBot) -> Iterator[LiveWindow]:
    window = LiveWindow()
    yield window
    window.close()


@pytest.mark.parametrize(("megapixels", "outputs", "kernel"), CASES)
def test_edit_to_painted(
    benchmark: BenchmarkFixture, live: LiveWindow, megapixels: int, outputs: int, kernel: int
) -> None:
    """One weight changes; all visible tiles, contributions, histogram and panels are up to date on screen."""
    live.open_noise(megapixels, outputs, kernel)
    values = iter(range(100_000))
    benchmark.pedantic(lambda: live.painted(lambda: live.edit(0.5 + next(values) / 100)), rounds=40, warmup_rounds=5)


def test_pan_100_megapixels(benchmark: BenchmarkFixture, live: LiveWindow) -> None:
    """One step of a pan at 1 : 1."""
    live.open_noise(100)
    places = iter(range(100_000))

    def pan() -> None:
        place = next(places)
        live.bench.session.set_view(viewport=Viewport(3000 + 3 * place, 4000 + 5 * place, 1.0))

    benchmark.pedantic(lambda: live.painted(pan), rounds=40, warmup_rounds=5)


def test_rest_100_megapixels(benchmark: BenchmarkFixture, live: LiveWindow) -> None:
    """From an edit to the refined tiles: the 120 ms of rest, then every pixel of the edited map."""
    live.open_noise(100)
    values = iter(range(100_000))

    def edited() -> None:
        live.painted(lambda: live.edit(0.5 + next(values) / 100))
        live.rest()

    benchmark.pedantic(edited, rounds=5, warmup_rounds=1)


def test_drag_of_200_edits_in_2_seconds(benchmark: BenchmarkFixture, live: LiveWindow) -> None:
    """extra_info has the longest pause of the GUI thread in milliseconds; the last edit's maps are right."""
    live.open_noise(100)
    pauses = []
    benchmark.pedantic(lambda: pauses.append(drag(live)), rounds=3, warmup_rounds=1)
    benchmark.extra_info["longest pause, ms"] = max(pauses[1:]) * 1000
    assert last_is_right(live)
