"""What a layer reads of the layers before it: evaluated backward, only the samples that are needed.

A region of outputs needs certain rows and columns of its input, these certain rows and columns of the layer before,
and so on to the photo; each layer pads at the true edge of its own input. All stay a grid of rows × columns, listed as
positions along each axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from math import ceil, prod, sqrt

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from numpy.typing import NDArray

from convlab.engine.bank import ACTIVATE
from convlab.engine.dense import DenseGroup, dense_groups
from convlab.engine.filters import layer_filters, rounded, slid
from convlab.engine.gather import TORCH_DTYPES, Axis, Gathered, compute_dtype, plan_axis, source_values
from convlab.engine.memory import Memory
from convlab.model.layer import COLUMNS, ROWS, ConvSpec
from convlab.model.maps import LayerMaps
from convlab.model.plain_layers import NORM_DEFAULTS, BatchNorm, Pointwise, Pool, norm_numbers
from convlab.model.region import Region
from convlab.model.stack import ConvLayer, Layer, Shape, channels_after, output_shape, seen_through, window
from convlab.model.taps import read_from
from convlab.model.weights import kernel_slices

Positions = NDArray[np.int64]
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

    memory: where what was evaluated is kept; None for bands, which are not asked for again.
    """

    def __init__(self, maps: LayerMaps, pixels: torch.Tensor, memory: Values | None = None) -> None:
        self._of, self._pixels, self._memory = maps, pixels, memory
        self._layers = [entry.layer for entry in maps.before]
        self._shapes = [maps.document.source_shape]
        for layer in self._layers:
            self._shapes.append(output_shape(layer, self._shapes[-1]))
        self._dtype = maps.window.dtype
        self._keys = _keys(maps, self._layers) if memory is not None else []

    def samples(self, rows: Axis, cols: Axis) -> torch.Tensor:
        """The values that leave the last layer at these rows and columns, 0 in the padding: [channels, rows, cols]."""
        plans = (Plan(rows.indices, 1, 1), Plan(cols.indices, 1, 1))
        return self._read(len(self._layers), plans, 0.0)

    def multiply_adds(self, rows: Axis, cols: Axis) -> float:
        """An estimate of what that costs."""
        total, positions = 0.0, [Plan(axis.indices, 1, 1).needed for axis in (rows, cols)]
        for level in range(len(self._layers), 0, -1):
            layer, shape = self._layers[level - 1], self._shapes[level - 1]
            spec = window(layer)
            if spec is None:
                total += 2 * shape.channels * prod(map(len, positions))
                continue
            plans = [plan_positions(spec, shape.size[axis], axis, positions[axis - 1]) for axis in (ROWS, COLUMNS)]
            made = prod(plan.count(spec.kernel_size[axis]) for axis, plan in zip((ROWS, COLUMNS), plans, strict=True))
            each = prod(spec.weight_shape) if isinstance(layer, ConvLayer) else shape.channels * prod(spec.kernel_size)
            total += made * each + 20 * shape.channels * prod(len(plan.indices) for plan in plans)
            positions = [plan.needed for plan in plans]
        return total

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
        layer, shape = self._layers[level - 1], self._shapes[level - 1]
        spec = window(layer)
        if spec is None:
            fresh = level > 1  # nobody else sees them
            values = self._evaluated(level - 1, rows, cols) if fresh else self._values(0, rows, cols)
            return _rounded(_pointwise(layer, values, self._dtype, fresh), self._dtype)
        plans = (
            plan_positions(spec, shape.size[ROWS], ROWS, rows),
            plan_positions(spec, shape.size[COLUMNS], COLUMNS, cols),
        )
        outside = float("-inf") if isinstance(layer, Pool) and layer.pooling == "max" else 0.0
        values = _windowed(layer, self._read(level - 1, plans, outside), plans, self._dtype)
        values = _kept(values, plans)
        if isinstance(layer, Pool) and layer.pooling == "avg":
            values = values / _divisors(layer, shape, (rows, cols), values)
        return _rounded(values, self._dtype)


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
        spec = window(layer) if entries[place].on else None
        values += density * channels
        if spec is not None:
            each = prod(spec.weight_shape) if isinstance(layer, ConvLayer) else channels * prod(spec.kernel_size)
            nanoseconds += density * each / MULTIPLY_ADDS_PER_NS
            density *= prod(spec.window_stride) / prod(spec.spread)
        channels = channels_after(entries[:place], len(maps.document.used_channels))
    top, _, bottom, _ = seen_through(entries, (0, 0, 1, 1))
    return Work(values + density * channels, nanoseconds, ceil((bottom - top) / sqrt(max(density, 1e-6))))


