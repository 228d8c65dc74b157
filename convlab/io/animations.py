"""Frames to an animated GIF or to a folder of PNG files, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convlab.io.saving import saving, saving_folder

Frame = NDArray[np.uint8]
COLORS = 128
"""Of each frame of a GIF: the format has 256 at most."""


def save_gif(path: str | Path, frames: Iterable[Frame], frame_ms: int) -> None:
    """Write uint8 frames [H, W, 3] of one size, one after another, as a GIF that plays for ever.

    frame_ms: how long each is shown, in milliseconds; GIF knows hundredths of a second. At least one frame.
    ConvLabError when the file cannot be written; what stops the frames leaves no file.
    """
    images = _reduced(frames)
    first = next(images)
    with saving(path) as file:
        duration = max(20, round(frame_ms / 10) * 10)  # players take less for a mistake and play slowly
        first.save(file, "GIF", save_all=True, append_images=images, duration=duration, loop=0)


def save_frames(folder: str | Path, frames: Iterable[Frame]) -> None:
    """Write frames as step_0001.png … into a new folder, which is there only when all are written.

    ConvLabError when it cannot be made or is there already.
    """
    with saving_folder(folder) as inside:
        for number, frame in enumerate(frames, 1):
            Image.fromarray(frame).save(inside / f"step_{number:04d}.png")


def _reduced(frames: Iterable[Frame]) -> Iterator[Image.Image]:
    for frame in frames:
        picture = Image.fromarray(frame)
        yield picture.quantize(COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
