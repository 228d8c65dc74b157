"""JSON from outside, read field by field: typed, bounded, and every mistake named with its place."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from convlab.model.json_stream import LongBytes, LongNumbers, Most, read_json
from convlab.model.layer import AXES, Sizes
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import FLOAT32_MAX

FloatArray = NDArray[np.float64]
T = TypeVar("T")

MOST_BYTES, MOST_UNPACKED = 8_000_000, 32_000_000
MOST_TEXT = 4000
MOST_ITEMS = 64
_MISSING = object()


def parse_json(data: bytes | Iterable[bytes], most: Most | None = None) -> object:
    """The value in a UTF-8 JSON file, whole or in pieces, as `read_json` gives it; a lesson's by default."""
    return read_json(
        [data] if isinstance(data, bytes) else data, most or Most(MOST_BYTES, MOST_BYTES // 2, MOST_UNPACKED)
    )


class Fields:
    """One JSON object. Each reader takes a field; `end` refuses those that nobody took, with the nearest name.

    place: where the object stands in the file, for sentences: "scene 2 › layer". Readers raise ConvLabError for a
    missing field without default, a wrong type, and a value out of its bounds.
    """

    def __init__(self, data: object, place: str) -> None:
        if not isinstance(data, dict):
            raise refusal(QT_TRANSLATE_NOOP("model", "{place}: an object {{…}} is wanted"), place=place)
        self._data: Mapping[str, object] = data
        self._taken: set[str] = set()
        self.place = place

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def take(self, name: str, default: object = _MISSING) -> object:
        """A field as it is."""
        self._taken.add(name)
        found = self._data.get(name, default)
        if found is _MISSING:
            raise refusal(QT_TRANSLATE_NOOP("model", "{place}: “{name}” is missing"), place=self.place, name=name)
        return found

    def text(self, name: str, default: str | None = None, most: int = MOST_TEXT) -> str:
        """A string of at most `most` characters."""
        found = self.take(name, _MISSING if default is None else default)
        if not isinstance(found, str) or len(found) > most:
            raise self.wrong(name, QT_TRANSLATE_NOOP("model", "a text of at most {most} characters"), most=most)
        return found

    def packed(self, name: str, most: int) -> bytes | bytearray:
        """The bytes, `most` at most, in a text that packs them: zlib data in base64."""
        found = self.take(name)
        try:
            if isinstance(found, str):
                return zlib.decompressobj().decompress(base64.b64decode(found, validate=True), most + 1)
            if isinstance(found, LongBytes) and found.data is not None:
                return found.data
        except (binascii.Error, zlib.error, ValueError) as error:
            raise self.wrong(name, QT_TRANSLATE_NOOP("model", "zlib data in base64")) from error
        raise self.wrong(name, QT_TRANSLATE_NOOP("model", "zlib data in base64"))

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """One of some names."""
        found = self.take(name, _MISSING if default is None else default)
        if not isinstance(found, str) or found not in choices:
            raise self.wrong(name, QT_TRANSLATE_NOOP("model", "one of {choices}"), choices=", ".join(choices))
        return found

    def flag(self, name: str, default: bool = False) -> bool:
        """true or false."""
        found = self.take(name, default)
        if not isinstance(found, bool):
            raise self.wrong(name, QT_TRANSLATE_NOOP("model", "true or false"))
        return found

    def whole(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds."""
        found = self.take(name, _MISSING if default is None else default)
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            text = QT_TRANSLATE_NOOP("model", "a whole number from {least} to {most}")
            raise self.wrong(name, text, least=least, most=most)
        return found

    def number(self, name: str, default: float | None = None) -> float:
        """A number that float32 can hold."""
        found = self.take(name, _MISSING if default is None else default)
        if not _is_number(found):
            raise self.wrong(name, QT_TRANSLATE_NOOP("model", "a number that float32 can hold"))
        return float(found)  # type: ignore[arg-type]  # just checked

    def pair(self, name: str, least: int, most: int) -> tuple[int, int]:
        """A whole number for both axes, or two: (rows, columns)."""
        found = self.take(name)
        both = found if isinstance(found, list) else [found, found]
        whole = [n for n in both if isinstance(n, int) and not isinstance(n, bool) and least <= n <= most]
        if len(both) != 2 or len(whole) != 2:
            text = QT_TRANSLATE_NOOP("model", "a whole number from {least} to {most}, or two in brackets")
            raise self.wrong(name, text, least=least, most=most)
        return whole[0], whole[1]

    def sizes(self, name: str, least: int, most: int) -> Sizes:
        """A whole number for all axes, or one for each of up to three: ([[depth,] rows,] columns)."""
        found = self.take(name)
        each = found if isinstance(found, list) else [found] * AXES
        whole = [n for n in each if isinstance(n, int) and not isinstance(n, bool) and least <= n <= most]
        if not 1 <= len(each) <= AXES or len(whole) != len(each):
            text = QT_TRANSLATE_NOOP("model", "a whole number from {least} to {most}, or one for each axis in brackets")
            raise self.wrong(name, text, least=least, most=most)
        return tuple(whole)

    def numbers(self, name: str, ndims: Collection[int], most: int) -> FloatArray:
        """Nested lists, equally long, of at most `most` numbers, as float64 with one of these counts of axes."""
        try:
            array = _array(self.take(name), most)
        except ValueError:
            array = np.empty(0)
        if array.ndim not in ndims or not array.size:
            shape = QT_TRANSLATE_NOOP("model", "numbers in lists of {ndims} levels, equally long, {most} at most")
            raise self.wrong(name, shape, ndims=" / ".join(map(str, sorted(ndims))), most=most)
        return array

    def items(self, name: str, read: Callable[[object, str], T], most: int = MOST_ITEMS) -> tuple[T, ...]:
        """A list, each item read by `read(item, its place)`; () where the field is not there."""
        found = self.take(name, [])
        if not isinstance(found, list) or len(found) > most:
            raise self.wrong(name, QT_TRANSLATE_NOOP("model", "a list of at most {most} items"), most=most)
        return tuple(read(item, f"{self.place} › {name} {n}") for n, item in enumerate(found, 1))

    def texts(self, name: str, most: int = MOST_ITEMS) -> tuple[str, ...]:
        """A list of strings; () where the field is not there."""
        return self.items(name, self._one_text, most)

    def inner(self, name: str) -> Fields:
        """An object in this one; an empty one where the field is not there."""
        return Fields(self.take(name, {}), f"{self.place} › {name}")

    def end(self) -> None:
        """Refuse fields that nobody has taken."""
        for name in self._data:
            if name not in self._taken:
                near = get_close_matches(name, self._taken, 1)
                hint = QT_TRANSLATE_NOOP("model", "{place}: “{name}” is no known field; “{near}” is")
                plain = QT_TRANSLATE_NOOP("model", "{place}: “{name}” is no known field")
                shown = json.dumps(name[:40], ensure_ascii=False)[1:-1]  # control characters by their escapes: one line
                raise refusal(hint if near else plain, place=self.place, name=shown, near="".join(near))

    def wrong(self, name: str, wanted: str, **values: object) -> ConvLabError:
        """The refusal of a field's value: what is wanted instead."""
        text = QT_TRANSLATE_NOOP("model", "{place}: “{name}” must be {wanted}")
        return refusal(text, place=self.place, name=name, wanted=wanted.format(**values))

    def _one_text(self, item: object, place: str) -> str:
        if not isinstance(item, str) or len(item) > MOST_TEXT:
            text = QT_TRANSLATE_NOOP("model", "{place}: a text of at most {most} characters is wanted")
            raise refusal(text, place=place, most=MOST_TEXT)
        return item


def refusal(template: str, **values: object) -> ConvLabError:
    """A ConvLabError from a template and its values."""
    return ConvLabError(message(template, **values))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= FLOAT32_MAX


def _array(value: object, most: int) -> FloatArray:
    """ValueError unless `value` is nested lists of so many numbers at most, equally long."""
    if isinstance(value, LongNumbers):
        if value.array.size > most:
            raise ValueError("too many")
        return value.array
    shape: list[int] = []
    level = value
    while isinstance(level, list) and level:
        shape.append(len(level))
        level = level[0]
    if np.prod(shape, dtype=np.float64) > most:
        raise ValueError("too many")
    flat = [value]
    for count in shape:
        if not all(isinstance(part, list) and len(part) == count for part in flat):
            raise ValueError("not equally long")
        flat = [item for part in flat for item in part]  # type: ignore[attr-defined]  # they are lists
    if not all(_is_number(item) for item in flat):
        raise ValueError("not numbers")
    return np.array(flat, dtype=np.float64).reshape(shape)
