"""The controls of nn.Conv2d's parameters, by torch's names and in torch's order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from convlab.model.edits import MAX_KERNEL
from convlab.model.layer import DTYPES, KINDS, PADDING_MODES
from convlab.model.layer_setup import MOST_CHANNELS, MOST_STEP
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.ui.bias_check import BiasCheck
from convlab.ui.field_combo import FieldCombo
from convlab.ui.field_spin import FieldSpin
from convlab.ui.padding_field import PaddingField
from convlab.ui.pair_spin import PairSpin

_TIPS = {
    "kind": QT_TRANSLATE_NOOP(
        "LayerForm",
        "Conv2d gathers: each output is a sum over a window of the input. ConvTranspose2d scatters: each input pixel "
        "adds the kernel, times its value, to the output; with stride 2 the map gets twice the size. "
        "The lazy classes take in_channels from their first input",
    ),
    "output_padding": QT_TRANSLATE_NOOP(
        "LayerForm",
        "Rows and columns more at the bottom and right of the output: which of the sizes that a strided Conv2d maps "
        "to this input is meant",
    ),
    "in_channels": QT_TRANSLATE_NOOP("LayerForm", "How many channels the layer reads: the first ones of the input"),
    "out_channels": QT_TRANSLATE_NOOP(
        "LayerForm", "How many feature maps the layer makes; each has kernels and a bias of its own"
    ),
    "kernel_size": QT_TRANSLATE_NOOP("LayerForm", "Rows and columns of each kernel"),
    "stride": QT_TRANSLATE_NOOP(
        "LayerForm", "Pixels from one window to the next: 2 gives a map of half the height and width"
    ),
    "padding": QT_TRANSLATE_NOOP(
        "LayerForm",
        "Rows and columns added around the input: in numbers, 'same' (the map gets the input's size) or 'valid' (none)",
    ),
    "dilation": QT_TRANSLATE_NOOP(
        "LayerForm", "Pixels from one kernel element to the next: 2 leaves out every other pixel"
    ),
    "groups": QT_TRANSLATE_NOOP(
        "LayerForm",
        "Parts that the channels are split into; each output reads only its own part. "
        "As many groups as channels: a depthwise layer",
    ),
    "bias": QT_TRANSLATE_NOOP("LayerForm", "Whether a number of its own is added to each feature map"),
    "padding_mode": QT_TRANSLATE_NOOP(
        "LayerForm",
        "What the added rows and columns hold: zeros, the picture mirrored (reflect), its edge repeated (replicate), "
        "or its other side (circular)",
    ),
    "device": QT_TRANSLATE_NOOP("LayerForm", "Where torch computes: the processor (cpu) or a graphics card (cuda)"),
    "dtype": QT_TRANSLATE_NOOP("LayerForm", "Type of the numbers that torch computes with"),
    "activation": QT_TRANSLATE_NOOP("LayerForm", "Function applied to each value of the layer's output"),
}


Field = FieldSpin | PairSpin | FieldCombo | PaddingField | BiasCheck


def layer_fields(devices: Sequence[str]) -> dict[str, Field]:
    """A control for each of nn.Conv2d's parameters."""
    return {
        "kind": FieldCombo("layer", same_text(tuple(KINDS)), tip("kind")),
        "in_channels": FieldSpin("in_channels", 1, MOST_CHANNELS, tip("in_channels")),
        "out_channels": FieldSpin("out_channels", 1, MOST_CHANNELS, tip("out_channels")),
        "kernel_size": PairSpin("kernel_size", 1, MAX_KERNEL, tip("kernel_size")),
        "stride": PairSpin("stride", 1, MOST_STEP, tip("stride")),
        "padding": PaddingField("padding", tip("padding")),
        "output_padding": PairSpin("output_padding", 0, MOST_STEP, tip("output_padding")),
        "dilation": PairSpin("dilation", 1, MOST_STEP, tip("dilation")),
        "groups": FieldSpin("groups", 1, MOST_CHANNELS, tip("groups")),
        "bias": BiasCheck(tip("bias")),
        "padding_mode": FieldCombo("padding_mode", same_text(PADDING_MODES), tip("padding_mode")),
        "device": FieldCombo("device", same_text(devices), tip("device")),
        "dtype": FieldCombo("dtype", same_text(tuple(DTYPES)), tip("dtype")),
    }


def activation_field() -> FieldCombo:
    """The function after the layer, by torch's class names."""
    none = QCoreApplication.translate("LayerForm", "none")
    choices = [("none", none), ("relu", "ReLU"), ("sigmoid", "Sigmoid"), ("tanh", "Tanh")]
    return FieldCombo("activation", choices, tip("activation"))


def same_text(values: Sequence[str]) -> list[tuple[str, str]]:
    """Choices shown by torch's own words, which are not translated."""
    return [(value, value) for value in values]


def tip(name: str) -> str:
    """What the parameter does; as rich text, so that Qt wraps it."""
    return f"<p>{QCoreApplication.translate('LayerForm', _TIPS[name])}</p>"
