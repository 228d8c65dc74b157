"""A layer as a lesson file describes it: torch's parameters, and weights by numbers, preset or seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model import edits
from convlab.model.document import Document
from convlab.model.fields import Fields, refusal
from convlab.model.kernel_actions import rotate_180
from convlab.model.layer import ACTIVATIONS, SIZES, Activation, ConvSpec, changed_layer
from convlab.model.layers.conv_parameters import CONV_PARAMETERS, MOST_CHANNELS, MOST_PADDING, MOST_STEP
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError
from convlab.model.presets import preset
from convlab.model.weights import default_weight, fit_bias, from_torch, to_torch

FloatArray = NDArray[np.float64]
WeightKind = Literal["kernel", "kernels", "weight", "preset", "seed"]
WEIGHT_KINDS: tuple[WeightKind, ...] = ("kernel", "kernels", "weight", "preset", "seed")
"""kernel [kH, kW] for every output and input; kernels [out, kH, kW] for every input; weight as torch has it, in four
dimensions, for a signal's layer three; a preset's name; a seed for torch's default initialisation."""

LayerChanges = tuple[tuple[str, object], ...]
"""ConvSpec fields and their values, as `changed_layer` takes them."""

_IN_FILES = tuple(each for each in CONV_PARAMETERS if each.name not in ("kind", "bias", "device"))
"""Files say the kind by dims, transposed and lazy, the bias beside the layer, and no device."""
MOST_WEIGHTS = 200_000
"""That a lesson may spell out."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerSetup:
    """Changes to a document's layer. None leaves weights, bias or activation as they are.

    changes: ConvSpec fields. weights: their kind and what it needs. turned: kernels rotated by 180°. bias: one number
    for all outputs or one each, () for no bias; kept_bias: values that wait while there is none, () for zeros.
    """

    changes: LayerChanges = ()
    weights: tuple[WeightKind, object] | None = None
    parameters: tuple[tuple[str, float], ...] = ()
    turned: bool = False
    bias: tuple[float, ...] | None = None
    activation: Activation | None = None
    kept_bias: tuple[float, ...] = ()


def read_setup(fields: Fields, most_weights: int = MOST_WEIGHTS) -> LayerSetup:
    """Take layer, weights, turn, bias and activation from an object; ConvLabError names what is wrong."""
    kinds = [kind for kind in WEIGHT_KINDS if kind in fields]
    if len(kinds) > 1:
        raise fields.wrong(kinds[1], QT_TRANSLATE_NOOP("model", "left out beside “{other}”"), other=kinds[0])
    activation = next((name for name in ACTIVATIONS if name == fields.choice("activation", ACTIVATIONS, "none")), None)
    weights = (kinds[0], _read_weights(fields, kinds[0], most_weights)) if kinds else None
    parameters = _read_parameters(fields, weights)
    return LayerSetup(
        changes=read_layer(fields.inner("layer")),
        weights=weights,
        parameters=parameters,
        turned=fields.flag("turn"),
        bias=_read_bias(fields),
        activation=activation if "activation" in fields else None,
    )


def read_layer(fields: Fields) -> LayerChanges:
    """ConvSpec fields by torch's names."""
    changes = {each.name: each.read(fields, each.name, None) for each in _IN_FILES if each.name in fields}
    if "dims" in fields:
        changes["dims"] = fields.whole("dims", 1, 3)
    if "depth" in fields:
        changes["depth"] = _read_depth(fields.inner("depth"))
    for name in ("transposed", "lazy"):
        if name in fields:
            changes[name] = fields.flag(name)
    fields.end()
    return tuple(changes.items())


def set_up(document: Document, setup: LayerSetup) -> Document:
    """The document with the layer that the setup describes; ConvLabError when weights and layer do not fit."""
    changes = dict(setup.changes)
    dims = changes.get("dims")
    document = edits.in_dims(document, dims) if isinstance(dims, int) else document
    document = edits.set_layer(document, **changes) if changes else document
    if setup.weights is not None:
        document = _with_weights(document, *setup.weights, dict(setup.parameters))
    if setup.turned:
        document = edits.act_on_kernels(document, "all", (0, 0), rotate_180)
    if len(setup.kept_bias) == len(document.conv.bias):
        document = document.with_conv(bias=np.array(setup.kept_bias))
    if setup.bias is not None:
        document = _with_bias(document, setup.bias)
    return document if setup.activation is None else edits.set_activation(document, setup.activation)


def layer_data(document: Document) -> dict[str, object]:
    """The document's layer, weights, bias and activation as values that `read_setup` reads back; arrays as such."""
    fields = layer_fields(document.conv.spec)
    if document.conv.in_channels_follows:
        del fields["in_channels"]
    return {
        "layer": fields,
        "weight": to_torch(document.conv.weight_spec, document.conv.weight),
        "bias": document.conv.bias if document.conv.spec.bias else [],
        "activation": document.activation,
    }


def layer_fields(layer: ConvSpec) -> dict[str, object]:
    """The layer's parameters but bias and device, as JSON values by torch's names."""
    return {
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": list(layer.kernel_size[1:]),
        "stride": list(layer.stride[1:]),
        "padding": layer.padding if isinstance(layer.padding, str) else list(layer.padding[1:]),
        "dilation": list(layer.dilation[1:]),
        "groups": layer.groups,
        "padding_mode": layer.padding_mode,
        "transposed": layer.transposed,
        "lazy": layer.lazy,
        "output_padding": list(layer.output_padding[1:]),
        "dims": layer.dims,
        **({"depth": _depth_data(layer)} if 0 in layer.axes else {}),
        "dtype": layer.dtype,
    }


