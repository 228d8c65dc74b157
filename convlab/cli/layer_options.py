"""The parameters that do not depend on the weights, as a layer of 1, 2 or 3 dimensions."""

from __future__ import annotations

import argparse
from math import prod
from typing import Literal

from convlab.model.layer import AXES, ConvSpec, in_three_axes
from convlab.model.layers.parameters import MOST_CHANNELS
from convlab.model.message import ConvLabError
from convlab.model.problems import Limits, bytes_text, problems
from convlab.model.shape import memory_needed

Word = Literal["same", "valid", "causal"]

HUGE = 1 << 24
"""Rows, columns and slices of a photo on which every kernel fits: what is wrong there is wrong on any."""
LITTLE = 1 << 30
"""Bytes that any machine has: below it nobody asks."""


def layer_spec(options: argparse.Namespace, dims: int) -> ConvSpec:
    """Without channels, kernel size and bias; ConvLabError for sizes of another number of dimensions."""
    stride, dilation, extra = (size(options, name, dims) for name in ("stride", "dilation", "output_padding"))
    given = options.padding
    word: Word | None = given if given in ("same", "valid", "causal") else None
    return ConvSpec(
        kernel_size=(1,) * dims,
        stride=stride,
        padding=word or size(options, "padding", dims),
        dilation=dilation,
        padding_mode=options.padding_mode or "zeros",
        device=options.device,
        dtype=options.dtype or "float32",
        transposed=bool(options.transposed),
        output_padding=extra,
        dims=dims,
    )


def size(options: argparse.Namespace, name: str, dims: int) -> tuple[int, ...]:
    """An option's sizes, as many as dims."""
    nothing = 0 if "padding" in name else 1
    values: tuple[int, ...] = getattr(options, name) or (nothing,)
    if len(values) not in (1, dims):
        flag, text = f"--{name.replace('_', '-')}", ",".join(map(str, values))
        raise ConvLabError(f"{flag} {text} has {len(values)} numbers: Conv{dims}d wants one, or {dims}")
    return values if len(values) == dims else values * dims


def refuse_impossible(spec: ConvSpec) -> None:
    """ConvLabError for a layer that torch, or this machine's memory, would refuse on every photo."""
    anything = Limits((spec.device,), 1 << 200)
    huge = in_three_axes((HUGE,) * AXES, spec.dims, 1)
    found = problems(spec, spec.in_channels, huge, anything)
    if found:
        raise ConvLabError(found[0].message)
    smallest = tuple(max(1, extent - sum(pad)) for extent, pad in zip(spec.extent, spec.pads, strict=True))
    need = memory_needed(spec, smallest)
    if need > LITTLE:
        from convlab.engine.device import limits

        if need > limits().memory_bytes:
            there = bytes_text(limits().memory_bytes)
            raise ConvLabError(
                f"This layer needs {bytes_text(need)} on the smallest photo, more than the {there} there are"
            )


def numbers_text(sizes: tuple[int, ...]) -> str:
    """'3×5'."""
    return "×".join(map(str, sizes))


def count_text(count: int) -> str:
    """A number of weights for a sentence."""
    return f"{count:,}".replace(",", " ") if count < 10**15 else f"{float(count):.3g}"


def check_count(outputs: int, inputs: int, kernel: tuple[int, ...], most: int) -> None:
    """ConvLabError before weights are made that would not fit into memory, or more maps than any file holds."""
    if outputs > MOST_CHANNELS:
        raise ConvLabError(f"--out-channels {outputs} is more than {count_text(MOST_CHANNELS)}")
    count = outputs * inputs * prod(kernel)
    if count > most:
        shape = f"{outputs} output channels that read {inputs} by kernels of {numbers_text(kernel)}"
        raise ConvLabError(f"{shape} have {count_text(count)} weights, more than {count_text(most)}")
