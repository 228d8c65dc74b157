"""Feature maps and pictures to files, one map in memory at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from convlab.io.png import encode_png
from convlab.io.saving import saving
from convlab.model.plain_text import UNSEEN, csv_line

CLASSIC_TIFF_BYTES = 2**32 - 2**25
"""Data that fits beside its headers in a TIFF with 32-bit offsets, the only kind that ImageJ's own format knows."""

CSV_ROWS = 4096
"""Written at a time."""

_NOT_PORTABLE = re.compile(rf'[{UNSEEN}<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
_LONGEST_NAME, _LONGEST_PART = 250, 60
"""In bytes; file systems take 255."""
_ROOM = 12
"""Bytes for the channel, so that all maps of a photo are named by the same part of its name."""


def save_npy(
    path: str | Path,
    maps: Iterable[NDArray[Any]],
    count: int,
    size: tuple[int, ...],
    dtype: DTypeLike = "float32",
    shape: tuple[int, ...] | None = None,
) -> None:
    """Write `count` maps of [H, W] = `size`, or signals of [L], in order, as one array [count, *size], or of `shape`.

    Raises ConvLabError when the file cannot be written, ValueError when the maps are not as announced;
    then nothing is left behind.
    """
    kind = np.dtype(dtype)
    header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape or (count, *size)}
    with saving(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        for one in _checked(maps, count, size, kind):
            file.write(one.data)


def save_tiff(
    path: str | Path, maps: Iterable[NDArray[Any]], count: int, size: tuple[int, int], names: Sequence[str]
) -> None:
    """Write `count` maps of [H, W] = `size` as a float32 stack with channel names, one page per map.

    ImageJ's own format, which ImageJ and napari read; OME-TIFF with 64-bit offsets where that is too small.
    Raises as `save_npy` does.
    """
    import tifffile

    if len(names) != count:
        raise ValueError(f"{len(names)} names for {count} maps")
    kind = np.dtype("<f4")
    options, metadata = _tiff_format(
        names, fits_classic=count * size[0] * size[1] * kind.itemsize <= CLASSIC_TIFF_BYTES
    )
    pages = _checked(maps, count, size, kind)
    with saving(path) as file, tifffile.TiffWriter(file, byteorder="<", **options) as tiff:
        tiff.write(pages, shape=(count, *size), dtype=kind, photometric="minisblack", metadata=metadata)


def _tiff_format(names: Sequence[str], fits_classic: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """The writer's options and the metadata that holds the names."""
    if fits_classic:
        return {"imagej": True}, {"axes": "CYX", "mode": "grayscale", "Labels": list(names)}
    return {"ome": True, "bigtiff": True}, {"axes": "CYX", "Channel": {"Name": list(names)}}


def save_png(path: str | Path, pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Write a picture: uint8 [H, W] gray or [H, W, 3] RGB, or uint16 [H, W] gray with 16 bits.

    Raises ConvLabError when the file cannot be written, ValueError for other arrays.
    """
    fits = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8)
    if not fits or pixels.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"no PNG for {pixels.dtype} {pixels.shape}")
    parts = encode_png(np.ascontiguousarray(pixels))
    with saving(path) as file:
        file.writelines(parts)


def save_csv(path: str | Path, columns: Sequence[NDArray[Any]], titles: Sequence[str]) -> None:
    """Write signals [L] as columns with titles, each number so that it reads back exactly; raises as `save_text`."""
    kind = columns[0].dtype.type
    with saving(path) as file:
        file.write(csv_line(titles).replace("\r\n", "\n").encode())
        for start in range(0, len(columns[0]), CSV_ROWS):
            rows = zip(*(column[start : start + CSV_ROWS] for column in columns), strict=True)
            lines = "".join(",".join(np.format_float_positional(kind(n), trim="0") for n in row) + "\n" for row in rows)
            file.write(lines.encode())


def save_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 with plain newlines; ConvLabError when that fails."""
    with saving(path) as file:
        file.write(text.encode())


def file_name(stem: str, layer_text: str, channel: str, suffix: str = ".png") -> str:
    """A name every file system takes: "astronaut_conv3x3_out1.png" of "astronaut", "conv3x3", "out1".

    Kept as it is, dots, spaces and letters of every script included; what is not portable becomes "-", and what would
    be too long is cut.
    """
    others = [_cut(_portable(part), _LONGEST_PART) for part in (layer_text, channel)]
    left = _LONGEST_NAME - len(others[0].encode()) - max(_ROOM, len(others[1].encode())) - len(suffix) - 3
    parts = [_cut(_portable(stem), left), *others]
    name = "_".join(part for part in parts if part) or "map"
    first, dot, rest = name.partition(".")
    return (f"{first}_{dot}{rest}" if _RESERVED.fullmatch(first) else name) + suffix


def _portable(text: str) -> str:
    return _NOT_PORTABLE.sub("-", unicodedata.normalize("NFC", text)).strip()


def _cut(text: str, most_bytes: int) -> str:
    return text if len(text) <= most_bytes // 4 else text.encode()[:most_bytes].decode("utf-8", "ignore").strip()


def _checked(
    maps: Iterable[NDArray[Any]], count: int, size: tuple[int, ...], dtype: np.dtype[Any]
) -> Iterator[NDArray[Any]]:
    """The maps as C-contiguous `dtype`, ValueError unless there are exactly `count` of `size`."""
    done = 0
    for one in maps:
        if one.shape != size or done == count:
            raise ValueError(f"map {done} is {one.shape}, announced were {count} of {size}")
        yield np.ascontiguousarray(one, dtype=dtype)
        done += 1
    if done != count:
        raise ValueError(f"{done} maps, announced were {count}")
