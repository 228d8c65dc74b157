"""A convolution layer as one frozen value, with torch's own parameter names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
PADDING_MODES: tuple[PaddingMode, ...] = ("zeros", "reflect", "replicate", "circular")
DTYPES: dict[str, int] = {"float32": 4, "float64": 8, "float16": 2, "bfloat16": 2}
"""Floating types a layer may have, and their size in bytes."""

Activation = Literal["none", "relu", "sigmoid", "tanh"]
ACTIVATIONS: tuple[Activation, ...] = ("none", "relu", "sigmoid", "tanh")

Sizes = tuple[int, ...]
"""One whole number per spatial axis, the last axis being the width."""


@dataclass(frozen=True, slots=True)
class ConvSpec:
    """The parameters of torch.nn.Conv1d/2d/3d, one entry per spatial axis for the sizes.

    Any combination can be held: `problems.problems` says what torch would refuse. Names and meaning:
    https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
    """

    in_channels: int = 3
    out_channels: int = 2
    kernel_size: Sizes = (3, 3)
    stride: Sizes = (1, 1)
    padding: Sizes | Literal["same", "valid"] = "same"
    dilation: Sizes = (1, 1)
    groups: int = 1
    bias: bool = True
    padding_mode: PaddingMode = "zeros"
    device: str = "cpu"
    dtype: str = "float32"

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
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
            return tuple((t // 2, t - t // 2) for t in totals)
        return tuple((p, p) for p in self.padding)

    @property
    def groups_divide(self) -> bool:
        """Whether both channel counts are whole multiples of groups, so that a weight shape exists."""
        return self.groups >= 1 and self.in_channels % self.groups == 0 and self.out_channels % self.groups == 0

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """[out_channels, in_channels / groups, *kernel_size]. ValueError where groups does not divide."""
        if not self.groups_divide:
            raise ValueError(f"groups {self.groups} does not divide {self.in_channels} and {self.out_channels}")
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def group_inputs(self, out_channel: int) -> range:
        """The input channels that `out_channel` reads."""
        per_group = self.in_channels // self.groups
        first = out_channel // (self.out_channels // self.groups) * per_group
        return range(first, first + per_group)
