"""The largest magnitudes of a map that is evaluated band by band: as many as its percentile needs, and no more kept."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.transfer import to_host
from convlab.model.robust import largest_needed, percentile_of


class Largest:
    """Keeps what can be among the largest of `count` values; `percentile` is exact.

    A value below as many others as are needed is none of them: once so many are held, few of a band are looked at.
    """

    def __init__(self, count: int) -> None:
        self._needed = largest_needed(count)
        self._held: list[NDArray[np.floating]] = []
        self._size, self._least = 0, 0.0

    def add(self, values: torch.Tensor) -> None:
        """Take in finite values of any shape."""
        kept = self._above(values.abs().flatten())
        self._held.append(kept)
        self._size += len(kept)
        if self._size > 2 * self._needed:
            largest = np.concatenate(self._held)
            largest = np.partition(largest, len(largest) - self._needed)[-self._needed :]
            self._held, self._size, self._least = [largest], len(largest), float(largest[0])

    def percentile(self, count: int) -> float:
        """Of the `count` values that were finite."""
        return percentile_of(np.concatenate(self._held), count) if self._size else 0.0

    def _above(self, magnitudes: torch.Tensor) -> NDArray[np.floating]:
        if magnitudes.device.type == "cpu":
            values = magnitudes.numpy()  # its own memory
            kept: NDArray[np.floating] = values[values >= self._least]
            return kept
        found = magnitudes[magnitudes >= self._least]
        return to_host(found.topk(min(self._needed, found.numel())).values)
