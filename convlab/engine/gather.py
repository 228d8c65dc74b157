"""The input samples under a region of outputs, brought together as one small picture.

The value of a layer at output position p·d is the same layer with stride s·d, so every d-th pixel costs as
much as the pixels asked for. Along each axis the samples needed are listed as indices into the source, by the
padding mode's rule at the photo's true border; convolving the gathered picture without padding gives the region.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.model.document import Document
from convlab.model.layer import ConvSpec, PaddingMode
from convlab.model.region import Region

TORCH_DTYPES = {
    "float32": torch.float32,
    "float64": torch.float64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
}


def compute_dtype(dtype: str) -> torch.dtype:
    """The type sums are made in: half types are accumulated in float32 and rounded once."""
    return torch.float64 if dtype == "float64" else torch.float32


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One axis of the gathered picture: source index per sample (−1: a padding zero), stride and dilation there."""

    indices: NDArray[np.int64]
    stride: int
    dilation: int


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """The gathered picture [1, in_channels, rows, columns], and how a kernel moves over it.

    patches: [in_channels, taps, positions], each window's samples tap by tap, where they are worth keeping.
    """

    pixels: torch.Tensor
    stride: tuple[int, int]
    dilation: tuple[int, int]
    patches: torch.Tensor | None = None

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return self.pixels.nbytes + (0 if self.patches is None else self.patches.nbytes)

    def result_size(self, kernel_size: tuple[int, ...]) -> tuple[int, int]:
        """(rows, columns) of what a kernel of this size gives."""
        spans = [d * (k - 1) + 1 for k, d in zip(kernel_size, self.dilation, strict=True)]
        rows, cols = ((n - e) // s + 1 for n, e, s in zip(self.pixels.shape[2:], spans, self.stride, strict=True))
        return rows, cols

    def with_patches(self, kernel_size: tuple[int, ...], dtype: torch.dtype) -> Gathered:
        """The same with its windows laid out (im2col), so that an edit is one small matrix product.

        A strided view copied once: F.unfold gives the same on one core (measured 10 ms where this takes 4).
        """
        pixels = self.pixels[0].to(dtype).contiguous()
        channels, counts = len(pixels), self.result_size(kernel_size)
        channel, row, col = pixels.stride()
        strides = (channel, row * self.dilation[0], col * self.dilation[1], row * self.stride[0], col * self.stride[1])
        windows = pixels.as_strided((channels, *kernel_size, *counts), strides)
        return replace(self, patches=windows.reshape(channels, prod(kernel_size), prod(counts)))


def plan_axis(spec: ConvSpec, size: int, axis: int, first: int, count: int, step: int) -> Axis:
    """The samples that `count` outputs from `first`, `step` apart, read along `axis` of an input of `size`.

    Windows that overlap share one run of samples; windows far apart bring only their own taps.
    """
    kernel, dilation = spec.kernel_size[axis], spec.dilation[axis]
    stride = spec.stride[axis] * step
    start = first * spec.stride[axis] - spec.pads[axis][0]
    run = stride * (count - 1) + spec.extent[axis]
    if run <= count * kernel:
        return Axis(source_indices(start + np.arange(run), size, spec.padding_mode), stride, dilation)
    taps = start + stride * np.arange(count)[:, None] + dilation * np.arange(kernel)[None, :]
    return Axis(source_indices(taps.ravel(), size, spec.padding_mode), kernel, 1)


def source_indices(positions: NDArray[np.int64], size: int, mode: PaddingMode) -> NDArray[np.int64]:
    """Where positions before 0 or from `size` on read: −1 for zeros, else the sample that torch's F.pad repeats."""
    outside = (positions < 0) | (positions >= size)
    if not outside.any():
        return positions
    if mode == "zeros":
        return np.where(outside, -1, positions)
    if mode == "replicate":
        return positions.clip(0, size - 1)
    if mode == "circular":
        return positions % size
    mirrored = np.abs(positions)
    return np.where(mirrored >= size, 2 * (size - 1) - mirrored, mirrored)


def gather(document: Document, pixels: torch.Tensor, region: Region, planar: bool = False) -> Gathered:
    """The samples of the document's input channels that `region` reads.

    pixels: the source's pixels [H, W, C] in their stored type (see `stored_tensor`), on any device. The result
    has the layer's dtype, is scaled to 0…1 by the source's range, and silent channels are zero. In memory each
    pixel's channels lie together (torch's channels-last), or where `planar` each channel's pixels.
    """
    spec = document.layer
    height, width = document.source.size
    rows = plan_axis(spec, height, 0, region.top, region.rows, region.step)
    cols = plan_axis(spec, width, 1, region.left, region.cols, region.step)
    taken = _take(_take(pixels, rows.indices, 0), cols.indices, 1)
    taken = _take_channels(taken, [channel.index for channel in document.input_channels])
    values = _scaled(taken, document, TORCH_DTYPES[spec.dtype], planar)
    for axis, plan in ((1, rows), (2, cols)):
        outside = np.flatnonzero(plan.indices < 0)
        if outside.size:
            values.index_fill_(axis, torch.from_numpy(outside).to(values.device), 0)
    return Gathered(values.unsqueeze(0), (rows.stride, cols.stride), (rows.dilation, cols.dilation))


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


def _take(pixels: torch.Tensor, indices: NDArray[np.int64], axis: int) -> torch.Tensor:
    """pixels at indices (−1 as 0) along axis; where most indices are one run, that part is a slice."""
    breaks = np.flatnonzero((np.diff(indices) != 1) | (indices[:-1] < 0)) + 1
    starts = np.concatenate([[0], breaks])
    ends = np.concatenate([breaks, [len(indices)]])
    longest = int(np.argmax(ends - starts))
    start, end = int(starts[longest]), int(ends[longest])
    if 2 * (end - start) < len(indices) or indices[start] < 0:
        return _picked(pixels, indices, axis)
    run = pixels.narrow(axis, int(indices[start]), end - start)
    edges = [_picked(pixels, part, axis) if part.size else None for part in (indices[:start], indices[end:])]
    parts = [part for part in (edges[0], run, edges[1]) if part is not None]
    return run if len(parts) == 1 else torch.cat(parts, axis)


def _picked(pixels: torch.Tensor, indices: NDArray[np.int64], axis: int) -> torch.Tensor:
    return pixels.index_select(axis, torch.from_numpy(indices.clip(0)).to(pixels.device))


def _take_channels(pixels: torch.Tensor, channels: list[int]) -> torch.Tensor:
    if channels == list(range(pixels.shape[2])):
        return pixels
    return pixels[:, :, channels]


def _scaled(taken: torch.Tensor, document: Document, dtype: torch.dtype, planar: bool) -> torch.Tensor:
    """[H, W, C] as stored → [C, H, W] as the layer reads it."""
    values = widened(taken, torch.float64 if dtype == torch.float64 else torch.float32, planar)
    if document.source.max_value != 1:
        values /= document.source.max_value
    for place, gain in enumerate(document.input_gains):
        if gain == 0:
            values[place] = 0
    return values.to(dtype)


def widened(stored: torch.Tensor, dtype: torch.dtype, planar: bool) -> torch.Tensor:
    """Pixels as stored [H, W, C] → floats [C, H, W] of their own memory, by pixel or by channel."""
    if stored.dtype == torch.int16:  # uint16's bits
        stored = stored.to(torch.int32).bitwise_and_(0xFFFF)
    if planar:
        return stored.permute(2, 0, 1).to(dtype, copy=True, memory_format=torch.contiguous_format)
    return stored.to(dtype, copy=True).permute(2, 0, 1)
