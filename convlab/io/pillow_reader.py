"""PNG, JPEG, WebP, BMP, GIF and plain TIFF through Pillow, with the 16 bits of its colour PNGs and TIFFs kept."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from convlab.io.decoded import (
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

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
"""All that is ever decoded. Pillow opens a camera's multi-picture JPEG under JPEG."""

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
_NAMES = {1: GRAY, 2: GRAY_ALPHA, 3: RGB, 4: RGBA}
_TITLES = {GRAY: "gray", GRAY_ALPHA: "gray + alpha", RGB: "RGB", RGBA: "RGBA"}


def read_with_pillow(stream: BinaryIO, request: Request) -> Decoded:
    """Decode one frame. Raises ConvLabError for what is refused, and whatever Pillow raises."""
    with Image.open(stream, formats=FORMATS) as image:
        frames = _seek(image, request)
        raw_mode = _raw_mode(image)
        animated = image.format == "PNG" and frames > 1
        if raw_mode in _LOW_BYTES and not animated:
            decoded = _both_bytes(stream, image, raw_mode, request.frame)
        else:
            image.load()
            decoded = _as_loaded(image, cut=raw_mode in _LOW_BYTES)
        return replace(decoded, frames=frames, orientation=_orientation(image))


def _seek(image: Image.Image, request: Request) -> int:
    """Go to the frame, step by step so that no frame on the way is decoded before its size is checked."""
    frames = 1 if image.format == "MPO" else int(getattr(image, "n_frames", 1))
    check_frame(request, frames)
    check_budget(request, image.height, image.width, _pixel_bytes(image))
    for frame in range(1, request.frame + 1):
        image.seek(frame)
        check_budget(request, image.height, image.width, _pixel_bytes(image))
    return frames


def _pixel_bytes(image: Image.Image) -> int:
    """Bytes of a decoded pixel, before it is decoded."""
    mode = _shown_as(image)
    keyed = int("transparency" in image.info and mode in ("1", "L", "RGB"))
    if _raw_mode(image) in _LOW_BYTES:
        return 4 if _raw_mode(image) == "LA;16B" else 2 * (len(mode) + keyed)
    if mode.startswith("I;16"):
        return 2
    return {"1": 1, "L": 1, "LA": 2, "RGB": 3}.get(mode, 4) + keyed


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


def _both_bytes(stream: BinaryIO, image: Image.Image, raw_mode: str, frame: int) -> Decoded:
    """A 16-bit colour picture, decoded twice: once for the high bytes, once for the low ones."""
    low = _low_bytes(stream, raw_mode, frame)
    image.load()
    if raw_mode == "LA;16B":
        pixels = join_bytes(low[:, :, 0::2], low[:, :, 1::2])
    else:
        pixels = join_bytes(np.asarray(image), low)
    pixels = _with_key_alpha(pixels, image.info.get("transparency"), 65535)
    names = _NAMES[pixels.shape[2]]
    return Decoded(pixels, names, 65535.0, f"16-bit {_TITLES[names]}")


def _low_bytes(stream: BinaryIO, raw_mode: str, frame: int) -> NDArray[np.uint8]:
    """[H, W, bands] as the file decodes when each sample's other byte is unpacked."""
    position = stream.tell()
    stream.seek(0)
    with Image.open(stream, formats=FORMATS) as image:
        image.seek(frame)
        image.tile = [_with_raw_mode(tile, _LOW_BYTES[raw_mode]) for tile in image.tile]
        low = np.array(image)
    stream.seek(position)
    return low


def _with_raw_mode(tile: Any, raw_mode: str) -> Any:
    arguments = tile[3]
    return tile._replace(args=(raw_mode, *arguments[1:]) if isinstance(arguments, tuple) else raw_mode)


def _as_loaded(image: Image.Image, cut: bool) -> Decoded:
    """A loaded image as array, names and range; `cut`: it had 16 bits, of which Pillow kept 8."""
    mode, shown_as = image.mode, _shown_as(image)
    shown = image if shown_as == mode else image.convert(shown_as)
    pixels, max_value, depth = _ranged(np.atleast_3d(np.asarray(shown)), image)
    if shown is image:
        pixels = _with_key_alpha(pixels, image.info.get("transparency"), int(max_value))
    names = _NAMES[pixels.shape[2]]
    text = f"{depth} {_TITLES[names]}"
    if shown is not image:
        text = f"{depth} {_KINDS.get(mode, mode)}, shown as {_TITLES[names]}"
    if cut:
        text = f"16-bit {_TITLES[names]}, cut to 8 bits (animated)"
    return Decoded(pixels, names, max_value, text)


def _ranged(pixels: NDArray[Any], image: Image.Image) -> tuple[NDArray[Any], float, str]:
    """The pixels as uint8, uint16 or float32, the value that means 1, and the depth in words."""
    kind = pixels.dtype
    if kind == np.bool_:
        return pixels.astype(np.uint8), 1.0, "1-bit"
    if kind == np.uint8:
        return pixels, 255.0, "8-bit"
    if kind.kind == "u" and kind.itemsize == 2:
        return pixels.astype(np.uint16, copy=False), 65535.0, "16-bit"
    if kind == np.int32:
        unsigned = image.format == "TIFF" and 1 in np.atleast_1d(getattr(image, "tag_v2", {}).get(_SAMPLE_FORMAT, 1))
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
