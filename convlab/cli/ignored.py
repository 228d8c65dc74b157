"""Options that would change nothing are refused: whoever gives one expects something of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from convlab.cli.parameter_options import OPTIONS, flag_of
from convlab.export.format import LOOK
from convlab.export.register import format_of
from convlab.model.message import ConvLabError

LAYER = ("bias", "transposed", *(each.name for each in OPTIONS if each.name != "device"), "activation")
"""What a session has itself; on which device it is computed may be said."""


def refuse_ignored(options: argparse.Namespace) -> None:
    """ConvLabError, one sentence, for the first option that the others make meaningless."""
    for option, reason in _ignored(options):
        if _given(options, option):
            raise ConvLabError(reason.format(option=flag_of(option)))


def refuse_beside(options: argparse.Namespace, names: tuple[str, ...], reason: str) -> None:
    """ConvLabError where one of these options is given: the weights make it meaningless."""
    found = next((name for name in names if _given(options, name)), None)
    if found is not None:
        raise ConvLabError(f"{reason}: leave out {flag_of(found)}")


def _ignored(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """(option, what is said where it is given)."""
    if options.session is not None:
        yield from ((name, "--session has the whole layer: leave out {option}") for name in LAYER)
    for parameter in OPTIONS:
        if parameter.when is not None and bool(getattr(options, parameter.when[0])) != parameter.when[1]:
            yield parameter.name, f"{{option}} is of {flag_of(parameter.when[0])} layers"
    if options.padding in (None, "valid") or not any(map(_is_some, options.padding)):
        yield "padding_mode", "{option} says what --padding adds, and it adds nothing here"
    format = format_of(options.format)
    lacks = "holds unscaled values" if format.unscaled else "has no colour map"
    for name in LOOK:
        if name not in format.options:
            yield name, f"--format {format.name} {lacks}: leave out {{option}}"
    if options.normalize != "fixed":
        yield "range", "{option} is of --normalize fixed"
    if options.normalize != "percentile":
        yield "percentiles", "{option} is of --normalize percentile"


def _is_some(part: object) -> bool:
    return part != 0


def _given(options: argparse.Namespace, name: str) -> bool:
    return getattr(options, name) is not None
