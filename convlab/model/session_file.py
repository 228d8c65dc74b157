"""A whole state as a JSON value: the input, its channels, the layer with its numbers, what the window shows."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.typing import NDArray

from convlab.model import edits
from convlab.model.colours import OTHER_CHANNELS
from convlab.model.document import Channel, Document, default_channels, new_document
from convlab.model.fields import Fields, parse_json, refusal
from convlab.model.json_stream import Most
from convlab.model.layer import AXES, ConvSpec
from convlab.model.lesson import display_data, read_display
from convlab.model.message import QT_TRANSLATE_NOOP, visible
from convlab.model.reading import WHOLE, Input, Reading, reading_in
from convlab.model.signals import volume_source
from convlab.model.source import Line, Source
from convlab.model.stack_edits import MOST_LAYERS
from convlab.model.stack_file import (
    MOST_WEIGHTS,
    SavedConv,
    SavedEntry,
    conv_data,
    entries_data,
    place_of,
    read_conv,
    read_entry,
    stacked,
)
from convlab.model.view import Display, ViewState
from convlab.model.viewport import MAX_ZOOM, MIN_ZOOM, Viewport

FORMAT, VERSION, SUFFIX = "session", 1, ".convlab"
MOST_PIXEL_BYTES = 128_000_000
"""Of an input that is in no file, kept in the session itself."""
MOST = Most(file=512_000_000, numbers=MOST_WEIGHTS + 1_000_000, unpacked=MOST_PIXEL_BYTES)
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


@dataclass(frozen=True, slots=True, eq=False)
class SessionFile:
    """A session as read. input: where it is, or itself; reading: what of it the layers read, where they can.

    layers: the stack; place: of the convolution edited, focus: of the layer in focus.
    """

    input: InputFile | PixelsFile | Source
    reading: Reading
    channels: tuple[Channel, ...]
    layers: tuple[SavedEntry, ...]
    place: int
    focus: int
    view: ViewState


def session_data(document: Document, view: ViewState, where: InputFile | str | None) -> dict[str, object]:
    """The value that becomes JSON, arrays as such; ConvLabError where it would be too large.

    where: the file that the input is in, the name of one for its pixels alone, or None: they are in the session.
    """
    count = sum(entry.layer.weight_count for entry in document.layers)
    if count > MOST_WEIGHTS:
        text = QT_TRANSLATE_NOOP("model", "A session holds {most} weights at most; these layers have {count}.")
        raise refusal(text, most=MOST_WEIGHTS, count=count)
    return {
        "convlab": FORMAT,
        "version": VERSION,
        "input": _input_data(document.input, where),
        "channels": [[c.index, c.used, c.muted, c.solo] for c in document.channels],
        **conv_data(document),
        **_around_data(document),
        "view": _view_data(view, document),
    }


def parse_session(data: bytes | Iterable[bytes]) -> SessionFile:
    """Read a session's file, whole or in pieces; ConvLabError says what is wrong and where."""
    return read_state(Fields(parse_json(data, MOST), "the session"))


def read_state(fields: Fields, own: bool = False) -> SessionFile:
    """Take what `session_data` wrote; only of the program's `own` files may the pixels lie in another file."""
    fields.choice("convlab", (FORMAT,))
    fields.whole("version", 1, VERSION)
    before, after = (
        fields.items(name, read_entry, MOST_LAYERS) if name in fields else () for name in ("before", "after")
    )
    layers = (*before, SavedEntry(read_conv(fields), not fields.flag("off")), *after)
    view, focus = _seen(layers, len(before), *_read_view(fields.inner("view")))
    input, reading = _read_input(fields.inner("input"), own)
    found = SessionFile(
        input=input,
        reading=reading,
        channels=fields.items("channels", _channel, MOST_NAMES),
        layers=layers,
        place=len(before),
        focus=focus,
        view=view,
    )
    fields.end()
    return found


