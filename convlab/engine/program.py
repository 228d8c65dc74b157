"""How the samples come about that maps are made of: worked out once from the layers and what is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TypeVar

import numpy as np

from convlab.engine.kinds.register import Compute, compiled
from convlab.engine.memory import Budget, Memory
from convlab.engine.outline import Outline
from convlab.engine.plan import Plans
from convlab.model.maps import LayerMaps
from convlab.model.reach import source_reach
from convlab.model.stack import Layer

Key = tuple[object, ...]
T = TypeVar("T")

LARGEST_VALUE = {"float32": 1e30, "float64": 1e30, "bfloat16": 1e30, "float16": 6e4}
"""Smaller values are finite in the layer's type."""
PROGRAMS_KEPT, OUTLINES_KEPT = 16, 64


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A layer ready to be computed. key: equal for layers that compute the same."""

    layer: Layer
    compute: Compute
    key: bytes

    @property
    def nbytes(self) -> int:
        """Memory held: the layer's numbers, laid out as they are computed with."""
        return sum(numbers.nbytes for numbers in self.layer.arrays)


class Program:
    """The layers before some maps, ready to be computed on one picture.

    maps: the first that were asked for; the others differ from them in the numbers of their own layer alone. steps: the
    layers, first to last. keys: what the values depend on that leave each, of the picture at first. view_key: what the
    samples of a region depend on. measured: the numbers (1: the first) of layers that depend on whole maps.
    """

    def __init__(self, maps: LayerMaps, outline: Outline, steps: tuple[Compiled, ...]) -> None:
        self.maps, self.outline, self.steps = maps, outline, steps
        spec, base = maps.window, _picture_key(maps)
        digest = blake2b(digest_size=16)
        keys: list[Key] = [(*base, b"")]
        for step in steps:
            digest.update(step.key)
            keys.append((*base, digest.digest()))
        self.keys = tuple(keys)
        geometry = (spec.kernel_size, spec.stride, spec.window_pads, spec.dilation, spec.padding_mode, spec.transposed)
        self.view_key: Key = (keys[-1], geometry, maps.slices)
        self.measured = tuple(level for level, step in enumerate(steps, 1) if step.layer.whole_map)

    @cached_property
    def finite(self) -> bool:
        """Whether no value that leaves the layers can be NaN or infinite, judged by their numbers."""
        if self.maps.document.picture.pixels.dtype.kind != "u":
            return False
        most, reach = LARGEST_VALUE[self.maps.window.dtype], source_reach(self.maps)
        with np.errstate(all="ignore"):
            for step in self.steps:
                reach = step.layer.reach(reach)
                if not reach.within(most):
                    return False
        return True


class Programs:
    """Programs that were made, and their parts: an edit compiles the layer that it changes."""

    def __init__(self, budget: Budget) -> None:
        self._plans = Plans(budget)
        self._compiled: Memory[Compiled] = budget.memory(lambda each: each.nbytes)
        self._outlines: Memory[Outline] = Memory(OUTLINES_KEPT, lambda _: 1)
        self._programs: Memory[Program] = Memory(PROGRAMS_KEPT, lambda _: 1)
        self._last: tuple[LayerMaps, Program] | None = None

    def of(self, maps: LayerMaps) -> Program:
        """The program of maps, whose layers before must have no problems."""
        if self._last is None or self._last[0] is not maps:  # asked for several times for each frame
            layers = [entry.layer for entry in maps.before]
            key = (_picture_key(maps), maps.window, maps.slices, maps.document.source_shape, *map(id, layers))
            self._last = maps, _had(self._programs, key, lambda: self._made(maps, layers))
        return self._last[1]

    def clear(self) -> None:
        """Forget what holds on to a picture."""
        self._programs.clear()
        self._last = None

    def _made(self, maps: LayerMaps, layers: list[Layer]) -> Program:
        key = (maps.window, len(maps.slices), maps.document.source_shape, *(layer.outline for layer in layers))
        outline = _had(self._outlines, key, lambda: Outline(maps, self._plans))
        return Program(maps, outline, tuple(map(self._step, layers)))

    def _step(self, layer: Layer) -> Compiled:
        found = self._compiled.get(id(layer))
        if found is None or found.layer is not layer:
            found = Compiled(layer, compiled(layer), _layer_key(layer))
            self._compiled.put(id(layer), found)
            self._compiled.trim()
        return found


def _had(memory: Memory[T], key: Key, make: Callable[[], T]) -> T:
    found = memory.get(key)
    if found is None:
        found = make()
        memory.put(key, found)
        memory.trim()
    return found


def _picture_key(maps: LayerMaps) -> Key:
    channels = tuple(channel.index for channel in maps.source_channels)
    return (id(maps.document.picture), channels, maps.source_gains, maps.window.dtype, maps.window.device)


def _layer_key(layer: Layer) -> bytes:
    if not layer.arrays:
        return repr(layer).encode()
    digest = blake2b(repr(layer.outline).encode(), digest_size=16)
    for numbers in layer.arrays:
        digest.update(numbers.tobytes())
    return digest.digest()
