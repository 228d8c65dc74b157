"""The real window at 1600 × 1000, drawn offscreen: from an edit to painted pixels."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTemporaryDir, QTimer
from PySide6.QtWidgets import QApplication

from convlab.app.compute import Compute
from convlab.app.session import Session
from convlab.app.settings import Settings
from convlab.app.tiles import RenderResult
from convlab.app.workbench import Workbench
from convlab.app.worker import Checkpoint
from convlab.bench.noise import noise_photo
from convlab.bench.rows import Row, limit_row, timed_row
from convlab.bench.stopwatch.heartbeat import Heartbeat
from convlab.model import edits, opening, stack_edits
from convlab.model.document import Document
from convlab.model.layers.pointwise import Pointwise
from convlab.model.message import message
from convlab.model.viewport import Viewport
from convlab.ui.application import application
from convlab.ui.main_window import MainWindow

SIZE = (1600, 1000)
ROUNDS, WARM_UP = 100, 10
EDITS, DRAG_S = 200, 2.0
LABEL = message("benchmark")


class LiveWindow:
    """A window to measure; `close` it."""

    def __init__(self) -> None:
        self.app = application("light")
        self._folder = QTemporaryDir()
        settings = Settings(QSettings(self._folder.filePath("bench.ini"), QSettings.Format.IniFormat))
        self.bench = Workbench(settings=settings)
        self.window = MainWindow(self.bench)
        self.window.resize(*SIZE)
        self.last: RenderResult | None = None
        self._loop = QEventLoop()
        self.bench.scheduler.rendered.connect(self._rendered)
        self._until: Callable[[], bool] = lambda: self.bench.scheduler.settled
        self.window.show()
        self.bench.scheduler.start_engine()
        self._wait()

    def open_noise(self, megapixels: float, outputs: int = 6, kernel: int = 3) -> None:
        """A photo of noise under a layer, refined."""
        session = self.bench.session
        photo = noise_photo(megapixels)

        def change() -> None:
            session.apply(lambda d: opening.set_source(d, photo), LABEL)
            session.apply(lambda d: edits.set_layer(d, out_channels=outputs, kernel_size=(kernel, kernel)), LABEL)
            session.set_view(viewport=None)

        self.painted(change)
        self.rest()

    def painted(self, change: Callable[[], None]) -> float:
        """Seconds from `change` until every tile that is seen is painted anew."""
        start = perf_counter()
        change()
        self._wait()
        QApplication.processEvents()
        return perf_counter() - start

    def edit(self, value: float) -> None:
        """Set one weight."""
        self.bench.session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), value), LABEL, "drag")

    def rest(self) -> None:
        """Wait for the refinement."""
        scheduler = self.bench.scheduler
        if not scheduler.refined:
            self._until = lambda: scheduler.refined
            self._loop.exec()
            self._until = lambda: scheduler.settled

    def close(self) -> None:
        """End the threads."""
        self.window.close()
        self.bench.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, 52)  # DeferredDelete

    def _wait(self) -> None:
        self._loop.exec()

    def _rendered(self, result: RenderResult) -> None:
        self.last = result
        if self._until():
            self._loop.quit()


def live_rows() -> Iterator[Row]:
    """Edits at several sizes, one step of a pan and of a zoom."""
    live = LiveWindow()
    edited: dict[float, list[float]] = {}
    for megapixels in (1, 12, 100):
        live.open_noise(megapixels)
        edited[megapixels] = _edits(live)
        bars = (10, 20) if megapixels == 12 else (None, None)
        yield timed_row("live", f"edit → painted, 3→6, 3×3, {megapixels} MP", edited[megapixels], *bars)
    ratio = median(edited[100]) / median(edited[1])
    yield limit_row("live", "the same, 100 MP over 1 MP", ratio, "×", 1.2)
    yield timed_row("live", "one step of a pan at 1 : 1, 100 MP", _views(live, _pan), 16)
    yield timed_row("live", "one step of a zoom, 100 MP", _views(live, _zoom), 16)
    live.open_noise(12, outputs=64)
    yield timed_row("live", "edit → painted, 3→64, 3×3, 12 MP", _edits(live), 20)
    live.open_noise(12, kernel=11)
    yield timed_row("live", "edit → painted, 3→6, 11×11, 12 MP", _edits(live), 20)
    yield from _stack_rows(live)
    live.close()


def _stack_rows(live: LiveWindow) -> Iterator[Row]:
    """3→16→16→8, 3×3, ReLU between: the last layer's maps while a weight of the first, or of the last, changes."""
    live.open_noise(12, outputs=16)
    session = live.bench.session
    live.painted(lambda: session.apply(_three_layers, LABEL))
    what = "edit → painted, 3→16→16→8, 12 MP"
    for name, view in (("1 : 1", Viewport(1500, 2000, 1.0)), ("fit", None)):
        bar = 33 if view is not None else None
        for place, layer in ((0, "first"), (4, "last")):
            live.painted(partial(_look_at_last, session, place, view))
            live.rest()
            yield timed_row("live", f"{what}, {name}, {layer} layer", _edits(live), bar)


