"""Files for the tests, by hand or by other programs' writers."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def random(shape: tuple[int, ...], dtype: Any = np.uint8) -> NDArray[Any]:
    return np.random.default_rng(7).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int, bits: int, colour: int, interlace: int = 0) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace))


def deep_png(pixels: NDArray[np.uint16], interlaced: bool = False, extra: bytes = b"") -> bytes:
    """A 16-bit PNG by the specification: every row filter in turn, or Adam7."""
    height, width, count = pixels.shape
    colour = {1: 0, 2: 4, 3: 2, 4: 6}[count]
    passes = [pixels[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [pixels]
    rows = b"".join(_filtered(part) for part in passes if part.size)
    header = png_header(width, height, 16, colour, int(interlaced))
    return header + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _filtered(pixels: NDArray[np.uint16]) -> bytes:
    """PNG rows, filter types 0 to 4 in turn (https://www.w3.org/TR/png/#9Filters)."""
    step = 2 * pixels.shape[2]
    lines = [row.astype(">u2").tobytes() for row in pixels]
    before = bytes(len(lines[0]))
    out = []
    for number, line in enumerate(lines):
        kind = number % 5
        left, corner = bytes(step) + line, bytes(step) + before
        guesses = (_guess(kind, a, b, c) for a, b, c in zip(left, before, corner, strict=False))
        out.append(bytes([kind]) + bytes((x - guess) % 256 for x, guess in zip(line, guesses, strict=True)))
        before = line
    return b"".join(out)


def _guess(kind: int, a: int, b: int, c: int) -> int:
    if kind == 4:
        return min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
    return (0, a, b, (a + b) // 2)[kind]


def tiff(pixels: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """`image` as Pillow writes it; of copies, because a JPEG save leaves its settings on the image."""
    file = io.BytesIO()
    if "append_images" in options:
        options["append_images"] = [other.copy() for other in options["append_images"]]
    image.copy().save(file, kind, **options)
    return file.getvalue()


def lzw_tiff(pixels: NDArray[np.uint16], extra: int | None = None) -> bytes:
    """A 16-bit TIFF with LZW: every byte a 9-bit code, the table cleared before it grows (TIFF 6.0, section 13).

    extra: what the fourth sample is, by ExtraSamples; undeclared when None.
    """
    data = pixels.astype("<u2").tobytes()
    codes: list[int] = []
    for start in range(0, len(data), 200):
        codes += [256, *data[start : start + 200]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    packed = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    height, width, count = pixels.shape
    photometric = 2 if count >= 3 else 1
    entries = [
        (256, 4, width),
        (257, 4, height),
        (258, 3, 16),
        (259, 3, 5),
        (262, 3, photometric),
        (273, 4, 0),
        (277, 3, count),
        (278, 4, height),
        (279, 4, len(packed)),
    ]
    if extra is not None:
        entries.append((338, 3, extra))
    after = 8 + 2 + 12 * len(entries) + 4
    bits_per_sample = struct.pack(f"<{count}H", *[16] * count).ljust(8, b"\0")
    places = {273: after + 8, 258: after if count > 2 else 16 | 16 << 16 if count == 2 else 16}
    body = b"II*\0" + struct.pack("<IH", 8, len(entries))
    for tag, kind, value in entries:
        body += struct.pack("<HHII", tag, kind, count if tag == 258 else 1, places.get(tag, value))
    return body + bytes(4) + bits_per_sample + packed
