"""Whole maps, and a batch from file to file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from .turn import Turn
from .version1 import whole_maps

REPEATS = 5
Maps = NDArray[np.generic]


class FullSize:
    """What the program computes for `convlab apply`, without reading and writing files."""

    def __init__(self, case: str) -> None:
        name, megapixels = case.split(":")
        self._compute = _way()(name, float(megapixels))
        self.turn()

    def turn(self) -> Turn:
        """A few times."""
        seconds = []
        for _ in range(REPEATS):
            start = perf_counter()
            maps = self._compute()
            seconds.append(perf_counter() - start)
        return Turn(tuple(seconds), {"maps": maps.shape})


def _way() -> Callable[[str, float], Callable[[], Maps]]:
    """The program's own `ours`; version 1 has none."""
    ours: Callable[[str, float], Callable[[], Maps]] = getattr(
        import_module("convlab.bench.full_size"), "ours", whole_maps
    )
    return ours


class Batch:
    """`convlab apply` on every photo of a folder."""

    def __init__(self, folder: str) -> None:
        self._main: Callable[[list[str]], int] = import_module("convlab.__main__").main
        self._photos = sorted(map(str, Path(folder).iterdir()))
        self._folder = folder
        self.turn()

    def turn(self) -> Turn:
        """Once, into a folder that goes afterwards."""
        with tempfile.TemporaryDirectory(dir=Path(self._folder).parent) as place:
            out = Path(place) / "out"
            options = ["--kernel", "sobel-x", "--padding", "same", "--normalize", "per-map"]
            start = perf_counter()
            status = self._main(["apply", *self._photos, "--out", str(out), *options])
            seconds = perf_counter() - start
            if status != 0:
                raise RuntimeError(f"convlab apply ended with {status}")
            return Turn((seconds,), {"files": (len(list(out.iterdir())),)})


full_task, batch_task = FullSize, Batch
