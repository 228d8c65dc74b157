"""Edits: pure functions from one document to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model.document import Channel, Document
from convlab.model.layer import KINDS, ROWS, Activation, ConvSpec, Sizes, changed_layer
from convlab.model.layer_presets import LayerPresetResult
from convlab.model.layers.pointwise import Pointwise
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.reading import Reading, reading_in
from convlab.model.shape import weight_count
from convlab.model.source import Line
from convlab.model.stack import Entry, with_kernels
from convlab.model.weights import Kernels, fit_bias, fit_kernel, fit_weight, in_five_axes, kernel_slices, spare_kernels

FloatArray = NDArray[np.float64]
Edit = Callable[[Document], Document]
Scope = Literal["kernel", "row", "column", "all"]
"""What a kernel action acts on: one (output, input) kernel, all inputs of its output, the same input of
every output, or every kernel."""

SHARED = ("device", "dtype")
"""Parameters that all layers of a stack have in common."""
MAX_WEIGHTS = 64_000_000
"""Weights held at most (float64: 512 MB); a layer with more keeps the weights it had, and has a problem."""


def set_layer(document: Document, **changes: object) -> Document:
    """Change torch parameters by name, sizes as `changed_layer` takes them; weights that still have a place are kept.

    in_channels set here is by hand.
    """
    layer = changed_layer(document.conv.spec, **changes)
    document = _with_shared(document, {name: value for name, value in changes.items() if name in SHARED})
    if layer.transposed and not document.conv.spec.transposed:
        layer = _as_transposed(layer)
    follows = document.conv.in_channels_follows and "in_channels" not in changes
    return settled(_with_layer(document.with_conv(in_channels_follows=follows), layer))


def _with_shared(document: Document, changes: dict[str, object]) -> Document:
    """All layers with what the layers of a stack have in common."""
    if not changes:
        return document

    layers = (replace(entry, layer=entry.layer.with_shared(**changes)) for entry in document.layers)
    return replace(document, layers=tuple(layers))


def set_kind(document: Document, kind: str) -> Document:
    """Another of torch's classes, a name in layer.KINDS; a lazy one reads as many channels as there are.

    Between pictures, signals and volumes what is read changes too, and so do the other layers: `in_dims`.
    """
    transposed, lazy, dims = KINDS[kind]
    document = in_dims(document, dims)
    changed = set_layer(document, transposed=transposed, lazy=lazy)
    return follow_in_channels(changed) if lazy else changed


def in_dims(document: Document, dims: int) -> Document:
    """The layers on signals (dims 1), pictures (2) or volumes (3), and the source read as such a one.

    Of a picture the middle row, or its channels as slices; of a volume the middle slice. Kernels keep their middle
    along axes that they have no more; along depth that is new they are 3 long.
    """
    if dims == document.conv.spec.dims:
        return document
    layers = tuple(replace(entry, layer=entry.layer.in_dims(dims)) for entry in document.layers)
    document = each_conv(replace(document, layers=layers), partial(_conv_in_dims, dims=dims))
    return settled(_read_as(document, document.reading), repeat_inputs=True)


def _conv_in_dims(document: Document, dims: int) -> Document:
    old = document.conv.spec
    if old.dims == dims:
        return document
    padding = "same" if old.padding == "causal" else old.padding
    deep = {"kernel_size": 3, "padding": 1} if 0 not in old.axes else {}
    layer = changed_layer(old, dims=dims, padding=padding, depth=deep)
    return _with_layer(_of_axes(document, layer.axes), layer)


def _of_axes(document: Document, axes: range) -> Document:
    """Kernels cut to the axes that the layer will have, to their middle along the others: also where it is refused, and
    its weights stay as they are."""
    weight = document.conv.weight
    for axis in range(axes.start):
        middle = (weight.shape[2 + axis] - 1) // 2
        weight = weight.take([middle], axis=2 + axis)
    return document.with_conv(weight=weight)


def set_line(document: Document, line: Line) -> Document:
    """Another row or column of the picture, the nearest that there is; nothing where none is read."""
    return document if document.reading.line is None else _read_as(document, replace(document.reading, line=line))


def set_frame(document: Document, frame: int) -> Document:
    """Another slice of the volume, the nearest that there is; nothing where none is read by itself."""
    return document if document.reading.frame is None else _read_as(document, replace(document.reading, frame=frame))


def _read_as(document: Document, reading: Reading) -> Document:
    """Its source read in this way, where the edited layer can read it so."""
    return document.with_input(document.source, reading_in(document.source, document.conv.spec.axes, reading))


def _as_transposed(layer: ConvSpec) -> ConvSpec:
    """What a transposed layer cannot have, as the nearest that it can."""
    padding = layer.padding if not isinstance(layer.padding, str) else tuple(before for before, _ in layer.pads)
    most = [max(stride, dilation) - 1 for stride, dilation in zip(layer.stride, layer.dilation, strict=True)]
    extra = tuple(min(pair) for pair in zip(layer.output_padding, most, strict=True))
    return replace(layer, padding=padding, padding_mode="zeros", output_padding=extra)


def follow_in_channels(document: Document) -> Document:
    """Let in_channels be the number of used channels again."""
    return settled(document.with_conv(in_channels_follows=True))


def set_channels(document: Document, channels: Sequence[Channel]) -> Document:
    """Reorder, mute, solo or leave out channels; every source channel must be there once, and one be used."""
    if sorted(channel.index for channel in channels) != list(range(document.picture.channel_count)):
        raise ValueError("each source channel once")
    if not any(channel.used for channel in channels):
        text = QT_TRANSLATE_NOOP("model", "The layer needs at least one channel: mute this one to read zeros instead.")
        raise ConvLabError(message(text))
    return settled(replace(document, channels=tuple(channels)), repeat_inputs=True)


def change_channel(document: Document, index: int, **changes: bool) -> Document:
    """Set used, muted or solo of the source channel `index`."""
    changed = [replace(c, **changes) if c.index == index else c for c in document.channels]
    return set_channels(document, changed)


def move_channel(document: Document, index: int, offset: int) -> Document:
    """Move the source channel `index` by `offset` places in the layer's order, as far as there is room."""
    channels = list(document.channels)
    place = next(n for n, channel in enumerate(channels) if channel.index == index)
    channel = channels.pop(place)
    channels.insert(min(max(place + offset, 0), len(channels)), channel)
    return set_channels(document, channels)