def _depth_data(layer: ConvSpec) -> dict[str, int]:
    """The sizes along depth, by torch's names; of padding in a word 0."""
    sizes = {name: getattr(layer, name) for name in SIZES}
    return {name: 0 if isinstance(value, str) else value[0] for name, value in sizes.items()}


def _read_depth(fields: Fields) -> tuple[tuple[str, int], ...]:
    most = {"padding": MOST_PADDING}
    numbers = {name: fields.whole(name, nothing, most.get(name, MOST_STEP), nothing) for name, nothing in SIZES.items()}
    fields.end()
    return tuple(numbers.items())


def _read_weights(fields: Fields, kind: WeightKind, most: int) -> object:
    if kind == "preset":
        return preset(fields.text("preset", most=60)).name
    if kind == "seed":
        return fields.whole("seed", 0, 2**32 - 1)
    return fields.numbers(kind, {"kernel": (2,), "kernels": (3,), "weight": (3, 4, 5)}[kind], most)


def _read_parameters(fields: Fields, weights: tuple[WeightKind, object] | None) -> tuple[tuple[str, float], ...]:
    if "parameters" not in fields:
        return ()
    inner = fields.inner("parameters")
    if weights is None or weights[0] != "preset":
        raise fields.wrong("parameters", QT_TRANSLATE_NOOP("model", "beside a “preset”"))
    known = preset(str(weights[1]))
    parameters = tuple((p.name, inner.number(p.name)) for p in known.parameters if p.name in inner)
    inner.end()
    known.kernel(**dict(parameters)) if known.kind == "kernel" else known.layer(1, **dict(parameters))
    return parameters


def _read_bias(fields: Fields) -> tuple[float, ...] | None:
    if "bias" not in fields:
        return None
    if fields.take("bias") in (None, []):
        return ()
    values = np.atleast_1d(fields.numbers("bias", (0, 1), MOST_CHANNELS))
    return tuple(float(value) for value in values)


def _with_weights(document: Document, kind: WeightKind, value: object, parameters: dict[str, float]) -> Document:
    if kind == "seed":
        return _filled(document, default_weight(document.conv.weight_spec, int(value)))  # type: ignore[call-overload]
    if kind == "preset":
        chosen = preset(str(value))
        if chosen.kind == "layer":
            count = edits.in_dims(document, 3).input_count if chosen.layer(1).dims == 3 else len(document.input_names)
            result = chosen.layer(count, **parameters)
            return edits.use_layer_preset(document, result)
        kind, value = "kernel", chosen.kernel(**parameters)
    assert isinstance(value, np.ndarray)
    if kind == "weight":
        weight = _own_layout(document.conv.spec, value)
        bias = fit_bias(document.conv.bias, len(weight))
        return edits.set_whole_layer(document, weight, bias, document.conv.spec.groups)
    outputs = len(value) if kind == "kernels" else document.conv.spec.out_channels
    document = edits.set_layer(document, out_channels=outputs, kernel_size=value.shape[-2:])
    if len(document.conv.weight) != outputs:  # the layer has no weight of this shape: what is wrong with it is said
        raise ConvLabError(document.problems()[0].message)
    each = value[:, None] if kind == "kernels" else value
    return _filled(
        document, np.broadcast_to(each[..., None, :, :], (*document.conv.weight.shape[:3], *value.shape[-2:]))
    )


def _own_layout(layer: ConvSpec, weight: FloatArray) -> FloatArray:
    """A weight as torch has it for this kind of layer, in ours."""
    groups = layer.groups
    if weight.ndim != layer.dims + 2:
        text = QT_TRANSLATE_NOOP("model", "“weight” has {ndim} levels of lists, {kind} needs {wanted}")
        raise refusal(text, ndim=weight.ndim, kind=layer.kind, wanted=layer.dims + 2)
    if 0 in layer.axes and weight.shape[2] != layer.kernel_size[0]:
        text = QT_TRANSLATE_NOOP("model", "“weight” has kernels {has} deep, the layer's kernel_size says {wanted}")
        raise refusal(text, has=weight.shape[2], wanted=layer.kernel_size[0])
    if not layer.transposed:
        return from_torch(layer, weight)
    if weight.shape[0] % groups:
        text = QT_TRANSLATE_NOOP(
            "model", "“weight” is for {inputs} input channels, which groups {groups} do not divide"
        )
        raise refusal(text, inputs=weight.shape[0], groups=groups)
    return from_torch(replace(layer, in_channels=weight.shape[0], out_channels=weight.shape[1] * groups), weight)


def _filled(document: Document, weight: FloatArray) -> Document:
    """With these weights, as far as the layer has a weight shape at all; else its problem is there to be seen."""
    return edits.set_weights(document, weight) if weight.shape == document.conv.weight.shape else document


def _with_bias(document: Document, bias: tuple[float, ...]) -> Document:
    if not bias:
        return edits.set_layer(document, bias=False)
    outputs = len(document.conv.bias)
    values = np.full(outputs, bias[0]) if len(bias) == 1 else np.array(bias)
    if len(values) != outputs:
        text = QT_TRANSLATE_NOOP("model", "“bias” has {count} numbers for {outputs} output channels")
        raise refusal(text, count=len(values), outputs=outputs)
    return edits.set_layer(document, bias=True).with_conv(bias=values)


def chain(first: ConvSpec, changes: Sequence[LayerChanges]) -> tuple[ConvSpec, ...]:
    """Layers one after another: each is `first` with its changes, and reads as many channels as the one before gives.

    A layer that names no out_channels gives as many as `first`.
    """
    layers: list[ConvSpec] = []
    for each in changes:
        inputs = layers[-1].out_channels if layers else first.in_channels
        layers.append(changed_layer(first, **{"in_channels": inputs, "groups": 1, **dict(each)}))
    return tuple(layers)
