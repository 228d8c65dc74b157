"""Threads that draw and write maps while the next ones are evaluated, in bounded memory."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

WAITING_BYTES = 320 << 20
"""Of evaluated maps that are not yet written, at most; or one batch, where it alone is larger."""

Write = Callable[[], Path]


class Writers:
    """A pool for use in a `with`: leaving it drops what has not begun and waits for what has.

    threads: the machine's cores unless given; drawing and compressing release Python's lock.
    """

    def __init__(self, threads: int | None = None, waiting_bytes: int = WAITING_BYTES) -> None:
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, "writer")
        self._most, self._waiting = waiting_bytes, 0
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
        batch = Batch(self._pool, lambda: self._leave(nbytes))
        try:
            yield batch
        finally:
            batch.leave()

    def _leave(self, nbytes: int) -> None:
        with self._left:
            self._waiting -= nbytes
            self._left.notify_all()


class Batch:
    """Maps of one array, each written by itself; counts who still needs the array, its maker included."""

    def __init__(self, pool: ThreadPoolExecutor, done: Callable[[], None]) -> None:
        self._pool, self._done = pool, done
        self._users, self._lock = 1, threading.Lock()

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
            self._done()
