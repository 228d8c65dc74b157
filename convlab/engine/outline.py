"""What a program's costs and places follow from: its layers without their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, prod, sqrt

import numpy as np

from convlab.engine.gather import Axis, plan_axis
from convlab.engine.kinds.base import Positions
from convlab.engine.memory import Memory
from convlab.engine.plan import Plan, Plans
from convlab.model.layer import COLUMNS, ROWS
from convlab.model.maps import LayerMaps
from convlab.model.region import Region
from convlab.model.stack import seen_through

LIVE_MULTIPLY_ADDS = 200e6
"""Of the layers before: what is evaluated at once for the screen; about 4 ms on 2 cores."""
LEAST_SAMPLES = 8
"""Along the longer side, at any price."""
MULTIPLY_ADDS_PER_NS = 100.0
KEPT = 256


@dataclass(frozen=True, slots=True)
class Work:
    """What the layers before cost for each of the maps' positions, where all are wanted.

    values: that are made; nanoseconds: on 2 cores; halo: rows of output that a band reads beyond its own.
    """

    values: float = 0.0
    nanoseconds: float = 0.0
    halo: int = 0


class Outline:
    """Shapes, plans and costs of layers before maps, which stay while their numbers change.

    layers: first to last. shapes: of what each reads, and of what leaves the last. window: the layer that makes the
    maps.
    """

    def __init__(self, maps: LayerMaps, plans: Plans) -> None:
        self.layers = tuple(entry.layer for entry in maps.before)
        shapes = [maps.document.source_shape]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        self.shapes, self.window = tuple(shapes), maps.window
        self._entries, self._input_size, self._output_size = maps.before, maps.input_size, maps.output_size
        self._plans, self._taps = plans, len(maps.slices)
        first = max(0, (self.shapes[-1].size[0] - self._taps) // 2)
        self._depth = Plan(first + np.arange(self._taps), 1, 1)
        self._costs: Memory[tuple[float, int]] = Memory(KEPT, lambda _: 1)

    def axes(self, region: Region) -> tuple[Axis, Axis]:
        """The rows and columns of what the layers give that a region of the maps reads."""
        height, width = self._input_size
        return (
            plan_axis(self.window, height, ROWS, region.top, region.rows, region.step),
            plan_axis(self.window, width, COLUMNS, region.left, region.cols, region.step),
        )

    def plans(self, level: int, positions: tuple[Positions, ...]) -> tuple[Plan, ...]:
        """What layer number `level` (1: the first) reads along each axis for its values there."""
        layer, shape = self.layers[level - 1], self.shapes[level - 1]
        return tuple(self._plans.of(layer, shape.size[axis], axis, at) for axis, at in enumerate(positions))

    @cached_property
    def work(self) -> Work:
        """An estimate, for the size of bands."""
        if not self.layers:
            return Work()
        density = prod(self.window.window_stride) / prod(self.window.spread)
        values, nanoseconds = density * self._taps * self.shapes[-1].channels, 0.0
        density *= self._taps
        for level in range(len(self.layers), 0, -1):
            layer, shape = self.layers[level - 1], self.shapes[level - 1]
            if not layer.own_place:
                nanoseconds += density * layer.operations(shape.channels) / MULTIPLY_ADDS_PER_NS
                density *= self._read_for_each(level)
            values += density * shape.channels
        top, _, bottom, _ = seen_through(self._entries, (0, 0, 1, 1), self.shapes[0], whole_maps=False)
        return Work(values, nanoseconds, ceil((bottom - top) / sqrt(max(density, 1e-6))))

    def _read_for_each(self, level: int) -> float:
        """How many positions of its input layer number `level` reads for each of its outputs, where all are wanted."""
        window = self.layers[level - 1].window
        if window is not None:
            return prod(window.window_stride) / prod(window.spread)
        return prod(self.shapes[level - 1].size) / prod(self.shapes[level].size)

    def affordable(self, region: Region, share: float = 1.0) -> Region:
        """The region, or where the layers would take too long for the screen one of a larger step.

        share: the part of the time there is that it may take.
        """
        if not self.layers or region.step == 1:
            return region
        factor, tried, most = 1, region, share * LIVE_MULTIPLY_ADDS
        for _ in range(6):
            tried = coarser(region, factor, self._output_size)
            cost, _ = self._cost(tried)
            if cost <= most or max(tried.rows, tried.cols) <= LEAST_SAMPLES:
                break
            factor = max(factor + 1, ceil(factor * sqrt(cost / most)))
        return tried

    def seconds(self, region: Region) -> float:
        """An estimate, on all cores, of what the layers' values under a region take."""
        return 1e-9 * self._cost(region)[0] / MULTIPLY_ADDS_PER_NS if self.layers else 0.0

    def most_bytes(self, region: Region) -> int:
        """What one of the layers takes at most, in float32, to make its values under a region at once."""
        return self._cost(region)[1]

    def _cost(self, region: Region) -> tuple[float, int]:
        found = self._costs.get(region)
        if found is None:
            found = self._counted(region)
            self._costs.put(region, found)
            self._costs.trim()
        return found

    def _counted(self, region: Region) -> tuple[float, int]:
        """About how many multiply-adds the layers' values under a region take, of volumes under its middle slice, and
        bytes the largest of them."""
        total, most, depth = 0.0, 0, self._depth
        plans: tuple[Plan, ...] = (depth, *(Plan(axis.indices, 1, 1) for axis in self.axes(region)))
        for level in range(len(self.layers), 0, -1):
            layer, shape = self.layers[level - 1], self.shapes[level - 1]
            each, wanted = layer.operations(shape.channels), plans
            if layer.own_place:
                total += each * prod(len(plan.needed) for plan in plans)
                continue
            plans = self.plans(level, tuple(plan.needed for plan in plans))
            if layer.window is None:
                made = prod(len(plan.needed) for plan in wanted)
            else:
                made = prod(plan.count(kernel) for kernel, plan in zip(layer.window.kernel_size, plans, strict=True))
            read = shape.channels * prod(len(plan.indices) for plan in plans)
            total += made * each + 20 * read
            most = max(most, 4 * (read + made * layer.out_channels(shape.channels)))
        return total, most


def coarser(region: Region, factor: int, size: tuple[int, int]) -> Region:
    """About the same part of a map of this size with a step `factor` times as large."""
    step = region.step * factor
    (top, rows), (left, cols) = (
        _coarser_axis(first, count, region.step, step, most)
        for first, count, most in zip((region.top, region.left), (region.rows, region.cols), size, strict=True)
    )
    return Region(top, left, rows, cols, step)


def _coarser_axis(first: int, count: int, old: int, step: int, size: int) -> tuple[int, int]:
    start = first // step * step
    end = min(first + count * old, size)
    return start, -(-(end - start) // step)
