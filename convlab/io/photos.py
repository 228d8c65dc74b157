"""Reading photos: a file or its bytes to a `Source`, or one sentence that says why not."""

from __future__ import annotations

import errno
import io
import threading
import warnings
from pathlib import Path
from typing import BinaryIO

from PIL import UnidentifiedImageError

from convlab.io.formats.decoded import Decoded, Request, file_size, source_of
from convlab.io.formats.register import HEAD, names, told
from convlab.io.regular import open_regular
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, either, message
from convlab.model.source import Source

DEFAULT_BUDGET = 1_500_000_000
"""Bytes that decoding a photo may take, its pixels included: 210 megapixels of 8-bit RGB, 150 of 16-bit TIFF."""

_one_at_a_time = threading.Lock()
"""Held while decoding: one photo's buffers in memory at once, and Python's warning filters are not thread-safe."""


def read_photo(path: str | Path, frame: int = 0, budget_bytes: int = DEFAULT_BUDGET) -> Source:
    """Read one frame of a file of pictures, upright, in the type it was stored in.

    budget_bytes: most bytes that decoding may take, checked before any is decoded. Raises ConvLabError, one sentence
    that names the file and the reason, whatever is wrong with it.
    """
    path = Path(path)
    request = Request(path.name or str(path), frame, budget_bytes)
    try:
        with open_regular(path) as stream:
            decoded = _decode(stream, request)
    except (OSError, ValueError) as error:
        raise ConvLabError(_not_opened(request.name, error)) from error
    return source_of(decoded, request, str(path))


def read_photo_bytes(data: bytes, name: str, frame: int = 0, budget_bytes: int = DEFAULT_BUDGET) -> Source:
    """The same for the contents of a file, as a clipboard has them; `name` is what to call it."""
    request = Request(name, frame, budget_bytes)
    return source_of(_decode(io.BytesIO(data), request), request, None)


def _decode(stream: BinaryIO, request: Request) -> Decoded:
    """The boundary: whatever a decoder raises leaves as ConvLabError."""
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # corrupt EXIF, odd tags: the picture counts
            if file_size(stream) == 0:
                raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "“{name}” is empty."), name=request.name))
            found = told(request.name, stream.read(HEAD), "picture")
            if found is None:
                raise ConvLabError(_not_sound(request.name))
            stream.seek(0)
            decoded = found.decode(stream, request)
            if decoded.pixels.size == 0:
                raise ValueError("no pixels")
            return decoded
    except ConvLabError:
        raise
    except Exception as error:  # Pillow's own fuzz test allows any; RecursionError and MemoryError are among them
        raise ConvLabError(_not_decoded(request.name, error)) from error


def _not_opened(name: str, error: Exception) -> Message:
    missing = QT_TRANSLATE_NOOP("model", "“{name}” is not there.")
    folder = QT_TRANSLATE_NOOP("model", "“{name}” is not a file.")
    refused = QT_TRANSLATE_NOOP("model", "“{name}” cannot be read: permission denied.")
    other = QT_TRANSLATE_NOOP("model", "“{name}” cannot be read: {reason}.")
    number = getattr(error, "errno", None)
    template = {
        errno.ENOENT: missing,
        errno.ENOTDIR: missing,
        errno.EISDIR: folder,
        errno.EACCES: refused,
        errno.EPERM: refused,
    }.get(number or 0, other)
    return message(template, name=name, reason=getattr(error, "strerror", None) or str(error))


def _not_decoded(name: str, error: Exception) -> Message:
    if isinstance(error, UnidentifiedImageError):
        return _not_sound(name)
    if isinstance(error, MemoryError):
        return message(QT_TRANSLATE_NOOP("model", "“{name}” does not fit into memory."), name=name)
    return message(QT_TRANSLATE_NOOP("model", "“{name}” is damaged or incomplete: it cannot be decoded."), name=name)


def _not_sound(name: str) -> Message:
    text = QT_TRANSLATE_NOOP("model", "“{name}” is not a sound {formats} picture.")
    return message(text, name=name, formats=either(names("picture")))
