"""The decoder's process: reads files from outside, so that the window's need not. It can be killed at any time.

Requests come in lines of JSON: {"do": one of WAYS, "arguments": {…}, "bytes": how many follow}; answers are those of
`wire`. It imports neither Qt nor torch, writes nothing anywhere else, and ends when its standard input does.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import numpy as np

from convlab.io import wire
from convlab.io.reader import HERE
from convlab.model.message import ConvLabError
from convlab.model.source import Source

Request = tuple[str, dict[str, Any], int]

WAYS: dict[str, Callable[..., Any]] = {
    "input": HERE.input,
    "photo": HERE.photo,
    "encoded": HERE.encoded,
    "folder": HERE.folder,
    "pieces": HERE.pieces,
    "listing": HERE.listing,
    "beside": HERE.beside,
    "sweep": HERE.sweep,
    "missing": HERE.missing,
}
_SLACK = 1 << 29
"""Address space beside the budget: threads' stacks and arenas, which are mostly never touched."""


def main() -> None:
    """Serve requests until there are no more."""
    requests, answers = _own_streams()
    waiting: queue.SimpleQueue[tuple[Request, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    while True:
        (way, arguments, budget), data = waiting.get()
        _limit_memory(budget)
        try:
            _answer(answers, WAYS[way](**arguments, **({"data": data} if way == "encoded" else {})))
        except ConvLabError as error:
            _fail(answers, {"refused": wire.message_data(error.message)})
        except OSError as error:
            _fail(answers, {"error": [error.errno or 0, error.strerror or type(error).__name__]})
        except MemoryError:
            _fail(answers, {"error": [errno.ENOMEM, os.strerror(errno.ENOMEM)]})
        answers.flush()


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """The pipes, and nothing else to write to: what C libraries print goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", wire.FRAME)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return requests, answers


def _listen(requests: BinaryIO, waiting: queue.SimpleQueue[tuple[Request, bytes]]) -> None:
    """Take requests; the end of them, which is the end of the window's process too, ends this one at once."""
    while header := requests.readline():
        asked = json.loads(header)
        waiting.put(((asked["do"], asked["arguments"], asked["budget"]), requests.read(asked["bytes"])))
    os._exit(0)


def _limit_memory(budget: int) -> None:
    """No more than the budget, whatever a file makes its reader ask for; a second line behind the readers' counts."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
    except (ImportError, OSError):
        return  # only Linux says how much there is now
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = now + budget + _SLACK
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _answer(answers: BinaryIO, found: Source | list[str] | str | int | Iterable[bytes]) -> None:
    if isinstance(found, Source):
        pixels = found.pixels if found.volume is None else found.volume
        answers.write(wire.line({"source": wire.source_data(found)}))
        _write_frames(answers, _parts(pixels.reshape(-1).view(np.uint8).data))
    elif isinstance(found, list | str | int):
        answers.write(wire.line({"found": found}))
    else:
        answers.write(wire.line({"pieces": True}))
        _write_frames(answers, found)


def _parts(data: memoryview) -> Iterable[memoryview]:
    return (data[start : start + wire.FRAME] for start in range(0, len(data), wire.FRAME))


def _write_frames(answers: BinaryIO, parts: Iterable[bytes | memoryview]) -> None:
    """All parts, and the end; what stops them on the way is said in their place."""
    try:
        for part in parts:
            answers.write(wire.LENGTH.pack(len(part)))
            answers.write(part)
    except (OSError, MemoryError):
        answers.write(wire.LENGTH.pack(wire.FAILED))
        raise
    answers.write(wire.LENGTH.pack(0))


def _fail(answers: BinaryIO, said: dict[str, object]) -> None:
    answers.write(wire.line(said))


if __name__ == "__main__":
    main()
