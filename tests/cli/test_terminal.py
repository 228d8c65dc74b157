"""What stands on stderr: one line a sentence, names made harmless, nothing of libtiff, in the photos' order."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from photo_files import Run, names, save_photo
from PIL import Image

from convlab.cli.terminal import Screen

HOSTILE = "a\x1b[2Jb\nc\u202egnp\x07.png"


def command(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "convlab", "apply", *map(str, arguments)], capture_output=True, cwd=cwd
    )


@pytest.mark.skipif(os.name == "nt", reason="such names are not possible")
def test_names_cannot_steer_the_terminal(
    apply: Run, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / HOSTILE).write_text("no picture")
    assert apply(tmp_path / HOSTILE, "--kernel", "box") == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert r"a\x1b[2Jb\nc\u202egnp\x07.png" in error
    assert not set("\x1b\x07\u202e") & set(error)
    for option in ("--weights", "--bias", "--session", "--stride", "--format", "--bogus", "--channels"):
        save_photo(tmp_path / "p.png")
        given = ["--kernel", "box"] if option in ("--bias", "--stride", "--format", "--bogus", "--channels") else []
        assert apply(tmp_path / "p.png", *given, option, HOSTILE) in (1, 2)
        assert not set("\x1b\x07\u202e") & set(capsys.readouterr().err)


@pytest.mark.skipif(sys.platform != "linux", reason="a name that is no UTF-8")
def test_a_name_that_is_no_utf_8_is_shown_and_its_photo_read(
    apply: Run, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_photo(tmp_path / "p.png")
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    os.rename(tmp_path / "p.png", path)
    assert apply(path, "--kernel", "box", "--format", "npy") == 0
    assert names(out) == ["caf-_box.npy"]
    assert apply(path, "--kernel", "box", "--format", "npy", "--channels", "X", "--overwrite") == 1
    assert r"caf\xe9.png" in capsys.readouterr().err


def test_a_long_path_is_shortened(apply: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = tmp_path.joinpath(*["folder" * 20] * 5)
    deep.mkdir(parents=True)
    (deep / "photo.png").write_text("")
    assert apply(deep / "gone" / "x.png", "--kernel", "box") == 1
    assert apply(deep / ("y" * 200 + ".png"), deep / "photo.png", "--weights", deep / "w.npy") == 2
    assert apply(deep / ("y" * 200 + ".png"), "--kernel", "box") == 1
    for line in capsys.readouterr().err.splitlines():
        assert len(line) < 200


def test_libtiffs_own_lines_stay_away(tmp_path: Path) -> None:
    photo = tmp_path / "broken.tif"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(
        photo, compression="tiff_lzw"
    )
    raw = bytearray(photo.read_bytes())
    raw[100:5000] = bytes(4900)
    photo.write_bytes(bytes(raw))
    done = command(photo, "--kernel", "box", "--out", tmp_path / "out")
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 1
    assert len(lines) == 1, lines
    assert "broken.tif" in lines[0]


def test_lines_come_in_the_photos_order_whatever_is_done_first(
    apply: Run, tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = []
    for n in range(8):
        photos.append(tmp_path / f"p{n}.tif")
        if n % 3 == 0:
            photos[-1].write_text("no picture")
        else:
            tifffile.imwrite(photos[-1], np.zeros((2, 600 if n == 1 else 9, 600, 3), np.uint8), photometric="rgb")
    (out / "p4_box_out1.png").mkdir(parents=True)
    assert apply(*photos, "--kernel", "box", "--overwrite") == 1
    numbers = [re.findall(r"p(\d)\.tif", line)[0] for line in capsys.readouterr().err.splitlines()]
    assert numbers == ["0", "1", "2", "3", "4", "4", "5", "6", "7"]
    assert len(names(out)) == 15


def test_lines_do_not_run_into_the_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    screen = Screen(3)
    screen.advance()
    screen.say("first\nline")
    screen.advance()
    screen.close()
    parts = capsys.readouterr().err.replace("\r", "\n").split("\n")
    assert "first\\nline" in [part.strip() for part in parts]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_says_what_is_done_and_what_is_not(tmp_path: Path) -> None:
    photos = [tmp_path / f"p{n}.png" for n in range(4)]
    for path in photos:
        save_photo(path, (400, 500))
    code = (  # the third photo's reading is where Ctrl-C comes, with the first two written
        "import os, signal, sys, convlab.cli.batch as batch\n"
        "real = batch.Batch._begin\n"
        "def begin(self, job, reading, writers):\n"
        "    if job.photo.endswith('p2.png'):\n"
        "        while self._begun: self._end(self._begun.popleft())\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(self, job, reading, writers)\n"
        "batch.Batch._begin = begin\n"
        "from convlab.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["apply", *map(str, photos), "--kernel", "box", "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True)
    assert done.returncode == 130, done.stderr
    assert "2 of 4 photos are done" in done.stderr
    assert "p2.png" in done.stderr
    assert "p3.png" in done.stderr
    assert "--skip-existing" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(names(tmp_path / "out")) == 6
    assert command(*photos, "--kernel", "box", "--out", tmp_path / "out", "--skip-existing").returncode == 0
    assert len(names(tmp_path / "out")) == 12
    assert signal.SIGINT == 2
