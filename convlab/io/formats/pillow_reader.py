"""Pictures through Pillow, one of its formats at a time, with the 16 bits of its colour PNGs and TIFFs kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convlab.io.formats.decoded import (
    GRAY,
    GRAY_ALPHA,
    RGB,
    RGBA,
    Decoded,
    Request,
    check_budget,
    check_frame,
    join_bytes,
)

Image.MAX_IMAGE_PIXELS = None  # sizes are checked here, against the person's own budget

_ORIENTATION, _SAMPLE_FORMAT = 0x0112, 0x0153
_SWAPPED = "B" if sys.byteorder == "little" else "L"
_LOW_BYTES = {
    "RGB;16B": "RGB;16L",
    "RGBA;16B": "RGBA;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16L": "RGBA;16B",
    "RGBX;16B": "RGBX;16L",
    "RGBX;16L": "RGBX;16B",
    "LA;16B": "RGBA",
    "RGB;16N": f"RGB;16{_SWAPPED}",
    "RGBA;16N": f"RGBA;16{_SWAPPED}",
    "RGBX;16N": f"RGBX;16{_SWAPPED}",
}
"""Pillow's colour images have 8 bits, so of 16 it unpacks one byte: the high one, by the raw mode it chose.
Read again in the other byte order, the same file gives the low one. Two bytes of gray and two of alpha are
unpacked as four of RGBA."""

_SHOWN_AS = {
    "P": "RGB",
    "PA": "RGBA",
    "CMYK": "RGB",
    "YCbCr": "RGB",
    "LAB": "RGB",
    "RGBX": "RGB",
    "RGBa": "RGBA",
    "La": "LA",
}
_KINDS = {"P": "palette", "PA": "palette", "LAB": "Lab"}
_BAND_PIXELS = 2**19
_NAMES = {1: GRAY, 2: GRAY_ALPHA, 3: RGB, 4: RGBA}
_TITLES = {GRAY: "gray", GRAY_ALPHA: "gray + alpha", RGB: "RGB", RGBA: "RGBA"}
_GRAY_MODES = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")


class Codec(NamedTuple):
    """kind: the one of Pillow's formats that may be decoded; it opens a camera's multi-picture JPEG under JPEG.

    held: bytes a pixel that its decoder takes beside Pillow's image, at most.
    """

    kind: str
    held: int


def read_with_pillow(stream: BinaryIO, request: Request, kind: str, held: int = 0) -> Decoded:
    """Decode one frame of a file of this kind. Raises ConvLabError for what is refused, and whatever Pillow raises."""
    codec = Codec(kind, held)
    if kind == "WEBP":
        _check_webp(stream, request, codec)
    with Image.open(stream, formats=(kind,)) as image:
        frames = _seek(stream, image, request, codec)
        raw_mode = _raw_mode(image)
        animated = image.format == "PNG" and frames > 1
        if raw_mode in _LOW_BYTES and not animated:
            decoded = _both_bytes(stream, image, raw_mode, request.frame, codec)
        else:
            image.load()
            decoded = _as_loaded(image, cut=raw_mode in _LOW_BYTES)
        return replace(decoded, frames=frames, orientation=_orientation(image))


def colour_channels(stream: BinaryIO, kind: str) -> int:
    """How many a picture has, by its header."""
    with Image.open(stream, formats=(kind,)) as image:
        return 1 if image.mode in _GRAY_MODES else 3


def _seek(stream: BinaryIO, image: Image.Image, request: Request, codec: Codec) -> int:
    """Go to the frame, step by step so that no frame on the way is decoded before its size is checked."""
    frames = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
    check_frame(request, frames)
    _check_budget(stream, image, request, codec)
    for frame in range(1, request.frame + 1):
        image.seek(frame)
        _check_budget(stream, image, request, codec)
    return frames


def _check_budget(stream: BinaryIO, image: Image.Image, request: Request, codec: Codec) -> None:
    whole = _file_size(stream) if image.format == "WEBP" else 0  # libwebp wants the file in one piece
    check_budget(request, image.height, image.width, _pixel_bytes(image) + _working_bytes(image, codec), whole)


def _check_webp(stream: BinaryIO, request: Request, codec: Codec) -> None:
    """libwebp takes memory for two canvases as soon as a file is opened: the size is read from the header before."""
    head = stream.read(30)
    stream.seek(0)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return
    if head[12:16] == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    elif head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    check_budget(request, height, width, 3 + 4 + codec.held, _file_size(stream))


def _file_size(stream: BinaryIO) -> int:
    position = stream.tell()
    end = stream.seek(0, os.SEEK_END)
    stream.seek(position)
    return end


def _pixel_bytes(image: Image.Image) -> int:
    """Bytes of a decoded pixel, before it is decoded."""
    mode = _shown_as(image)
    keyed = int("transparency" in image.info and mode in ("1", "L", "RGB"))
    if _raw_mode(image) in _LOW_BYTES:
        return 4 if _raw_mode(image) == "LA;16B" else 2 * (len(mode) + keyed)
    if mode.startswith("I;16"):
        return 2
    return {"1": 1, "L": 1, "LA": 2, "RGB": 3}.get(mode, 4) + keyed


def _working_bytes(image: Image.Image, codec: Codec) -> int:
    """Bytes a pixel that decoding takes beside the result: Pillow's own image, and what its decoders hold."""
    own = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    if _raw_mode(image) in _LOW_BYTES:
        return 2 * own  # decoded twice
    if image.format == "JPEG" and image.info.get("progressive"):
        return own + 2 * len(image.getbands())  # all coefficients, 16 bits each
    if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
        return own + 8  # the frame before, and the one that is put on it
    return own + codec.held


