"""Pictures: all that Pillow decodes here, and TIFF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from convlab.io.formats.format import Count, Decode, InputFormat

if TYPE_CHECKING:
    from convlab.io.formats.decoded import Decoded, Request


def _by_pillow(kind: str, held: int = 0) -> Decode:
    """kind: Pillow's name of the one format that it may try. held: bytes a pixel that its decoder takes beside the
    picture, at most: canvases, a strip, runs.
    """

    def decode(stream: BinaryIO, request: Request) -> Decoded:
        from convlab.io.formats.pillow_reader import read_with_pillow

        return read_with_pillow(stream, request, kind, held)

    return decode


def _count(kind: str) -> Count:
    def count(stream: BinaryIO) -> int | None:
        from convlab.io.formats.pillow_reader import colour_channels

        return colour_channels(stream, kind)

    return count


def _tiff(stream: BinaryIO, request: Request) -> Decoded:
    from convlab.io.formats.tiff_reader import read_tiff

    return read_tiff(stream, request)


def _start(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


PNG = InputFormat(
    name="PNG",
    suffixes=(".png",),
    holds="picture",
    about="1 to 16 bit, gray, palette or RGB, alpha",
    decode=_by_pillow("PNG"),
    start=_start(rb"\x89PNG\r\n\x1a\n"),
    frames=True,
    count=_count("PNG"),
)
JPEG = InputFormat(
    name="JPEG",
    suffixes=(".jpg", ".jpeg", ".jpe"),
    holds="picture",
    about="gray, RGB or CMYK; of a camera's multi-picture file the first",
    decode=_by_pillow("JPEG"),
    start=_start(rb"\xff\xd8\xff"),
    count=_count("JPEG"),
)
TIFF = InputFormat(
    name="TIFF",
    suffixes=(".tif", ".tiff"),
    holds="picture",
    about="1 to 32 bit and float, any number of channels",
    decode=_tiff,
    start=_start(rb"II\*\0|MM\0\*|II\+\0|MM\0\+|II\0\*|MM\*\0"),
    frames=True,
)
WEBP = InputFormat(
    name="WebP",
    suffixes=(".webp",),
    holds="picture",
    about="RGB, alpha",
    decode=_by_pillow("WEBP", held=16),
    start=_start(rb"RIFF....WEBP"),
    frames=True,
    count=_count("WEBP"),
)
BMP = InputFormat(
    name="BMP",
    suffixes=(".bmp",),
    holds="picture",
    about="1 to 8 bit, palette or RGB",
    decode=_by_pillow("BMP", held=2),
    start=_start(rb"BM"),
    count=_count("BMP"),
)
GIF = InputFormat(
    name="GIF",
    suffixes=(".gif",),
    holds="picture",
    about="palette",
    decode=_by_pillow("GIF", held=8),
    start=_start(rb"GIF8[79]a"),
    frames=True,
    count=_count("GIF"),
)
