"""Signals from files: WAV sound and CSV columns."""

from __future__ import annotations

import csv
import io
import struct
import wave
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convlab.io.decoded import file_size
from convlab.io.regular import open_regular
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message, visible
from convlab.model.names import SIGNAL_SUFFIXES as SUFFIXES
from convlab.model.numbers import FLOAT32_MAX
from convlab.model.source import Source

__all__ = ["SUFFIXES", "read_signal"]

MOST_SAMPLES = 16_000_000
"""Of all channels together."""
MOST_CHANNELS = 64
MOST_CSV_BYTES = 256_000_000
MOST_LINE = 100_000
"""Characters of a line."""
MOST_NAME = 80
_ROWS = 10_000
"""Read before they become numbers of four bytes: as Python's own they take some thirty."""
_DELIMITERS = ",;\t"


def read_signal(path: str) -> Source:
    """A signal as a source of one row, float32; ConvLabError names the file and why it was not opened.

    WAV: whole numbers of 8, 16, 24 or 32 bits, −1 … 1. CSV: a column a channel, with their names where the first row
    is no numbers; comma, semicolon or tab between, and where it is no comma a decimal comma too.
    """
    read = _read_wav if Path(path).suffix.lower() == ".wav" else _read_csv
    try:
        return read(Path(path))
    except OSError as error:
        reason: object = error.strerror or type(error).__name__
    except ConvLabError as error:
        reason = error.message
    except (wave.Error, EOFError, RuntimeError, struct.error, csv.Error, ValueError):  # what wave raises for bad files
        reason = message(QT_TRANSLATE_NOOP("model", "it is no file of samples that ConvLab reads"))
    text = QT_TRANSLATE_NOOP("model", "“{name}” was not opened: {reason}.")
    raise ConvLabError(message(text, name=Path(path).name, reason=reason))


def _read_wav(path: Path) -> Source:
    with open_regular(path) as file, wave.open(file) as sound:
        channels, width, rate, count = (
            sound.getnchannels(),
            sound.getsampwidth(),
            sound.getframerate(),
            sound.getnframes(),
        )
        _check(count, channels)
        if width not in (1, 2, 3, 4):
            raise _refusal(QT_TRANSLATE_NOOP("model", "its samples have {n} bits"), n=8 * width)
        data = sound.readframes(count)
    samples = _decoded(data[: len(data) // (width * channels) * width * channels], width).reshape(-1, channels)
    if not len(samples):
        raise _refusal(QT_TRANSLATE_NOOP("model", "it holds no samples"))
    names = {1: ("mono",), 2: ("left", "right")}.get(channels, tuple(f"c{n}" for n in range(channels)))
    return _source(path, samples, names, f"{8 * width}-bit WAV, {rate} Hz", (-1.0, 1.0))


def _decoded(data: bytes, width: int) -> NDArray[np.float32]:
    """PCM as −1 … 1: 8 bits are unsigned, wider ones signed, little-endian (Microsoft's WAVE format)."""
    if width == 1:
        samples = np.frombuffer(data, np.uint8).astype(np.float32)
        samples -= 128
        samples /= 128
        return samples
    if width == 3:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        whole, bits = wide.view("<i4")[:, 0], 31
    else:
        whole, bits = np.frombuffer(data, {2: "<i2", 4: "<i4"}[width]), 8 * width - 1
    samples = whole.astype(np.float32)
    samples *= np.float32(2.0**-bits)
    return samples


def _read_csv(path: Path) -> Source:
    with open_regular(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig") as text:
        if file_size(file) > MOST_CSV_BYTES:
            raise _refusal(QT_TRANSLATE_NOOP("model", "it is larger than {most} MB"), most=MOST_CSV_BYTES // 1_000_000)
        lines = _lines(text)
        first = next(lines, None)
        if first is None:
            raise _refusal(QT_TRANSLATE_NOOP("model", "it holds no samples"))
        delimiter = max(_DELIMITERS, key=first.count)
        rows = csv.reader(chain([first], lines), delimiter=delimiter)
        names, samples = _read_rows(rows, delimiter)
    named = tuple(visible(name.strip(), MOST_NAME) or f"c{n}" for n, name in enumerate(names or []))
    titles = named if len(named) == samples.shape[1] else tuple(f"c{n}" for n in range(samples.shape[1]))
    low, high = min(0.0, float(samples.min())), float(samples.max())
    return _source(path, samples, titles, "CSV", (low, high if high > low else low + 1.0))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines that are not blank."""
    while line := text.readline(MOST_LINE + 1):
        if len(line) > MOST_LINE:
            raise _refusal(QT_TRANSLATE_NOOP("model", "a line is longer than {most} characters"), most=MOST_LINE)
        if line.strip():
            yield line


def _read_rows(rows: Iterator[list[str]], delimiter: str) -> tuple[list[str] | None, NDArray[np.float32]]:
    """The names, where the first row is no numbers, and the samples [L, C]; counted as they come."""
    first = next(rows)
    values = _numbers(first, delimiter)
    names, width, line = (first, 0, 2) if values is None else (None, len(first), 1)
    _check(1, len(first))
    parts = [] if values is None else [_as_float32([values])]
    count = len(parts)
    while some := list(islice(rows, _ROWS)):
        width = width or len(some[0])
        _check(count + len(some), width)
        parts.append(_as_float32([_row(row, delimiter, width, line + count + n) for n, row in enumerate(some)]))
        count += len(some)
    if not parts:
        raise _refusal(QT_TRANSLATE_NOOP("model", "it holds no samples"))
    return names, np.concatenate(parts)


def _row(row: list[str], delimiter: str, width: int, number: int) -> list[float]:
    values = _numbers(row, delimiter)
    if values is None or len(values) != width:
        raise _refusal(QT_TRANSLATE_NOOP("model", "line {n} is no row of numbers like the first"), n=number)
    return values


def _as_float32(values: list[list[float]]) -> NDArray[np.float32]:
    array = np.array(values)
    if not np.isfinite(array).all() or np.abs(array).max() > FLOAT32_MAX:
        raise _refusal(QT_TRANSLATE_NOOP("model", "a number is larger than float32 can hold"))
    return array.astype(np.float32)


def _numbers(row: list[str], delimiter: str) -> list[float] | None:
    try:
        return [float(cell.replace(",", ".") if delimiter != "," else cell) for cell in row]
    except ValueError:
        return None


def _check(count: int, channels: int) -> None:
    if channels > MOST_CHANNELS:
        raise _refusal(
            QT_TRANSLATE_NOOP("model", "it has {n} channels, more than {most}"), n=channels, most=MOST_CHANNELS
        )
    if count * channels > MOST_SAMPLES:
        text = QT_TRANSLATE_NOOP("model", "it has more than {most} million samples")
        raise _refusal(text, most=MOST_SAMPLES // 1_000_000)


def _source(
    path: Path, samples: NDArray[np.float32], names: tuple[str, ...], about: str, shown: tuple[float, float]
) -> Source:
    """samples [L, C] as a picture of one row."""
    pixels = np.ascontiguousarray(samples[None], dtype=np.float32)
    return Source(path.name, pixels, names, 1.0, about, str(path), shown_range=shown, signal=True)


def _refusal(template: str, **values: object) -> ConvLabError:
    return ConvLabError(message(template, **values))