def set_weight(document: Document, place: tuple[int, int, int, int], value: float) -> Document:
    """Set the weight at (row, column) of a kernel's slice (o, i), as `weights.kernel_slices` counts them."""
    weight = document.conv.weight.copy()
    kernel_slices(weight)[place] = value
    return document.with_conv(weight=weight)


def clear_weights(document: Document, chosen: tuple[int, int], cells: Sequence[tuple[int, int]]) -> Document:
    """Set the (row, column) cells of the chosen kernel's slice (o, i) to 0."""
    weight = document.conv.weight.copy()
    for cell in cells:
        kernel_slices(weight)[chosen][cell] = 0
    return document.with_conv(weight=weight)


def paste_kernel(
    document: Document, chosen: tuple[int, int], block: FloatArray, corner: tuple[int, int] | None
) -> Document:
    """Write `block` into the chosen kernel's slice (o, i) from `corner` on, or make it all of that when None.

    A whole kernel larger than kernel_size makes the layer's kernels grow about their centre.
    """
    if corner is None:
        return act_on_kernels(document, "kernel", chosen, lambda _: block)
    weight = document.conv.weight.copy()
    row, column = corner
    kernel_slices(weight)[chosen][row : row + block.shape[0], column : column + block.shape[1]] = block
    return document.with_conv(weight=weight)


