"""The control of each parameter of a layer, as its table says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication

from convlab.model.layers.base import Layer
from convlab.model.layers.parameters import (
    AxisSizes,
    ChannelNumbers,
    Choice,
    Flag,
    Number,
    Parameter,
    Sides,
    WholeNumber,
)
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.ui.field_combo import FieldCombo
from convlab.ui.field_spin import FieldSpin
from convlab.ui.flag_check import FlagCheck
from convlab.ui.number_field import NumberField
from convlab.ui.padding_field import PaddingField
from convlab.ui.pair_spin import PairSpin
from convlab.ui.sides_field import SidesField
from convlab.ui.theme import shown

Field = FieldSpin | PairSpin | FieldCombo | PaddingField | FlagCheck | NumberField | SidesField


def parameter_fields(parameters: Iterable[Parameter]) -> dict[str, Field]:
    """A control for each that is shown and not a number for each channel."""
    return {each.name: _field(each) for each in parameters if not (each.hidden or isinstance(each, ChannelNumbers))}


def _field(parameter: Parameter) -> Field:
    name, tip = parameter.title or parameter.name, _rich(shown(message(parameter.tip)))
    match parameter:
        case Choice():
            return FieldCombo(name, parameter.choices, tip)
        case WholeNumber():
            return FieldSpin(name, parameter.low, parameter.high, tip)
        case AxisSizes() if parameter.words:
            return PaddingField(name, parameter.low, parameter.high, tip)
        case AxisSizes():
            return PairSpin(name, parameter.low, parameter.high, tip)
        case Sides():
            return SidesField(name, parameter.low, parameter.high, tip)
        case Flag():
            return FlagCheck(name, tip, shown(message(parameter.text)))
        case Number():
            return NumberField(name, parameter.low, parameter.high, parameter.decimals, parameter.step, tip)
    raise TypeError(f"{name} has no control")


def show_parameter(field: Field, layer: Layer, name: str) -> None:
    """Show the layer's value of the parameter of this name; what is being typed stays as typed."""
    value = layer.value(name)
    if isinstance(field, PaddingField):
        assert layer.window is not None  # what has padding has windows
        field.show_layer(layer.window)
    elif isinstance(field, PairSpin):
        field.show_value(value[-2:])
        if layer.dims:
            field.set_dims(layer.dims)
            field.show_depth(value[0])
    else:
        field.show_value(value)


def activation_field() -> FieldCombo:
    """The function after the layer, by torch's class names."""
    none = QCoreApplication.translate("LayerForm", "none")
    choices = [("none", none), ("relu", "ReLU"), ("sigmoid", "Sigmoid"), ("tanh", "Tanh")]
    text = QT_TRANSLATE_NOOP("model", "Function applied to each value of the layer's output")
    return FieldCombo("activation", choices, _rich(shown(message(text))))


def same_text(values: Sequence[str]) -> list[tuple[str, str]]:
    """Choices shown by torch's own words, which are not translated."""
    return [(value, value) for value in values]


def _rich(tip: str) -> str:
    """As rich text, so that Qt wraps it."""
    return f"<p>{tip}</p>"
