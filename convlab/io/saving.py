"""Saving whole or not at all: a temporary file beside the target, fsync, one rename."""

from __future__ import annotations

import errno
import io
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message

_STRAY = re.compile(r"^\..*\.(\d+)-[0-9a-f]{8}\.convlab-part$")
_FOREIGN_STRAY_AGE = 24 * 3600.0
"""Seconds after which a stray goes where one cannot ask whether its process lives (Windows)."""


@contextmanager
def saving(path: str | Path) -> Iterator[BinaryIO]:
    """An open binary file that becomes `path` when the block ends well, and leaves no trace when it does not.

    Links are followed, an existing file's mode, owner and extended attributes are kept; a new file gets the umask's
    mode. The file has no descriptor, so that all of it is written by Python, whose errors say why. A killed process
    leaves the old file or the new one, whole, and at worst a stray for `sweep_strays`.

    Raises ConvLabError, one sentence, for every OSError, the block's own included; other exceptions pass.
    """
    target = Path(os.path.realpath(path))
    try:
        with _temporary_file(target) as (file, temporary):
            yield file
            file.sync()
            file.close()
            os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise ConvLabError(_sentence(target, error)) from error


@contextmanager
def saving_folder(path: str | Path) -> Iterator[Path]:
    """A new folder that becomes `path` when the block ends well, and leaves no trace when it does not.

    Raises ConvLabError for every OSError, and when there is something of that name.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.convlab-part")
    try:
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        temporary.mkdir()
        yield temporary
        os.rename(temporary, target)
    except OSError as error:
        raise ConvLabError(_sentence(target, error)) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def sweep_strays(folder: str | Path) -> int:
    """Remove what killed processes left in `folder`; saves under way are left alone. Returns how many went."""
    removed = 0
    with suppress(OSError):
        for entry in os.scandir(folder):
            found = _STRAY.match(entry.name)
            if found and _is_abandoned(entry.path, int(found[1])):
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path)
                    else:
                        os.unlink(entry.path)
                    removed += 1
    return removed


class _PlainFile(io.BufferedWriter):
    """Given a descriptor, numpy and Pillow write by themselves, and of a full disk say how many items were written."""

    def fileno(self) -> int:
        """None to be had."""
        raise io.UnsupportedOperation("fileno")

    def sync(self) -> None:
        """Bring all that was written to the disk."""
        self.flush()
        os.fsync(super().fileno())


@contextmanager
def _temporary_file(target: Path) -> Iterator[tuple[_PlainFile, Path]]:
    """A new file beside `target` with the mode that `target` shall have; gone afterwards unless renamed."""
    before = _existing(target)
    temporary = target.with_name(f".{target.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.convlab-part")
    try:
        with _PlainFile(open(temporary, "xb", 0)) as file:
            if before is not None:
                _keep_metadata(target, temporary, before)
            yield file, temporary
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def _existing(target: Path) -> os.stat_result | None:
    """The stat of the file to be replaced, None when there is none; OSError where replacing it would be wrong."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return found


def _keep_metadata(target: Path, temporary: Path, before: os.stat_result) -> None:
    """Give `temporary` the old file's mode, and its owner and extended attributes as far as this process may."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, before.st_uid, before.st_gid)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(target):
                with suppress(OSError):
                    os.setxattr(temporary, name, os.getxattr(target, name))
    os.chmod(temporary, stat.S_IMODE(before.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself last through a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_abandoned(path: str, process: int) -> bool:
    if os.name == "nt":  # os.kill would end the process there
        return time.time() - os.stat(path).st_mtime > _FOREIGN_STRAY_AGE
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        return False
    return False


def _sentence(target: Path, error: OSError) -> Message:
    """One sentence for a person, by errno."""
    full = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: the disk is full.")
    refused = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: writing to “{folder}” is not permitted.")
    no_folder = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: the folder “{folder}” is not there.")
    is_folder = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: there is a folder of that name.")
    exists = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: there is something of that name in “{folder}”.")
    other = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: {reason}.")
    template = {
        errno.ENOSPC: full,
        errno.EDQUOT: full,
        errno.EACCES: refused,
        errno.EPERM: refused,
        errno.EROFS: refused,
        errno.ENOENT: no_folder,
        errno.ENOTDIR: no_folder,
        errno.EISDIR: is_folder,
        errno.EEXIST: exists,
        errno.ENOTEMPTY: exists,
    }.get(error.errno or 0, other)
    return message(template, name=target.name, folder=str(target.parent), reason=error.strerror or str(error))