def set_weights(document: Document, weight: FloatArray) -> Document:
    """Replace all weights; ValueError unless the shape is the present one, its kernels' first axes left out or not."""
    weight = in_five_axes(weight)
    if weight.shape != document.conv.weight.shape:
        raise ValueError(f"weight {weight.shape} is not {document.conv.weight.shape}")
    return document.with_conv(weight=np.array(weight, dtype=np.float64))


def set_bias(document: Document, out_channel: int, value: float) -> Document:
    """Set the bias of one output channel."""
    bias = document.conv.bias.copy()
    bias[out_channel] = value
    return document.with_conv(bias=bias)


def set_activation(document: Document, activation: Activation) -> Document:
    """The function right after the layer: none, relu, sigmoid or tanh; a layer of its own."""
    at = document.place + 1
    there = at < len(document.layers) and bool(document.layers[at].layer.activation)
    after = document.layers[at + there :]
    if activation != "none":
        after = (Entry(Pointwise(activation)), *after)
    moved = len(after) - len(document.layers[at:]) if document.focus >= at else 0
    focus = min(document.focus + moved, at - 1 + len(after))
    return replace(document, layers=(*document.layers[:at], *after), focus=focus)


def act_on_kernels(
    document: Document, scope: Scope, chosen: tuple[int, int], action: Callable[[FloatArray], FloatArray]
) -> Document:
    """Apply `action` (kernel [kH, kW] → one of any size) to the kernels of `scope` around `chosen` (o, i), each slice
    of theirs by itself.

    Of a kernel of several rows a layer of signals takes the sums of its columns: what it does to a picture whose rows
    are all the signal.

    A result larger than kernel_size makes the layer's kernels grow to hold it; a smaller one is centred.
    """
    slices = kernel_slices(document.conv.weight)
    places = scope_places(document, scope, chosen)
    results = {place: _as_rows(document.conv.spec, action(slices[place].copy())) for place in places}
    present = slices.shape[2:]  # not the layer's, which may have no valid weight shape
    size = tuple(max(axis) for axis in zip(present, *(r.shape for r in results.values()), strict=True))
    if size != present:
        document = _grown(document, size)
    weight = document.conv.weight.copy()
    for place, result in results.items():
        kernel_slices(weight)[place] = fit_kernel(result, size)
    return document.with_conv(weight=weight)


def _as_rows(layer: ConvSpec, kernel: FloatArray) -> FloatArray:
    """A kernel [.., kH, kW] as the layer can have it: without rows the sums of its columns."""
    return kernel if ROWS in layer.axes else np.asarray(kernel.sum(axis=-2, keepdims=True))


def _grown(document: Document, size: Sizes) -> Document:
    """Kernels of (rows, columns) `size`; ConvLabError where the layer cannot have them."""
    grown = set_layer(document, kernel_size=size)
    if grown.conv.weight.shape[3:] == size:
        return grown
    shape = " × ".join(map(str, size))
    if weight_count(changed_layer(grown.conv.weight_spec, kernel_size=size)) > MAX_WEIGHTS:
        text = QT_TRANSLATE_NOOP("model", "Kernels of {shape} would make too many weights in this layer.")
    else:
        text = QT_TRANSLATE_NOOP("model", "The kernels cannot grow to {shape} before the layer is valid.")
    raise ConvLabError(message(text, shape=shape))


def scope_places(document: Document, scope: Scope, chosen: tuple[int, int]) -> list[tuple[int, int]]:
    """The slices (o, i) of kernels that `scope` means around `chosen`, i within the group."""
    outputs, inputs = kernel_slices(document.conv.weight).shape[:2]
    rows = range(outputs) if scope in ("column", "all") else [chosen[0]]
    columns = range(inputs) if scope in ("row", "all") else [chosen[1]]
    return [(o, i) for o in rows for i in columns]