def _shown_as(image: Image.Image) -> str:
    """The Pillow mode that the pixels are handed over in."""
    if image.mode == "P" and image.has_transparency_data:
        return "RGBA"
    return _SHOWN_AS.get(image.mode, image.mode)


def _raw_mode(image: Image.Image) -> str:
    """How Pillow means to unpack the tiles; "" where there are several ways, or none."""
    tiles = getattr(image, "tile", None) or ()
    modes = {tile[3][0] if isinstance(tile[3], tuple) else tile[3] for tile in tiles}
    mode = modes.pop() if len(modes) == 1 else ""
    return mode if isinstance(mode, str) else ""


def _both_bytes(stream: BinaryIO, image: Image.Image, raw_mode: str, frame: int, codec: Codec) -> Decoded:
    """A 16-bit colour picture, decoded twice: once for the high bytes, once for the low ones."""
    low = _low_bytes(stream, raw_mode, frame, codec)
    image.load()

    def join(top: int, bottom: int) -> NDArray[np.uint16]:
        below = _rows(low, top, bottom)
        if raw_mode == "LA;16B":
            return join_bytes(below[:, :, 0::2], below[:, :, 1::2])
        joined = join_bytes(_rows(image, top, bottom), below)
        return _with_key_alpha(joined, image.info.get("transparency"), 65535)

    pixels = _in_bands(image.size, join)
    names = _NAMES[pixels.shape[2]]
    return Decoded(pixels, names, 65535.0, f"16-bit {_TITLES[names]}")


def _low_bytes(stream: BinaryIO, raw_mode: str, frame: int, codec: Codec) -> Image.Image:
    """The picture as it decodes when each sample's other byte is unpacked."""
    position = stream.tell()
    stream.seek(0)
    with Image.open(stream, formats=(codec.kind,)) as image:
        image.seek(frame)
        image.tile = [_with_raw_mode(tile, _LOW_BYTES[raw_mode]) for tile in image.tile]
        image.load()
    stream.seek(position)
    return image


def _with_raw_mode(tile: Any, raw_mode: str) -> Any:
    arguments = tile[3]
    return tile._replace(args=(raw_mode, *arguments[1:]) if isinstance(arguments, tuple) else raw_mode)


