"""Arrays of numbers from .npy files: what the header claims is checked before any number is read."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from convlab.io.regular import open_regular
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import FLOAT32_MAX

FloatArray = NDArray[np.float64]
Header = tuple[tuple[int, ...], bool, np.dtype[np.generic]]

MOST_NUMBERS = 32_000_000
"""In a file: some ten times the weights of the largest usual layer, 256 MB as float64."""

_NO_NUMBERS = QT_TRANSLATE_NOOP("model", "it is no .npy file of numbers")
_READ_HEADER: dict[tuple[int, int], Callable[[BinaryIO], Header]] = {
    (1, 0): npy_format.read_array_header_1_0,
    (2, 0): npy_format.read_array_header_2_0,
}
"""By version; 3.0 is for the names of a table's columns."""


def read_array(path: str | Path, ndims: tuple[int, ...]) -> FloatArray:
    """The real finite numbers in a .npy file of one of these counts of axes, as float64, C-contiguous.

    ConvLabError, one sentence that names the file and the reason, whatever its bytes; no pickles are read.
    """
    try:
        with open_regular(path) as file:
            return _finite(_numbers(file, _header(file), ndims))
    except OSError as error:
        reason: object = error.strerror or type(error).__name__
    except ConvLabError as error:
        reason = error.message
    except ValueError:  # a path with a zero byte
        reason = message(QT_TRANSLATE_NOOP("model", "it is not a file's name"))
    raise ConvLabError(
        message(QT_TRANSLATE_NOOP("model", "“{name}” cannot be read: {reason}."), name=path, reason=reason)
    )


def _header(file: BinaryIO) -> Header:
    """Shape, whether the first axis runs fastest, and type; the file is left at the numbers."""
    found: Header | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            version = npy_format.read_magic(file)
            if version in _READ_HEADER:
                found = _READ_HEADER[version](file)
    except Exception as error:  # the header is Python text: its parser raises a dozen kinds, RecursionError among them
        raise _refusal(_NO_NUMBERS) from error
    if found is None:
        raise _refusal(_NO_NUMBERS)
    shape, _, dtype = found
    if dtype.kind not in "fiub" or not all(type(n) is int and n >= 1 for n in shape):
        raise _refusal(QT_TRANSLATE_NOOP("model", "it does not hold real numbers"))
    return found


def _numbers(file: BinaryIO, header: Header, ndims: tuple[int, ...]) -> NDArray[np.generic]:
    shape, first_fastest, dtype = header
    if len(shape) not in ndims:
        text = QT_TRANSLATE_NOOP("model", "its shape is {shape}, axes that are wanted: {ndims}")
        raise _refusal(text, shape=_shape_text(shape), ndims=" or ".join(map(str, ndims)))
    nbytes = prod(shape) * dtype.itemsize
    if prod(shape) > MOST_NUMBERS or nbytes > 8 * MOST_NUMBERS:
        text = QT_TRANSLATE_NOOP("model", "its shape is {shape}, more than {most} million numbers")
        raise _refusal(text, shape=_shape_text(shape), most=MOST_NUMBERS // 1_000_000)
    if os.fstat(file.fileno()).st_size - file.tell() < nbytes:
        raise _refusal(QT_TRANSLATE_NOOP("model", "it ends before its numbers do"))
    return np.frombuffer(file.read(nbytes), dtype).reshape(shape, order="F" if first_fastest else "C")


def _finite(numbers: NDArray[Any]) -> FloatArray:
    with np.errstate(all="ignore"):
        low, high = float(numbers.min()), float(numbers.max())
    if not (low >= -FLOAT32_MAX and high <= FLOAT32_MAX):  # NaN is the least and the largest where there is one
        raise _refusal(QT_TRANSLATE_NOOP("model", "it holds NaN, infinity or a number larger than float32 can hold"))
    return np.ascontiguousarray(numbers, np.float64)


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"[{', '.join(str(n) if n < 10**15 else '…' for n in shape[:8])}{', …' if len(shape) > 8 else ''}]"


def _refusal(template: str, **values: object) -> ConvLabError:
    return ConvLabError(message(template, **values))
