"""Any file that can be an input: a picture, or by its suffix a signal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from convlab.io.formats.register import suffixes
from convlab.io.photos import DEFAULT_BUDGET, read_photo
from convlab.io.signals import read_signal, signal_format
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.problems import bytes_text
from convlab.model.signals import volume_source
from convlab.model.source import Source


def read_input(path: str, frame: int = 0, budget_bytes: int = DEFAULT_BUDGET, deep: bool = False) -> Source:
    """The file's source; frame counts from 0, of a picture with several. ConvLabError says why it was not opened.

    deep: all frames are wanted, as the slices of a volume.
    """
    if signal_format(path) is not None:
        return read_signal(path)
    photo = read_photo(path, frame, budget_bytes)
    return read_volume(path, budget_bytes) if deep and photo.frames > 1 else photo


def read_volume(path: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
    """All frames of a file behind each other; ConvLabError also where they are not of one size."""
    first = read_photo(path, 0, budget_bytes)
    if 2 * first.pixels.nbytes * first.frames > budget_bytes:  # the frames, and the volume made of them
        text = QT_TRANSLATE_NOOP("model", "“{name}” has {n} frames of {size}, more than the {budget} there are for it.")
        values = {"n": first.frames, "size": bytes_text(first.pixels.nbytes), "budget": bytes_text(budget_bytes)}
        raise ConvLabError(message(text, name=first.name, **values))
    frames = [first, *(read_photo(path, n, budget_bytes) for n in range(1, first.frames))]
    return stacked_frames(frames, first.name)


def frames_in(folder: str) -> list[str]:
    """The pictures in a folder, in the order of their names, numbers by their value: frame2 before frame10."""
    try:
        known = suffixes("picture")
        paths = [path for path in Path(folder).iterdir() if path.suffix.lower() in known and path.is_file()]
    except OSError as error:
        text = QT_TRANSLATE_NOOP("model", "The folder “{name}” cannot be read: {reason}.")
        raise ConvLabError(message(text, name=Path(folder).name, reason=error.strerror or "")) from error
    if not paths:
        text = QT_TRANSLATE_NOOP("model", "There are no pictures in the folder “{name}”.")
        raise ConvLabError(message(text, name=Path(folder).name))
    return [str(path) for path in sorted(paths, key=_by_numbers)]


def _by_numbers(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name.lower())]


def stacked_frames(frames: Sequence[Source], name: str) -> Source:
    """Pictures of one size and kind as the slices of a volume; ConvLabError where they differ.

    The volume is in a file where they are all its frames, else in none.
    """
    first = frames[0]
    for number, frame in enumerate(frames):
        if frame.pixels.shape != first.pixels.shape or frame.pixels.dtype != first.pixels.dtype:
            text = QT_TRANSLATE_NOOP("model", "“{name}”: picture {n} is of another size or kind than the first.")
            raise ConvLabError(message(text, name=name, n=number + 1))
    like = replace(first, name=name, description=f"{first.description}, {len(frames)} slices")
    if len(frames) != first.frames or any(frame.path != first.path for frame in frames):
        like = replace(like, path=None, frame=0, frames=1)
    return volume_source(np.stack([frame.pixels for frame in frames]), like)
