"""What can be set of a layer, as data: forms, files and code read the same table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.model.fields import Fields  # brings numpy

Numbers = tuple[float, ...]
SIDES = ("left", "right", "top", "bottom", "front", "back")
"""In torch's order; signals have the first two, pictures the first four."""
MOST_CHANNEL_NUMBERS = 65_536
"""Numbers that a file may have for the channels of a layer."""


@dataclass(frozen=True, slots=True)
class Parameter(ABC):
    """One line of a layer's table.

    name: exactly torch's, but where layers have a method of that name; then torch's is the title. tip: what it does,
    marked for translation. when: the parameter, and the value it must have, for this one to say anything. title: what
    forms call it, if not by its name. path: where files have it, if not under its name: 'norm.eps' is eps inside norm.
    hidden: it follows from the layer's place, so that forms do not show it and files have it where it is not what it is
    at first.
    """

    name: str
    tip: str
    when: tuple[str, object] | None = field(default=None, kw_only=True)
    title: str = field(default="", kw_only=True)
    path: str = field(default="", kw_only=True)
    hidden: bool = field(default=False, kw_only=True)

    @property
    def place(self) -> tuple[str, str]:
        """Where files have it: the name of the object that it is inside, '' for the layer's own, and its name there."""
        inside, _, name = (self.path or self.name).rpartition(".")
        return inside, name

    @abstractmethod
    def read(self, fields: Fields, name: str, default: object) -> object:
        """The value of a file's field; ConvLabError where it is none of these."""

    def data(self, value: object) -> object:
        """The value as JSON has it."""
        return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class WholeNumber(Parameter):
    """From low to high."""

    low: int
    high: int

    def read(self, fields: Fields, name: str, default: object) -> int:
        """Within the bounds."""
        return fields.whole(name, self.low, self.high, default if isinstance(default, int) else None)


@dataclass(frozen=True, slots=True)
class AxisSizes(Parameter):
    """A whole number from low to high for each axis, or one of some words.

    paired: files have it along rows and columns, and along depth apart.
    """

    low: int
    high: int
    words: tuple[str, ...] = ()
    paired: bool = field(default=False, kw_only=True)

    def read(self, fields: Fields, name: str, default: object) -> object:
        """One number for all axes, one for each of the last, or a word."""
        if name not in fields or fields.take(name) in self.words:
            return fields.take(name, default)
        return (fields.pair if self.paired else fields.sizes)(name, self.low, self.high)


@dataclass(frozen=True, slots=True)
class Sides(Parameter):
    """A whole number from low to high for each side: (left, right[, top, bottom[, front, back]])."""

    low: int
    high: int

    def read(self, fields: Fields, name: str, default: object) -> object:
        """One number for all sides, or as many as `default` has."""
        found, count = fields.take(name, default), len(default) if isinstance(default, tuple) else len(SIDES)
        sides = tuple(found) if isinstance(found, list | tuple) else (found,) * count
        whole = [n for n in sides if isinstance(n, int) and not isinstance(n, bool) and self.low <= n <= self.high]
        if len(sides) != count or len(whole) != count:
            text = QT_TRANSLATE_NOOP("model", "a whole number from {low} to {high}, or {count} in brackets")
            raise fields.wrong(name, text, low=self.low, high=self.high, count=count)
        return sides


@dataclass(frozen=True, slots=True)
class Number(Parameter):
    """From low to high in steps, as forms offer it; files may go beyond. positive: torch wants it above 0."""

    low: float
    high: float
    decimals: int
    step: float
    positive: bool = False

    def read(self, fields: Fields, name: str, default: object) -> float:
        """Any number that float32 can hold."""
        value = fields.number(name, default if isinstance(default, float) else None)
        if self.positive and value <= 0:
            raise fields.wrong(name, QT_TRANSLATE_NOOP("model", "a number above 0"))
        return value


@dataclass(frozen=True, slots=True)
class Flag(Parameter):
    """True or False. text: what forms say beside it, marked for translation."""

    text: str = field(default="", kw_only=True)

    def read(self, fields: Fields, name: str, default: object) -> bool:
        """true or false."""
        return fields.flag(name, default is True)


@dataclass(frozen=True, slots=True)
class Choice(Parameter):
    """One of several words. choices: each with the text that it is shown by; () where the machine says which."""

    choices: tuple[tuple[str, str], ...]

    def read(self, fields: Fields, name: str, default: object) -> str:
        """A word among them."""
        return fields.choice(name, [word for word, _ in self.choices], default if isinstance(default, str) else None)


@dataclass(frozen=True, slots=True)
class ChannelNumbers(Parameter):
    """A number for each channel, from `least` on; () stands for as many as are needed of torch's `first`."""

    first: float
    least: float = float("-inf")

    def read(self, fields: Fields, name: str, default: object) -> Numbers:
        """A list, which may be empty."""
        if fields.take(name, []) == []:
            return ()
        values = tuple(map(float, fields.numbers(name, (1,), MOST_CHANNEL_NUMBERS)))
        if min(values) < self.least:
            raise fields.wrong(name, QT_TRANSLATE_NOOP("model", "numbers from {least:g} on"), least=self.least)
        return values

    def of(self, values: Numbers, channels: int) -> Numbers:
        """So many: cut, or continued by torch's first value."""
        return values[:channels] + (self.first,) * (channels - len(values))


DIMS = WholeNumber("dims", QT_TRANSLATE_NOOP("model", "Of signals (1), pictures (2) or volumes (3)"), 1, 3, hidden=True)
"""Of a kind that torch has a class for each number of axes of."""