def _seen(layers: tuple[SavedEntry, ...], place: int, view: ViewState, focus: int | None) -> tuple[ViewState, int]:
    """The view and the place of the layer in focus, counted as the layers are now.

    Where version 1 showed the maps of a convolution with its activation, those of the activation are looked at.
    """
    focus = place if focus is None else focus
    looked_at = focus if view.watched_layer is None else view.watched_layer
    behind = looked_at < len(layers) and bool(layers[looked_at].activation)
    if behind or view.watched_layer is not None:
        view = replace(view, watched_layer=place_of(layers, looked_at) + behind)
    return view, place_of(layers, focus)


def session_document(found: SessionFile, source: Source) -> Document:
    """The state on its input, opened; ConvLabError where channels or weights do not fit it."""
    reading = reading_in(source, range(AXES - _dims(found), AXES), found.reading)
    picture, channels = Input(source, reading).picture, found.channels
    if sorted(channel.index for channel in channels) != list(range(picture.channel_count)):
        if len(channels) == picture.channel_count:
            raise refusal(QT_TRANSLATE_NOOP("model", "the session: “channels” must name each channel once"))
        channels = default_channels(picture)  # another photo has taken the old one's place
    used = max(1, sum(channel.used for channel in channels))
    layer = ConvSpec(in_channels=used, out_channels=1, kernel_size=(1, 1), padding=(0, 0))
    document = edits.set_channels(new_document(source, layer, np.ones((1, used, 1, 1)), reading=reading), channels)
    made = stacked(document, found.layers, found.place)
    return replace(made, focus=found.focus) if found.focus < len(made.layers) else made


def _dims(found: SessionFile) -> int:
    """1 for a layer of signals, 3 for one of volumes, else 2."""
    edited = found.layers[found.place].layer
    dims = dict(edited.setup.changes).get("dims", 2) if isinstance(edited, SavedConv) else 2
    return dims if isinstance(dims, int) else 2


def session_layer(found: SessionFile, side: int = 1) -> Document:
    """The state's layers and numbers without its photo: on a black square of as many channels as they read."""
    used = max(1, sum(channel.used for channel in found.channels))
    names = tuple(f"c{n}" for n in range(used))
    plain = Source("", np.zeros((side, side, used), np.uint8), names, 255)
    if _dims(found) == 3:
        plain = volume_source(np.zeros((side, side, side, used), np.uint8), plain)
    channels = tuple(Channel(n) for n in range(used))
    return session_document(replace(found, channels=channels, reading=WHOLE), plain)


def _channel(item: object, place: str) -> Channel:
    text = QT_TRANSLATE_NOOP("model", "{place}: [index, used, muted, solo] is wanted")
    if not isinstance(item, list) or len(item) != 4 or not all(isinstance(flag, bool) for flag in item[1:]):
        raise refusal(text, place=place)
    if isinstance(item[0], bool) or not isinstance(item[0], int) or not 0 <= item[0] < MOST_NAMES:
        raise refusal(text, place=place)
    return Channel(*item)


def _around_data(document: Document) -> dict[str, object]:
    """The layers before and after the edited one, where there are any."""
    places = range(len(document.layers))
    around = {"before": places[: document.place], "after": places[document.place + 1 :]}
    data: dict[str, object] = {name: entries_data(document, at) for name, at in around.items() if at}
    return data if document.on else data | {"off": True}


# The input


def _input_data(input: Input, where: InputFile | str | None) -> dict[str, object]:
    data = _where_data(where) if isinstance(where, InputFile) else _pixels_data(input.source, where)
    return data | _reading_data(input.reading)


def _reading_data(reading: Reading) -> dict[str, object]:
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


def _pixels_data(source: Source, file: str | None) -> dict[str, object]:
    pixels = stored_pixels(source)
    data: dict[str, object] = {"pixels_file": file}
    if file is None:
        data = {"pixels": _packed(pixels, source.name)}
    return data | {
        "dtype": str(pixels.dtype),
        "shape": list(pixels.shape),
        "names": list(source.channel_names),
        "name": source.name,
        "description": source.description,
        "max_value": source.max_value,
        "shown_range": list(source.shown_range),
    }


