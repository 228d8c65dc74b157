"""TIFF: every bit depth and any number of channels through tifffile, 8 bits and odd compressions through Pillow."""

from __future__ import annotations

import logging
import lzma
import zlib
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from convlab.io.formats.decoded import (
    GRAY,
    GRAY_ALPHA,
    RGB,
    RGBA,
    Decoded,
    Request,
    check_budget,
    check_frame,
    unsupported,
)
from convlab.io.formats.pillow_reader import read_with_pillow

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK = 0, 1, 2, 5
_BASE = {_WHITE_IS_ZERO: GRAY, _BLACK_IS_ZERO: GRAY, _RGB: RGB, _CMYK: RGB}
_UNSIGNED, _FLOAT = 1, 3
_MAX_FRAMES = 100_000
_SLACK = 2**26
_SEGMENTS, _READ_AHEAD = 4, 2**28
"""tifffile's threads here, and what it reads before it unpacks."""
_BAND_ROWS = 64
_HELD = 4
"""Bytes a pixel that Pillow's decoder takes beside the picture."""
_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Others, with the bytes of their number exchanged, Pillow alone takes for TIFF."""
_UNPACKERS: dict[int, tuple[Any, float]] = {
    8: (zlib.decompressobj, 1032),
    32946: (zlib.decompressobj, 1032),
    34925: (lzma.LZMADecompressor, float("inf")),
}
"""TIFF compressions that tifffile unpacks without a bound: one that has a bound, and the most that a byte becomes."""

logging.getLogger("tifffile").addHandler(logging.NullHandler())  # else its complaints land on stderr


def read_tiff(stream: BinaryIO, request: Request) -> Decoded:
    """Decode one frame. Raises ConvLabError for what is refused, and whatever the two readers raise."""
    if stream.read(4) not in _STARTS:
        return _with_pillow(stream, request)
    import tifffile

    stream.seek(0)
    with tifffile.TiffFile(stream, name=request.name) as tiff:
        frames = min(len(tiff.pages), _MAX_FRAMES)
        if frames == 0:
            raise ValueError("no page")
        check_frame(request, frames)
        page = tiff.pages[request.frame]
        page = page.aspage()
        if _is_pillows(page):
            check_budget(request, *_rows_columns(page), _pixel_bytes(page))
            return _with_pillow(stream, request)
        check_budget(request, *_rows_columns(page), _pixel_bytes(page) + _stored_bytes(page), _segment_bytes(page))
        _refuse_unknown(page, request)
        _check_complete(page, tiff.filehandle.size)
        _check_inflation(stream, page)
        try:
            samples = _samples(page)
        except (ValueError, NotImplementedError, ImportError) as error:
            if "imagecodecs" not in str(error):
                raise
            return _through_libtiff(stream, page, request)
    return _decoded(samples, page, frames)


def _through_libtiff(stream: BinaryIO, page: Any, request: Request) -> Decoded:
    """A compression that tifffile alone cannot undo (LZW …), by Pillow, as long as no bits are lost that way."""
    refusal = unsupported(
        request, f"{_depth(page)} {getattr(page.compression, 'name', '')} {page.photometric.name} TIFF"
    )
    planar = page.samplesperpixel > 1 and page.planarconfig != 1
    if planar or page.photometric not in (_BLACK_IS_ZERO, _RGB) or page.bitspersample not in (16, 32):
        raise refusal
    try:
        decoded = _with_pillow(stream, request)
    except UnidentifiedImageError as error:
        raise refusal from error
    if decoded.pixels.dtype == np.uint8:
        raise refusal
    return decoded


def _with_pillow(stream: BinaryIO, request: Request) -> Decoded:
    stream.seek(0)
    return read_with_pillow(stream, request, "TIFF", _HELD)


def _rows_columns(page: Any) -> tuple[int, int]:
    return int(page.imagelength), int(page.imagewidth)


def _pixel_bytes(page: Any) -> int:
    """Bytes of a decoded pixel."""
    size = page.dtype.itemsize if page.dtype is not None else 1
    return int(page.samplesperpixel) * (size if page.sampleformat == _UNSIGNED and size <= 2 else 4)


def _stored_bytes(page: Any) -> int:
    """Bytes of a pixel as it is stored; the picture is held like that too while it is converted or reordered."""
    return int(page.samplesperpixel) * int(page.dtype.itemsize if page.dtype is not None else 1)


def _segment_bytes(page: Any) -> int:
    """What tifffile holds beside the picture: packed segments, read ahead, and a few unpacked ones."""
    if page.compression == 1 or page.dtype is None:
        return 0
    unpacked = int(prod(page.chunks)) * int(page.dtype.itemsize) * min(len(page.databytecounts), _SEGMENTS)
    return int(min(sum(page.databytecounts), _READ_AHEAD)) + unpacked


def _is_pillows(page: Any) -> bool:
    """Whether Pillow keeps all there is: up to 8 bits, in a number of channels that it has a mode for."""
    if page.bitspersample > 8 or page.sampleformat not in (_UNSIGNED, 4):
        return False
    standard = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _CMYK: 4}.get(int(page.photometric))
    if standard is None:
        return True  # palette, YCbCr, Lab …
    return page.samplesperpixel == standard or (page.samplesperpixel == standard + 1 and _has_alpha(page))


def _has_alpha(page: Any) -> bool:
    """Whether the first extra sample is opacity: declared, or an undeclared fourth one of RGB."""
    if not page.extrasamples:
        return bool(page.photometric == _RGB)
    return int(page.extrasamples[0]) in (1, 2)


def _refuse_unknown(page: Any, request: Request) -> None:
    """Kinds whose numbers are no brightness that could be convolved as it is."""
    bits = page.bitspersample
    if int(page.photometric) not in _BASE:
        raise unsupported(request, f"{bits}-bit {getattr(page.photometric, 'name', page.photometric)} TIFF")
    if page.dtype is None or page.dtype.kind not in "uif":
        raise unsupported(request, "complex TIFF")
    if page.imagedepth > 1:
        raise unsupported(request, "three-dimensional TIFF")


def _check_complete(page: Any, size: int) -> None:
    """tifffile fills what is missing with zeros: notice a file that was cut short."""
    ends = (offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True))
    if not page.dataoffsets or max(ends) > size:
        raise ValueError("the file ends before its pixels do")


def _check_inflation(stream: BinaryIO, page: Any) -> None:
    """tifffile unpacks a segment whole, however much it holds: notice one that is a bomb, in bounded memory."""
    limit = 2 * prod(page.chunks) * page.dtype.itemsize + _SLACK
    if page.compression not in _UNPACKERS:
        return
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        if count * _UNPACKERS[page.compression][1] > limit:
            stream.seek(offset)
            _unpack_within(stream.read(count), _UNPACKERS[page.compression][0](), limit)


def _unpack_within(data: bytes, unpacker: Any, limit: int) -> None:
    unpacked, rest = 0, data
    while not unpacker.eof:
        piece = unpacker.decompress(rest, 2**24)
        unpacked += len(piece)
        rest = getattr(unpacker, "unconsumed_tail", b"")
        if unpacked > limit:
            raise ValueError("more data than pixels")
        if not piece and not rest:
            return  # cut short: the decoder will say so


def _samples(page: Any) -> NDArray[Any]:
    """[H, W, samples] as stored."""
    planes, _, height, width, samples = page.shaped
    stored: NDArray[Any] = page.asarray(maxworkers=_SEGMENTS).reshape(planes, height, width, samples)
    return stored[0] if planes == 1 else np.moveaxis(stored[..., 0], 0, 2)


def _decoded(samples: NDArray[Any], page: Any, frames: int) -> Decoded:
    """Stored samples as uint8, uint16 or float32 with names and range."""
    top = _stored_maximum(page)
    if page.photometric == _WHITE_IS_ZERO:
        samples = samples.dtype.type(top) - samples if page.sampleformat == _UNSIGNED else -samples
    kind = "RGB" if page.photometric == _RGB else "gray"
    if page.photometric == _CMYK:
        samples, kind = _cmyk_to_rgb(samples, top), "CMYK, shown as RGB"
    if not (samples.dtype.kind == "u" and samples.dtype.itemsize <= 2):
        with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite
            samples = samples.astype(np.float32)
    names = _names(page, samples.shape[2])
    if page.photometric != _CMYK:
        kind = {GRAY: "gray", GRAY_ALPHA: "gray + alpha", RGB: "RGB", RGBA: "RGBA"}.get(
            names, f"{kind}, {len(names)} channels"
        )
    orientation = page.tags.valueof(274, 1)
    return Decoded(samples, names, float(top), f"{_depth(page)} {kind}", frames, _whole(orientation))


def _whole(orientation: object) -> int:
    return int(orientation) if isinstance(orientation, int) else 1


def _depth(page: Any) -> str:
    word = {_UNSIGNED: "", _FLOAT: " float"}.get(page.sampleformat, " signed")
    return f"{page.bitspersample}-bit{word}"


def _stored_maximum(page: Any) -> int:
    """The stored value that means 1."""
    if page.sampleformat == _FLOAT:
        return 1
    return int(2 ** (page.bitspersample - (page.sampleformat != _UNSIGNED)) - 1)


def _cmyk_to_rgb(samples: NDArray[Any], top: int) -> NDArray[Any]:
    """[H, W, ≥4] inks to [H, W, 3] light, (1 − ink)·(1 − black), in the same type; a few rows at a time."""
    found = np.empty((*samples.shape[:2], 3), samples.dtype)
    for row in range(0, len(samples), _BAND_ROWS):
        inks = top - samples[row : row + _BAND_ROWS].astype(np.float64)
        light = inks[:, :, :3] * inks[:, :, 3:4] / top
        found[row : row + _BAND_ROWS] = light if samples.dtype.kind == "f" else np.rint(light)
    return found


def _names(page: Any, count: int) -> tuple[str, ...]:
    """Channel names: the photometric ones, "A" for declared opacity, numbers for the rest."""
    base = _BASE[int(page.photometric)]
    if count < len(base) or (base == GRAY and count > 1 and not (count == 2 and _has_alpha(page))):
        return tuple(str(n + 1) for n in range(count))
    alpha = ("A",) if count > len(base) and _has_alpha(page) else ()
    rest = range(len(base) + len(alpha), count)
    return (*base, *alpha, *(str(n + 1) for n in rest))
