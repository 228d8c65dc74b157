"""Another source under the same layers: what is opened never changes weights, where it can be read at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from convlab.model.colours import channels_for
from convlab.model.document import Document
from convlab.model.edits import Edit, each_conv, followed, in_dims, settled
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.reading import Reading, reading_in
from convlab.model.source import Source
from convlab.model.stack import with_kernels


def set_source(document: Document, source: Source) -> Document:
    """Another photo under the same layers; their weights stay, and channel switches where channels have the same names.

    Of another number of channels it is read as `model.colours` says, or the layer is refused. A signal comes under a
    layer of signals, a volume under one of volumes, which are made where they were not. Under a layer of signals a
    photo gives the line that was chosen, at first its middle row. A lazy layer reads what there is.
    """
    before = document.conv.spec.dims
    if source.signal:
        document = in_dims(document, 1)
    elif source.volume is not None:
        document = in_dims(document, 3)
    document = document.with_input(source, _reading(document, source, document.conv.spec.dims == before))
    return (
        settled(document, repeat_inputs=True) if document.conv.spec.dims != before else each_conv(document, _unfollowed)
    )


def _reading(document: Document, source: Source, same_dims: bool) -> Reading:
    """How the document's layers read another source; same_dims: they are of the axes that they were of."""
    last = Reading(line=document.reading.line)
    axes = document.conv.spec.axes
    if same_dims and not source.signal and (0 in axes) == (source.volume is not None):
        last = replace(last, channels=channels_for(source, channels_wanted(document)))
    return reading_in(source, axes, last)


def read_as_it_is(document: Document) -> Document:
    """The picture with its own channels, and the layer with as many inputs; kernels that fit stay, others wait."""
    document = document.with_input(document.source, replace(document.reading, channels="stored"))
    first = next((n for n, _ in with_kernels(document.layers) if document.layers[n].on), document.place)
    follows = replace(document, focus=first).with_conv(in_channels_follows=True)
    return settled(replace(follows, focus=document.focus), repeat_inputs=True)


def follow_source(document: Document, source: Source) -> Document:
    """Another source, and the layer with as many inputs as it has channels."""
    return read_as_it_is(set_source(document, source))


def channels_wanted(document: Document) -> int | None:
    """How many channels the layers read of the source; None where any number will do."""
    first = next((conv.spec for n, conv in with_kernels(document.layers) if document.layers[n].on), None)
    return None if first is None or first.lazy else first.in_channels


def _unfollowed(document: Document) -> Document:
    """The layer as it is, though there are other channels for it; a lazy one takes them."""
    if document.conv.spec.lazy:
        return followed(document, repeat_inputs=document.reads_source)
    follows = document.conv.in_channels_follows and document.input_count in (0, document.conv.spec.in_channels)
    return document.with_conv(in_channels_follows=follows)


@dataclass(frozen=True, slots=True, eq=False)
class Notice:
    """What opening did that a person may not expect, and the other choice as a label and an edit."""

    text: Message
    choice: Message
    edit: Edit


def notice_of(old: Document, new: Document) -> Notice | None:
    """What is to be said of a source that was opened; None where the layers read it as it is."""
    return next(_notices(old, new), None)


def _notices(old: Document, new: Document) -> Iterator[Notice]:
    name, count, wanted = new.source.name, len(new.used_channels), channels_wanted(new)
    if new.conv.spec.dims != old.conv.spec.dims:
        yield Notice(_changed_kind(new), message(QT_TRANSLATE_NOOP("model", "Undo")), lambda _: old)
    elif new.reading.channels == "rgb":
        text = QT_TRANSLATE_NOOP("model", "“{name}” is gray: the layer’s three inputs read it as R = G = B.")
        yield _with_own_inputs(message(text, name=name), 1)
    elif new.reading.channels == "luminance":
        text = QT_TRANSLATE_NOOP("model", "“{name}” is in colour: the layer’s one input reads its luminance.")
        yield _with_own_inputs(message(text, name=name), 3)
    elif wanted is not None and wanted > count:
        text = QT_TRANSLATE_NOOP("model", "“{name}” has {count} channels to read, the layer wants {wanted}.")
        yield _with_own_inputs(message(text, name=name, count=count, wanted=wanted), count)
    elif wanted is not None and wanted < count:
        text = QT_TRANSLATE_NOOP("model", "The layer reads the first {wanted} of the {count} channels of “{name}”.")
        yield _with_own_inputs(message(text, name=name, count=count, wanted=wanted), count)
    elif (
        new.conv.in_channels_follows
        and not new.conv.spec.lazy
        and new.conv.spec.in_channels != old.conv.spec.in_channels
    ):
        text = QT_TRANSLATE_NOOP("model", "in_channels is {count} now, as “{name}” has it; other kernels wait.")
        keep = message(QT_TRANSLATE_NOOP("model", "Keep {count} inputs"), count=old.conv.spec.in_channels)
        said = message(text, name=name, count=new.conv.spec.in_channels)
        yield Notice(said, keep, lambda _: set_source(old, new.source))
    elif new.conv.spec.lazy and new.conv.spec.in_channels != old.conv.spec.in_channels:
        text = QT_TRANSLATE_NOOP("model", "{kind} takes its in_channels from “{name}”: {count}.")
        said = message(text, kind=new.conv.spec.kind, name=name, count=count)
        yield Notice(said, message(QT_TRANSLATE_NOOP("model", "Undo")), lambda _: old)


def _changed_kind(new: Document) -> Message:
    text = {
        1: QT_TRANSLATE_NOOP("model", "“{name}” is a signal: the layer is {kind} now."),
        3: QT_TRANSLATE_NOOP("model", "“{name}” is a volume: the layer is {kind} now."),
    }.get(new.conv.spec.dims, QT_TRANSLATE_NOOP("model", "“{name}” is a picture: the layer is {kind} now."))
    return message(text, name=new.source.name, kind=new.conv.spec.kind)


def _with_own_inputs(text: Message, count: int) -> Notice:
    one, several = QT_TRANSLATE_NOOP("model", "Give it 1 input"), QT_TRANSLATE_NOOP("model", "Give it {count} inputs")
    return Notice(text, message(one if count == 1 else several, count=count), read_as_it_is)
