"""A convolution's parameters as options: names, words, bounds and help are those of its table."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

from convlab.model.layers.conv_parameters import CONV_PARAMETERS
from convlab.model.layers.parameters import AxisSizes, Choice, Parameter, WholeNumber

ELSEWHERE = ("kind", "in_channels", "bias")
"""Said by --transposed, by the photo or the weights, and by the file that --bias names."""
OPTIONS: tuple[Parameter, ...] = tuple(each for each in CONV_PARAMETERS if each.name not in ELSEWHERE)

_SIZES = "N|[D,]H,W"
_NOTES = {
    "kernel_size": "a smaller kernel is padded about its centre",
    "padding": "causal is of Conv1d",
    "dtype": "float32 unless given",
}
"""What the command line has to say beside the tip."""


def add_parameters(group: argparse._ArgumentGroup) -> None:
    """An option for each; the device has a default, of the others None says that they were not given."""
    for parameter in OPTIONS:
        flag, text = flag_of(parameter.name), _help(parameter)
        match parameter:
            case WholeNumber():
                group.add_argument(flag, type=partial(whole_from, parameter.low), metavar="N", help=text)
            case AxisSizes():
                metavar = "|".join((_SIZES, *parameter.words))
                group.add_argument(flag, type=_sizes_or(parameter.words), metavar=metavar, help=text)
            case Choice() if parameter.choices:
                group.add_argument(flag, choices=[word for word, _ in parameter.choices], help=text)
            case _:
                group.add_argument(flag, default="cpu", metavar="cpu|cuda:0", help=text)


def flag_of(name: str) -> str:
    """'--kernel-size' of kernel_size."""
    return f"--{name.replace('_', '-')}"


def whole_from(low: int, text: str) -> int:
    """A whole number from `low` on."""
    if not _whole(text) or int(text) < low:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from {low} on")
    return int(text)


def _help(parameter: Parameter) -> str:
    """The tip, as help begins: with a small letter; and what else there is to say. % is argparse's own sign."""
    beside = [_NOTES[parameter.name]] if parameter.name in _NOTES else []
    if parameter.when is not None:
        beside.append(f"of {flag_of(parameter.when[0])}")
    tip = parameter.tip[0].lower() + parameter.tip[1:]
    return "; ".join((tip, *beside)).replace("%", "%%")


def _sizes_or(words: tuple[str, ...]) -> Callable[[str], tuple[int, ...] | str]:
    return lambda text: text if text in words else _sizes(text)


def _sizes(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 3 or not all(map(_whole, parts)):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number or several like 3,5")
    return tuple(map(int, parts))


def _whole(text: str) -> bool:
    """Within what any layer or file could have."""
    return text.isascii() and text.isdigit() and len(text) <= 12
