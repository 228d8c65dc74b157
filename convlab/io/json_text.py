"""Values with arrays in them as JSON text, piece by piece: no string of the whole, and room for others between."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

PIECE = 256
"""Numbers turned into text at a time: some tenths of a millisecond in which no other thread of Python runs."""


def json_pieces(value: object) -> Iterator[str]:
    """The text of a value of dicts, lists, scalars and arrays; its pieces are short. As json.dumps writes it.

    What is no Unicode in a path is written as an escape, so that the text is sound UTF-8.
    """
    if isinstance(value, np.ndarray):
        yield from _array_pieces(value)
    elif isinstance(value, dict):
        yield "{"
        for n, (key, inner) in enumerate(value.items()):
            yield f"{', ' if n else ''}{json.dumps(key)}: "
            yield from json_pieces(inner)
        yield "}"
    elif isinstance(value, list | tuple):
        yield from _list_pieces(value)
    else:
        yield _scalar(value)


def _scalar(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text) else json.dumps(value)


def _list_pieces(items: list[object] | tuple[object, ...]) -> Iterator[str]:
    yield "["
    for n, item in enumerate(items):
        yield ", " if n else ""
        yield from json_pieces(item)
    yield "]"


def _array_pieces(array: np.ndarray) -> Iterator[str]:
    """As many rows at a time as make a piece; a row that is longer by itself."""
    if array.size <= PIECE:
        yield json.dumps(array.tolist())
        return
    row = array[0].size
    if row > PIECE:
        yield from _list_pieces(list(array))
        return
    yield "["
    step = PIECE // row
    for start in range(0, len(array), step):
        yield f"{', ' if start else ''}{json.dumps(array[start : start + step].tolist())[1:-1]}"
    yield "]"
