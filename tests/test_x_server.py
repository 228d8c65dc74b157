"""Under a real X server: the installed app opens its window, answers SIGTERM, and says why when it cannot open."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from convlab.ui.display_check import PACKAGES, why_no_window

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's here")


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are not installed")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}
    return {**kept, "XDG_CONFIG_HOME": str(tmp_path), **changes}


@pytest.mark.xserver
def test_the_app_opens_a_window_and_ends_on_sigterm(display: str, tmp_path: Path) -> None:
    env = environment(tmp_path, DISPLAY=display)
    app = subprocess.Popen([sys.executable, "-m", "convlab"], env=env, stderr=subprocess.PIPE, text=True)
    try:
        search = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "ConvLab$"]
        window = subprocess.run(search, env=env, capture_output=True, text=True, timeout=60).stdout.split()[0]
        geometry = subprocess.run(
            ["xdotool", "getwindowgeometry", "--shell", window], env=env, capture_output=True, text=True
        ).stdout
        assert "WIDTH=1280" in geometry
        assert "HEIGHT=800" in geometry
        _wait_for_maps(env, window)
    finally:
        app.send_signal(signal.SIGTERM)
        _, errors = app.communicate(timeout=30)
    assert app.returncode == 0, errors
    assert "Traceback" not in errors


def _wait_for_maps(env: dict[str, str], window: str) -> None:
    """Until the middle of the window, where the maps are, holds many gray levels: the picture is really on screen."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        dump = subprocess.run(["xwd", "-silent", "-id", window], env=env, capture_output=True).stdout
        if len(set(dump[len(dump) // 4 : len(dump) // 2 : 97])) > 40:
            return
    raise AssertionError("no maps appeared on the screen")


def test_without_a_display_it_exits_with_one_paragraph(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "convlab"], env=environment(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1
    assert "convlab apply" in run.stderr
    assert "apt install" in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_an_x_server_that_does_not_answer_is_no_crash(tmp_path: Path) -> None:
    env = environment(tmp_path, DISPLAY=":9876")
    run = subprocess.run([sys.executable, "-m", "convlab"], env=env, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert ":9876" in run.stderr


def test_a_platform_chosen_by_hand_is_left_alone() -> None:
    assert why_no_window({"QT_QPA_PLATFORM": "offscreen"}) is None


@pytest.mark.parametrize("scheme", ["--light", "--dark"])
def test_grab_draws_the_real_window_without_a_display(tmp_path: Path, scheme: str) -> None:
    target = tmp_path / "grab.png"
    run = subprocess.run(
        [sys.executable, "-m", "convlab", "--grab", str(target), "--scale", "2", "--size", "1280x800", scheme],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 0, run.stderr
    picture = Image.open(target).convert("L")
    assert picture.size == (2560, 1600)
    corner = picture.getpixel((1000, 1590))
    assert (corner < 100) == (scheme == "--dark")


def test_grab_of_a_bad_photo_says_why(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    run = subprocess.run(
        [sys.executable, "-m", "convlab", "--grab", str(tmp_path / "grab.png"), str(bad)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 1
    assert "bad.png" in run.stderr
    assert not (tmp_path / "grab.png").exists()


def grab(tmp_path: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "convlab", "--grab", str(tmp_path / "grab.png"), str(path)],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=45,  # it used to wait for 60 seconds
    )


@pytest.mark.parametrize("name", ["stack.convlab", "challenge-matrix.json"])
def test_grab_hears_that_a_session_or_a_lesson_is_open(tmp_path: Path, name: str) -> None:
    run = grab(tmp_path, Path(__file__).parent / "fixtures" / "version1" / name)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "grab.png").exists()


@pytest.mark.parametrize("name", ["s.convlab", "l.json", "a.csv", "folder", "pipe.png"])
def test_grab_of_what_cannot_be_opened_says_why(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name == "pipe.png":
        os.mkfifo(path)
    else:
        path.write_text("{")
    run = grab(tmp_path, path)
    assert run.returncode == 1
    (said,) = (line for line in run.stderr.splitlines() if line.startswith("convlab: "))
    assert f"“{name}”" in said
    assert not (tmp_path / "grab.png").exists()


def test_the_message_the_first_command_and_ci_name_the_same_system_libraries() -> None:
    root = Path(__file__).parent.parent
    spec = importlib.util.spec_from_file_location("run", root / "run.py")
    assert spec is not None
    assert spec.loader is not None
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    assert set(run.LIBRARIES.values()) == set(PACKAGES.split())
    assert set(PACKAGES.split()) <= set((root / ".ci" / "packages").read_text().split())
