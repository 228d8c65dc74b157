"""What the readers hand over: an array with names and range, turned upright; and what they refuse."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.problems import bytes_text
from convlab.model.source import Source

GRAY, GRAY_ALPHA, RGB, RGBA = ("gray",), ("gray", "A"), ("R", "G", "B"), ("R", "G", "B", "A")


class Request(NamedTuple):
    """What to read: `frame` of the file called `name`, in at most `budget_bytes` of pixels."""

    name: str
    frame: int
    budget_bytes: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """One decoded frame; the fields are those of `Source`.

    pixels: [H, W, C], uint8, uint16 or float32; of a signal one row. orientation: EXIF's 1…8, still to be applied.
    """

    pixels: NDArray[Any]
    channel_names: tuple[str, ...]
    max_value: float
    description: str
    frames: int = 1
    orientation: int = 1
    shown_range: tuple[float, float] = (0.0, 1.0)


def source_of(decoded: Decoded, request: Request, path: str | None, signal: bool = False) -> Source:
    """A decoded frame as a source, turned upright; path: of the file, where there is one."""
    return Source(
        name=request.name,
        pixels=upright(decoded.pixels, decoded.orientation),
        channel_names=decoded.channel_names,
        max_value=decoded.max_value,
        description=decoded.description,
        path=path,
        frame=request.frame,
        frames=decoded.frames,
        shown_range=decoded.shown_range,
        signal=signal,
    )


def check_frame(request: Request, frames: int) -> None:
    """Refuse a frame that the file does not have."""
    if not 0 <= request.frame < frames:
        template = QT_TRANSLATE_NOOP("model", "“{name}” has no frame {frame}: its number of frames is {frames}.")
        raise ConvLabError(message(template, name=request.name, frame=request.frame + 1, frames=frames))


def check_budget(request: Request, height: int, width: int, pixel_bytes: int, more: int = 0) -> None:
    """Refuse a picture that would take more than the budget; called before anything is decoded.

    pixel_bytes: what a pixel takes while it is decoded, all buffers together; more: bytes beside the pixels.
    """
    needed = height * width * pixel_bytes + more
    if needed > request.budget_bytes:
        template = QT_TRANSLATE_NOOP(
            "model",
            "“{name}” is too large: to decode {width} × {height} pixels takes {needed}, "
            "the budget for a photo is {budget}.",
        )
        sizes = {"needed": bytes_text(needed), "budget": bytes_text(request.budget_bytes)}
        raise ConvLabError(message(template, name=request.name, width=width, height=height, **sizes))


def unsupported(request: Request, kind: str) -> ConvLabError:
    """The refusal of a sound picture of a kind that is not read here."""
    template = QT_TRANSLATE_NOOP("model", "“{name}” cannot be read: {kind} pictures are not supported.")
    return ConvLabError(message(template, name=request.name, kind=kind))


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """[H, W, C] turned as EXIF's `orientation` (1…8; anything else is 1) says; C-contiguous, a view where it can be."""
    turned = {
        2: lambda: pixels[:, ::-1],
        3: lambda: pixels[::-1, ::-1],
        4: lambda: pixels[::-1],
        5: lambda: pixels.swapaxes(0, 1),
        6: lambda: np.rot90(pixels, -1),
        7: lambda: pixels[::-1, ::-1].swapaxes(0, 1),
        8: lambda: np.rot90(pixels, 1),
    }.get(orientation, lambda: pixels)()
    return np.ascontiguousarray(turned)


def join_bytes(high: NDArray[np.uint8], low: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """uint16 from its high and low bytes, of one shape."""
    joined = high.astype(np.uint16)
    joined <<= 8
    joined |= low
    return joined


def file_size(stream: Any) -> int:
    """Bytes in a seekable stream, which is left at its start."""
    end = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return int(end)
