"""A convolution layer as one frozen value, with torch's own parameter names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

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
"""One whole number for each of the three axes: depth, rows, columns."""

AXES = 3
ROWS, COLUMNS = 1, 2
"""The axes of a picture, counted from 0; before them lies depth."""
SIZES = {"kernel_size": 1, "stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}
"""The parameters with a number an axis, and what they are along an axis that torch's class does not have."""


@dataclass(frozen=True, slots=True)
class ConvSpec:
    """The parameters of torch.nn.Conv1d/2d/3d and ConvTranspose1d/2d/3d.

    Sizes are (depth, rows, columns) whatever dims is: along the axes that torch's class does not have a kernel spans
    one sample, so Conv1d is Conv3d on a volume of one row and one slice, number for number. They may be given as torch
    takes them, as many as dims. padding 'causal', of Conv1d only, is no word of torch's: extent − 1 zeros on the left
    and none on the right.

    Any combination can be held: `problems.problems` says what torch would refuse. Names and meaning:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html and …torch.nn.ConvTranspose2d.html.
    output_padding counts only where transposed. lazy: torch's class is the one that takes in_channels from its input.
    ValueError for fewer numbers than dims.
    """

    in_channels: int = 3
    out_channels: int = 2
    kernel_size: Sizes = (3, 3, 3)
    stride: Sizes = (1, 1, 1)
    padding: Sizes | Literal["same", "valid", "causal"] = "same"
    dilation: Sizes = (1, 1, 1)
    groups: int = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
    device: str = "cpu"
    dtype: str = "float32"
    transposed: bool = False
    output_padding: Sizes = (0, 0, 0)
    lazy: bool = False
    dims: int = 2

    def __post_init__(self) -> None:
        for name, nothing in SIZES.items():
            sizes = getattr(self, name)
            if not isinstance(sizes, str):
                object.__setattr__(self, name, in_three_axes(sizes, self.dims, nothing))

    @property
    def kind(self) -> str:
        """torch's class: 'Conv2d', 'LazyConvTranspose2d'."""
        return f"{'Lazy' if self.lazy else ''}Conv{'Transpose' if self.transposed else ''}{self.dims}d"

    @property
    def axes(self) -> range:
        """The axes that torch's class has."""
        return range(AXES - self.dims, AXES)

    def torch_sizes(self, sizes: Sizes) -> Sizes:
        """The entries of a size that torch's class has: (columns,), (rows, columns) or all."""
        return sizes[-self.dims :]

    @property
    def extent(self) -> Sizes:
        """Input samples one window spans per axis: dilation·(kernel_size − 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))

    @property
    def pads(self) -> tuple[tuple[int, int], ...]:
        """(before, after) padding per axis; 'same' puts an odd row or column after, as torch does."""
        if self.padding == "valid":
            return ((0, 0),) * AXES
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
        return self.stride if self.transposed else (1,) * AXES

    @property
    def window_stride(self) -> Sizes:
        """How far the window moves on that grid."""
        return (1,) * AXES if self.transposed else self.stride

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
        """[out_channels, in_channels / groups, kD, kH, kW]. ValueError where groups does not divide.

        Ours for every layer, so that a kernel's place is its (output, input) pair; torch has the first two axes of a
        transposed layer the other way round, see `weights.to_torch`.
        """
        if not self.groups_divide:
            raise ValueError(f"groups {self.groups} does not divide {self.in_channels} and {self.out_channels}")
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def group_inputs(self, out_channel: int) -> range:
        """The input channels that `out_channel` reads."""
        per_group = self.in_channels // self.groups
        first = out_channel // (self.out_channels // self.groups) * per_group
        return range(first, first + per_group)


def in_three_axes(sizes: Sizes, dims: int, nothing: int) -> Sizes:
    """Sizes of dims axes, or of more of which the last count, with `nothing` along the others."""
    if len(sizes) < dims:
        raise ValueError(f"{sizes} has fewer than {dims} numbers")
    return (nothing,) * (AXES - dims) + tuple(sizes[-dims:])


def with_new_axes(sizes: Sizes, dims: int) -> Sizes:
    """Sizes of dims axes, along those before them as along the first of these: of 2 (1, 4, 3) become (4, 4, 3)."""
    return (sizes[-dims],) * (AXES - dims) + tuple(sizes[-dims:])


def changed_layer(spec: ConvSpec, **changes: Any) -> ConvSpec:
    """The layer with other parameters. Sizes of fewer than three numbers are of its last axes, the first ones stay;
    `depth` has numbers along the first axis, by the name of the parameter."""
    depth: dict[str, int] = dict(changes.pop("depth", ()))
    for name in SIZES:
        sizes = changes.get(name, getattr(spec, name))
        if isinstance(sizes, str):
            continue
        present = _sizes_of(spec, name)
        whole = (*present[: AXES - len(sizes)], *sizes)
        changes[name] = (depth.get(name, whole[0]), *whole[1:])
    return replace(spec, **changes)


def _sizes_of(spec: ConvSpec, name: str) -> Sizes:
    """A parameter's sizes, of padding in words those that they amount to."""
    sizes = getattr(spec, name)
    return tuple(before for before, _ in spec.pads) if isinstance(sizes, str) else sizes