def _rows(image: Image.Image, top: int, bottom: int) -> NDArray[Any]:
    """[bottom − top, W, bands] of a loaded image."""
    return np.atleast_3d(np.asarray(image.crop((0, top, image.width, bottom))))


def _in_bands(size: tuple[int, int], rows: Callable[[int, int], NDArray[Any]]) -> NDArray[Any]:
    """[H, W, C] of rows(top, bottom), a band at a time: Pillow's own way copies the whole picture twice more."""
    width, height = size
    step = max(1, _BAND_PIXELS // max(1, width))
    first = rows(0, min(step, height))
    if step >= height:
        return first
    pixels = np.empty((height, *first.shape[1:]), first.dtype)
    pixels[:step] = first
    for top in range(step, height, step):
        pixels[top : top + step] = rows(top, min(top + step, height))
    return pixels


def _as_loaded(image: Image.Image, cut: bool) -> Decoded:
    """A loaded image as array, names and range; `cut`: it had 16 bits, of which Pillow kept 8."""
    mode, shown_as = image.mode, _shown_as(image)
    unsigned = image.format == "TIFF" and 1 in np.atleast_1d(getattr(image, "tag_v2", {}).get(_SAMPLE_FORMAT, 1))

    def ranged(top: int, bottom: int) -> tuple[NDArray[Any], float, str]:
        band = image.crop((0, top, image.width, bottom))
        shown = band if shown_as == mode else band.convert(shown_as)
        pixels, max_value, depth = _ranged(np.atleast_3d(np.asarray(shown)), unsigned)
        if shown_as == mode:
            pixels = _with_key_alpha(pixels, image.info.get("transparency"), int(max_value))
        return pixels, max_value, depth

    _, max_value, depth = ranged(0, 1)
    pixels = _in_bands(image.size, lambda top, bottom: ranged(top, bottom)[0])
    names = _NAMES[pixels.shape[2]]
    text = f"{depth} {_TITLES[names]}"
    if shown_as != mode:
        text = f"{depth} {_KINDS.get(mode, mode)}, shown as {_TITLES[names]}"
    if cut:
        text = f"16-bit {_TITLES[names]}, cut to 8 bits (animated)"
    return Decoded(pixels, names, max_value, text)


def _ranged(pixels: NDArray[Any], unsigned: bool) -> tuple[NDArray[Any], float, str]:
    """The pixels as uint8, uint16 or float32, the value that means 1, and the depth in words."""
    kind = pixels.dtype
    if kind == np.bool_:
        return pixels.astype(np.uint8), 1.0, "1-bit"  # Pillow holds 255 for True
    if kind == np.uint8:
        return pixels, 255.0, "8-bit"
    if kind.kind == "u" and kind.itemsize == 2:
        return pixels.astype(np.uint16, copy=False), 65535.0, "16-bit"
    if kind == np.int32:
        stored = pixels.view(np.uint32) if unsigned else pixels
        return stored.astype(np.float32), float(np.iinfo(stored.dtype).max), "32-bit" if unsigned else "32-bit signed"
    return pixels.astype(np.float32, copy=False), 1.0, "32-bit float"


def _with_key_alpha(pixels: NDArray[Any], key: object, opaque: int) -> NDArray[Any]:
    """[H, W, 1 or 3] with alpha appended where one stored colour, `key`, means transparent."""
    if pixels.shape[2] not in (1, 3) or not isinstance(key, int | tuple):
        return pixels
    visible = (pixels != np.minimum(np.array(key), opaque)).any(axis=2, keepdims=True)
    return np.concatenate([pixels, (visible * opaque).astype(pixels.dtype)], axis=2)


def _orientation(image: Image.Image) -> int:
    """EXIF's orientation of a loaded image; 1 where it is missing or garbage."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # EXIF is not the picture: whatever is wrong with it, the picture can be shown
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1
