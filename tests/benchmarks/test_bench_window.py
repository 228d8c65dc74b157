"""From an edit to painted pixels, in the real window drawn offscreen at 1600 × 1000.

.venv/bin/python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from convlab.app.workbench import Workbench
from convlab.model import edits
from convlab.model.message import message
from convlab.model.source import Source
from convlab.model.viewport import Viewport
from convlab.ui.main_window import MainWindow

LABEL = message("edit")


@pytest.fixture
def painted(window: MainWindow, workbench: Workbench) -> Callable[[Callable[[], None]], None]:
    """Run something that changes what is seen, and return once every tile is painted."""
    loop = QEventLoop()
    workbench.scheduler.rendered.connect(lambda: workbench.scheduler.settled and loop.quit())

    def run(change: Callable[[], None]) -> None:
        change()
        loop.exec()
        QApplication.processEvents()

    return run


def open_noise(window: MainWindow, megapixels: int, outputs: int, kernel: int) -> None:
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    pixels = np.random.default_rng(0).integers(0, 256, (width * 3 // 4, width, 3), np.uint8)
    session = window.workbench.session
    session.apply(lambda d: edits.set_source(d, Source("noise", pixels, ("R", "G", "B"), 255)), LABEL)
    session.apply(lambda d: edits.set_layer(d, out_channels=outputs, kernel_size=(kernel, kernel)), LABEL)
    window.resize(1600, 1000)


CASES = [(1, 6, 3), (12, 6, 3), (100, 6, 3), (12, 64, 3), (12, 6, 11)]


@pytest.mark.parametrize(("megapixels", "outputs", "kernel"), CASES)
def test_edit_to_painted(
    benchmark: BenchmarkFixture,
    window: MainWindow,
    painted: Callable[[Callable[[], None]], None],
    settle: Callable[[], None],
    megapixels: int,
    outputs: int,
    kernel: int,
) -> None:
    """One weight changes; all visible tiles, contributions, histogram and panels are up to date on screen."""
    session = window.workbench.session
    open_noise(window, megapixels, outputs, kernel)
    settle()
    values = iter(np.linspace(0.5, 5, 100_000))

    def edit() -> None:
        value = float(next(values))
        session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), value), LABEL, "drag")

    benchmark.pedantic(lambda: painted(edit), rounds=40, warmup_rounds=5)


def test_pan_100_megapixels(
    benchmark: BenchmarkFixture,
    window: MainWindow,
    painted: Callable[[Callable[[], None]], None],
    settle: Callable[[], None],
) -> None:
    """One step of a pan at 1 : 1."""
    session = window.workbench.session
    open_noise(window, 100, 6, 3)
    settle()
    places = iter(range(100_000))

    def pan() -> None:
        place = next(places)
        session.set_view(viewport=Viewport(3000 + 3 * place, 4000 + 5 * place, 1.0))

    benchmark.pedantic(lambda: painted(pan), rounds=40, warmup_rounds=5)
