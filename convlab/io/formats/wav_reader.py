"""WAV: PCM samples through Python's own reader."""

from __future__ import annotations

import struct
import wave
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from convlab.io.formats.decoded import Decoded, Request
from convlab.io.formats.samples import check_samples, no_samples, refusal, signal
from convlab.model.message import QT_TRANSLATE_NOOP


def read_wav(stream: BinaryIO, _request: Request) -> Decoded:
    """Whole numbers of 8, 16, 24 or 32 bits as −1 … 1; ConvLabError with the reason of a refusal, else ValueError."""
    try:
        with wave.open(stream) as sound:
            return _read(sound)
    except (wave.Error, EOFError, RuntimeError, struct.error) as error:  # what wave raises for bad files
        raise ValueError("no sound") from error


def sound_channels(stream: BinaryIO) -> int:
    """How many there are, by the header; raises as `wave` does."""
    with wave.open(stream) as sound:
        return int(sound.getnchannels())


def _read(sound: wave.Wave_read) -> Decoded:
    channels, width, rate, count, *_ = sound.getparams()
    check_samples(count, channels)
    if width not in (1, 2, 3, 4):
        raise refusal(QT_TRANSLATE_NOOP("model", "its samples have {n} bits"), n=8 * width)
    data = sound.readframes(count)
    samples = _decoded(data[: len(data) // (width * channels) * width * channels], width).reshape(-1, channels)
    if not len(samples):
        raise no_samples()
    names = {1: ("mono",), 2: ("left", "right")}.get(channels, tuple(f"c{n}" for n in range(channels)))
    return signal(samples, names, f"{8 * width}-bit WAV, {rate} Hz", (-1.0, 1.0))


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
