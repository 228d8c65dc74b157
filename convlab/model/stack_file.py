"""Layers of a stack as JSON values, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from convlab.model import edits
from convlab.model.document import Document
from convlab.model.fields import Fields, refusal
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import LayerChanges, LayerSetup, layer_data, layer_fields, read_layer, read_setup, set_up
from convlab.model.layers.parameters import DIMS, AxisSizes, Parameter
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.register import LAYERS
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.stack import ConvLayer, Entry, Layer, channels_after, has_kernels

MOST_WEIGHTS = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SavedConv:
    """A convolution as read. setup: the layer that the weights belong to; layer: the present one, where refused."""

    setup: LayerSetup
    follows: bool
    layer: LayerChanges


@dataclass(frozen=True, slots=True, eq=False)
class SavedEntry:
    """A layer as read, and whether it is on."""

    layer: SavedConv | Layer
    on: bool

    @property
    def activation(self) -> str:
        """Of a convolution of version 1 the function that belongs to it; else ''."""
        named = self.layer.setup.activation if isinstance(self.layer, SavedConv) else None
        return "" if named in (None, "none") else str(named)


def conv_data(document: Document) -> dict[str, object]:
    """The edited layer with its numbers."""
    kept = document.with_conv(spec=replace(document.conv.weight_spec, bias=document.conv.spec.bias))
    return {
        "in_channels_follows": document.conv.in_channels_follows,
        **layer_data(kept),
        "activation": "none",  # a layer of its own
        **({"refused_layer": layer_fields(document.conv.spec)} if document.problems() else {}),
        "kept_bias": document.conv.bias,
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
    data: dict[str, object] = {} if entry.on else {"off": True}
    if has_kernels(entry.layer):  # its weights are fitted to the layers before it
        return data | {"conv": conv_data(document.with_layers(document.layers, place))}
    return data | _parameters_data(entry.layer)


def _parameters_data(layer: Layer) -> dict[str, object]:
    """What its table says, where the table says."""
    data: dict[str, dict[str, object]] = {"": {}}
    for parameter in layer.PARAMETERS:
        if parameter.hidden and layer.value(parameter.name) == type(layer)().value(parameter.name):
            continue
        inside, name = parameter.place
        data.setdefault(inside, {})[name] = parameter.data(_in_torchs_axes(layer, parameter))
    return data.pop("") | data


def _in_torchs_axes(layer: Layer, parameter: Parameter) -> object:
    """A parameter's value, of sizes those along the axes that torch's class has."""
    value = layer.value(parameter.name)
    if isinstance(parameter, AxisSizes) and isinstance(value, tuple):
        return value[-layer.dims :]
    return value


def read_entry(item: object, place: str) -> SavedEntry:
    """One layer; ConvLabError names what is wrong."""
    fields = Fields(item, place)
    on = not fields.flag("off")
    layer: SavedConv | Layer
    if "conv" in fields:
        inner = fields.inner("conv")
        layer = read_conv(inner)
        inner.end()
    else:
        layer = _read_parameters(fields)
    fields.end()
    return SavedEntry(layer, on)


def _read_parameters(fields: Fields) -> Layer:
    """The kind whose first parameter is there, with what its table names; the rest as torch has it at first."""
    kind = next((kind for kind in LAYERS if kind is not ConvLayer and _mark(kind) in fields), None)
    if kind is None:
        raise refusal(QT_TRANSLATE_NOOP("model", "{place}: no kind of layer that is known"), place=fields.place)
    start, values = kind(), {}
    if DIMS in kind.PARAMETERS:
        start = start.in_dims(fields.whole(DIMS.name, DIMS.low, DIMS.high, start.dims))
    objects = {"": fields} | {inside: fields.inner(inside) for inside in _objects(kind)}
    for parameter in kind.PARAMETERS:
        inside, name = parameter.place
        values[parameter.name] = parameter.read(objects[inside], name, start.value(parameter.name))
    for inside in _objects(kind):
        objects[inside].end()
    try:
        return replace(start, **values)
    except ValueError:  # fewer sizes than dims
        raise fields.wrong(_mark(kind), QT_TRANSLATE_NOOP("model", "sizes for each of its axes")) from None


def _mark(kind: type[Layer]) -> str:
    """The field by which a file says that a layer is of this kind."""
    inside, name = kind.PARAMETERS[0].place
    return inside or name


def _objects(kind: type[Layer]) -> list[str]:
    """The objects that some of its parameters are inside."""
    return [*dict.fromkeys(parameter.place[0] for parameter in kind.PARAMETERS if parameter.place[0])]


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
        if each.activation:
            entries = (*entries, Entry(Pointwise(each.activation), each.on))
    found = document.with_layers(entries, place_of(saved, place))
    if not all(entry.layer.goes_with(found.conv.spec.dims) for entry in entries):
        raise refusal(QT_TRANSLATE_NOOP("model", "the layers are of different numbers of axes"))
    return found


def place_of(saved: Sequence[SavedEntry], place: int) -> int:
    """Where the layer at `place` of a file is: an activation, which version 1 kept in its convolution, is a layer."""
    return place + sum(bool(each.activation) for each in saved[:place])


def _conv(document: Document, before: tuple[Entry, ...], saved: SavedConv) -> ConvLayer:
    channels = max(1, channels_after(before, len(document.used_channels)))
    spec = ConvSpec(channels, 1, (1, 1), padding=(0, 0))
    start = ConvLayer(spec, np.ones(spec.weight_shape), np.zeros(1))
    made = set_up(document.with_layers((*before, Entry(start)), len(before)), saved.setup)
    if saved.layer:
        made = edits.set_layer(made, **dict(saved.layer))
    return replace(made.conv, in_channels_follows=saved.follows)
