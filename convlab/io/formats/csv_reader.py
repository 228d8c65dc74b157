"""CSV: a column a channel, numbers as people write them in several countries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain, islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from convlab.io.formats.decoded import Decoded, Request, file_size
from convlab.io.formats.samples import check_samples, no_samples, refusal, signal
from convlab.model.message import QT_TRANSLATE_NOOP, visible
from convlab.model.numbers import FLOAT32_MAX

MOST_BYTES = 256_000_000
"""Of a file."""
MOST_LINE = 100_000
"""Characters of a line."""
MOST_NAME = 80
_ROWS = 10_000
"""Read before they become numbers of four bytes: as Python's own they take some thirty."""
_DELIMITERS = ",;\t"


def read_csv(stream: BinaryIO, _request: Request) -> Decoded:
    """Columns with their names where the first row is no numbers; comma, semicolon or tab between.

    Where it is no comma, a decimal comma too. ConvLabError with the reason of a refusal, else ValueError.
    """
    try:
        with io.TextIOWrapper(stream, encoding="utf-8-sig") as text:
            return _read(text, file_size(stream))
    except csv.Error as error:
        raise ValueError("no table") from error


def _read(text: io.TextIOWrapper, size: int) -> Decoded:
    if size > MOST_BYTES:
        raise refusal(QT_TRANSLATE_NOOP("model", "it is larger than {most} MB"), most=MOST_BYTES // 1_000_000)
    lines = _lines(text)
    first = next(lines, None)
    if first is None:
        raise no_samples()
    delimiter = max(_DELIMITERS, key=first.count)
    names, samples = _read_rows(csv.reader(chain([first], lines), delimiter=delimiter), delimiter)
    named = tuple(visible(name.strip(), MOST_NAME) or f"c{n}" for n, name in enumerate(names or []))
    titles = named if len(named) == samples.shape[1] else tuple(f"c{n}" for n in range(samples.shape[1]))
    low, high = min(0.0, float(samples.min())), float(samples.max())
    return signal(samples, titles, "CSV", (low, high if high > low else low + 1.0))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines that are not blank."""
    while line := text.readline(MOST_LINE + 1):
        if len(line) > MOST_LINE:
            raise refusal(QT_TRANSLATE_NOOP("model", "a line is longer than {most} characters"), most=MOST_LINE)
        if line.strip():
            yield line


def _read_rows(rows: Iterator[list[str]], delimiter: str) -> tuple[list[str] | None, NDArray[np.float32]]:
    """The names, where the first row is no numbers, and the samples [L, C]; counted as they come."""
    first = next(rows)
    values = _numbers(first, delimiter)
    names, width, line = (first, 0, 2) if values is None else (None, len(first), 1)
    check_samples(1, len(first))
    parts = [] if values is None else [_as_float32([values])]
    count = len(parts)
    while some := list(islice(rows, _ROWS)):
        width = width or len(some[0])
        check_samples(count + len(some), width)
        parts.append(_as_float32([_row(row, delimiter, width, line + count + n) for n, row in enumerate(some)]))
        count += len(some)
    if not parts:
        raise no_samples()
    return names, np.concatenate(parts)


def _row(row: list[str], delimiter: str, width: int, number: int) -> list[float]:
    values = _numbers(row, delimiter)
    if values is None or len(values) != width:
        raise refusal(QT_TRANSLATE_NOOP("model", "line {n} is no row of numbers like the first"), n=number)
    return values


def _as_float32(values: list[list[float]]) -> NDArray[np.float32]:
    array = np.array(values)
    if not np.isfinite(array).all() or np.abs(array).max() > FLOAT32_MAX:
        raise refusal(QT_TRANSLATE_NOOP("model", "a number is larger than float32 can hold"))
    return array.astype(np.float32)


def _numbers(row: list[str], delimiter: str) -> list[float] | None:
    try:
        return [float(cell.replace(",", ".") if delimiter != "," else cell) for cell in row]
    except ValueError:
        return None
