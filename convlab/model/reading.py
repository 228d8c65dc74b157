"""How a layer reads a picture of another number of channels: gray as R = G = B, colour as its luminance."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model.source import Source

ReadAs = Literal["rgb", "luminance"]
READINGS: tuple[ReadAs, ...] = ("rgb", "luminance")
RGB = ("R", "G", "B")
_PARTS = (19595, 38470, 7471)
"""0.299, 0.587 and 0.114 (ITU-R Recommendation BT.601) in 65536ths, as Pillow's convert("L") has them."""


def read_as(source: Source, reading: ReadAs) -> Source:
    """The source with other channels, alpha kept behind them; `original` is the source itself.

    rgb: the one colour channel three times. luminance: of R, G and B, rounded to whole numbers where they are such, as
    Pillow's convert("L") does it. Channels of another number are a ValueError.
    """
    colours = [n for n in range(source.channel_count) if not source.is_alpha(n)]
    alphas = [n for n in range(source.channel_count) if source.is_alpha(n)]
    if len(colours) != (1 if reading == "rgb" else 3):
        raise ValueError(f"{source.name} has channels {source.channel_names}: not to be read as {reading}")
    places = (*colours, *alphas) if reading == "luminance" else (*colours * 3, *alphas)
    names: tuple[str, ...] = RGB if reading == "rgb" else ("gray",)
    names += tuple(source.channel_names[n] for n in alphas)
    pixels, volume = (
        None if values is None else _read(values, places, reading) for values in (source.pixels, source.volume)
    )
    assert pixels is not None
    return replace(source, pixels=pixels, volume=volume, channel_names=names, original=source, reading=reading)


def _read(values: NDArray[np.generic], places: tuple[int, ...], reading: ReadAs) -> NDArray[np.generic]:
    """[…, C] → the channels at `places`, of which the first three are made one for the luminance; read-only."""
    chosen = values[..., places]
    if reading == "luminance":
        flat = chosen.reshape(-1, values.shape[-2], len(places))
        luminance = _luminance(flat[..., :3]).reshape(*values.shape[:-1], 1)
        chosen = np.concatenate([luminance, chosen[..., 3:]], axis=-1)
    made = np.ascontiguousarray(chosen)
    made.flags.writeable = False
    return made


def reading_for(source: Source, wanted: int | None) -> ReadAs | None:
    """How a layer that reads `wanted` channels reads this picture, where its own number is another; None as it is."""
    names = tuple(name for n, name in enumerate(source.channel_names) if not source.is_alpha(n))
    if len(names) == 1 and wanted == 3:
        return "rgb"
    return "luminance" if names == RGB and wanted == 1 else None


def read_for(source: Source, wanted: int | None) -> Source:
    """The picture as a layer reads it that wants so many channels; None: whatever there is."""
    reading = reading_for(source, wanted)
    return source if reading is None else read_as(source, reading)


def unread(source: Source) -> Source:
    """The picture as it was opened."""
    return source if source.original is None else source.original


def _luminance(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """[H, W, 3] → [H, W], a few rows at a time."""
    height, width, _ = pixels.shape
    made = np.empty((height, width), pixels.dtype)
    rows = max(1, (1 << 22) // max(width, 1))
    for top in range(0, height, rows):
        band = pixels[top : top + rows]
        if np.issubdtype(pixels.dtype, np.integer):
            made[top : top + rows] = (band.astype(np.uint64) @ np.array(_PARTS, np.uint64) + 32768) // 65536
        else:
            made[top : top + rows] = band.astype(np.float64) @ np.array(_PARTS, np.float64) / 65536
    return made


def read_again(source: Source, reading: ReadAs | None) -> Source:
    """A picture opened again, read as before where it still can be."""
    wanted = {"rgb": 3, "luminance": 1, None: None}[reading]
    return source if reading is None or reading_for(source, wanted) != reading else read_as(source, reading)
