"""Pictures with channels of another number: gray as R = G = B, colour as its luminance."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model.source import Source

Channels = Literal["stored", "rgb", "luminance"]
"""As they are in the source, or as one of OTHER_CHANNELS."""
OTHER_CHANNELS: tuple[Channels, ...] = ("rgb", "luminance")
RGB = ("R", "G", "B")
_PARTS = (19595, 38470, 7471)
"""0.299, 0.587 and 0.114 (ITU-R Recommendation BT.601) in 65536ths, as Pillow's convert("L") has them."""


def channels_for(source: Source, wanted: int | None) -> Channels:
    """The channels that a layer reads of the source which wants so many; None: whatever there is."""
    names = tuple(name for n, name in enumerate(source.channel_names) if not source.is_alpha(n))
    if len(names) == 1 and wanted == 3:
        return "rgb"
    return "luminance" if names == RGB and wanted == 1 else "stored"


def can_be(source: Source, channels: Channels) -> bool:
    """Whether the source has what these channels are made of."""
    return channels == "stored" or channels_for(source, 3 if channels == "rgb" else 1) == channels


def with_channels(source: Source, channels: Channels) -> Source:
    """The source with these channels, alpha kept behind them; itself with those stored.

    rgb: the one colour channel three times. luminance: of R, G and B, rounded to whole numbers where they are such, as
    Pillow's convert("L") does it. Channels that they cannot be made of are a ValueError.
    """
    if channels == "stored":
        return source
    colours = [n for n in range(source.channel_count) if not source.is_alpha(n)]
    alphas = [n for n in range(source.channel_count) if source.is_alpha(n)]
    if len(colours) != (1 if channels == "rgb" else 3):
        raise ValueError(f"{source.name} has channels {source.channel_names}: not to be read as {channels}")
    places = (*colours, *alphas) if channels == "luminance" else (*colours * 3, *alphas)
    names: tuple[str, ...] = RGB if channels == "rgb" else ("gray",)
    names += tuple(source.channel_names[n] for n in alphas)
    volume = None if source.volume is None else _made(source.volume, places, channels)
    pixels = _made(source.pixels, places, channels) if volume is None else volume[len(volume) // 2]
    return replace(source, pixels=pixels, volume=volume, channel_names=names)


def _made(values: NDArray[np.generic], places: tuple[int, ...], channels: Channels) -> NDArray[np.generic]:
    """[…, C] → the channels at `places`, of which the first three are made one for the luminance; read-only."""
    chosen = values[..., places]
    if channels == "luminance":
        flat = chosen.reshape(-1, values.shape[-2], len(places))
        luminance = _luminance(flat[..., :3]).reshape(*values.shape[:-1], 1)
        chosen = np.concatenate([luminance, chosen[..., 3:]], axis=-1)
    made = np.ascontiguousarray(chosen)
    made.flags.writeable = False
    return made


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