def _packed(pixels: NDArray[np.generic], name: str) -> str:
    if pixels.nbytes > MOST_PIXEL_BYTES:
        text = QT_TRANSLATE_NOOP(
            "model", "“{name}” is in no file and too large for a session: save it as a photo first."
        )
        raise refusal(text, name=name)
    return base64.b64encode(zlib.compress(pixels.tobytes(), 6)).decode("ascii")


def _read_input(fields: Fields, own: bool) -> tuple[InputFile | PixelsFile | Source, Reading]:
    reading, volume = _read_reading(fields), fields.flag("volume")
    if own and "pixels_file" in fields:
        name = fields.text("pixels_file", most=200)
        found: InputFile | PixelsFile | Source = _read_pixels_file(fields, name)
    elif "pixels" in fields:
        dtype, names, shape = _read_shape(fields, MOST_PIXEL_BYTES)
        raw = fields.packed("pixels", prod(shape) * dtype.itemsize)
        if len(raw) != prod(shape) * dtype.itemsize:
            raise fields.wrong("pixels", QT_TRANSLATE_NOOP("model", "as many bytes as shape and dtype say"))
        pixels = np.frombuffer(raw, dtype).reshape(shape)
        found = _with_pixels(_read_about(fields, dtype, names), pixels)
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


def _read_reading(fields: Fields) -> Reading:
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
    return Source(called, black, names, max_value, about, shown_range=(low, high))


def _shown_range(fields: Fields) -> tuple[float, float]:
    values = fields.numbers("shown_range", (1,), 2)
    if len(values) != 2:
        raise fields.wrong("shown_range", QT_TRANSLATE_NOOP("model", "two numbers, the smaller first"))
    return float(values[0]), float(values[1])


def _with_pixels(source: Source, pixels: NDArray[np.generic]) -> Source:
    """[rows, columns, channels], or slices of them."""
    return replace(source, pixels=pixels) if pixels.ndim == 3 else volume_source(pixels, source)


# The view


def _view_data(view: ViewState, document: Document) -> dict[str, object]:
    data: dict[str, object] = {
        "output": view.chosen_output,
        "input": view.chosen_input,
        "byte_units": view.byte_units,
        "tinted": view.tinted,
        "composite": view.composite,
        "explain": view.explaining,
        "display": display_data(view.display),
    }
    if view.viewport is not None:
        data["center"] = [view.viewport.center_y, view.viewport.center_x]
        data["zoom"] = view.viewport.zoom
    if view.depth:
        data["depth"] = view.depth
    if view.pinned is not None:
        data["pin"] = list(view.pinned)
    if document.focus != document.place:
        data["chosen_layer"] = document.focus
    if view.watched_layer is not None:
        data["watched_layer"] = view.watched_layer
    return data


def _read_view(fields: Fields) -> tuple[ViewState, int | None]:
    """The view, and the place of the layer in focus where that is no convolution."""
    viewport = None
    if "zoom" in fields:
        y, x = _two(fields)
        viewport = Viewport(y, x, min(max(fields.number("zoom"), MIN_ZOOM), MAX_ZOOM))
    view = ViewState(
        chosen_output=fields.whole("output", 0, 2**31 - 1, 0),
        chosen_input=fields.whole("input", 0, 2**31 - 1, 0),
        viewport=viewport,
        byte_units=fields.flag("byte_units"),
        tinted=fields.flag("tinted"),
        composite=fields.flag("composite"),
        explaining=fields.flag("explain"),
        pinned=fields.pair("pin", 0, 10_000_000) if "pin" in fields else None,
        depth=fields.whole("depth", 0, 2**31 - 1, 0),
        watched_layer=fields.whole("watched_layer", 0, MOST_LAYERS) if "watched_layer" in fields else None,
        display=read_display(fields.inner("display")) if "display" in fields else Display(),
    )
    focus = fields.whole("chosen_layer", 0, MOST_LAYERS) if "chosen_layer" in fields else None
    fields.end()
    return view, focus


def _two(fields: Fields) -> tuple[float, float]:
    values = fields.numbers("center", (1,), 2)
    if len(values) != 2:
        raise fields.wrong("center", QT_TRANSLATE_NOOP("model", "[y, x] of the middle of the view"))
    return float(values[0]), float(values[1])
