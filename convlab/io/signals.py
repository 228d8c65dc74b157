"""Signals from files: WAV sound and CSV columns."""

from __future__ import annotations

import csv
import struct
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.names import SIGNAL_SUFFIXES as SUFFIXES
from convlab.model.numbers import FLOAT32_MAX
from convlab.model.source import Source

__all__ = ["SUFFIXES", "read_signal"]

MOST_SAMPLES = 16_000_000
"""Of all channels together."""
MOST_CHANNELS = 64
MOST_CSV_BYTES = 256_000_000
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
    with open(path, "rb") as file, wave.open(file) as sound:
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
        return ((np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128).astype(np.float32)
    if width == 3:
        parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(parts), 4), np.uint8)
        wide[:, 1:] = parts
        return (wide.view("<i4")[:, 0] / 2.0**31).astype(np.float32)
    kind = {2: "<i2", 4: "<i4"}[width]
    return (np.frombuffer(data, kind) / 2.0 ** (8 * width - 1)).astype(np.float32)


def _read_csv(path: Path) -> Source:
    if path.stat().st_size > MOST_CSV_BYTES:
        raise _refusal(QT_TRANSLATE_NOOP("model", "it is larger than {most} MB"), most=MOST_CSV_BYTES // 1_000_000)
    text = path.read_bytes().decode("utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise _refusal(QT_TRANSLATE_NOOP("model", "it holds no samples"))
    delimiter = max(_DELIMITERS, key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=delimiter))
    names = None if _numbers(rows[0], delimiter) is not None else rows.pop(0)
    samples = []
    for number, row in enumerate(rows, 1 if names is None else 2):
        values = _numbers(row, delimiter)
        if values is None or len(values) != len(rows[0]):
            raise _refusal(QT_TRANSLATE_NOOP("model", "line {n} is no row of numbers like the first"), n=number)
        samples.append(values)
    if not samples:
        raise _refusal(QT_TRANSLATE_NOOP("model", "it holds no samples"))
    _check(len(samples), len(samples[0]))
    array = np.array(samples)
    if not np.isfinite(array).all() or np.abs(array).max() > FLOAT32_MAX:
        raise _refusal(QT_TRANSLATE_NOOP("model", "a number is larger than float32 can hold"))
    named = tuple(name.strip() or f"c{n}" for n, name in enumerate(names or []))
    titles = named if len(named) == array.shape[1] else tuple(f"c{n}" for n in range(array.shape[1]))
    low, high = min(0.0, float(array.min())), float(array.max())
    return _source(path, array.astype(np.float32), titles, "CSV", (low, high if high > low else low + 1.0))


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
        text = QT_TRANSLATE_NOOP("model", "it has {n} million samples, more than {most}")
        raise _refusal(text, n=round(count * channels / 1e6), most=MOST_SAMPLES // 1_000_000)


def _source(
    path: Path, samples: NDArray[np.float32], names: tuple[str, ...], about: str, shown: tuple[float, float]
) -> Source:
    """samples [L, C] as a picture of one row."""
    pixels = np.ascontiguousarray(samples[None], dtype=np.float32)
    return Source(path.name, pixels, names, 1.0, about, str(path), shown_range=shown, signal=True)


def _refusal(template: str, **values: object) -> ConvLabError:
    return ConvLabError(message(template, **values))
