"""Files from outside are opened here: a regular file, or nothing. A pipe would never end, a device never stop."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 18
NOT_A_FILE = "it is not a regular file"
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK a named pipe that was put in the file's place would be waited for."""


def open_regular(path: str | Path) -> BinaryIO:
    """The file, open for reading; OSError for what is no regular file, asked before and after it is opened."""
    _refuse_other(os.stat(path))
    descriptor = os.open(path, _FLAGS)
    try:
        _refuse_other(os.fstat(descriptor))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def chunks_of(path: str | Path, most: int) -> Iterator[bytes]:
    """The file's bytes piece by piece; of a larger one than `most` bytes a little more, so that it is noticed."""
    with open_regular(path) as file:
        left = most + 1
        while left > 0 and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece


def _refuse_other(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, NOT_A_FILE)
