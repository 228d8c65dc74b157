"""Layers of a stack as JSON values, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from convlab.model import edits
from convlab.model.document import Document
from convlab.model.fields import Fields
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import LayerChanges, LayerSetup, layer_data, layer_fields, read_layer, read_setup, set_up
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.plain_layers import FUNCTIONS, NORM_DEFAULTS, BatchNorm, Pointwise, Pool
from convlab.model.stack import ConvLayer, Entry, Layer, channels_after

MOST_WEIGHTS = 8_000_000
MOST_CHANNELS, MOST_SIDE = 65_536, 1024


@dataclass(frozen=True, slots=True, eq=False)
class SavedConv:
    """A convolution as read. setup: the layer that the weights belong to; layer: the present one, where refused."""

    setup: LayerSetup
    follows: bool
    layer: LayerChanges


@dataclass(frozen=True, slots=True, eq=False)
class SavedEntry:
    """A layer as read, and whether it is on."""

    layer: SavedConv | Pointwise | Pool | BatchNorm
    on: bool


def conv_data(document: Document) -> dict[str, object]:
    """The edited layer with its numbers."""
    kept = document.with_conv(spec=replace(document.weight_spec, bias=document.layer.bias))
    return {
        "in_channels_follows": document.conv.in_channels_follows,
        **layer_data(kept),
        **({"refused_layer": layer_fields(document.layer)} if document.problems() else {}),
        "kept_bias": document.bias,
    }


def read_conv(fields: Fields) -> SavedConv:
    """Take what `conv_data` wrote."""
    setup = replace(read_setup(fields, MOST_WEIGHTS), kept_bias=_kept_bias(fields))
    layer = read_layer(fields.inner("refused_layer"))
    if dict(layer).get("dims", 2) != dict(setup.changes).get("dims", 2) and layer:
        raise fields.wrong("refused_layer", QT_TRANSLATE_NOOP("model", "of the same dims as “layer”"))
    return SavedConv(setup, follows=fields.flag("in_channels_follows"), layer=layer)


def entries_data(document: Document, places: Sequence[int]) -> list[dict[str, object]]:
    """The layers at these places."""
    return [_entry_data(document, place) for place in places]


def _entry_data(document: Document, place: int) -> dict[str, object]:
    entry = document.layers[place]
    layer = entry.layer
    data: dict[str, object] = {} if entry.on else {"off": True}
    if isinstance(layer, ConvLayer):
        return data | {"conv": conv_data(document.with_layers(document.layers, place))}
    if isinstance(layer, Pointwise):
        return data | {"function": layer.function, "negative_slope": layer.negative_slope}
    if isinstance(layer, Pool):
        sizes = {name: list(getattr(layer, name)) for name in ("kernel_size", "stride", "padding", "dilation")}
        flags = {"ceil_mode": layer.ceil_mode, "count_include_pad": layer.count_include_pad}
        return data | {"pool": layer.pooling, **sizes, **flags}
    return data | {"norm": {name: list(getattr(layer, name)) for name in NORM_DEFAULTS}, "eps": layer.eps}


def read_entry(item: object, place: str) -> SavedEntry:
    """One layer; ConvLabError names what is wrong."""
    fields = Fields(item, place)
    on = not fields.flag("off")
    if "conv" in fields:
        inner = fields.inner("conv")
        layer: SavedConv | Pointwise | Pool | BatchNorm = read_conv(inner)
        inner.end()
    elif "function" in fields:
        function = fields.choice("function", FUNCTIONS)
        known = next(name for name in FUNCTIONS if name == function)
        layer = Pointwise(known, fields.number("negative_slope", 0.01))
    elif "pool" in fields:
        layer = _read_pool(fields)
    else:
        layer = _read_norm(fields)
    fields.end()
    return SavedEntry(layer, on)


def _read_pool(fields: Fields) -> Pool:
    return Pool(
        "max" if fields.choice("pool", ("max", "avg")) == "max" else "avg",
        fields.pair("kernel_size", 1, MOST_SIDE),
        fields.pair("stride", 1, MOST_SIDE),
        fields.pair("padding", 0, MOST_SIDE),
        fields.pair("dilation", 1, MOST_SIDE),
        fields.flag("ceil_mode"),
        fields.flag("count_include_pad", True),
    )


def _read_norm(fields: Fields) -> BatchNorm:
    inner = fields.inner("norm")
    numbers = {}
    for name in NORM_DEFAULTS:
        empty = inner.take(name, []) == []
        numbers[name] = () if empty else tuple(map(float, inner.numbers(name, (1,), MOST_CHANNELS)))
    inner.end()
    if min(numbers["running_var"], default=0.0) < 0:
        raise inner.wrong("running_var", QT_TRANSLATE_NOOP("model", "numbers from 0 on"))
    eps = fields.number("eps", BatchNorm().eps)
    if eps <= 0:
        raise fields.wrong("eps", QT_TRANSLATE_NOOP("model", "a number above 0"))
    return BatchNorm(**numbers, eps=eps)


def _kept_bias(fields: Fields) -> tuple[float, ...]:
    if "kept_bias" not in fields:
        return ()
    return tuple(float(value) for value in fields.numbers("kept_bias", (1,), MOST_WEIGHTS))


def stacked(document: Document, saved: Sequence[SavedEntry], place: int) -> Document:
    """The document's input under these layers, of which the convolution at `place` is the edited one.

    ConvLabError where weights and layer do not fit each other.
    """
    entries: tuple[Entry, ...] = ()
    for each in saved:
        layer: Layer = _conv(document, entries, each.layer) if isinstance(each.layer, SavedConv) else each.layer
        entries = (*entries, Entry(layer, each.on))
    return document.with_layers(entries, place)


def _conv(document: Document, before: tuple[Entry, ...], saved: SavedConv) -> ConvLayer:
    channels = max(1, channels_after(before, len(document.used_channels)))
    spec = ConvSpec(channels, 1, (1, 1), padding=(0, 0))
    start = ConvLayer(spec, np.ones(spec.weight_shape), np.zeros(1))
    made = set_up(document.with_layers((*before, Entry(start)), len(before)), saved.setup)
    if saved.layer:
        made = edits.set_layer(made, **dict(saved.layer))
    return replace(made.conv, in_channels_follows=saved.follows)
