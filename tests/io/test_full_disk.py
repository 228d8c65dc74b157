"""A full disk is called that, whoever writes the bytes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from convlab.io import exports
from convlab.io.animations import save_frames, save_gif
from convlab.io.exports import save_csv, save_npy, save_png, save_text, save_tiff
from convlab.model.message import ConvLabError

GENERATOR = np.random.default_rng(0)
MAPS = [GENERATOR.normal(size=(300, 300)).astype(np.float32) for _ in range(3)]
FRAMES = [GENERATOR.integers(0, 256, (300, 300, 3), np.uint8) for _ in range(3)]
NAMES = ["a", "b", "c"]

WRITERS: dict[str, Callable[[Path], object]] = {
    "npy": lambda path: save_npy(path, MAPS, 3, (300, 300)),
    "tiff": lambda path: save_tiff(path, MAPS, 3, (300, 300), NAMES),
    "png": lambda path: save_png(path, FRAMES[0]),
    "csv": lambda path: save_csv(path, [values.ravel() for values in MAPS], NAMES),
    "gif": lambda path: save_gif(path, FRAMES, 50),
    "frames": lambda path: save_frames(path, FRAMES),
    "text": lambda path: save_text(path, "x" * 1_000_000),
}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 kB, where this process may mount one."""
    place = tmp_path / "full"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", place]
    mounted = subprocess.run(command, capture_output=True).returncode
    if mounted != 0:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_full_disk_is_named_and_nothing_is_left(full: Path, kind: str) -> None:
    with pytest.raises(ConvLabError, match=r"“result” was not saved: the disk is full\."):
        WRITERS[kind](full / "result")
    assert list(full.iterdir()) == []


def test_so_it_is_for_a_tiff_of_more_than_4_gb(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CLASSIC_TIFF_BYTES", 0)
    with pytest.raises(ConvLabError, match="the disk is full"):
        WRITERS["tiff"](full / "result")
