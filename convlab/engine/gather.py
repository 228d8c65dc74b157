"""The input samples under a region of outputs, brought together as one small picture.

The value of a layer at output position p·d is the same layer with stride s·d, so every d-th pixel costs as
much as the pixels asked for. Along each axis the samples needed are listed as indices into the source, by the
padding mode's rule at the photo's true border; convolving the gathered picture without padding gives the region.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.scratch import Scratch
from convlab.model.layer import COLUMNS, ROWS, ConvSpec
from convlab.model.maps import LayerMaps
from convlab.model.region import Region
from convlab.model.taps import read_from

TORCH_DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


def compute_dtype(dtype: str) -> torch.dtype:
    """The type sums are made in: half types are accumulated in float32 and rounded once."""
    return torch.float64 if dtype == "float64" else torch.float32


def rounded_to(values: torch.Tensor, dtype: str) -> torch.Tensor:
    """Half types round what leaves each layer; in the type that sums are made in."""
    wanted = TORCH_DTYPES[dtype]
    return values if values.dtype == wanted else values.to(wanted).to(values.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The samples that windows read along one axis.

    indices: source index of each sample, −1 for a padding zero. stride, dilation: how a kernel moves over the
    samples. inside: the part [start, end) of the samples that is regular: one run of the source, or where
    windows lie apart, `window`: (samples of each, source pixels between their starts, between their samples).
    """

    indices: NDArray[np.int64]
    stride: int
    dilation: int
    inside: tuple[int, int]
    window: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The gathered picture [1, in_channels, rows, columns], and how a kernel moves over it.

    parts: some of its channels by themselves, which were asked for.
    """

    pixels: torch.Tensor
    stride: tuple[int, int]
    dilation: tuple[int, int]
    parts: dict[range, torch.Tensor] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Memory held, what the picture is a part of included."""
        return self.pixels.untyped_storage().nbytes() + sum(part.nbytes for part in self.parts.values())

    def part(self, channels: range) -> torch.Tensor:
        """[1, len(channels), rows, columns], in memory by themselves; kept."""
        if channels not in self.parts:
            chosen = self.pixels[:, channels.start : channels.stop]
            self.parts[channels] = chosen.clone(memory_format=torch.channels_last)
        return self.parts[channels]


def plan_axis(spec: ConvSpec, size: int, axis: int, first: int, count: int, step: int) -> Axis:
    """The samples that `count` outputs from `first`, `step` apart, read along `axis` of an input of `size`.

    Windows that overlap share one run of samples; windows far apart bring only their own taps.
    """
    kernel, dilation = spec.kernel_size[axis], spec.dilation[axis]
    stride = spec.window_stride[axis] * step
    start = first * spec.window_stride[axis] - spec.window_pads[axis][0]
    run = stride * (count - 1) + spec.extent[axis]
    spread = spec.spread[axis] > 1  # zeros between the samples: nothing is regular
    if run <= count * kernel:
        positions = start + np.arange(run)
        inside = (0, 0) if spread else (min(max(0, -start), run), max(0, min(run, size - start)))
        return Axis(read_from(spec, positions, size, axis), stride, dilation, inside)
    starts = start + stride * np.arange(count)
    taps = starts[:, None] + dilation * np.arange(kernel)[None, :]
    within = np.flatnonzero((starts >= 0) & (starts + spec.extent[axis] <= size)) if not spread else np.empty(0, int)
    inside = (int(within[0]) * kernel, (int(within[-1]) + 1) * kernel) if within.size else (0, 0)
    return Axis(read_from(spec, taps.ravel(), size, axis), kernel, 1, inside, (kernel, stride, dilation))


def gather(
    maps: LayerMaps, pixels: torch.Tensor, region: Region, planar: bool = False, scratch: Scratch | None = None
) -> Gathered:
    """The samples of the document's input channels that `region` reads.

    pixels: the source's pixels [D, H, W, C] in their stored type (see `stored_tensor`), on any device. The result
    has a channel for each channel and slice that is read and the layer's dtype, is scaled to 0…1 by the source's range,
    and silent channels are zero. In memory each pixel's channels lie together (torch's channels-last), or where
    `planar` each channel's pixels. With `scratch` the result lies there until the next call.
    """
    spec = maps.window
    height, width = pixels.shape[1:3]
    rows = plan_axis(spec, height, ROWS, region.top, region.rows, region.step)
    cols = plan_axis(spec, width, COLUMNS, region.left, region.cols, region.step)
    values = source_values(maps, pixels, maps.slices, rows, cols, planar, scratch)
    return Gathered(values.unsqueeze(0), (rows.stride, cols.stride), (rows.dilation, cols.dilation))


