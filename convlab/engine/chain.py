"""What a layer reads of the layers before it: evaluated backward, only the samples that are needed.

A region of outputs needs certain rows and columns of its input, these certain rows and columns of the layer before,
and so on to the photo; each layer pads at the true edge of its own input. All stay a grid of rows × columns, listed as
positions along each axis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import blake2b
from math import ceil, prod, sqrt

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.gather import TORCH_DTYPES, Axis, compute_dtype, plan_axis, source_values
from convlab.engine.kinds.base import Positions, Samples
from convlab.engine.kinds.register import computed
from convlab.engine.memory import Memory
from convlab.engine.whole_map import Moments, WholeMaps, is_large
from convlab.model.layer import COLUMNS, ROWS, ConvSpec
from convlab.model.maps import LayerMaps
from convlab.model.reach import source_reach
from convlab.model.region import Region
from convlab.model.stack import Layer, channels_after, seen_through
from convlab.model.taps import read_from

Values = Memory[tuple[object, torch.Tensor]]
"""What left a layer last, at certain rows and columns, and what it depends on: an edit evaluates the layers after it.

The old values go before the new ones are made, which then take their memory: fresh memory costs more than its use.
"""

MULTIPLY_ADDS_PER_NS = 100.0
LARGEST_VALUE = {"float32": 1e30, "float64": 1e30, "bfloat16": 1e30, "float16": 6e4}
"""Smaller values are finite in the layer's type."""


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

    def count(self, kernel: int) -> int:
        """How many outputs come out, wanted or not."""
        return int((len(self.indices) - self.dilation * (kernel - 1) - 1) // self.stride + 1)


def plan_positions(spec: ConvSpec, size: int, axis: int, positions: Positions) -> Plan:
    """As `_planned`, which is asked for the same again and again while weights change."""
    key = (spec, size, axis, positions.tobytes())
    found = _plans.get(key)
    if found is None:
        found = _planned(spec, size, axis, positions)
        _plans.put(key, found)
        _plans.trim()
    return found


_plans: Memory[Plan] = Memory(512, lambda _: 1)


def _planned(spec: ConvSpec, size: int, axis: int, positions: Positions) -> Plan:
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


class Chain:
    """The layers before a document's own, on its photo. pixels: the stored ones on the layer's device.

    memory: where what was evaluated is kept; None for bands, which are not asked for again. whole: what was measured of
    whole maps, and how what was not is.
    """

    def __init__(
        self, maps: LayerMaps, pixels: torch.Tensor, memory: Values | None = None, whole: WholeMaps | None = None
    ) -> None:
        self._of, self._pixels, self._memory, self._whole = maps, pixels, memory, whole or WholeMaps()
        self._layers = [entry.layer for entry in maps.before]
        self._shapes = [maps.document.source_shape]
        for layer in self._layers:
            self._shapes.append(layer.output_shape(self._shapes[-1]))
        self._dtype = maps.window.dtype
        self._measured = [level for level, layer in enumerate(self._layers, 1) if layer.whole_map]
        keyed = memory is not None or self._measured
        self._keys = _keys(maps, self._layers, self._whole.preview) if keyed else []

    def samples(self, rows: Axis, cols: Axis) -> torch.Tensor:
        """The values that leave the last layer at these rows and columns, 0 in the padding: [channels, rows, cols]."""
        plans = (Plan(rows.indices, 1, 1), Plan(cols.indices, 1, 1))
        return self._read(len(self._layers), plans, 0.0)

    def multiply_adds(self, rows: Axis, cols: Axis) -> float:
        """An estimate of what that costs."""
        total, positions = 0.0, [Plan(axis.indices, 1, 1).needed for axis in (rows, cols)]
        for level in range(len(self._layers), 0, -1):
            layer, shape = self._layers[level - 1], self._shapes[level - 1]
            each, spec = layer.operations(shape.channels), layer.window
            if spec is None:
                total += each * prod(map(len, positions))
                continue
            plans = [plan_positions(spec, shape.size[axis], axis, positions[axis - 1]) for axis in (ROWS, COLUMNS)]
            made = prod(plan.count(spec.kernel_size[axis]) for axis, plan in zip((ROWS, COLUMNS), plans, strict=True))
            total += made * each + 20 * shape.channels * prod(len(plan.indices) for plan in plans)
            positions = [plan.needed for plan in plans]
        return total

    def measure(self) -> None:
        """Measure each whole map that a layer depends on."""
        for level in self._measured:
            self.moments(level)

    @property
    def unmeasured(self) -> bool:
        """Whether a large one has not been."""
        found = (n - 1 for n in self._measured if is_large(self._shapes[n - 1]))
        return any(self._whole.known.get(self._keys[level]) is None for level in found)

    def moments(self, level: int) -> Moments:
        """Of each channel that layer number `level` reads, over the whole map."""
        bands = Chain(self._of, self._pixels, None, self._whole)
        return self._whole.measured(
            self._shapes[level - 1], partial(bands._evaluated, level - 1), self._keys[level - 1]
        )

    def _read(self, level: int, plans: tuple[Plan, Plan], outside: float) -> torch.Tensor:
        """Level `level`'s values at the plans' samples, `outside` in the padding: [channels, rows, cols]."""
        rows, cols = plans
        values = self._values(level, rows.needed, cols.needed)
        if rows.padding is not None and cols.padding is not None:
            if any(rows.padding + cols.padding):
                values = F.pad(values, (*cols.padding, *rows.padding), value=outside)
            return values
        picked = values.permute(1, 2, 0).contiguous()  # a pixel's channels together, as they are in memory
        for axis, plan in ((0, rows), (1, cols)):
            picked = picked.index_select(axis, torch.from_numpy(plan.places).to(values.device))
            empty = np.flatnonzero(plan.indices < 0)
            if empty.size:
                picked.index_fill_(axis, torch.from_numpy(empty).to(values.device), outside)
        return picked.permute(2, 0, 1)

    def _values(self, level: int, rows: Positions, cols: Positions) -> torch.Tensor:
        """What leaves layer number `level` (0: the photo) at rows × cols, not to be written again."""
        if self._memory is None:
            return self._evaluated(level, rows, cols)
        slot, key = (level, rows.tobytes(), cols.tobytes()), self._keys[level]
        found = self._memory.get(slot)
        if found is not None and found[0] == key:
            return found[1]
        self._memory.forget(slot)
        values = self._evaluated(level, rows, cols)
        self._memory.put(slot, (key, values))
        return values

    def _evaluated(self, level: int, rows: Positions, cols: Positions) -> torch.Tensor:
        if level == 0:
            dtype = compute_dtype(self._dtype)
            return source_values(self._of, self._pixels, _axis(rows), _axis(cols)).to(dtype)
        layer, size = self._layers[level - 1], self._shapes[level - 1].plane
        if layer.window is None:
            fresh = level > 1  # nobody else sees them
            values = self._evaluated(level - 1, rows, cols) if fresh else self._values(0, rows, cols)
            samples = Samples(values, self._dtype, (rows, cols), size, fresh=fresh)
            if layer.whole_map:
                whole = self.moments(level)
                samples = replace(samples, means=whole.mean, variances=whole.var)
        else:
            down, across = (
                plan_positions(layer.window, size[axis - 1], axis, at) for axis, at in ((ROWS, rows), (COLUMNS, cols))
            )
            samples = Samples(
                self._read(level - 1, (down, across), layer.padding_value),
                self._dtype,
                (rows, cols),
                size,
                (down.stride, across.stride),
                (down.dilation, across.dilation),
                (down.keep, across.keep),
            )
        return _rounded(computed(layer, samples), self._dtype)


@dataclass(frozen=True, slots=True)
class Work:
    """What the layers before cost for each of the document's output positions, where all are wanted.

    values: that are made; nanoseconds: on 2 cores; halo: rows of output that a band reads beyond its own.
    """

    values: float = 0.0
    nanoseconds: float = 0.0
    halo: int = 0


def chain_work(maps: LayerMaps) -> Work:
    """An estimate, for the size of bands."""
    if maps.reads_source:
        return Work()
    density = prod(maps.window.window_stride) / prod(maps.window.spread)
    entries, values, nanoseconds, channels = maps.before, 0.0, 0.0, maps.reads
    for place in reversed(range(len(entries))):
        layer = entries[place].layer
        spec = layer.window if entries[place].on else None
        values += density * channels
        if spec is not None:
            nanoseconds += density * layer.operations(channels) / MULTIPLY_ADDS_PER_NS
            density *= prod(spec.window_stride) / prod(spec.spread)
        channels = channels_after(entries[:place], len(maps.document.used_channels))
    top, _, bottom, _ = seen_through(entries, (0, 0, 1, 1))
    return Work(values + density * channels, nanoseconds, ceil((bottom - top) / sqrt(max(density, 1e-6))))


def finite(maps: LayerMaps) -> bool:
    """Whether no value that the document's layer reads can be NaN or infinite, judged by the layers' numbers."""
    if maps.picture.pixels.dtype.kind != "u":
        return False
    most, reach = LARGEST_VALUE[maps.window.dtype], source_reach(maps)
    with np.errstate(all="ignore"):
        for entry in maps.before:
            reach = entry.layer.reach(reach)
            if not reach.within(most):
                return False
    return True


def chain_key(maps: LayerMaps) -> bytes:
    """Equal for documents whose layers before the edited one compute the same; b"" where there are none."""
    if maps.reads_source:
        return b""
    digest = blake2b(digest_size=16)
    for entry in maps.before:
        if entry.on:
            digest.update(_layer_key(entry.layer))
    return digest.digest()


def _keys(maps: LayerMaps, layers: list[Layer], preview: bool) -> list[tuple[object, ...]]:
    """For each level what its values depend on."""
    channels = tuple(channel.index for channel in maps.input_channels)
    base = (id(maps.picture), channels, maps.input_gains, maps.window.dtype, maps.window.device, preview)
    digest = blake2b(digest_size=16)
    keys: list[tuple[object, ...]] = [(*base, b"")]
    for layer in layers:
        digest.update(_layer_key(layer))
        keys.append((*base, digest.digest()))
    return keys


def _layer_key(layer: Layer) -> bytes:
    if not layer.arrays:
        return repr(layer).encode()
    found = _layer_keys.get(id(layer))
    if found is None or found[0] is not layer:
        digest = blake2b(repr(layer.outline).encode(), digest_size=16)
        for numbers in layer.arrays:
            digest.update(numbers.tobytes())
        found = (layer, digest.digest())
        _layer_keys.put(id(layer), found)
        _layer_keys.trim()
    return found[1]


_layer_keys: Memory[tuple[Layer, bytes]] = Memory(64, lambda _: 1)


def _axis(positions: Positions) -> Axis:
    run = bool(positions[-1] - positions[0] == len(positions) - 1)
    return Axis(positions, 1, 1, (0, len(positions)) if run else (0, 0))


def _rounded(values: torch.Tensor, dtype: str) -> torch.Tensor:
    """Half types round what leaves each layer."""
    wanted = TORCH_DTYPES[dtype]
    return values if values.dtype == wanted else values.to(wanted).to(values.dtype)


def coarser(maps: LayerMaps, region: Region, factor: int) -> Region:
    """About the same part of the map with a step `factor` times as large."""
    step = region.step * factor
    (top, rows), (left, cols) = (
        _coarser_axis(first, count, region.step, step, size)
        for first, count, size in zip(
            (region.top, region.left), (region.rows, region.cols), maps.output_size, strict=True
        )
    )
    return Region(top, left, rows, cols, step)


def _coarser_axis(first: int, count: int, old: int, step: int, size: int) -> tuple[int, int]:
    start = first // step * step
    end = min(first + count * old, size)
    return start, -(-(end - start) // step)
