"""Guards: a test that leaves a thread, timer or window behind fails and says which."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from convlab.app.workbench import Workbench
    from convlab.ui.main_window import MainWindow

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
hypothesis_settings.register_profile("untimed", deadline=None)  # speed is for the benchmarks
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def modules_set_apart() -> None:
    """What modules hold stays for good: looked through after every test it takes longer than most tests."""
    import torch  # noqa: F401  (and what it brings)

    import convlab.engine.evaluate
    import convlab.ui.main_window  # noqa: F401

    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a Qt test: no window, no running QThread or active QTimer without parent, no new Python thread."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QApplication

    request.getfixturevalue("qapp")
    request.getfixturevalue("modules_set_apart")
    threads_before = set(threading.enumerate())
    yield
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    QApplication.processEvents()
    gc.collect()
    objects = [o for o in gc.get_objects() if issubclass(type(o), (QThread, QTimer))]  # no __class__ tricks
    threads = [t.objectName() for t in objects if isinstance(t, QThread) and _alive(t) and t.isRunning()]
    alive = [t for t in objects if isinstance(t, QTimer) and _alive(t) and t.isActive()]
    timers = [f"every {t.interval()} ms, of {type(t.parent()).__name__}" for t in alive]
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    started = [t for t in threading.enumerate() if t not in threads_before and not t.daemon]
    assert not threads, f"threads still run: {threads}"
    assert not timers, f"timers still run: {timers}"
    assert not windows, f"windows still open: {windows}"
    assert not started, f"Python threads still run: {started}"


@pytest.fixture(autouse=True)
def no_question_without_an_answer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message box that a test does not expect fails it, instead of waiting for ever."""
    if "qtbot" not in request.fixturenames:
        return
    from PySide6.QtWidgets import QMessageBox

    def unexpected(box: QMessageBox) -> int:
        raise AssertionError(f"nobody answers “{box.text()}”")

    monkeypatch.setattr(QMessageBox, "exec", unexpected)


@pytest.fixture
def discard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is asked whether to save the changes of a session says no."""
    from PySide6.QtWidgets import QMessageBox

    monkeypatch.setattr(QMessageBox, "exec", lambda _box: QMessageBox.StandardButton.Discard)


def _alive(thing: object) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(thing))


@pytest.fixture
def workbench(qtbot: QtBot, tmp_path: Path) -> Iterator[Workbench]:
    """Session, threads and settings of one window, with the first start's photo and layer; torch is ready."""
    from PySide6.QtCore import QSettings

    from convlab.app.settings import Settings
    from convlab.app.workbench import Workbench

    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    bench = Workbench(settings=Settings(store))
    yield bench
    bench.close()


@pytest.fixture
def window(qtbot: QtBot, workbench: Workbench) -> Iterator[MainWindow]:
    """The real window at 1280 × 800 with its first maps drawn."""
    from convlab.ui.main_window import MainWindow

    window = MainWindow(workbench)  # not qtbot's: it would close it with questions
    window.resize(1280, 800)
    with qtbot.waitExposed(window):
        window.show()
    workbench.scheduler.start_engine()
    qtbot.waitUntil(lambda: workbench.scheduler.settled, timeout=30_000)
    yield window
    window.closing.close_without_questions()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    window.deleteLater()


@pytest.fixture
def settle(qtbot: QtBot, workbench: Workbench) -> Callable[[], None]:
    """Wait until what is on screen is the present document's."""

    def wait() -> None:
        qtbot.waitUntil(lambda: workbench.scheduler.settled, timeout=20_000)

    return wait


@pytest.fixture
def rest(qtbot: QtBot, workbench: Workbench) -> Callable[[], None]:
    """Wait until what is on screen is refined: the hand rests."""

    def wait() -> None:
        qtbot.waitUntil(lambda: workbench.scheduler.refined, timeout=20_000)

    return wait
