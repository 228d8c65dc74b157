"""A program's values, evaluated backward: only the samples that are needed.

A region of outputs needs certain rows and columns of its input, these certain rows and columns of the layer before,
and so on to the photo; each layer pads at the true edge of its own input. All stay a grid of slices × rows × columns,
listed as positions along each axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.gather import Axis, Gathered, compute_dtype, gather, rounded_to, source_values
from convlab.engine.kinds.base import Moments, Positions, Samples
from convlab.engine.memory import Memory
from convlab.engine.plan import Plan
from convlab.engine.program import Program
from convlab.engine.scratch import Scratch
from convlab.engine.whole_map import WholeMaps, is_large
from convlab.model.region import Region

Values = Memory[tuple[object, torch.Tensor]]
"""What left a layer last, at certain rows and columns, and what it depends on: an edit evaluates the layers after it.

The old values go before the new ones are made, which then take their memory: fresh memory costs more than its use.
"""


def samples(
    program: Program,
    pixels: torch.Tensor,
    region: Region,
    planar: bool = False,
    scratch: Scratch | None = None,
    memory: Values | None = None,
    whole: WholeMaps | None = None,
) -> Gathered:
    """As `gather`, through the program's layers."""
    if not program.steps:
        return gather(program.maps, pixels, region, planar, scratch)
    rows, cols = program.outline.axes(region)
    values = Chain(program, pixels, memory, whole).samples(program.maps.slices, rows, cols)
    if planar:
        values = values.contiguous()
    return Gathered(values.unsqueeze(0), (rows.stride, cols.stride), (rows.dilation, cols.dilation))


class Chain:
    """The layers of a program on its photo. pixels: the stored ones on the layer's device.

    memory: where what was evaluated is kept; None for bands, which are not asked for again. whole: what was measured of
    whole maps, and how what was not is.
    """

    def __init__(
        self, program: Program, pixels: torch.Tensor, memory: Values | None = None, whole: WholeMaps | None = None
    ) -> None:
        self._program, self._outline, self._dtype = program, program.outline, program.maps.window.dtype
        self._pixels, self._memory, self._whole = pixels, memory, whole or WholeMaps()

    def samples(self, slices: Sequence[int], rows: Axis, cols: Axis) -> torch.Tensor:
        """The values that leave the last layer at these places, 0 in the padding: [channels · slices, rows, cols]."""
        along = (np.array(slices, np.int64), rows.indices, cols.indices)
        values = self._read(len(self._program.steps), tuple(Plan(at, 1, 1) for at in along), 0.0)
        if len(slices) == 1:
            return values[:, 0]
        return values.permute(2, 3, 0, 1).flatten(2).permute(2, 0, 1)  # a pixel's channels together

    # Whole maps

    def measure(self) -> None:
        """Measure each whole map that a layer depends on."""
        for level in self._program.measured:
            self.moments(level)

    @property
    def unmeasured(self) -> bool:
        """Whether a large one has not been."""
        found = (level - 1 for level in self._program.measured if is_large(self._outline.shapes[level - 1]))
        return any(self._whole.known.get(self._key(level)) is None for level in found)

    def moments(self, level: int) -> Moments:
        """Of each channel that layer number `level` reads, over the whole map."""
        bands = Chain(self._program, self._pixels, None, self._whole)
        shape, key = self._outline.shapes[level - 1], self._key(level - 1)
        return self._whole.measured(shape, partial(bands._evaluated, level - 1), key)

    def _key(self, level: int) -> tuple[object, ...]:
        return self._program.keys[level], self._whole.preview

    # Values

    def _read(self, level: int, plans: tuple[Plan, ...], outside: float) -> torch.Tensor:
        """Level `level`'s values at the plans' samples, `outside` in the padding: [channels, slices, rows, cols]."""
        values = self._values(level, tuple(plan.needed for plan in plans))
        pads = [plan.padding for plan in plans]
        if None not in pads:
            around = [n for pad in reversed(pads) for n in pad or ()]
            if any(around):
                values = F.pad(values, around if any(around[4:]) else around[:4], value=outside)
            return values
        picked = values.permute(1, 2, 3, 0).contiguous()  # a pixel's channels together, as they are in memory
        for axis, plan in enumerate(plans):
            if len(plan.indices) > 1 or plan.indices[0] != plan.needed[0]:
                picked = picked.index_select(axis, torch.from_numpy(plan.places).to(values.device))
            empty = np.flatnonzero(plan.indices < 0)
            if empty.size:
                picked.index_fill_(axis, torch.from_numpy(empty).to(values.device), outside)
        return picked.permute(3, 0, 1, 2)

    def _values(self, level: int, at: tuple[Positions, ...]) -> torch.Tensor:
        """What leaves layer number `level` (0: the photo) at slices × rows × columns, not to be written again."""
        if self._memory is None:
            return self._evaluated(level, at)
        slot, key = (level, *(positions.tobytes() for positions in at)), self._key(level)
        found = self._memory.get(slot)
        if found is not None and found[0] == key:
            return found[1]
        self._memory.forget(slot)
        values = self._evaluated(level, at)
        self._memory.put(slot, (key, values))
        return values

    def _evaluated(self, level: int, at: tuple[Positions, ...]) -> torch.Tensor:
        if level == 0:
            depth, rows, cols = at
            read = source_values(self._program.maps, self._pixels, depth.tolist(), _axis(rows), _axis(cols))
            read = read.to(compute_dtype(self._dtype))
            return read.view(-1, len(depth), *read.shape[1:])
        step = self._program.steps[level - 1]
        found = (self._at if step.layer.own_place else self._under)(level, at)
        if step.layer.whole_map:
            found = replace(found, moments=self.moments(level))
        return rounded_to(step.compute(found), self._dtype)

    def _at(self, level: int, at: tuple[Positions, ...]) -> Samples:
        """What a layer reads that reads its own places: the values there."""
        fresh = level > 1  # nobody else sees them
        values = self._evaluated(level - 1, at) if fresh else self._values(0, at)
        return Samples(values, self._dtype, at, self._outline.shapes[level - 1].size, fresh=fresh)

    def _under(self, level: int, at: tuple[Positions, ...]) -> Samples:
        """What a layer reads that reads other places too."""
        plans = self._outline.plans(level, at)
        return Samples(
            self._read(level - 1, plans, self._program.steps[level - 1].layer.padding_value),
            self._dtype,
            at,
            self._outline.shapes[level - 1].size,
            tuple(plan.stride for plan in plans),
            tuple(plan.dilation for plan in plans),
            tuple(plan.keep for plan in plans),
        )


def _axis(positions: Positions) -> Axis:
    run = bool(positions[-1] - positions[0] == len(positions) - 1)
    return Axis(positions, 1, 1, (0, len(positions)) if run else (0, 0))
