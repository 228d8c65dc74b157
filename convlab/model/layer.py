"""A convolution layer as one frozen value, with torch's own parameter names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
PADDING_MODES: tuple[PaddingMode, ...] = ("zeros", "reflect", "replicate", "circular")
DTYPES: dict[str, int] = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
"""Floating types a layer may have, and their size in bytes."""

Activation = Literal["none", "relu", "sigmoid", "tanh"]
ACTIVATIONS: tuple[Activation, ...] = ("none", "relu", "sigmoid", "tanh")


def _kinds(dims: int) -> dict[str, tuple[bool, bool, int]]:
    return {
        f"{lazy}Conv{transpose}{dims}d": (bool(transpose), bool(lazy), dims)
        for lazy in ("", "Lazy")
        for transpose in ("", "Transpose")
    }


KINDS = _kinds(2) | _kinds(1) | _kinds(3)
"""(transposed, lazy, dims) by torch's class."""

Sizes = tuple[int, ...]
"""One whole number per spatial axis, the last axis being the width."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The sizes of a layer of volumes along depth: the first entries of torch's. padding counts where it is no word."""

    kernel_size: int = 1
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    output_padding: int = 0


DEPTH_FIELDS = ("kernel_size", "stride", "padding", "dilation", "output_padding")


@dataclass(frozen=True, slots=True)
class ConvSpec:
    """The parameters of torch.nn.Conv1d/2d/3d and ConvTranspose1d/2d/3d, sizes as (rows, columns).

    With dims 1 the input is a signal: a picture of one row, so that the first entry of each size says nothing (1, for
    padding 0) and Conv1d is Conv2d on that row, number for number. padding 'causal', of Conv1d only, is no word of
    torch's: extent − 1 zeros on the left and none on the right. With dims 3 the input is a volume, and `depth` has the
    sizes along its depth.

    Any combination can be held: `problems.problems` says what torch would refuse. Names and meaning:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html and …torch.nn.ConvTranspose2d.html.
    output_padding counts only where transposed. lazy: torch's class is the one that takes in_channels from its input.
    """

    in_channels: int = 3
    out_channels: int = 2
    kernel_size: Sizes = (3, 3)
    stride: Sizes = (1, 1)
    padding: Sizes | Literal["same", "valid", "causal"] = "same"
    dilation: Sizes = (1, 1)
    groups: int = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
    device: str = "cpu"
    dtype: str = "float32"
    transposed: bool = False
    output_padding: Sizes = (0, 0)
    lazy: bool = False
    dims: int = 2
    depth: Depth = Depth()

    @property
    def kind(self) -> str:
        """torch's class: 'Conv2d', 'LazyConvTranspose2d'."""
        return f"{'Lazy' if self.lazy else ''}Conv{'Transpose' if self.transposed else ''}{self.dims}d"

    @property
    def ndim(self) -> int:
        """Number of entries in each size, those of a signal's one row included."""
        return len(self.kernel_size)

    @property
    def extent(self) -> Sizes:
        """Input samples one window spans per axis: dilation·(kernel_size − 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """(before, after) padding per axis; 'same' puts an odd row or column after, as torch does."""
        if self.padding == "valid":
            return ((0, 0),) * self.ndim
        if isinstance(self.padding, str):
            totals = [e - 1 for e in self.extent]
            return tuple((t, 0) if self.padding == "causal" else (t // 2, t - t // 2) for t in totals)
        return tuple((p, p) for p in self.padding)

    @property
    def spread(self) -> Sizes:
        """Input samples lie so far apart on the grid that windows slide over: stride where transposed, else 1.

        A transposed convolution is a convolution with stride 1, the kernel turned by 180°, over the input with
        stride − 1 zeros between its samples (V. Dumoulin, F. Visin: A guide to convolution arithmetic for deep
        learning, 2016, section 4).
        """
        return self.stride if self.transposed else (1,) * self.ndim

    @property
    def window_stride(self) -> Sizes:
        """How far the window moves on that grid."""
        return (1,) * self.ndim if self.transposed else self.stride

    @property
    def window_pads(self) -> tuple[tuple[int, int], ...]:
        """(before, after) padding on that grid; where transposed extent − 1 − padding, which may be negative."""
        if not self.transposed:
            return self.pads
        return tuple(
            (extent - 1 - before, extent - 1 - after + extra)
            for extent, (before, after), extra in zip(self.extent, self.pads, self.output_padding, strict=True)
        )

    @property
    def groups_divide(self) -> bool:
        """Whether both channel counts are whole multiples of groups, so that a weight shape exists."""
        return self.groups >= 1 and self.in_channels % self.groups == 0 and self.out_channels % self.groups == 0

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """[out_channels, in_channels / groups · kD, kH, kW]. ValueError where groups does not divide.

        The kD slices of a kernel lie after one another, as torch has them in memory; kD is 1 but for volumes.

        Ours for every layer, so that a kernel's place is its (output, input) pair; torch has the first two axes of a
        transposed layer the other way round, see `weights.to_torch`.
        """
        if not self.groups_divide:
            raise ValueError(f"groups {self.groups} does not divide {self.in_channels} and {self.out_channels}")
        return (self.out_channels, self.in_channels // self.groups * self.depth.kernel_size, *self.kernel_size)

    def group_inputs(self, out_channel: int) -> range:
        """The input channels that `out_channel` reads."""
        per_group = self.in_channels // self.groups
        first = out_channel // (self.out_channels // self.groups) * per_group
        return range(first, first + per_group)


def own(spec: ConvSpec, sizes: Sizes) -> Sizes:
    """The entries of a size that torch's class has: all, or of a signal's layer the last."""
    return sizes[-min(spec.dims, 2) :]


def flat(spec: ConvSpec) -> ConvSpec:
    """The layer on a signal: what it has along the rows is left out."""
    padding = spec.padding if isinstance(spec.padding, str) else (0, spec.padding[-1])
    return replace(
        spec,
        dims=1,
        kernel_size=(1, spec.kernel_size[-1]),
        stride=(1, spec.stride[-1]),
        padding=padding,
        dilation=(1, spec.dilation[-1]),
        output_padding=(0, spec.output_padding[-1]),
    )


def torch_size(spec: ConvSpec, name: str) -> Sizes:
    """A size as torch has it: (columns,), (rows, columns) or (depth, rows, columns)."""
    sizes: Sizes = own(spec, getattr(spec, name))
    return (getattr(spec.depth, name), *sizes) if spec.dims == 3 else sizes


def depth_axis(spec: ConvSpec) -> ConvSpec:
    """What a layer of volumes does along depth, as a layer of signals: each sample is a slice."""
    depth = spec.depth
    return ConvSpec(
        in_channels=spec.in_channels,
        out_channels=spec.out_channels,
        kernel_size=(1, depth.kernel_size),
        stride=(1, depth.stride),
        padding=spec.padding if isinstance(spec.padding, str) else (0, depth.padding),
        dilation=(1, depth.dilation),
        groups=spec.groups,
        padding_mode=spec.padding_mode,
        device=spec.device,
        transposed=spec.transposed,
        output_padding=(0, depth.output_padding),
        dims=1,
    )


def plane_of(spec: ConvSpec) -> ConvSpec:
    """What makes one slice of a layer's output: a layer of pictures that reads kD slices of each channel."""
    return replace(spec, dims=2, depth=Depth(), in_channels=spec.in_channels * spec.depth.kernel_size)
