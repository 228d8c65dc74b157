"""Threads that draw and write maps while the next ones are evaluated, in bounded memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WAITING_BYTES = 320 << 20
"""Of evaluated maps that are not yet written, at most; or one batch, where it alone is larger."""
SLACK = 1 / 8
"""How much larger memory may be than what is put in it, of its size."""

Write = Callable[[], Path]
Memory = NDArray[np.uint8]


class Writers:
    """A pool for use in a `with`: leaving it drops what has not begun and waits for what has.

    threads: the machine's cores unless given; drawing and compressing release Python's lock. The memory of maps that
    are written is kept for the next ones, of other photos too: fresh pages cost about as much as the arithmetic.
    """

    def __init__(self, threads: int | None = None, waiting_bytes: int = WAITING_BYTES) -> None:
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, "writer")
        self._most, self._waiting = waiting_bytes, 0
        self._spare: list[Memory] = []
        self._left = threading.Condition()

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def batch(self, nbytes: int) -> Iterator[Batch]:
        """Waits until there is room for maps of `nbytes`; their room is free when all that was submitted is done."""
        with self._left:
            self._left.wait_for(lambda: self._waiting == 0 or self._waiting + nbytes <= self._most)
            self._waiting += nbytes
            memory = self._take(nbytes)
        batch = Batch(self._pool, nbytes, memory, self._leave)
        try:
            yield batch
        finally:
            batch.leave()

    def _take(self, nbytes: int) -> Memory | None:
        """Spare memory of about that size; what is kept and what waits stay within the bound together."""
        fitting = [n for n, memory in enumerate(self._spare) if 0 <= memory.nbytes - nbytes <= nbytes * SLACK]
        found = self._spare.pop(fitting[0]) if fitting else None
        while self._spare and self._waiting + sum(memory.nbytes for memory in self._spare) > self._most:
            del self._spare[0]
        return found

    def _leave(self, nbytes: int, memory: Memory | None) -> None:
        with self._left:
            self._waiting -= nbytes
            if memory is not None:
                self._spare.append(memory)
            self._left.notify_all()


class Batch:
    """Maps of one array, each written by itself; counts who still needs the array, its maker included.

    memory: of earlier maps, for these; done(bytes, memory): nobody reads them any more.
    """

    def __init__(
        self, pool: ThreadPoolExecutor, nbytes: int, memory: Memory | None, done: Callable[[int, Memory | None], None]
    ) -> None:
        self._pool, self._nbytes, self._memory, self._done = pool, nbytes, memory, done
        self._users, self._lock = 1, threading.Lock()

    def empty(self, shape: tuple[int, ...], dtype: str) -> NDArray[np.floating]:
        """An array for the batch's maps, of undefined content; it may be another batch's when all are written."""
        needed = prod(shape) * np.dtype(dtype).itemsize
        if self._memory is None or self._memory.nbytes < needed:
            self._memory = np.empty(needed, np.uint8)
        return self._memory[:needed].view(dtype).reshape(shape)

    def submit(self, write: Write) -> Future[Path]:
        """Run `write` on a thread of the pool."""
        with self._lock:
            self._users += 1
        future = self._pool.submit(write)
        future.add_done_callback(lambda _: self.leave())
        return future

    def leave(self) -> None:
        """One user less."""
        with self._lock:
            self._users -= 1
            last = self._users == 0
        if last:
            self._done(self._nbytes, self._memory)
            self._memory = None
