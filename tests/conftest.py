"""Guards: a test that leaves a thread, timer or window behind fails and says which."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a Qt test: no window, no running QThread or active QTimer without parent, no new Python thread."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QThread, QTimer
    from PySide6.QtWidgets import QApplication

    request.getfixturevalue("qapp")
    threads_before = set(threading.enumerate())
    yield
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    QApplication.processEvents()
    gc.collect()
    objects = [o for o in gc.get_objects() if isinstance(o, (QThread, QTimer))]
    threads = [t.objectName() for t in objects if isinstance(t, QThread) and _alive(t) and t.isRunning()]
    timers = [repr(t) for t in objects if isinstance(t, QTimer) and _alive(t) and t.isActive()]
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    started = [t for t in threading.enumerate() if t not in threads_before and not t.daemon]
    assert not threads, f"threads still run: {threads}"
    assert not timers, f"timers still run: {timers}"
    assert not windows, f"windows still open: {windows}"
    assert not started, f"Python threads still run: {started}"


def _alive(thing: object) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(thing))
