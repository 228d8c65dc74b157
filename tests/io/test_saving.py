"""Saves are whole or not there, whatever happens on the way."""

import errno
import io
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

import pytest

from convlab.io import saving as saving_module
from convlab.io.saving import saving, sweep_strays
from convlab.model.message import ConvLabError


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_a_save_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with saving(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == {"a.bin"}


def test_an_error_in_the_block_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), saving(target) as file:
        file.write(b"half" * (1 // 0))
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == {"a.bin"}


def test_links_and_permissions_survive(tmp_path: Path) -> None:
    target = tmp_path / "real.bin"
    target.write_bytes(b"old")
    target.chmod(0o640)
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / "link.bin"
    link.symlink_to(target)
    with saving(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert names(tmp_path / "folder") == {"link.bin"}


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes in Python here")
def test_extended_attributes_survive(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    try:
        os.setxattr(target, "user.origin", b"microscope 2")
    except OSError:
        pytest.skip("no extended attributes on this file system")
    with saving(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert os.getxattr(target, "user.origin") == b"microscope 2"


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_new_file_gets_the_mode_of_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with saving(tmp_path / "new.bin") as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.bin").stat().st_mode) == 0o666 & ~mask


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with (
        pytest.raises(ConvLabError, match=r"“taken” was not saved: there is a folder of that name"),
        saving(tmp_path / "taken"),
    ):
        pass


def test_a_vanished_folder_and_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "gone" / "a.png", tmp_path / "file" / "a.png"):
        with pytest.raises(ConvLabError, match=r"“a.png” was not saved: the folder .* is not there"), saving(path):
            pass
    assert names(tmp_path) == {"file"}


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe stands for devices: a test run by root must not point at a real one."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConvLabError, match=r"“pipe” was not saved: not a regular file"), saving(tmp_path / "pipe"):
        pass
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert names(tmp_path) == {"pipe"}


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/dev/full refuses what is written to it as a full disk does."""
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def open_full(path: Path, *_: object) -> io.FileIO:
        path.touch()
        return open("/dev/full", "wb", buffering=0)

    monkeypatch.setattr(saving_module, "open", open_full, raising=False)
    monkeypatch.setattr(saving_module.os, "chmod", lambda *_: None)
    with pytest.raises(ConvLabError, match=r"“a.bin” was not saved: the disk is full"), saving(target) as file:
        file.write(bytes(10_000_000))
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == {"a.bin"}


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM])
def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """These tests may run as root, whom no folder refuses: the system's refusal is put in its mouth."""

    def refuse(*_: object) -> BinaryIO:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(saving_module, "open", refuse, raising=False)
    with (
        pytest.raises(ConvLabError, match=r"“a.bin” was not saved: writing to .* is not permitted"),
        saving(tmp_path / "a.bin"),
    ):
        pass
    assert names(tmp_path) == set()


def test_a_failing_sync_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(saving_module.os, "fsync", fail)
    with pytest.raises(ConvLabError, match=r"Input/output error"), saving(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == {"a.bin"}


SAVE_FOR_EVER = """
import sys
from convlab.io.saving import saving
letter = 0
while True:
    if letter == 1:
        print("ready", flush=True)
    letter += 1
    with saving(sys.argv[1]) as file:
        for _ in range(40):
            file.write(bytes([letter % 256]) * 50_000)
"""


def test_kill_9_leaves_a_whole_file(tmp_path: Path) -> None:
    """Killed at 12 different moments, the file is always one complete save; the strays can be swept."""
    target = tmp_path / "a.bin"
    target.write_bytes(b"\0" * 2_000_000)
    for delay in range(12):
        process = subprocess.Popen([sys.executable, "-c", SAVE_FOR_EVER, str(target)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(delay * 2000):
            os.stat(tmp_path)  # a little later each time
        assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        content = target.read_bytes()
        assert len(content) == 2_000_000
        assert len(set(content)) == 1
        assert content[0] != 0
    sweep_strays(tmp_path)
    assert names(tmp_path) == {"a.bin"}


def test_sweeping_spares_saves_under_way_and_other_files(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    (tmp_path / f".a.png.{process.pid}-00c0ffee.convlab-part").write_bytes(b"stray")
    (tmp_path / ".mine.convlab-part").write_bytes(b"not ours")
    (tmp_path / "photo.png").write_bytes(b"photo")
    with saving(tmp_path / "b.bin") as file:
        assert sweep_strays(tmp_path) == 1
        file.write(b"b")
    assert names(tmp_path) == {".mine.convlab-part", "photo.png", "b.bin"}
    assert sweep_strays(tmp_path / "gone") == 0