def finite(maps: LayerMaps) -> bool:
    """Whether no value that the document's layer reads can be NaN or infinite, judged by the layers' numbers."""
    if maps.picture.pixels.dtype.kind != "u":
        return False
    most = 1.0
    for entry in maps.before:
        if entry.on:
            most = _largest(entry.layer, most)
            if not most < LARGEST_VALUE[maps.window.dtype]:
                return False
    return True


def _largest(layer: Layer, most: float) -> float:
    """A bound for the magnitude of what leaves the layer where ± `most` enters it; NaN where there is none."""
    if isinstance(layer, ConvLayer):
        sums = np.abs(layer.weight).reshape(len(layer.weight), -1).sum(axis=1)
        return float(sums.max() * most + np.abs(layer.bias).max())
    if isinstance(layer, Pointwise):
        if layer.function == "sqrt":
            return float("nan")  # of a negative value
        known = {"square": most**2 if most < 1e16 else float("inf"), "sigmoid": 1.0, "tanh": 1.0}
        return known.get(layer.function, most * max(1.0, abs(layer.negative_slope)))
    if isinstance(layer, BatchNorm):
        scale = max((abs(w) for w in layer.weight), default=1.0) / np.sqrt(min(layer.running_var, default=1.0) + 1e-30)
        return (
            float(
                scale * (most + max(map(abs, layer.running_mean), default=0.0)) + max(map(abs, layer.bias), default=0.0)
            )
            + most
        )
    return most


def chain_key(maps: LayerMaps) -> bytes:
    """Equal for documents whose layers before the edited one compute the same; b"" where there are none."""
    if maps.reads_source:
        return b""
    digest = blake2b(digest_size=16)
    for entry in maps.before:
        if entry.on:
            digest.update(_layer_key(entry.layer))
    return digest.digest()


def _keys(maps: LayerMaps, layers: list[Layer]) -> list[tuple[object, ...]]:
    """For each level what its values depend on."""
    channels = tuple(channel.index for channel in maps.input_channels)
    base = (id(maps.picture), channels, maps.input_gains, maps.window.dtype, maps.window.device)
    digest = blake2b(digest_size=16)
    keys: list[tuple[object, ...]] = [(*base, b"")]
    for layer in layers:
        digest.update(_layer_key(layer))
        keys.append((*base, digest.digest()))
    return keys


def _layer_key(layer: Layer) -> bytes:
    if not isinstance(layer, ConvLayer):
        return repr(layer).encode()
    found = _layer_keys.get(id(layer))
    if found is None or found[0] is not layer:
        numbers = layer.weight.tobytes() + layer.bias.tobytes()
        found = (layer, blake2b(repr((layer.spec, layer.activation)).encode() + numbers, digest_size=16).digest())
        _layer_keys.put(id(layer), found)
        _layer_keys.trim()
    return found[1]


_layer_keys: Memory[tuple[ConvLayer, bytes]] = Memory(64, lambda _: 1)


def _axis(positions: Positions) -> Axis:
    run = bool(positions[-1] - positions[0] == len(positions) - 1)
    return Axis(positions, 1, 1, (0, len(positions)) if run else (0, 0))


def _kept(values: torch.Tensor, plans: tuple[Plan, Plan]) -> torch.Tensor:
    """The outputs wanted of all that came out."""
    if plans[0].keep is None and plans[1].keep is None:
        return values
    kept = values.permute(1, 2, 0)
    for axis, plan in enumerate(plans):
        if plan.keep is not None:
            kept = kept.index_select(axis, torch.from_numpy(plan.keep).to(values.device))
    return kept.permute(2, 0, 1)


def _rounded(values: torch.Tensor, dtype: str) -> torch.Tensor:
    """Half types round what leaves each layer."""
    wanted = TORCH_DTYPES[dtype]
    return values if values.dtype == wanted else values.to(wanted).to(values.dtype)


