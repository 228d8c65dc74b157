"""A decoded picture: pixels in the type they were stored in, channel names, value range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Line:
    """A row (along "row") or column of a picture, by its number."""

    along: Literal["row", "column"]
    index: int


@dataclass(frozen=True, eq=False)
class Source:
    """A picture, compared by identity.

    pixels: [H, W, C], C-contiguous and read-only; uint8, uint16 or float32, as decoded.
    max_value: the stored value that means 1.0 (255, 65535, 1 …): the layer's input is pixels / max_value.
    channel_names: one per channel: "R", "G", "B", "A", "gray", or "R 2" for a stacked second photo.
    description: what the file held, for a person: "8-bit RGB", "16-bit gray".
    shown_range: the layer's input values that are black and white on screen.
    signal: a file of samples rather than of a picture: one row.
    volume: [D, H, W, C] in the type of pixels, which are its middle slice.
    """

    name: str
    pixels: NDArray[np.generic]
    channel_names: tuple[str, ...]
    max_value: float
    description: str = ""
    path: str | None = None
    frame: int = 0
    frames: int = 1
    shown_range: tuple[float, float] = (0.0, 1.0)
    signal: bool = False
    volume: NDArray[np.generic] | None = None

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != len(self.channel_names):
            raise ValueError(f"pixels {self.pixels.shape} do not match channels {self.channel_names}")
        if self.pixels.flags.writeable:
            self.pixels.flags.writeable = False

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def channel_count(self) -> int:
        """Channels stored, alpha included."""
        return len(self.channel_names)

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """Of the layer's input. Whole numbers are never beyond black and white; other files are what is in them."""
        low, high = self.shown_range
        if self.pixels.dtype.kind != "f":
            return low, high
        least, most = (float(end.reduce(self.pixels, axis=None)) / self.max_value for end in (np.fmin, np.fmax))
        return min(low, least), max(high, most)

    def is_alpha(self, channel: int) -> bool:
        """Whether `channel` holds opacity, which is no colour and left out of the input unless asked for."""
        return self.channel_names[channel].split()[:1] == ["A"]
