"""Which samples some outputs of a window read along one axis, and how the window moves over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from convlab.engine.gather import plan_axis
from convlab.engine.kinds.base import Positions
from convlab.engine.memory import Budget, Memory
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Layer
from convlab.model.taps import read_from


@dataclass(frozen=True, eq=False)
class Plan:
    """The samples along one axis under some outputs, and how a window moves over them.

    indices: position of each sample in the input, −1 in the padding. keep: the outputs wanted of all that come out.
    """

    indices: Positions
    stride: int
    dilation: int
    keep: Positions | None = None

    @cached_property
    def needed(self) -> Positions:
        """The input's positions, sorted and each once; at least one."""
        found = np.unique(self.indices)
        found = found[found >= 0]
        return found if found.size else np.zeros(1, np.int64)

    @cached_property
    def places(self) -> Positions:
        """Where each sample is among the needed ones; anywhere for one in the padding."""
        return np.searchsorted(self.needed, self.indices.clip(0)).clip(0, len(self.needed) - 1)

    @cached_property
    def padding(self) -> tuple[int, int] | None:
        """How many samples lie in the padding before and after the needed ones, where that is all that differs."""
        first = int(np.argmax(self.indices >= 0))
        last = first + len(self.needed)
        outside = np.concatenate([self.indices[:first], self.indices[last:]])
        if not np.array_equal(self.indices[first:last], self.needed) or (outside >= 0).any():
            return None
        return first, len(self.indices) - last

    @property
    def nbytes(self) -> int:
        """Memory held, with all that is worked out of it."""
        return 3 * self.indices.nbytes + (0 if self.keep is None else self.keep.nbytes)

    def count(self, kernel: int) -> int:
        """How many outputs come out, wanted or not."""
        return int((len(self.indices) - self.dilation * (kernel - 1) - 1) // self.stride + 1)


class Plans:
    """Plans that were made: the same are asked for again and again while weights change."""

    def __init__(self, budget: Budget) -> None:
        self._known: Memory[Plan] = budget.memory(lambda plan: plan.nbytes)

    def of(self, layer: Layer, size: int, axis: int, positions: Positions) -> Plan:
        """What the layer's outputs at `positions`, sorted, read along `axis` of an input of `size`."""
        key = (layer.window or layer, size, axis, positions.tobytes())
        found = self._known.get(key)
        if found is None:
            found = _listed(layer, size, axis, positions)
            self._known.put(key, found)
            self._known.trim()
        return found


def _listed(layer: Layer, size: int, axis: int, positions: Positions) -> Plan:
    if layer.window is not None:
        return planned(layer.window, size, axis, positions)
    sources = layer.sources(positions, size, axis)
    return Plan(sources.ravel(), sources.shape[1], 1)  # each output brings its own


def planned(spec: ConvSpec, size: int, axis: int, positions: Positions) -> Plan:
    """The samples that outputs at `positions`, sorted, read along `axis` of an input of `size`.

    Runs of outputs read a run of samples each. The runs lie one after another, and what windows over two of them give
    is not kept; where single outputs are cheaper, each brings its own taps.
    """
    steps = np.unique(np.diff(positions))
    if steps.size < 2:
        step = int(steps[0]) if steps.size else 1
        found = plan_axis(spec, size, axis, int(positions[0]), len(positions), step)
        return Plan(found.indices, found.stride, found.dilation)
    stride, extent = spec.window_stride[axis], spec.extent[axis]
    breaks = np.flatnonzero(np.diff(positions) != 1) + 1
    runs = np.split(positions, breaks)
    lengths = [-(-((len(run) - 1) * stride + extent) // stride) * stride for run in runs]
    kernel = spec.kernel_size[axis]
    pad = spec.window_pads[axis][0]
    if sum(lengths) >= len(positions) * kernel:
        taps = (positions * stride - pad)[:, None] + spec.dilation[axis] * np.arange(kernel)[None, :]
        return Plan(read_from(spec, taps.ravel(), size, axis), kernel, 1)
    samples = np.concatenate([run[0] * stride - pad + np.arange(n) for run, n in zip(runs, lengths, strict=True)])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) // stride
    keep = np.concatenate([start + np.arange(len(run)) for start, run in zip(starts, runs, strict=True)])
    return Plan(_within(read_from(spec, samples, size, axis), size), stride, spec.dilation[axis], keep)


def _within(indices: Positions, size: int) -> Positions:
    """Samples that only filled up a run may lie anywhere: nothing is kept that reads them."""
    return np.where((indices < 0) | (indices >= size), -1, indices)