def _in_dtype(values: NDArray[np.float64], dtype: str, device: torch.device) -> torch.Tensor:
    """Numbers rounded to the layer's type, in the type that sums are made in."""
    return torch.from_numpy(np.array(values)).to(TORCH_DTYPES[dtype]).to(compute_dtype(dtype)).to(device)


def _pointwise(layer: Layer, values: torch.Tensor, dtype: str, in_place: bool) -> torch.Tensor:
    if isinstance(layer, BatchNorm):
        return _normalised(layer, values, dtype)
    assert isinstance(layer, Pointwise)
    if layer.function == "leaky_relu":
        return F.leaky_relu(values, layer.negative_slope, inplace=in_place)
    function = getattr(torch, f"{layer.function}_" if in_place else layer.function)  # a name in FUNCTIONS
    result: torch.Tensor = function(values)
    return result


def _normalised(layer: BatchNorm, values: torch.Tensor, dtype: str) -> torch.Tensor:
    names = tuple(NORM_DEFAULTS)
    weight, bias, mean, var = (
        _in_dtype(np.array(norm_numbers(layer, name, len(values))), dtype, values.device) for name in names
    )
    return F.batch_norm(values.unsqueeze(0), mean, var, weight, bias, False, 0.0, layer.eps)[0]


def _windowed(layer: Layer, values: torch.Tensor, plans: tuple[Plan, Plan], dtype: str) -> torch.Tensor:
    stride, dilation = (plans[0].stride, plans[1].stride), (plans[0].dilation, plans[1].dilation)
    picture = values.unsqueeze(0).contiguous(memory_format=torch.channels_last)
    if isinstance(layer, Pool):
        if layer.pooling == "max":
            return F.max_pool2d(picture, layer.kernel_size, stride, 0, dilation)[0]
        return F.avg_pool2d(picture, layer.kernel_size, stride, divisor_override=1)[0]
    assert isinstance(layer, ConvLayer)
    gathered = Gathered(picture, stride, dilation)
    result = _grouped(layer, gathered, dtype) if layer.spec.groups > 1 else _dense(layer, gathered)
    return ACTIVATE[layer.activation](result) if layer.activation in ACTIVATE else result


def _dense(layer: ConvLayer, gathered: Gathered) -> torch.Tensor:
    """As the layer's own maps are convolved, so that they have the same bits."""
    found = _groups.get(id(layer))
    if found is None or found[0] is not layer:
        filters = rounded(layer_filters(layer, range(layer.spec.out_channels)), layer.spec)
        (group,) = dense_groups(filters, layer.spec.in_channels, False, gathered.pixels.device)
        found = (layer, group)
        _groups.put(id(layer), found)
        _groups.trim()
    return found[1].values(gathered)[: layer.spec.out_channels]


_groups: Memory[tuple[ConvLayer, DenseGroup]] = Memory(64, lambda _: 1)
"""Layers as they are convolved, by identity: a layer never changes."""


def _grouped(layer: ConvLayer, gathered: Gathered, dtype: str) -> torch.Tensor:
    spec, values = layer.spec, gathered.pixels
    weight = _in_dtype(slid(kernel_slices(layer.weight), spec), dtype, values.device).contiguous(
        memory_format=torch.channels_last
    )
    bias = _in_dtype(layer.bias, dtype, values.device) if spec.bias else None
    return F.conv2d(values, weight, bias, gathered.stride, 0, gathered.dilation, spec.groups)[0]


def _divisors(pool: Pool, shape: Shape, positions: tuple[Positions, Positions], like: torch.Tensor) -> torch.Tensor:
    """How many values each window averages: [rows, cols]. The padding counts or not; what lies beyond it never does."""
    counts = []
    for axis in (0, 1):
        starts = positions[axis] * pool.stride[axis] - pool.padding[axis]
        low, high = (-pool.padding[axis], shape.plane[axis] + pool.padding[axis])
        if not pool.count_include_pad:
            low, high = 0, shape.plane[axis]
        ends = np.minimum(starts + pool.kernel_size[axis], high)
        counts.append(torch.from_numpy(ends - np.maximum(starts, low)).to(like))
    return counts[0][:, None] * counts[1][None, :]


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
