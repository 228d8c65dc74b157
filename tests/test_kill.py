"""The real program, killed with no warning: the next start has what there was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

EDIT_AND_DIE = """
import os, signal, sys
from convlab.ui import application
from convlab.model import edits
from convlab.model.message import message

def go(workbench, start):
    window = shown(workbench, start)
    keeper, session = workbench.keeper, workbench.session
    session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), 7.5), message("edit"))
    keeper.kept.connect(lambda: os.kill(os.getpid(), signal.SIGKILL))
    return window

shown, application.shown_window = application.shown_window, go
sys.exit(application.run(application.Start()))
"""
LOOK = """
import sys
from PySide6.QtCore import QTimer
from convlab.ui import application

def go(workbench, start):
    window = shown(workbench, start)
    def look():
        document = workbench.session.document
        weight = document.conv.kernel_slices[0, 0, 0, 0]
        print(weight, window.messages.text, "|", window.messages.button.text(), flush=True)
        window.close()
    QTimer.singleShot(0, window, look)
    return window

shown, application.shown_window = application.shown_window, go
sys.exit(application.run(application.Start(*sys.argv[1:])))
"""


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment whose settings and states are in a folder of their own."""
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
    return {**os.environ, **places, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}


def run(code: str, home: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=home, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders")
def test_after_a_kill_the_next_start_goes_on_and_after_two_it_offers(home: dict[str, str], tmp_path: Path) -> None:
    assert run(EDIT_AND_DIE, home).returncode == -signal.SIGKILL
    found = run(LOOK, home)
    assert found.returncode == 0, found.stderr
    assert found.stdout.split(" ", 1) == ["7.5", "You are where you left off. | Start fresh\n"]
    for _ in range(2):
        assert run(EDIT_AND_DIE, home).returncode == -signal.SIGKILL
    found = run(LOOK, home)
    assert not found.stdout.startswith("7.5")
    assert "There is a state that was left on" in found.stdout
    assert "Go on where you left off" in found.stdout
    assert (tmp_path / "STATE" / "ConvLab" / "log" / "convlab.log").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="XDG folders")
def test_grab_bench_and_apply_keep_nothing(home: dict[str, str], tmp_path: Path) -> None:
    photo = str(Path(__file__).parents[1] / "assets" / "photos" / "coffee.png")
    commands = (
        ["--grab", str(tmp_path / "g.png")],
        ["apply", photo, "--out", str(tmp_path / "out"), "--kernel", "box"],
    )
    for words in commands:
        made = subprocess.run(
            [sys.executable, "-m", "convlab", *words], env=home, capture_output=True, timeout=100, check=False
        )
        assert made.returncode == 0, made.stderr
    assert not (tmp_path / "STATE").exists()
    assert not (tmp_path / "CONFIG" / "ConvLab").exists()
