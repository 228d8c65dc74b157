"""A memory of bounded size that forgets what was used longest ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Values by key, together at most `most` by `size`."""

    def __init__(self, most: int, size: Callable[[T], int]) -> None:
        self._most, self._size = most, size
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._total = 0

    def get(self, key: Hashable) -> T | None:
        """The value, which is now the last used; None where there is none."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: T) -> None:
        """Remember a value; nothing is forgotten until `trim`."""
        self.forget(key)
        self._values[key] = value
        self._total += self._size(value)

    def trim(self, in_use: int = 1) -> None:
        """Forget until the rest fits; the `in_use` last used stay in any case."""
        while self._total > self._most and len(self._values) > in_use:
            self._total -= self._size(self._values.popitem(last=False)[1])

    def forget(self, key: Hashable) -> None:
        """Forget this value, if it is here."""
        if key in self._values:
            self._total -= self._size(self._values.pop(key))

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._total = 0
