"""An unexpected exception is written to the log and told, and the program goes on; a crash leaves its place."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from convlab.app.faults import Faults
from convlab.app.log import MOST_BYTES, log_path, read_log, start_log
from convlab.app.worker import INSIDE, Asker, Task, Worker


@pytest.fixture
def faults(qtbot: QtBot) -> Iterator[Faults]:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    faults = Faults()
    faults.install()
    yield faults
    faults.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks


def broken() -> None:
    raise ZeroDivisionError("on purpose")


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_slot_is_told_and_logged(
    faults: Faults, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    from PySide6.QtCore import QTimer

    with qtbot.waitSignal(faults.happened) as told:
        QTimer.singleShot(0, broken)
    assert "ZeroDivisionError: on purpose" in told.args[0]
    assert "broken" in faults.last
    assert "ZeroDivisionError: on purpose" in caplog.text


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_python_thread_is_told_in_the_windows_thread(faults: Faults, qtbot: QtBot) -> None:
    threads: list[str] = []
    faults.happened.connect(lambda _: threads.append(threading.current_thread().name))
    thread = threading.Thread(target=broken)
    with qtbot.waitSignal(faults.happened):
        thread.start()
    thread.join()
    assert threads == ["MainThread"]


def test_a_fault_on_a_worker_is_one_sentence_and_its_text_is_kept(qtbot: QtBot) -> None:
    worker, faults = Worker("test"), Faults()
    worker.broke.connect(faults.keep)
    worker.start()
    with qtbot.waitSignal(worker.done) as done:
        worker.submit(Task(Asker("render"), lambda _: broken()))
    worker.stop()
    assert done.args[0].failure.template == INSIDE
    assert "\n" not in str(done.args[0].failure)
    assert "ZeroDivisionError: on purpose" in faults.last


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    handlers = list(logging.getLogger().handlers)
    yield tmp_path / "log" / "convlab.log"
    for handler in set(logging.getLogger().handlers) - set(handlers):
        logging.getLogger().removeHandler(handler)
        handler.close()


def test_a_log_that_has_grown_is_set_aside(log: Path) -> None:
    log.parent.mkdir()
    log.write_text("x" * (MOST_BYTES + 1))
    code = f"from pathlib import Path; from convlab.app.log import start_log; start_log(Path({str(log)!r}))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert log.with_suffix(".log.1").stat().st_size == MOST_BYTES + 1
    assert "start: ConvLab" in read_log(log)


def test_a_crash_inside_a_c_library_leaves_its_place_in_the_log(log: Path) -> None:
    code = (
        "from pathlib import Path; from convlab.app.log import start_log; import faulthandler;"
        f"start_log(Path({str(log)!r})); faulthandler._sigsegv()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode != 0
    assert "Fatal Python error: Segmentation fault" in read_log(log)


def test_where_no_log_can_be_the_program_starts_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert start_log(tmp_path / "file" / "convlab.log") is None
    assert read_log(tmp_path / "file" / "convlab.log") == ""


def test_the_log_is_in_the_platforms_own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert log_path() == tmp_path / "ConvLab" / "log" / "convlab.log"
    assert log_path().name == "convlab.log"
    assert os.fspath(tmp_path)