def source_values(
    maps: LayerMaps,
    pixels: torch.Tensor,
    slices: Sequence[int],
    rows: Axis,
    cols: Axis,
    planar: bool = False,
    scratch: Scratch | None = None,
) -> torch.Tensor:
    """The first layer's input at these places, slice −1 being zeros: [channels · slices, rows, columns], as `gather`
    says."""
    spec, count = maps.window, len(slices)
    channels = [channel.index for channel in maps.source_channels]
    values = _empty(len(channels) * count, len(rows.indices), len(cols.indices), spec, pixels.device, planar, scratch)
    for place, at in enumerate(slices):
        _read(pixels[max(at, 0)], rows, cols, channels, values[place::count])
    if maps.document.picture.max_value != 1:
        values /= maps.document.picture.max_value
    for number, gain in enumerate(maps.source_gains):
        if gain == 0:
            values[number * count : (number + 1) * count] = 0
    for place, at in enumerate(slices):
        if at < 0:
            values[place::count] = 0
    for axis, plan in ((1, rows), (2, cols)):
        outside = np.flatnonzero(plan.indices < 0)
        if outside.size:
            values.index_fill_(axis, torch.from_numpy(outside).to(values.device), 0)
    return values.to(TORCH_DTYPES[spec.dtype])


def _empty(
    channels: int, rows: int, cols: int, spec: ConvSpec, device: torch.device, planar: bool, scratch: Scratch | None
) -> torch.Tensor:
    """[channels, rows, cols] in the order of memory asked for."""
    memory = scratch or Scratch()
    dtype = compute_dtype(spec.dtype)
    if planar:
        return memory.empty("samples", (channels, rows, cols), dtype, device)
    return memory.empty("samples", (rows, cols, channels), dtype, device).permute(2, 0, 1)


def stored_tensor(pixels: NDArray[np.generic], device: torch.device) -> torch.Tensor:
    """The stored pixels as a tensor without a copy on the CPU; uint16 travels as int16, the same bits."""
    array = pixels.view(np.int16) if pixels.dtype == np.uint16 else pixels
    if not array.flags.writeable:  # torch warns about read-only memory, which nobody here writes to
        array = _alias(array)
    return torch.from_numpy(array).to(device)


def _alias(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same memory through the buffer interface, without numpy's read-only mark."""

    class Memory:
        __array_interface__ = {**array.__array_interface__, "data": (array.__array_interface__["data"][0], False)}
        owner = array

    return np.asarray(Memory())


def _read(pixels: torch.Tensor, rows: Axis, cols: Axis, channels: list[int], out: torch.Tensor) -> None:
    """The stored samples, as floats, into out [channels, rows, cols]; where an axis has none (−1) any sample."""
    first, last = min(channels), max(channels)
    pixels = pixels[:, :, first : last + 1]
    picked = [channel - first for channel in channels]
    for top, bottom in _parts(rows):
        band = _part(pixels, rows, (top, bottom), 0)
        for left, right in _parts(cols):
            block = unsigned(_part(band, cols, (left, right), band.dim() - 2))
            if picked != list(range(block.shape[-1])):
                block = block[..., picked]
            target = out[:, top:bottom, left:right]
            target.view(len(channels), *block.shape[:-1]).copy_(block.movedim(-1, 0))


def _parts(axis: Axis) -> list[tuple[int, int]]:
    """The samples in up to three parts: before the regular ones, these, after them."""
    ends = [0, *axis.inside, len(axis.indices)] if axis.inside[0] < axis.inside[1] else [0, len(axis.indices)]
    return [(start, end) for start, end in pairwise(ends) if start < end]


def _part(pixels: torch.Tensor, axis: Axis, part: tuple[int, int], dim: int) -> torch.Tensor:
    """One part of the samples along dim: a slice, a view [… windows, samples …], or picked one by one."""
    start, end = part
    if part != axis.inside:
        index = torch.from_numpy(axis.indices[start:end].clip(0)).to(pixels.device)
        return pixels.index_select(dim, index)
    first = int(axis.indices[start])
    if axis.window is None:
        return pixels.narrow(dim, first, end - start)
    kernel, stride, dilation = axis.window
    count, extent = (end - start) // kernel, dilation * (kernel - 1) + 1
    run = pixels.narrow(dim, first, (count - 1) * stride + extent)
    return run.unfold(dim, extent, stride)[..., ::dilation].movedim(-1, dim + 1)


def unsigned(stored: torch.Tensor) -> torch.Tensor:
    """uint16 out of the int16 of the same bits; all else as it is."""
    return stored.to(torch.int32).bitwise_and_(0xFFFF) if stored.dtype == torch.int16 else stored
