"""A whole state as a JSON value: the input, its channels, the layers with their numbers, what the window shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from convlab.model import edits
from convlab.model.document import Channel, Document, default_channels, new_document
from convlab.model.fields import Fields, parse_json, refusal
from convlab.model.input_file import MOST_NAMES, MOST_PIXEL_BYTES, InputFile, PixelsFile, input_data, read_input
from convlab.model.json_stream import Most
from convlab.model.layer import AXES, ConvSpec
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.reading import WHOLE, Input, Reading, reading_in
from convlab.model.signals import volume_source
from convlab.model.source import Source
from convlab.model.stack_edits import MOST_LAYERS
from convlab.model.stack_file import (
    MOST_WEIGHTS,
    SavedConv,
    SavedEntry,
    entries_data,
    place_of,
    read_conv,
    read_entry,
    stacked,
)
from convlab.model.view import ViewState
from convlab.model.view_file import read_view, view_data

FORMAT, VERSION, SUFFIX = "session", 2, ".convlab"
MOST = Most(file=512_000_000, numbers=MOST_WEIGHTS + 1_000_000, unpacked=MOST_PIXEL_BYTES)


@dataclass(frozen=True, slots=True, eq=False)
class SavedLayers:
    """What an input goes through, as read: its channels, () for those of a photo just opened, the stack, and the places
    of the convolution that is edited and of the layer in focus."""

    channels: tuple[Channel, ...]
    layers: tuple[SavedEntry, ...]
    place: int
    focus: int

    @property
    def dims(self) -> int:
        """1 for layers of signals, 3 for those of volumes, else 2."""
        first = next((each.layer for each in self.layers if isinstance(each.layer, SavedConv)), None)
        dims = 2 if first is None else dict(first.setup.changes).get("dims", 2)
        return dims if isinstance(dims, int) else 2


@dataclass(frozen=True, slots=True, eq=False)
class SessionFile:
    """A session as read. input: where it is, or itself; reading: what of it the layers read, where they can."""

    input: InputFile | PixelsFile | Source
    reading: Reading
    saved: SavedLayers
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
        "input": input_data(document.input, where),
        **layers_data(document),
        "view": view_data(view),
    }


def layers_data(document: Document) -> dict[str, object]:
    """What the input goes through: its channels, the layers, and which of them is edited."""
    return {
        "channels": [[c.index, c.used, c.muted, c.solo] for c in document.channels],
        "layers": entries_data(document, range(len(document.layers))),
        "focus": document.focus,
    }


def parse_session(data: bytes | Iterable[bytes]) -> SessionFile:
    """Read a session's file, whole or in pieces; ConvLabError says what is wrong and where."""
    return read_state(Fields(parse_json(data, MOST), "the session"))


def read_state(fields: Fields, own: bool = False) -> SessionFile:
    """Take what `session_data` wrote, or an older program; only of the program's `own` files may the pixels lie in
    another file."""
    fields.choice("convlab", (FORMAT,))
    version = fields.whole("version", 1, VERSION)
    input, reading = read_input(fields.inner("input"), own)
    saved = _layers_of_version_1(fields) if version == 1 else read_layers(fields)
    view, focus = read_view(fields.inner("view"))
    fields.end()
    if version == 1:
        view, at = _seen(saved.layers, saved.place, view, focus)
        saved = replace(saved, focus=at)
    return SessionFile(input, reading, saved, view)


def read_layers(fields: Fields) -> SavedLayers:
    """Take what `layers_data` wrote; the layer in focus is the last convolution where none is named."""
    channels = fields.items("channels", _channel, MOST_NAMES) if "channels" in fields else ()
    layers = fields.items("layers", read_entry, MOST_LAYERS)
    places = [place for place, each in enumerate(layers) if isinstance(each.layer, SavedConv)]
    if not places:
        raise fields.wrong("layers", QT_TRANSLATE_NOOP("model", "a list with a convolution at least"))
    focus = fields.whole("focus", 0, len(layers) - 1, places[-1])
    return SavedLayers(channels, layers, focus, focus)


def _layers_of_version_1(fields: Fields) -> SavedLayers:
    """Which had the edited convolution apart from the layers around it."""
    before, after = (
        fields.items(name, read_entry, MOST_LAYERS) if name in fields else () for name in ("before", "after")
    )
    layers = (*before, SavedEntry(read_conv(fields), not fields.flag("off")), *after)
    return SavedLayers(fields.items("channels", _channel, MOST_NAMES), layers, len(before), len(before))


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
    return layers_document(found.saved, source, found.reading)


def layers_document(saved: SavedLayers, source: Source, wanted: Reading = WHOLE) -> Document:
    """These layers on an input, read as wanted where they can; ConvLabError where channels or weights do not fit it."""
    reading = reading_in(source, range(AXES - saved.dims, AXES), wanted)
    picture, channels = Input(source, reading).picture, saved.channels
    if sorted(channel.index for channel in channels) != list(range(picture.channel_count)):
        if channels and len(channels) == picture.channel_count:
            raise refusal(QT_TRANSLATE_NOOP("model", "the session: “channels” must name each channel once"))
        channels = default_channels(picture)  # another photo has taken the old one's place
    used = max(1, sum(channel.used for channel in channels))
    layer = ConvSpec(in_channels=used, out_channels=1, kernel_size=(1, 1), padding=(0, 0))
    document = edits.set_channels(new_document(source, layer, np.ones((1, used, 1, 1)), reading=reading), channels)
    made = stacked(document, saved.layers, saved.place)
    return replace(made, focus=saved.focus) if saved.focus < len(made.layers) else made


def session_layer(found: SessionFile, side: int = 1) -> Document:
    """The state's layers and numbers without its photo: on a black square of as many channels as they read."""
    used = max(1, sum(channel.used for channel in found.saved.channels))
    names = tuple(f"c{n}" for n in range(used))
    plain = Source("", np.zeros((side, side, used), np.uint8), names, 255)
    if found.saved.dims == 3:
        plain = volume_source(np.zeros((side, side, side, used), np.uint8), plain)
    channels = tuple(Channel(n) for n in range(used))
    return layers_document(replace(found.saved, channels=channels), plain)


def _channel(item: object, place: str) -> Channel:
    text = QT_TRANSLATE_NOOP("model", "{place}: [index, used, muted, solo] is wanted")
    if not isinstance(item, list) or len(item) != 4 or not all(isinstance(flag, bool) for flag in item[1:]):
        raise refusal(text, place=place)
    if isinstance(item[0], bool) or not isinstance(item[0], int) or not 0 <= item[0] < MOST_NAMES:
        raise refusal(text, place=place)
    return Channel(*item)