def _look_at_last(session: Session, place: int, view: Viewport | None) -> None:
    """Edit the layer at `place` with the last one's maps in sight."""
    session.choose_layer(place)
    session.set_view(viewport=view, watched_layer=4)


def _three_layers(document: Document) -> Document:
    """Two more convolutions after the present one, ReLU between."""
    for place, layer in ((1, Pointwise("relu")), (2, None), (3, Pointwise("relu")), (4, None)):
        document = stack_edits.add_layer(document, layer, place)
    middle = document.with_layers(document.layers, 2)
    document = edits.set_layer(middle, out_channels=16)
    return document.with_layers(document.layers, 4)


def _edits(live: LiveWindow) -> list[float]:
    return [live.painted(lambda n=n: live.edit(0.5 + n / 100)) for n in range(WARM_UP + ROUNDS)][WARM_UP:]  # type: ignore[misc]  # mypy cannot type a lambda's default


def _views(live: LiveWindow, view: Callable[[int], Viewport]) -> list[float]:
    session = live.bench.session
    steps = range(WARM_UP + ROUNDS)
    return [live.painted(lambda n=n: session.set_view(viewport=view(n))) for n in steps][WARM_UP:]  # type: ignore[misc]  # as above


def _pan(number: int) -> Viewport:
    return Viewport(3000 + 3 * number, 4000 + 5 * number, 1.0)


def _zoom(number: int) -> Viewport:
    """A wheel that goes out of the photo and in again, a step each."""
    place = abs(number % 40 - 20)
    return Viewport(4000, 5500, 1.25 ** (place - 14))


def drag_rows() -> Iterator[Row]:
    """200 edits in 2 seconds at 100 megapixels."""
    live = LiveWindow()
    live.open_noise(100)
    drag(live)
    before = memory_mb("VmRSS")
    longest = drag(live)
    after = memory_mb("VmRSS")
    yield limit_row("drag", "200 edits in 2 s, 100 MP: longest pause of the window", longest * 1000, "ms", 16)
    if before is not None and after is not None:
        yield limit_row("drag", "memory after such a drag over before", after - before, "MB", 16)
    yield Row("drag", "the last edit's maps are those of a fresh start", float(last_is_right(live)), "", holds=True)
    live.close()


def drag(live: LiveWindow) -> float:
    """Drag a weight; the longest pause of the GUI thread in seconds."""
    QApplication.processEvents()
    heart, loop = Heartbeat(), QEventLoop()
    values = iter(np.linspace(0, 2, EDITS))

    def edit() -> None:
        value = next(values, None)
        if value is None:
            timer.stop()
            loop.quit()
        else:
            live.edit(float(value))

    timer = QTimer(interval=int(DRAG_S / EDITS * 1000), timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(edit)
    timer.start()
    loop.exec()
    heart.stop()
    live.rest()
    return heart.longest


def last_is_right(live: LiveWindow) -> bool:
    """Whether what is shown is what a fresh start shows; RuntimeError when it is not."""
    assert live.last is not None
    fresh = Compute().refine(live.last.request, Checkpoint(lambda: None))
    for key, tile in fresh.tiles.items():
        if not np.array_equal(tile.pixels, live.last.tiles[key].pixels):
            raise RuntimeError(f"{key} is not what a fresh start shows")
    return True


def memory_mb(name: str) -> float | None:
    """This process's memory in MB by its name in /proc/self/status; None elsewhere than on Linux."""
    if not os.path.exists("/proc/self/status"):
        return None
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None
