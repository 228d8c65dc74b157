"""A program's values, evaluated backward: only the samples that are needed.

A region of outputs needs certain rows and columns of its input, these certain rows and columns of the layer before,
and so on to the photo; each layer pads at the true edge of its own input. All stay a grid of rows × columns, listed as
positions along each axis.
"""

from __future__ import annotations

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
    values = Chain(program, pixels, memory, whole).samples(rows, cols)
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

    def samples(self, rows: Axis, cols: Axis) -> torch.Tensor:
        """The values that leave the last layer at these rows and columns, 0 in the padding: [channels, rows, cols]."""
        plans = (Plan(rows.indices, 1, 1), Plan(cols.indices, 1, 1))
        values = self._read(len(self._program.steps), plans, 0.0)
        empty = self._program.maps.padding_channels
        return values.index_fill(0, torch.tensor(empty, device=values.device), 0.0) if empty else values

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
        slot, key = (level, rows.tobytes(), cols.tobytes()), self._key(level)
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
            return source_values(self._program.maps, self._pixels, _axis(rows), _axis(cols)).to(dtype)
        step = self._program.steps[level - 1]
        found = (self._at if step.layer.own_place else self._under)(level, rows, cols)
        if step.layer.whole_map:
            found = replace(found, moments=self.moments(level))
        return rounded_to(step.compute(found), self._dtype)

    def _at(self, level: int, rows: Positions, cols: Positions) -> Samples:
        """What a layer reads that reads its own places: the values there."""
        fresh = level > 1  # nobody else sees them
        values = self._evaluated(level - 1, rows, cols) if fresh else self._values(0, rows, cols)
        return Samples(values, self._dtype, (rows, cols), self._outline.shapes[level - 1].plane, fresh=fresh)

    def _under(self, level: int, rows: Positions, cols: Positions) -> Samples:
        """What a layer reads that reads other places too."""
        down, across = self._outline.plans(level, rows, cols)
        return Samples(
            self._read(level - 1, (down, across), self._program.steps[level - 1].layer.padding_value),
            self._dtype,
            (rows, cols),
            self._outline.shapes[level - 1].plane,
            (down.stride, across.stride),
            (down.dilation, across.dilation),
            (down.keep, across.keep),
        )


def _axis(positions: Positions) -> Axis:
    run = bool(positions[-1] - positions[0] == len(positions) - 1)
    return Axis(positions, 1, 1, (0, len(positions)) if run else (0, 0))
