"""What is read never holds the window: it can be given up, closed over, and what crashes is one sentence."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convlab.io import decoder_process
from convlab.ui.main_window import MainWindow
from convlab.ui.opening_bar import OpeningBar

SLEEPS = "import sys, threading; threading.Event().wait(600)"
CRASHES = "import sys, os, signal; sys.stdin.readline(); os.kill(os.getpid(), signal.SIGSEGV)"
TALKS = "import sys; sys.stdin.readline(); sys.stdout.write('{%s}\\n'); sys.stdout.flush(); sys.stdin.read()"
LIES = (
    '"source": {"name": "x", "shape": [100000, 100000, 3], "dtype": "uint8", "channel_names": ["R", "G", "B"], '
    '"max_value": 255, "description": "", "frame": 0, "frames": 1, "shown_range": [0, 1], "signal": false}'
)
EVIL = '"refused": {"template": "{x.__class__}", "values": [["x", 1]]}'


@pytest.fixture
def decoder_is(window: MainWindow) -> Callable[[str], None]:
    """From now on the window's decoder is this script."""

    def use(script: str) -> None:
        decoders = window.workbench.opening._decoders
        ready = decoders.take()
        ready.kill()
        decoders._command = (sys.executable, "-c", script)

    return use


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.new("RGB", (7, 5), "red").save(tmp_path / "a.png")
    return tmp_path / "a.png"


def bar(window: MainWindow) -> OpeningBar:
    return window.findChild(OpeningBar)


def processes(window: MainWindow) -> int:
    """How many child processes there are."""
    return len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_photo_comes_from_the_decoder(qtbot: QtBot, window: MainWindow, photo: Path) -> None:
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(photo))
    source = window.workbench.session.document.source
    assert (source.size, source.name, source.path) == ((5, 7), "a.png", str(photo))
    assert bar(window).isHidden()
    assert processes(window) == 1


@pytest.mark.parametrize("by", ["button", "escape"])
def test_what_takes_long_is_shown_and_can_be_given_up(
    qtbot: QtBot, window: MainWindow, decoder_is: Callable[[str], None], photo: Path, by: str
) -> None:
    decoder_is(SLEEPS)
    before = window.workbench.session.document
    window.open_path(str(photo))
    qtbot.waitUntil(bar(window).isVisible, timeout=5000)
    assert bar(window).text == "Opening “a.png” …"
    with qtbot.waitSignal(window.workbench.opening.ended):
        if by == "button":
            bar(window).cancel.click()
        else:
            window.activateWindow()
            QTest.keyClick(window, Qt.Key.Key_Escape)
    assert bar(window).isHidden()
    assert window.workbench.session.document is before
    assert window.messages.isHidden()
    assert processes(window) == 0


@pytest.mark.parametrize("name", ["a.png", "a.csv", "s.convlab", "l.json"])
def test_the_window_closes_at_once_whatever_is_read(
    qtbot: QtBot, window: MainWindow, decoder_is: Callable[[str], None], tmp_path: Path, name: str
) -> None:
    decoder_is(SLEEPS)
    window.open_path(str(tmp_path / name))
    qtbot.waitUntil(bar(window).isVisible, timeout=5000)
    window.close()
    assert not window.workbench._photo_thread.isRunning()
    assert processes(window) == 0


def test_a_newer_request_ends_one_that_hangs(
    qtbot: QtBot, window: MainWindow, decoder_is: Callable[[str], None], photo: Path
) -> None:
    decoder_is(SLEEPS)
    window.open_path("/somewhere/slow.png")
    qtbot.waitUntil(bar(window).isVisible, timeout=5000)
    window.workbench.opening._decoders._command = decoder_process.COMMAND
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(photo))
    assert window.workbench.session.document.source.name == "a.png"


@pytest.mark.parametrize("script", [CRASHES, TALKS % LIES, TALKS % EVIL, TALKS % '"source": 3', TALKS % "}{", "x"])
def test_a_decoder_that_crashes_or_lies_is_one_sentence(
    qtbot: QtBot, window: MainWindow, decoder_is: Callable[[str], None], photo: Path, script: str
) -> None:
    decoder_is(script)
    window.open_path(str(photo))
    qtbot.waitUntil(window.messages.isVisible, timeout=10_000)
    assert "a.png" in window.messages.text
    assert "went wrong inside" not in window.messages.text
    window.workbench.opening._decoders._command = decoder_process.COMMAND
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(photo))


@pytest.mark.parametrize("name", ["f.csv", "f.png", "f.wav", "f.convlab", "f.json"])
def test_a_pipe_is_refused_in_one_sentence(qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    window.open_path(str(tmp_path / name))
    qtbot.waitUntil(window.messages.isVisible, timeout=10_000)
    assert f"“{name}”" in window.messages.text
    assert re.search("not a (regular )?file", window.messages.text)


def test_a_claim_of_hundreds_of_megapixels_is_refused_at_once(qtbot: QtBot, window: MainWindow) -> None:
    window.open_path(str(Path(__file__).parents[1] / "fixtures" / "cases" / "huge-claim.webp"))
    qtbot.waitUntil(window.messages.isVisible, timeout=10_000)
    assert "is too large: to decode 16777216 × 18 pixels" in window.messages.text


def test_a_folder_is_opened_without_asking_the_disk_in_the_window(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for n in range(3):
        Image.new("L", (7, 5), n).save(tmp_path / f"{n}.png")
    with qtbot.waitSignal(window.workbench.opener.opened):
        window.open_path(str(tmp_path))
    assert window.workbench.session.document.source.volume is not None


def test_the_decoder_ends_with_its_parent() -> None:
    """Also when that is killed and can end nothing itself."""
    script = (
        "from convlab.io.decoders import Decoders\n"
        "decoders = Decoders(); decoders.start(); reader = decoders.reader(lambda: None)\n"
        "reader.listing('.', '.png'); print(decoders.take().pid, flush=True)\n"
        "import threading; threading.Event().wait(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    descriptor = _pidfd(child)
    if descriptor is not None:
        import select

        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(5000)
        os.close(descriptor)


def _pidfd(process: int) -> int | None:
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        return None


def test_the_decoder_imports_neither_qt_nor_torch() -> None:
    script = "import sys, convlab.io.decoder; print({'PySide6', 'torch', 'tifffile'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout == b"set()\n"


@pytest.mark.xserver
def test_sigterm_ends_the_program_while_a_read_hangs(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from convlab.io import decoder_process, decoders\n"
        "decoders.Decoders.__init__.__defaults__ = ((sys.executable, '-c', 'import sys; sys.stdin.read()'),)\n"
        "from convlab.ui import application\n"
        "old = application.shown_window\n"
        "def shown_window(workbench, start):\n"
        "    workbench.opening.began.connect(lambda _: print('opening', flush=True))\n"
        "    return old(workbench, start)\n"
        "application.shown_window = shown_window\n"
        "sys.exit(application.run(application.Start('/x/a.png')))\n"
    )
    places = {name: str(tmp_path) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"} | places
    program = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment)
    assert program.stdout is not None
    assert program.stdout.readline() == b"opening\n"
    started = perf_counter()
    program.terminate()
    assert program.wait(20) == 0
    program.stdout.close()
    assert perf_counter() - started < 20
