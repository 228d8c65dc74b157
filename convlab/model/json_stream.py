"""JSON from outside, piece by piece: long lists of numbers and packed bytes never become Python objects or text.

`read_json` parses what is small as usual. In its place in the value a long list of numbers, however deeply nested, is
`LongNumbers`, and a long text is `LongBytes`, what it packs (zlib in base64: nothing else is ever long). Everything is
counted while it comes, so that a file that is refused has taken little memory, whatever it holds.
"""

from __future__ import annotations

import binascii
import json
import re
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import FLOAT32_MAX

LONG = 1 << 16
"""Bytes from which on a list of numbers or a text is long."""

MOST_SMALL = 4_000_000
"""Bytes of what is not long: as Python objects they may take forty times as much."""

_AHEAD = 64
"""Bytes looked at for a list's end at first; many short lists in a row would else take the square of their time."""
_TEXT_OR_LIST = re.compile(rb'["\[]')
_QUOTE_OR_ESCAPE = re.compile(rb'["\\]')
_NUMBERS = re.compile(rb"[\[\]0-9+\-.eE,\s]*")
_BRACKETS = re.compile(rb"\[*")
_OPEN, _CLOSE = ord("["), ord("]")


@dataclass(frozen=True, slots=True)
class Most:
    """What a file may hold: bytes, numbers in long lists, unpacked bytes in long texts."""

    file: int
    numbers: int = 0
    unpacked: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class LongNumbers:
    """A long list of numbers: float64, of the shape of its lists."""

    array: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LongBytes:
    """What a long text packs; None where it is no zlib data in base64."""

    data: bytearray | None


def read_json(pieces: Iterable[bytes], most: Most) -> object:
    """The value of a UTF-8 JSON file in pieces; ConvLabError when it is none, too large, or holds NaN or infinity."""
    scanner, read = _Scanner(most), 0
    for piece in pieces:
        read += len(piece)
        if read > most.file:
            raise too_large(most.file)
        scanner.feed(piece)
    return scanner.value()


