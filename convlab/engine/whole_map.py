"""Mean and variance of each channel over a whole map, for layers whose values depend on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import prod

import numpy as np
import torch

from convlab.engine.kinds.base import Moments, Positions
from convlab.engine.memory import Memory
from convlab.engine.transfer import to_host
from convlab.model.stack import Shape

AT_ONCE = 1 << 20
"""Values of a map that are measured at once for the screen; of a larger one a sample, until all have been."""
SAMPLE_SIDE = 64
"""Positions of the sample along each side."""
BAND_VALUES = 1 << 19
LEAST_ROWS = 32
"""Of a band, since layers before read rows above and below again."""
KEPT = 256


@dataclass(frozen=True, slots=True, eq=False)
class WholeMaps:
    """What was measured, and how. preview: large maps by a sample. checkpoint: called between bands, may raise."""

    known: Memory[Moments] = field(default_factory=lambda: Memory(KEPT, lambda _: 1))
    checkpoint: Callable[[], None] | None = None
    preview: bool = False

    def measured(
        self, shape: Shape, evaluated: Callable[[tuple[Positions, ...]], torch.Tensor], key: tuple[object, ...]
    ) -> Moments:
        """Of a map of this shape, whose values at slices × rows × columns are `evaluated`; kept by `key`."""
        found = self.known.get(key)
        if found is None:
            depth, rows, cols = (_positions(n, self.preview and is_large(shape)) for n in shape.size)
            bands = self._bands(shape.channels * len(depth) * len(cols), rows)
            found = moments(evaluated((depth, each, cols)) for each in bands)
            self.known.put(key, found)
            self.known.trim()
        return found

    def _bands(self, row: int, rows: Positions) -> Iterable[Positions]:
        """row: how many values there are in one."""
        count = max(LEAST_ROWS, BAND_VALUES // row)
        for first in range(0, len(rows), count):
            if self.checkpoint is not None:
                self.checkpoint()
            yield rows[first : first + count]


def is_large(shape: Shape) -> bool:
    """Whether a map takes too long to be measured for the screen."""
    return shape.channels * prod(shape.size) > AT_ONCE


def moments(bands: Iterable[torch.Tensor]) -> Moments:
    """Of all values of bands [channels, slices, rows, cols] together.

    Each band's are joined to those before, which loses no digits where the mean is large (T. Chan, G. Golub,
    R. LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979).
    """
    count, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for band in bands:
        var, own = torch.var_mean(band.double(), (1, 2, 3), correction=0)
        size = prod(band.shape[1:])
        share = size / (count + size)
        apart = own - mean if count else torch.zeros_like(own)
        squares = (squares if count else 0) + var * size + apart * apart * (count * share)
        mean = mean + apart * share if count else own
        count += size
    return Moments(to_host(mean), to_host(squares / count))


def _positions(size: int, sampled: bool) -> Positions:
    step = -(-size // SAMPLE_SIDE) if sampled else 1
    return np.arange(step // 2, size, step)
