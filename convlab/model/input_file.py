"""The input of a state as a JSON value: the file that it is in, its pixels in one of their own, or these themselves."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from convlab.model.colours import OTHER_CHANNELS
from convlab.model.fields import Fields, refusal
from convlab.model.message import QT_TRANSLATE_NOOP, visible
from convlab.model.reading import Input, Reading
from convlab.model.signals import volume_source
from convlab.model.source import Line, Source

MOST_PIXEL_BYTES = 128_000_000
"""Of an input that is in no file, kept in the session itself."""


DTYPES = ("uint8", "uint16", "float32")


MOST_NAMES = 4096


@dataclass(frozen=True, slots=True)
class InputFile:
    """Where the input is: a photo's path, as it was and from the session's own folder; a sample's or chart's name.

    volume: all its frames are the slices of one.
    """

    path: str = ""
    relative: str = ""
    frame: int = 0
    sample: str = ""
    chart: str = ""
    volume: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PixelsFile:
    """An input whose pixels lie in a file of their own, [rows, columns, channels] or slices of them.

    source: all the rest of it, on one black pixel.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    source: Source

    def filled(self, pixels: NDArray[np.generic]) -> Source:
        """The input with these pixels; ValueError where they are not as announced."""
        if str(pixels.dtype) != self.dtype or pixels.shape != self.shape:
            raise ValueError(f"{self.name} holds {pixels.dtype} {pixels.shape}, not {self.dtype} {self.shape}")
        return _with_pixels(self.source, pixels)


def input_data(input: Input, where: InputFile | str | None) -> dict[str, object]:
    """The input and how it is read. where: its file, the name of one for its pixels alone, or None: they are in it."""
    data = _where_data(where) if isinstance(where, InputFile) else pixels_data(input.source, where)
    return data | reading_data(input.reading)


def reading_data(reading: Reading) -> dict[str, object]:
    """What of it is read; that channels are slices the layers say."""
    data: dict[str, object] = {} if reading.channels == "stored" else {"read_as": reading.channels}
    data |= {} if reading.frame is None else {"slice": reading.frame}
    return data if reading.line is None else data | {"line": [reading.line.along, reading.line.index]}


def _where_data(where: InputFile) -> dict[str, object]:
    if where.sample:
        return {"sample": where.sample}
    if where.chart:
        return {"chart": where.chart}
    data = {"path": where.path, "relative": where.relative, "frame": where.frame}
    return data | ({"volume": True} if where.volume else {})


def stored_pixels(source: Source) -> NDArray[np.generic]:
    """What is kept of an input that is in no file: [rows, columns, channels], or all slices of them."""
    return np.ascontiguousarray(source.pixels if source.volume is None else source.volume)


def pixels_data(source: Source, file: str | None = None, most: int = MOST_PIXEL_BYTES) -> dict[str, object]:
    """An input with its pixels, or with the name of the `file` that they are in; ConvLabError for more than `most`
    bytes."""
    pixels = stored_pixels(source)
    data: dict[str, object] = {"pixels_file": file}
    if file is None:
        data = {"pixels": _packed(pixels, source.name, most)}
    return (
        data
        | {
            "dtype": str(pixels.dtype),
            "shape": list(pixels.shape),
            "names": list(source.channel_names),
            "name": source.name,
            "description": source.description,
            "max_value": source.max_value,
            "shown_range": list(source.shown_range),
        }
        | ({"signal": True} if source.signal else {})
    )


def _packed(pixels: NDArray[np.generic], name: str, most: int) -> str:
    if pixels.nbytes > most:
        text = QT_TRANSLATE_NOOP("model", "“{name}” is in no file and too large to be kept here: save it to one first.")
        raise refusal(text, name=name)
    return base64.b64encode(zlib.compress(pixels.tobytes(), 6)).decode("ascii")