def too_large(most: int) -> ConvLabError:
    """The refusal of a file of more than `most` bytes."""
    return _refusal(QT_TRANSLATE_NOOP("model", "it is larger than {most} MB"), most=most // 1_000_000)


class _Scanner:
    """Copies what is small into a skeleton, and puts a mark, a number that nobody else writes, for what is long."""

    def __init__(self, most: Most) -> None:
        self._most = most
        self._small = bytearray()
        self._newlines = self._copied = 0
        self._mark = f"0.{secrets.randbelow(10**18):018d}e"
        self._long: list[LongNumbers | LongBytes] = []
        self._counted = 0
        self._state = self._between
        self._buffer = bytearray()
        self._depth = 0
        self._ahead = _AHEAD
        self._escaped = False
        self._numbers: _Numbers | None = None
        self._packed: _Packed | None = None

    def feed(self, piece: bytes) -> None:
        """Take the next piece."""
        place = 0
        while place < len(piece):
            place = self._state(piece, place)
        if len(self._small) - self._copied > MOST_SMALL:
            said = QT_TRANSLATE_NOOP("model", "it holds more than {most} MB beside long lists of numbers")
            raise _refusal(said, most=MOST_SMALL // 1_000_000)

    def value(self) -> object:
        """The whole value, after the last piece."""
        self._flush()
        try:
            text = self._small.decode("utf-8-sig")
            return json.loads(text, parse_constant=_no_constant, parse_float=self._float)
        except json.JSONDecodeError as error:
            said = QT_TRANSLATE_NOOP("model", "it is no valid JSON: line {line}, column {column}")
            raise _refusal(said, line=error.lineno, column=error.colno) from error
        except (UnicodeDecodeError, ValueError, RecursionError, IndexError) as error:
            raise _not_json() from error

    def _float(self, text: str) -> object:
        return self._long[int(text[len(self._mark) :])] if text.startswith(self._mark) else float(text)

    # States: each takes from `place` on, and returns how far it came

    def _between(self, piece: bytes, place: int) -> int:
        found = _TEXT_OR_LIST.search(piece, place)
        end = len(piece) if found is None else found.start()
        self._small += piece[place:end]
        if found is not None and piece[end : end + 1] == b"[":
            self._state, self._depth, self._ahead = self._in_list, 0, _AHEAD
        elif found is not None:
            self._state, self._escaped = self._in_text, False
            self._buffer += b'"'
            end += 1
        return end

    def _in_text(self, piece: bytes, place: int) -> int:
        if self._escaped:
            self._escaped = False
            self._keep_text(piece[place : place + 1])
            return place + 1
        found = _QUOTE_OR_ESCAPE.search(piece, place)
        end = len(piece) if found is None else found.end()
        closed = found is not None and found[0] == b'"'
        self._escaped = found is not None and not closed
        self._keep_text(piece[place : end - 1] if closed else piece[place:end])
        if closed:
            self._end_text()
        return end

    def _keep_text(self, part: bytes) -> None:
        if self._packed is not None:
            self._packed.feed(part)
            return
        self._buffer += part
        if len(self._buffer) > LONG:
            self._packed = _Packed(self._most.unpacked)
            self._packed.feed(bytes(self._buffer[1:]))
            self._buffer.clear()

    def _end_text(self) -> None:
        if self._packed is None:
            self._buffer += b'"'
        else:
            self._put(self._packed.value())
            self._packed = None
        self._flush()

    def _in_list(self, piece: bytes, place: int) -> int:
        """Numbers and brackets; what begins like a list of numbers and is none is copied as it is."""
        limit = min(len(piece), place + self._ahead)
        found = _NUMBERS.match(piece, place, limit)
        assert found is not None  # it matches nothing at all too
        closed = self._closing(piece, place, found.end())
        end = found.end() if closed is None else closed + 1
        self._keep_numbers(piece[place:end])
        self._ahead *= 2
        if closed is not None:
            self._end_list()
        elif end < limit:
            if self._numbers is not None:
                raise _not_json()
            self._flush()
        return end

    def _closing(self, piece: bytes, start: int, end: int) -> int | None:
        """Where the list that was begun ends, if it does before `end`; counts brackets on."""
        signs = np.frombuffer(piece, np.uint8, end - start, start)
        places = np.flatnonzero((signs == _OPEN) | (signs == _CLOSE))
        depths = self._depth + np.cumsum(np.where(signs[places] == _OPEN, 1, -1))
        ends = np.flatnonzero(depths == 0)
        if len(ends):
            return start + int(places[ends[0]])
        self._depth = int(depths[-1]) if len(depths) else self._depth
        return None

    def _keep_numbers(self, part: bytes) -> None:
        if self._numbers is None and len(self._buffer) + len(part) > LONG:
            self._numbers = _Numbers(self._most.numbers - self._counted)
        if self._numbers is None:
            self._buffer += part
        else:
            part = bytes(self._buffer) + part
            self._buffer.clear()
            self._newlines += part.count(b"\n")
            self._numbers.feed(part)

    def _end_list(self) -> None:
        if self._numbers is not None:
            found = self._numbers.value()
            self._counted += found.array.size
            self._put(found)
            self._numbers = None
        self._flush()

    def _put(self, value: LongNumbers | LongBytes) -> None:
        self._small += f"{self._mark}{len(self._long)} ".encode() + b"\n" * self._newlines
        self._copied += self._newlines
        self._newlines = 0
        self._long.append(value)

    def _flush(self) -> None:
        """What was held back is small after all."""
        self._small += self._buffer
        self._buffer.clear()
        self._state = self._between


class _Numbers:
    """A long list of numbers, nested in any way, to an array."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = b""
        self._doubles = bytearray()
        self._signs = bytearray()

    def feed(self, part: bytes) -> None:
        """Take the numbers up to the last comma."""
        data = self._rest + part
        cut = data.rfind(b",") + 1
        if not cut and len(data) > _MOST_REST:
            raise _not_json()
        self._rest = data[cut:]
        self._take(data[: cut - 1] if cut else b"")
        self._signs += data[:cut].translate(None, _NO_SIGNS)
        if len(self._signs) > _SIGNS * (self._most + LONG):
            raise _too_many(self._most)

    def value(self) -> LongNumbers:
        """The array, once the list is closed."""
        self._take(self._rest)
        self._signs += self._rest.translate(None, _NO_SIGNS)
        shape = _shape(self._signs)
        self._signs.clear()
        if shape is None or 8 * np.prod(shape, dtype=np.float64) != len(self._doubles):
            raise _refusal(QT_TRANSLATE_NOOP("model", "a list of numbers in it has parts that are not equally long"))
        return LongNumbers(np.frombuffer(self._doubles, np.float64).reshape(shape))

    def _take(self, text: bytes) -> None:
        if not text:
            return
        try:
            found = np.array(json.loads(b"[" + text.translate(_BRACKETS_AWAY) + b"]"), dtype=np.float64)
        except (ValueError, OverflowError, RecursionError) as error:
            raise _not_json() from error
        if found.ndim != 1 or not (np.abs(found) <= FLOAT32_MAX).all():
            raise _refusal(QT_TRANSLATE_NOOP("model", "a number in it is larger than float32 can hold"))
        self._doubles += found.tobytes()
        if len(self._doubles) > 8 * self._most:
            raise _too_many(self._most)


_MOST_REST = 1 << 20
"""Bytes between two commas: a number, brackets and the space around them."""
_NO_SIGNS = b"0123456789+-.eE \t\r\n"
_SIGNS = 6
"""Brackets and commas a number at most: five of a kernel of one."""
_BRACKETS_AWAY = bytes.maketrans(b"[]", b"  ")


def _shape(signs: bytearray) -> tuple[int, ...] | None:
    """The sizes of equally long lists, from their brackets and commas: b"[[,],[,]]" has (2, 2)."""
    depth = len(_BRACKETS.match(signs)[0])  # type: ignore[index]  # it matches nothing too
    sizes, inner = [], b""
    for level in range(1, depth + 1):
        end = signs.find(b"]" * level, depth - level)
        length = end + level - (depth - level)
        count, left = divmod(length - 1, len(inner) + 1)
        if end < 0 or left or count < 1:
            return None
        sizes.append(count)
        inner = b"[" + b",".join([inner] * count) + b"]"
        if not signs.startswith(inner, depth - level):
            return None
    return tuple(reversed(sizes)) if inner == signs else None


class _Packed:
    """A long text of zlib data in base64 to the bytes; None where it is no such data."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rest = b""
        self._unpacker = zlib.decompressobj()
        self._bytes: bytearray | None = bytearray() if most else None

    def feed(self, part: bytes) -> None:
        """Unpack what is whole: four characters are three bytes."""
        if self._unpacker.eof and part:
            self._bytes = None
        if self._bytes is None:
            return
        data = self._rest + part
        whole = len(data) // 4 * 4
        self._rest = data[whole:]
        try:
            packed = binascii.a2b_base64(data[:whole], strict_mode=True)
            while packed and not self._unpacker.eof:
                self._bytes += self._unpacker.decompress(packed, LONG)
                packed = self._unpacker.unconsumed_tail
                if len(self._bytes) > self._most:
                    said = QT_TRANSLATE_NOOP("model", "it packs more than {most} MB")
                    raise _refusal(said, most=self._most // 1_000_000)
        except (binascii.Error, zlib.error):
            self._bytes = None

    def value(self) -> LongBytes:
        """All of it."""
        return LongBytes(None if self._rest else self._bytes)


def _too_many(most: int) -> ConvLabError:
    return _refusal(QT_TRANSLATE_NOOP("model", "it holds more than {most} numbers"), most=most)


def _not_json() -> ConvLabError:
    return _refusal(QT_TRANSLATE_NOOP("model", "it is no valid JSON text"))


def _refusal(template: str, **values: object) -> ConvLabError:
    return ConvLabError(message(template, **values))


def _no_constant(name: str) -> object:
    raise ValueError(name)
