"""The parameters that do not depend on the weights, as a layer of 1, 2 or 3 dimensions."""

from __future__ import annotations

import argparse
from math import prod
from typing import Any

from convlab.cli.parameter_options import flag_of
from convlab.model.layer import AXES, SIZES, ConvSpec, in_three_axes
from convlab.model.layers.parameters import MOST_CHANNEL_NUMBERS
from convlab.model.message import ConvLabError
from convlab.model.problems import Limits, bytes_text, problems
from convlab.model.shape import memory_needed

HUGE = 1 << 24
"""Rows, columns and slices of a photo on which every kernel fits: what is wrong there is wrong on any."""
LITTLE = 1 << 30
"""Bytes that any machine has: below it nobody asks."""


def layer_spec(options: argparse.Namespace, dims: int) -> ConvSpec:
    """Without channels, kernel size and bias; ConvLabError for sizes of another number of dimensions."""
    given: dict[str, Any] = {name: getattr(options, name) for name in ("padding_mode", "dtype")}
    given = {name: word for name, word in given.items() if word is not None}
    for name in ("stride", "padding", "dilation", "output_padding"):
        value = getattr(options, name)
        given[name] = value if isinstance(value, str) else size(options, name, dims)
    transposed = bool(options.transposed)
    return ConvSpec(kernel_size=(1,) * dims, device=options.device, transposed=transposed, dims=dims, **given)


def size(options: argparse.Namespace, name: str, dims: int) -> tuple[int, ...]:
    """An option's sizes, as many as dims."""
    values: tuple[int, ...] = getattr(options, name) or (SIZES[name],)
    if len(values) not in (1, dims):
        text = ",".join(map(str, values))
        raise ConvLabError(f"{flag_of(name)} {text} has {len(values)} numbers: Conv{dims}d wants one, or {dims}")
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
    if outputs > MOST_CHANNEL_NUMBERS:
        raise ConvLabError(f"--out-channels {outputs} is more than {count_text(MOST_CHANNEL_NUMBERS)}")
    count = outputs * inputs * prod(kernel)
    if count > most:
        shape = f"{outputs} output channels that read {inputs} by kernels of {numbers_text(kernel)}"
        raise ConvLabError(f"{shape} have {count_text(count)} weights, more than {count_text(most)}")
