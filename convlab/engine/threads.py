"""How many threads torch computes with: one where there is little to do at a time, as for the screen.

Others have to be woken and waited for, and where anything else runs they come late: 2 cores, edits of 12 megapixels in
sight, beside other work, 3.4 ms on one thread and 6.9 ms on two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch

WORTH_S = 0.0005
"""Estimated seconds on all threads from which these are worth waking."""


def use_all_cores() -> None:
    """From now on, on this thread; torch by itself leaves those out that share a core with another."""
    torch.set_num_threads(_all())


def _all() -> int:
    return max(1, os.cpu_count() or 1)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on the calling thread alone."""
    with _threads(1):
        yield


@contextmanager
def all_threads() -> Iterator[None]:
    """Compute on all cores."""
    with _threads(_all()):
        yield


def threads_for(seconds: float) -> AbstractContextManager[None]:
    """Compute on all cores what takes as long on them that they are worth waking, else as before."""
    return all_threads() if seconds > WORTH_S else nullcontext()


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
