"""Memories of bounded size that forget what was used longest ago, alone or with one budget for several."""

from __future__ import annotations

import ctypes
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, Generic, TypeVar

T = TypeVar("T")

WORTH_GIVING_BACK = 100_000_000
"""Bytes forgotten after which the system gets the heap's free memory back; it takes some milliseconds."""


class Budget:
    """What several memories may hold together, at most `most` by their own sizes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._memories: list[Memory[Any]] = []
        self._clock = count()
        self._forgotten = 0

    def memory(self, size: Callable[[T], int]) -> Memory[T]:
        """One more memory of this budget."""
        return Memory(self.most, size, self)

    def add(self, memory: Memory[Any]) -> None:
        """Count this memory too."""
        self._memories.append(memory)

    @property
    def total(self) -> int:
        """What they hold."""
        return sum(memory.total for memory in self._memories)

    def now(self) -> int:
        """Later than ever before."""
        return next(self._clock)

    def clear(self) -> None:
        """Forget all of them."""
        for memory in self._memories:
            memory.clear()

    def trim(self, room: int = 0) -> None:
        """Forget what was used longest ago in any of them, until the rest and `room` fit; what is in use stays."""
        while self.total + room > self.most:
            spare = [memory for memory in self._memories if memory.oldest is not None]
            if not spare:
                return
            self._forgotten += min(spare, key=lambda memory: memory.oldest or 0).forget_oldest()

    def rest(self) -> None:
        """Give back to the system what the heap keeps of what was forgotten: for when nothing is to be done."""
        if self._forgotten > WORTH_GIVING_BACK:
            self._forgotten = 0
            _give_back()


class Memory(Generic[T]):
    """Values by key, together at most `most` by `size`, or as much as the budget leaves."""

    def __init__(self, most: int, size: Callable[[T], int], budget: Budget | None = None) -> None:
        self._size, self._budget = size, budget or Budget(most)
        self._values: OrderedDict[Hashable, tuple[T, int, int]] = OrderedDict()  # when used, and its size when put
        self._in_use = 1
        self.total = 0
        """The sizes of all values."""
        self._budget.add(self)

    def get(self, key: Hashable) -> T | None:
        """The value, which is now the last used; None where there is none."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values[key] = (found[0], self._budget.now(), found[2])
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: T) -> None:
        """Remember a value; nothing is forgotten until `trim`."""
        self.forget(key)
        size = self._size(value)
        self._values[key] = (value, self._budget.now(), size)
        self.total += size

    def trim(self, in_use: int = 1) -> None:
        """Forget until the rest fits; the `in_use` last used stay in any case."""
        self._in_use = in_use
        self._budget.trim()

    @property
    def oldest(self) -> int | None:
        """When the value was used that was used longest ago; None where all that there are are in use."""
        if len(self._values) <= self._in_use:
            return None
        return next(iter(self._values.values()))[1]

    def forget_oldest(self) -> int:
        """Forget the one used longest ago, and return its size."""
        size = self._values.popitem(last=False)[1][2]
        self.total -= size
        return size

    def forget(self, key: Hashable) -> None:
        """Forget this value, if it is here."""
        if key in self._values:
            self.total -= self._values.pop(key)[2]

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self.total = 0


def _give_back() -> None:
    """Let the system have the pages of the heap that nothing uses.

    glibc keeps those below a block in use, and blocks of up to 32 MB are in the heap once such were freed (mallopt(3),
    M_MMAP_THRESHOLD); other C libraries have no malloc_trim and are left alone.
    """
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)