def set_whole_layer(
    document: Document, weight: FloatArray, bias: FloatArray | None = None, groups: int = 1
) -> Document:
    """Replace weights, bias and the sizes that follow from them; other parameters stay.

    weight: [out_channels, in_channels / groups, kH, kW], of which a layer of signals takes the sums of columns and one
    of volumes makes its kernels' middle slices; or [out_channels, in_channels / groups, kD, kH, kW], the layer's own.
    bias: [out_channels], zero when None.
    """
    own = (
        weight
        if weight.ndim == 5
        else _in_middle(_as_rows(document.conv.spec, weight), document.conv.spec.kernel_size[0])
    )
    out_channels, per_group, *kernel_size = own.shape
    layer = replace(
        document.conv.spec,
        in_channels=per_group * groups,
        out_channels=out_channels,
        kernel_size=tuple(kernel_size),
        groups=groups,
    )
    changed = document.with_conv(
        spec=layer,
        weight=np.array(own, dtype=np.float64),
        weight_groups=groups,
        bias=np.zeros(out_channels) if bias is None else np.array(bias, dtype=np.float64),
        in_channels_follows=document.conv.in_channels_follows and layer.in_channels == document.input_count,
    )
    return settled(changed)


def _in_middle(weight: FloatArray, depth: int) -> FloatArray:
    """A weight [out, in, kH, kW] as the middle slice of kernels of this depth."""
    deep = np.zeros((*weight.shape[:2], depth, *weight.shape[2:]))
    deep[:, :, (depth - 1) // 2] = weight
    return deep


def use_layer_preset(document: Document, preset: LayerPresetResult) -> Document:
    """Take over a preset of a whole layer; one that is of a Conv1d or Conv3d makes that of the layer."""
    if preset.dims is not None:
        document = in_dims(document, preset.dims)
        document = set_layer(document, transposed=False, padding=preset.padding, padding_mode="zeros")
    return set_whole_layer(document, preset.weight, preset.bias, preset.groups)


def settled(document: Document, repeat_inputs: bool = False) -> Document:
    """Every layer that follows its input reads as many channels as there are for it; weights that fit stay.

    repeat_inputs: new channels of the source take the kernels of the old ones in turn.
    """
    return each_conv(document, lambda each: followed(each, repeat_inputs and each.reads_source))


def each_conv(document: Document, change: Edit) -> Document:
    """`change` made to each convolution in focus, first to last."""
    focus = document.focus
    for place, _ in with_kernels(document.layers):
        document = change(replace(document, focus=place))
    return replace(document, focus=focus)


def followed(document: Document, repeat_inputs: bool = False) -> Document:
    """The edited layer with as many in_channels as there are for it, where it follows its input."""
    used = document.input_count
    if not document.conv.in_channels_follows or used == 0 or used == document.conv.spec.in_channels:
        return document
    old = document.conv.spec
    layer = replace(old, in_channels=used)
    spare = document.conv.spare
    wider = old if spare is None or old.groups > 1 else spare.spec
    if 1 < wider.groups == wider.in_channels == wider.out_channels and old.groups == old.out_channels:
        layer = replace(layer, groups=used, out_channels=used)  # a depthwise layer stays one
    return _with_layer(document, layer, repeat_inputs)


def _with_layer(document: Document, layer: ConvSpec, repeat_inputs: bool = False) -> Document:
    if not _has_weights(layer):
        return document.with_conv(spec=layer)
    conv, old = document.conv, document.conv.weight_spec
    if old.weight_shape == layer.weight_shape and old.groups == layer.groups:
        weight = conv.weight
    else:
        weight = fit_weight(old, conv.weight, layer, repeat_inputs, conv.spare)
    bias = conv.bias if len(conv.bias) == layer.out_channels else fit_bias(conv.bias, layer.out_channels)
    spare = spare_kernels(conv.spare, Kernels(old, conv.weight), layer)
    return document.with_conv(spec=layer, weight=weight, bias=bias, weight_groups=layer.groups, spare=spare)


def _has_weights(layer: ConvSpec) -> bool:
    counts = (layer.in_channels, layer.out_channels, layer.groups, *layer.kernel_size)
    return min(counts) >= 1 and layer.groups_divide and weight_count(layer) <= MAX_WEIGHTS
