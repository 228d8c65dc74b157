"""A file of every input format, written by another program or library, and the numbers that are in it."""

from __future__ import annotations

import csv
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

Numbers = NDArray[np.generic]
NOISE = np.random.default_rng(3).integers(0, 256, (20, 30, 3), np.uint8)
SMOOTH = np.broadcast_to(np.linspace(40, 200, 30).astype(np.uint8)[None, :, None], (20, 30, 3))
FEW = NOISE // 64 * 64


def _by_pillow(pixels: Numbers, kind: str, **options: object) -> Callable[[Path], Numbers]:
    def write(path: Path) -> Numbers:
        Image.fromarray(np.ascontiguousarray(pixels)).save(path, kind, **options)
        return pixels

    return write


def _tiff(path: Path) -> Numbers:
    pixels = np.random.default_rng(4).integers(0, 65536, (20, 30, 3), np.uint16)
    tifffile.imwrite(path, pixels, photometric="rgb")
    return pixels


def _wav(path: Path) -> Numbers:
    samples = np.random.default_rng(5).integers(-32768, 32768, (50, 2)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return (samples[None] / 32768).astype(np.float32)


def _csv(path: Path) -> Numbers:
    values = np.random.default_rng(6).normal(size=(40, 3)).round(3)
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["x", "y", "z"])
        writer.writerows(values.tolist())
    return values[None].astype(np.float32)


WRITERS: dict[str, Callable[[Path], Numbers]] = {
    "PNG": _by_pillow(NOISE, "PNG"),
    "JPEG": _by_pillow(SMOOTH, "JPEG", quality=100, subsampling=0),
    "TIFF": _tiff,
    "WebP": _by_pillow(NOISE, "WEBP", lossless=True),
    "BMP": _by_pillow(NOISE, "BMP"),
    "GIF": _by_pillow(FEW, "GIF"),
    "WAV": _wav,
    "CSV": _csv,
}
"""writer(path) gives what is to be read: [H, W, C] of a picture in its own type, [1, L, C] of a signal as float32."""
NEARLY = {"JPEG": 2}
"""By how much the numbers that are read may differ, where a format loses some."""
