"""What goes between the window's process and the decoder's: a line of JSON, then bytes in frames. Never pickle.

An answer is one line: {"source": …} or {"pieces": true}, followed by frames; {"found": …}, a name, names or a number;
{"refused": …}, a sentence; {"error": [errno, text]}. A frame is its length in four bytes and so many bytes; one of
length 0 ends them, and one of length FAILED says that an answer of the last two kinds takes their place.
"""

from __future__ import annotations

import json
import re
import struct
from math import prod
from typing import Any, NamedTuple

import numpy as np

from convlab.model.fields import Fields, refusal
from convlab.model.message import QT_TRANSLATE_NOOP, Message
from convlab.model.signals import volume_source
from convlab.model.source import Source

LENGTH = struct.Struct("<I")
FRAME = 1 << 20
FAILED = 0xFFFFFFFF
MOST_LINE = 1 << 20
DTYPES = ("uint8", "uint16", "float32")
_MOST_TEXT = 1 << 16
_PLAIN_TEMPLATE = re.compile(r"(?:[^{}]|\{\{|\}\}|\{\w+\})*")


class Described(NamedTuple):
    """A source that is on its way: itself with no pixels yet, and what those are."""

    like: Source
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def source(self, pixels: np.ndarray[Any, Any]) -> Source:
        """The source, once `pixels` of that shape and type are there."""
        values = {name: getattr(self.like, name) for name in _KEPT}
        if len(self.shape) == 3:
            return Source(pixels=pixels, **values)
        return volume_source(pixels, Source(pixels=pixels[0], **values))


_KEPT = ("name", "channel_names", "max_value", "description", "path", "frame", "frames", "shown_range", "signal")


def line(value: object) -> bytes:
    """A header; ASCII, so that names that are no UTF-8 come back as they were."""
    return json.dumps(value).encode("ascii") + b"\n"


def source_data(source: Source) -> dict[str, object]:
    """A source without its pixels as a JSON value."""
    pixels = source.pixels if source.volume is None else source.volume
    data = {name: getattr(source, name) for name in _KEPT if name != "path" or source.path is not None}
    return data | {"shape": list(pixels.shape), "dtype": str(pixels.dtype)}


def read_source(data: object, budget_bytes: int) -> Described:
    """What `source_data` wrote; ConvLabError for anything else, and for pixels beyond the budget."""
    fields = Fields(data, "the decoder's answer")
    shape = tuple(int(n) for n in fields.numbers("shape", (1,), 4))
    dtype = np.dtype(fields.choice("dtype", DTYPES))
    names = fields.items("channel_names", _name, _MOST_TEXT)
    fits = len(shape) in (3, 4) and min(shape) > 0 and shape[-1] == len(names)
    if not fits or prod(shape) * dtype.itemsize > budget_bytes:
        raise fields.wrong("shape", QT_TRANSLATE_NOOP("model", "that of the channels, and within the budget"))
    low, high = fields.numbers("shown_range", (1,), 2)
    like = Source(
        name=fields.text("name", most=_MOST_TEXT),
        pixels=np.empty((1, 1, len(names)), dtype),
        channel_names=names,
        max_value=fields.number("max_value"),
        description=fields.text("description", most=_MOST_TEXT),
        path=fields.text("path", most=_MOST_TEXT) if "path" in fields else None,
        frame=fields.whole("frame", 0, 2**31),
        frames=fields.whole("frames", 1, 2**31),
        shown_range=(float(low), float(high)),
        signal=fields.flag("signal"),
    )
    fields.end()
    return Described(like, shape, dtype)


def message_data(text: Message) -> dict[str, object]:
    """A sentence as a JSON value."""
    values = [[name, _value_data(value)] for name, value in text.values]
    return {"template": text.template, "values": values}


def _value_data(value: object) -> object:
    if isinstance(value, Message):
        return message_data(value)
    return value if isinstance(value, str | int | float) else str(value)


def read_message(data: object) -> Message:
    """What `message_data` wrote; its template may name values and do nothing else with them."""
    fields = Fields(data, "the decoder's refusal")
    template = fields.text("template", most=_MOST_TEXT)
    values = fields.items("values", _read_value)
    fields.end()
    names = {name for name, _ in values}
    if not _PLAIN_TEMPLATE.fullmatch(template) or not set(re.findall(r"\{(\w+)\}", template)) <= names:
        raise fields.wrong("template", QT_TRANSLATE_NOOP("model", "a plain sentence"))
    return Message(template, values)


def _read_value(item: object, place: str) -> tuple[str, object]:
    if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and not isinstance(item[1], list):
        value = item[1]
        return item[0], read_message(value) if isinstance(value, dict) else value
    raise refusal(QT_TRANSLATE_NOOP("model", "{place}: a name and a value are wanted"), place=place)


def _name(item: object, place: str) -> str:
    if isinstance(item, str):
        return item
    raise refusal(QT_TRANSLATE_NOOP("model", "{place}: a text is wanted"), place=place)
