"""One decoder process seen from the window's: bytes there, bytes back, a look at the checkpoint in between, a kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

from convlab.io import wire

POLL_S = 0.02
"""Between two looks at the checkpoint while nothing comes."""

COMMAND = (
    sys.executable,
    "-P",
    "-c",
    "import sys; sys.path.insert(0, sys.argv[1]); from convlab.io.decoder import main; main()",
    str(Path(__file__).resolve().parents[2]),
)
"""This very package, wherever it was started from."""

_SURROUNDINGS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
_END_S = 0.2
Checkpoint = Callable[[], None]


class Died(Exception):  # noqa: N818  (what happened to it)
    """The process ended before its answer did."""


class DecoderProcess:
    """Started at once; OSError where it cannot be. Each method calls `checkpoint` again and again, which may raise."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        own_group = {"process_group": 0} if os.name == "posix" else {}  # Ctrl-C is for the window
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={**os.environ, **_SURROUNDINGS},
            **own_group,  # type: ignore[call-overload]  # the stub wants each by name
        )
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._rest = b""
        _widen(self._out)
        if os.name == "posix":
            os.set_blocking(self._in, False)
            os.set_blocking(self._out, False)

    @property
    def pid(self) -> int:
        """The process's number."""
        return int(self._process.pid)

    def send(self, data: bytes, checkpoint: Checkpoint) -> None:
        """Write all of it."""
        left = memoryview(data)
        while left:
            try:
                left = left[os.write(self._in, left[: wire.FRAME]) :]
            except BlockingIOError:
                checkpoint()
                _wait(self._in, for_writing=True)
            except OSError as error:
                raise Died from error

    def line(self, checkpoint: Checkpoint) -> bytes:
        """A header; `Died` also for one that is too long."""
        while b"\n" not in self._rest:
            self._rest += self._some(wire.FRAME, checkpoint)
            if len(self._rest) > wire.MOST_LINE:
                raise Died
        found, _, self._rest = self._rest.partition(b"\n")
        return found

    def fill(self, target: memoryview, checkpoint: Checkpoint) -> None:
        """As many bytes as `target` has."""
        done = min(len(target), len(self._rest))
        target[:done] = self._rest[:done]
        self._rest = self._rest[done:]
        while done < len(target):
            part = self._some(len(target) - done, checkpoint)
            target[done : done + len(part)] = part
            done += len(part)

    def exactly(self, count: int, checkpoint: Checkpoint) -> bytes:
        """So many bytes."""
        found = bytearray(count)
        self.fill(memoryview(found), checkpoint)
        return bytes(found)

    def kill(self) -> None:
        """End it, whatever it does; one that even the system cannot end is left behind."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.returncode = -9  # it hangs inside the system, on a share that is gone

    def _some(self, most: int, checkpoint: Checkpoint) -> bytes:
        while True:
            checkpoint()
            if not _wait(self._out):
                continue
            try:
                found = os.read(self._out, min(most, wire.FRAME))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Died from error
            if not found:
                raise Died
            return found


def _wait(descriptor: int, for_writing: bool = False) -> bool:
    """Whether there is something to read, or room to write, within a moment."""
    if os.name != "posix":
        return for_writing or _there_on_windows(descriptor)
    import select

    poll = select.poll()
    poll.register(descriptor, select.POLLOUT if for_writing else select.POLLIN)
    return bool(poll.poll(POLL_S * 1000))


def _there_on_windows(descriptor: int) -> bool:
    """Pipes cannot be waited for there without a thread: ask now and then."""
    import _winapi  # type: ignore[import-not-found,unused-ignore]
    import msvcrt

    try:
        there = _winapi.PeekNamedPipe(msvcrt.get_osfhandle(descriptor), 0)[0]  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return True  # reading says that it has ended
    return bool(there) or not Event().wait(POLL_S / 4)


def _widen(descriptor: int) -> None:
    """A larger pipe: a photo comes in fewer pieces."""
    try:
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, wire.FRAME)
    except (ImportError, AttributeError, OSError):
        return  # it is as large as it is