def read_input(fields: Fields, own: bool) -> tuple[InputFile | PixelsFile | Source, Reading]:
    """Take what `input_data` wrote; only where it is the program's `own` may the pixels lie in another file."""
    reading, volume = read_reading(fields), fields.flag("volume")
    if own and "pixels_file" in fields:
        name = fields.text("pixels_file", most=200)
        found: InputFile | PixelsFile | Source = _read_pixels_file(fields, name)
    elif "pixels" in fields:
        found = read_pixels(fields)
    elif "sample" in fields:
        found = InputFile(sample=fields.text("sample", most=200))
    elif "chart" in fields:
        found = InputFile(chart=fields.text("chart", most=200))
    else:
        frame = fields.whole("frame", 0, 1_000_000, 0)
        paths = fields.text("path"), fields.text("relative", "")
        found = InputFile(*paths, frame, volume=volume)
    fields.end()
    return found, reading


def read_pixels(fields: Fields) -> Source:
    """An input whose pixels are in the file itself."""
    dtype, names, shape = _read_shape(fields, MOST_PIXEL_BYTES)
    raw = fields.packed("pixels", prod(shape) * dtype.itemsize)
    if len(raw) != prod(shape) * dtype.itemsize:
        raise fields.wrong("pixels", QT_TRANSLATE_NOOP("model", "as many bytes as shape and dtype say"))
    return _with_pixels(_read_about(fields, dtype, names), np.frombuffer(raw, dtype).reshape(shape))


def read_reading(fields: Fields) -> Reading:
    """What of an input is read; the whole where nothing is said."""
    wanted = fields.choice("read_as", OTHER_CHANNELS) if "read_as" in fields else "stored"
    return Reading(
        channels=next((channels for channels in OTHER_CHANNELS if channels == wanted), "stored"),
        frame=fields.whole("slice", 0, 2**31 - 1) if "slice" in fields else None,
        line=_read_line(fields),
    )


def _read_line(fields: Fields) -> Line | None:
    if "line" not in fields:
        return None
    found = fields.take("line")
    if isinstance(found, list) and len(found) == 2 and type(found[1]) is int and 0 <= found[1] < 2**31:
        if found[0] == "row":
            return Line("row", found[1])
        if found[0] == "column":
            return Line("column", found[1])
    raise fields.wrong("line", QT_TRANSLATE_NOOP("model", "[“row” or “column”, its number]"))


def _read_pixels_file(fields: Fields, name: str) -> PixelsFile:
    dtype, names, shape = _read_shape(fields, most_bytes=1 << 40)
    return PixelsFile(name, str(dtype), shape, _read_about(fields, dtype, names))


def _read_shape(fields: Fields, most_bytes: int) -> tuple[np.dtype[np.generic], tuple[str, ...], tuple[int, ...]]:
    """The pixels' type, the channels' names, and [rows, columns, channels] or slices of them."""
    dtype = np.dtype(fields.choice("dtype", DTYPES))
    names = tuple(visible(name.strip()) or f"c{n}" for n, name in enumerate(fields.texts("names", MOST_NAMES)))
    size = [int(n) for n in fields.numbers("shape", (1,), 4)]
    wanted = prod(size) * dtype.itemsize
    if len(size) not in (3, 4) or min(size) < 1 or wanted > most_bytes or size[-1] != len(names):
        raise fields.wrong("shape", QT_TRANSLATE_NOOP("model", "[rows, columns, channels] of the pixels and names"))
    return dtype, names, tuple(size)


def _read_about(fields: Fields, dtype: np.dtype[np.generic], names: tuple[str, ...]) -> Source:
    """The input on one black pixel."""
    low, high = _shown_range(fields)
    max_value = fields.number("max_value")
    if max_value <= 0 or not low < high:
        raise fields.wrong("max_value", QT_TRANSLATE_NOOP("model", "above 0, and “shown_range” rising"))
    called, about = fields.text("name", most=400), fields.text("description", "", most=400)
    black = np.zeros((1, 1, len(names)), dtype)
    signal = fields.flag("signal")
    return Source(called, black, names, max_value, about, shown_range=(low, high), signal=signal)


def _shown_range(fields: Fields) -> tuple[float, float]:
    values = fields.numbers("shown_range", (1,), 2)
    if len(values) != 2:
        raise fields.wrong("shown_range", QT_TRANSLATE_NOOP("model", "two numbers, the smaller first"))
    return float(values[0]), float(values[1])


def _with_pixels(source: Source, pixels: NDArray[np.generic]) -> Source:
    """[rows, columns, channels], or slices of them."""
    return replace(source, pixels=pixels) if pixels.ndim == 3 else volume_source(pixels, source)
