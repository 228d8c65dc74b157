"""What a lesson says to try, and as data what doing it means and what must then hold: so that a test can do it.

The vocabulary is closed; docs/lessons.md lists it. The window shows the text alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType

from convlab.model.fields import Fields
from convlab.model.figures import FIGURES
from convlab.model.kernel_actions import ACTIONS
from convlab.model.layer import SIZES
from convlab.model.layer_setup import read_layer
from convlab.model.locks import LOCKS
from convlab.model.matrix import MOST_CHANNELS
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.presets import PRESETS
from convlab.model.view import NEGATIVES

Reader = Callable[[Fields, str], object]
MOST_STEPS, MOST_AT, MOST_MAPS = 12, 1_000_000, 512
TABS = ("sums", "flow", "formula", "table", "unfold", "pair")
KEYS = ("space", "left", "right", "home", "end")
OPENED = ("stripes", "sound", "clip")
"""Files of the person's own, by what is in them."""
SCOPES = ("kernel", "row", "column", "all")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `kind` is a name in STEPS, and `value` what its reader gives."""

    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class Try:
    """steps: in this order, from the scene as it begins. then: by names in CHECKS what holds after them."""

    text: str
    steps: tuple[Step, ...] = ()
    then: MappingProxyType[str, object] = field(default_factory=lambda: MappingProxyType({}))


def read_try(fields: Fields) -> Try:
    """A try that says what it means."""
    steps = fields.items("do", lambda item, place: _read_step(Fields(item, place)), MOST_STEPS)
    inner = fields.inner("then")
    then = {name: read(inner, name) for name, read in CHECKS.items() if name in inner}
    inner.end()
    found = Try(fields.text("text"), steps, MappingProxyType(then))
    fields.end()
    return found


def _read_step(fields: Fields) -> Step:
    named = [name for name in STEPS if name in fields]
    if len(named) != 1:
        kinds = ", ".join(STEPS)
        raise fields.wrong(next(iter(named[1:]), "do"), QT_TRANSLATE_NOOP("model", "one of {kinds}"), kinds=kinds)
    step = Step(named[0], STEPS[named[0]](fields, named[0]))
    fields.end()
    return step


def _place(fields: Fields, name: str) -> tuple[int, int]:
    return fields.pair(name, 0, MOST_AT)


def _layer(fields: Fields, name: str) -> dict[str, object]:
    return dict(read_layer(fields.inner(name)))


def _depths(fields: Fields, name: str) -> dict[str, int]:
    inner = fields.inner(name)
    found = {each: inner.whole(each, 0, 1024) for each in SIZES if each in inner}
    inner.end()
    return found


def _word(*words: str) -> Reader:
    return lambda fields, name: fields.choice(name, words)


def _whole(least: int, most: int) -> Reader:
    return lambda fields, name: fields.whole(name, least, most)


def _rows(length: int) -> Reader:
    """Rows of so many numbers: a weight or a value and where it is."""

    def read(fields: Fields, name: str) -> tuple[tuple[float, ...], ...]:
        numbers = fields.numbers(name, (2,), 64 * length)
        if numbers.shape[1] != length:
            raise fields.wrong(name, QT_TRANSLATE_NOOP("model", "rows of {length} numbers"), length=length)
        return tuple(tuple(row) for row in numbers.tolist())

    return read


def _numbers(fields: Fields, name: str) -> tuple[float, ...]:
    return tuple(fields.numbers(name, (1,), MOST_CHANNELS).tolist())


def _figures(fields: Fields, name: str) -> dict[str, float]:
    inner = fields.inner(name)
    found = {each: inner.number(each) for each in FIGURES if each in inner}
    inner.end()
    return found


STEPS: dict[str, Reader] = {
    "set": _layer,
    "set_depth": _depths,
    "bias": lambda fields, name: fields.flag(name),
    "weights": _rows(5),
    "scope": _word(*SCOPES),
    "action": _word(*(each.name for each in ACTIONS)),
    "scale": lambda fields, name: fields.number(name),
    "preset": _word(*PRESETS),
    "sigma": lambda fields, name: fields.number(name),
    "map": _whole(0, MOST_MAPS - 1),
    "kernel": _place,
    "leave_out": _whole(0, MOST_CHANNELS - 1),
    "point": _place,
    "point_input": _place,
    "click": _place,
    "key": _word(*KEYS),
    "step": lambda fields, name: fields.flag(name),
    "column": _whole(0, MOST_AT),
    "negatives": _word(*NEGATIVES),
    "slice": _whole(0, MOST_AT),
    "choose": _whole(0, MOST_AT),
    "open": _word(*OPENED),
    "numbers": lambda fields, name: fields.flag(name),
}
CHECKS: dict[str, Reader] = {
    "layer": _layer,
    "in_channels": _whole(1, MOST_MAPS),
    "size": lambda fields, name: fields.pair(name, 1, MOST_AT),
    "slices": _whole(1, MOST_AT),
    "values": _rows(3),
    "explained": lambda fields, name: fields.number(name),
    "outside": _whole(0, 10_000),
    "input_pixel": _place,
    "stamp": _whole(0, MOST_AT),
    "seen": _place,
    "refused": _word(*LOCKS, "depth"),
    "unreached": _place,
    "cells": _place,
    "channels": lambda fields, name: fields.texts(name),
    "contributions": _numbers,
    "compared": _rows(4),
    "compared_sizes": _rows(2),
    "alike": lambda fields, name: fields.flag(name),
    "figures": _figures,
    "map": _whole(0, MOST_MAPS - 1),
    "stepped": _place,
    "playing": lambda fields, name: fields.flag(name),
    "legible": lambda fields, name: fields.flag(name),
    "numbers": lambda fields, name: tuple(map(tuple, fields.numbers(name, (2,), 10_000).tolist())),
    "negatives": _word(*NEGATIVES),
    "reads": lambda fields, name: fields.text(name, most=200),
    "code": lambda fields, name: fields.text(name, most=200),
}
