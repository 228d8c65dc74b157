"""Reading in a process of its own, kept warm: it can be stopped at any time, and a crash in it is a sentence here."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from convlab.io import wire
from convlab.io.decoder_process import COMMAND, Checkpoint, DecoderProcess, Died
from convlab.io.photos import DEFAULT_BUDGET
from convlab.io.reader import MOST_LISTED, Reader
from convlab.model.fields import Fields
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.source import Source

FILE_BUDGET = 256_000_000
"""Memory for reading what is no photo: its pieces are small."""


class Decoders:
    """Keeps one process ready. `start` and `close` may be called in any thread, readers are used in one."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._lock = Lock()
        self._ready: DecoderProcess | None = None
        self._closed = False

    def start(self) -> None:
        """Have a process ready, so that the first file does not wait for it."""
        if self._ready is None:
            try:
                self.give_back(self._new())
            except OSError:
                return  # said when a file is to be read

    def reader(self, checkpoint: Checkpoint) -> Reader:
        """A reader that calls `checkpoint` while it waits; whatever that raises ends the process."""
        return _Away(self, checkpoint)

    def take(self) -> DecoderProcess:
        """The process that is ready, or a new one; OSError where none can be started."""
        with self._lock:
            found, self._ready = self._ready, None
        return found or self._new()

    def give_back(self, process: DecoderProcess) -> None:
        """Keep it for the next file, unless there is one already."""
        with self._lock:
            if self._ready is None and not self._closed:
                self._ready = process
                return
        process.kill()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed, found, self._ready = True, self._ready, None
        if found is not None:
            found.kill()

    def _new(self) -> DecoderProcess:
        return DecoderProcess(self._command)


class _Away(Reader):
    """The reader's ways, asked of a process."""

    def __init__(self, decoders: Decoders, checkpoint: Checkpoint) -> None:
        self._decoders, self._checkpoint = decoders, checkpoint

    def input(self, path: str, frame: int = 0, budget_bytes: int = DEFAULT_BUDGET, deep: bool = False) -> Source:
        arguments = {"path": path, "frame": frame, "budget_bytes": budget_bytes, "deep": deep}
        return self._source("input", Path(path).name, arguments, budget_bytes)

    def photo(self, path: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
        return self._source("photo", Path(path).name, {"path": path, "budget_bytes": budget_bytes}, budget_bytes)

    def encoded(self, data: bytes, name: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
        return self._source("encoded", name, {"name": name, "budget_bytes": budget_bytes}, budget_bytes, data)

    def folder(self, path: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
        return self._source("folder", Path(path).name, {"path": path, "budget_bytes": budget_bytes}, budget_bytes)

    def pieces(self, path: str, most: int) -> Iterator[bytes]:
        with _Asked(self._decoders, self._checkpoint) as asked:
            answer = asked.ask("pieces", {"path": path, "most": most}, FILE_BUDGET)
            if answer.get("pieces") is not True:
                raise Died
            while length := asked.frame_length():
                yield asked.exactly(length)

    def listing(self, folder: str, suffix: str) -> list[str]:
        names = self._found("listing", {"folder": folder, "suffix": suffix})
        return [name for name in names if isinstance(name, str)][:MOST_LISTED] if isinstance(names, list) else []

    def beside(self, path: str, relative: str, other: str) -> str:
        found = self._found("beside", {"path": path, "relative": relative, "other": other})
        return found if isinstance(found, str) else other

    def missing(self, paths: list[str]) -> list[str]:
        names = self._found("missing", {"paths": paths})
        return [path for path in paths if path in names] if isinstance(names, list) else []

    def sweep(self, folder: str) -> int:
        count = self._found("sweep", {"folder": folder})
        return count if isinstance(count, int) else 0

    def _found(self, way: str, arguments: dict[str, Any]) -> object:
        with _Asked(self._decoders, self._checkpoint) as asked:
            return asked.ask(way, arguments, FILE_BUDGET).get("found")

    def _source(self, way: str, name: str, arguments: dict[str, Any], budget: int, data: bytes = b"") -> Source:
        try:
            with _Asked(self._decoders, self._checkpoint) as asked:
                answer = asked.ask(way, arguments, budget, data)
                coming = wire.read_source(answer.get("source"), budget)
                pixels = np.empty(coming.shape, coming.dtype)
                asked.fill(pixels.reshape(-1).view(np.uint8).data)
                return coming.source(pixels)
        except OSError as error:
            full = QT_TRANSLATE_NOOP("model", "“{name}” does not fit into memory.")
            other = QT_TRANSLATE_NOOP("model", "“{name}” cannot be read: {reason}.")
            text = full if error.errno == errno.ENOMEM else other
            raise ConvLabError(message(text, name=name, reason=error.strerror or str(error))) from error


class _Asked:
    """A process for one request: kept when all went well, or was refused as it should; else ended."""

    def __init__(self, decoders: Decoders, checkpoint: Checkpoint) -> None:
        self._decoders, self._checkpoint = decoders, checkpoint
        self._process = decoders.take()
        self._sound = False

    def __enter__(self) -> _Asked:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if kind is None or self._sound:
            self._decoders.give_back(self._process)
            return
        self._process.kill()
        if isinstance(error, Died | ConvLabError | ValueError):  # it is gone, or what it says is no answer
            raise OSError(errno.EIO, "the process that decodes it has ended before its time") from error

    def ask(self, way: str, arguments: dict[str, Any], budget: int, data: bytes = b"") -> dict[str, Any]:
        """The answer's header, once it is no refusal."""
        header = {"do": way, "arguments": arguments, "budget": budget, "bytes": len(data)}
        self._process.send(wire.line(header) + data, self._checkpoint)
        return self._header()

    def frame_length(self) -> int:
        """Of the next frame; 0 at the end. Raises what stopped the answer on the way."""
        length = int(wire.LENGTH.unpack(self.exactly(wire.LENGTH.size))[0])
        if length == wire.FAILED:
            self._header()
            raise Died
        if length > wire.FRAME:
            raise Died
        return length

    def exactly(self, count: int) -> bytes:
        """So many bytes of the answer."""
        return self._process.exactly(count, self._checkpoint)

    def fill(self, target: memoryview) -> None:
        """All frames, which have to be as many bytes as `target`."""
        done = 0
        while length := self.frame_length():
            if done + length > len(target):
                raise Died
            self._process.fill(target[done : done + length], self._checkpoint)
            done += length
        if done != len(target):
            raise Died

    def _header(self) -> dict[str, Any]:
        try:
            answer = json.loads(self._process.line(self._checkpoint))
        except ValueError as error:
            raise Died from error
        if not isinstance(answer, dict):
            raise Died
        if "refused" in answer:
            text = wire.read_message(answer["refused"])
            self._sound = True
            raise ConvLabError(text)
        if "error" in answer:
            found = Fields({"error": answer["error"]}, "the decoder's answer").take("error")
            if not (isinstance(found, list) and len(found) == 2 and type(found[0]) is int):
                raise Died
            self._sound = True
            raise OSError(found[0], str(found[1]))
        return answer
