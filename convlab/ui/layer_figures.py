"""The figures of a layer as text, the output-size formula with the layer's numbers put in."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from convlab.model.code import torch_repr
from convlab.model.layer import COLUMNS, ROWS, ConvSpec, Sizes
from convlab.model.shape import (
    multiply_accumulates,
    output_size,
    parameter_count,
    receptive_field,
    torch_weight_shape,
    unreached,
    weight_count,
)

_FIXED = "\u00a0"
"""A space at which a formula is not broken into lines."""
_GROUP = "\u202f"
"""The narrow space between thousands."""


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """What LayerInfo shows, one text each."""

    depth: str
    height: str
    width: str
    input_shape: str
    weight_shape: str
    output_shape: str
    parameters: str
    multiply_accumulates: str
    receptive_field: str
    unreached: str
    module: str


def layer_figures(layer: ConvSpec, size: Sizes) -> LayerFigures:
    """The figures of a layer without problems, for one input of (depth, rows, columns) `size`."""
    has_rows = ROWS in layer.axes
    return LayerFigures(
        depth=size_formula("D_out", layer, size, 0) if 0 in layer.axes else "",
        height=size_formula("H_out", layer, size, ROWS) if has_rows else "",
        width=size_formula("W_out" if has_rows else "L_out", layer, size, COLUMNS),
        input_shape=_shape(1, layer.in_channels, *layer.torch_sizes(size)),
        weight_shape=_shape(*torch_weight_shape(layer)),
        output_shape=_shape(1, layer.out_channels, *layer.torch_sizes(output_size(layer, size))),
        parameters=_parameters(layer),
        multiply_accumulates=grouped(multiply_accumulates(layer, size)),
        receptive_field=" × ".join(map(str, layer.torch_sizes(receptive_field([layer])))),
        unreached=_unreached(layer, size),
        module=_module(layer),
    )


def size_formula(name: str, layer: ConvSpec, size: Sizes, axis: int) -> str:
    """torch's output-size formula for one axis; 'same' shows the padding before and after."""
    if layer.transposed:
        return _transposed_formula(name, layer, size, axis)
    before, after = layer.pads[axis]
    padding = f"{before} + {after}" if isinstance(layer.padding, str) else f"2·{before}"
    window = f"{layer.dilation[axis]}·({layer.kernel_size[axis]} − 1)".replace(" ", _FIXED)
    divided = f"({size[axis]} + {padding} − {window} − 1) / {layer.stride[axis]}"
    result = f"+ 1 = {output_size(layer, size)[axis]}".replace(" ", _FIXED)
    return _broken_before_operators(f"{name} = ⌊{divided}⌋ {result}")


def _transposed_formula(name: str, layer: ConvSpec, size: Sizes, axis: int) -> str:
    window = f"{layer.dilation[axis]}·({layer.kernel_size[axis]} − 1)".replace(" ", _FIXED)
    spread = f"({size[axis]} − 1)·{layer.stride[axis]}".replace(" ", _FIXED)
    extra, result = layer.output_padding[axis], output_size(layer, size)[axis]
    return _broken_before_operators(f"{name} = {spread} − 2·{layer.pads[axis][0]} + {window} + {extra} + 1 = {result}")


def _broken_before_operators(formula: str) -> str:
    """The formula with the space after each operator fixed, so that a line starts with one and never ends so."""
    for operator in "+−/=":
        formula = formula.replace(f"{operator} ", f"{operator}{_FIXED}")
    return formula


def grouped(number: int) -> str:
    """A whole number with its thousands apart."""
    return f"{number:,}".replace(",", _GROUP)


def count_text(number: int) -> str:
    """A large number in three digits: '132 M', '4.1 G'."""
    amount, units = float(number), iter(("", "k", "M", "G", "T", "P"))
    unit = next(units)
    while amount >= 999.5 and unit != "P":
        amount, unit = amount / 1000, next(units)
    return f"{amount:.3g}{_FIXED}{unit}" if unit else str(number)


def _module(layer: ConvSpec) -> str:
    """What print(layer) shows; of a lazy layer before and after its first call."""
    after = torch_repr(layer)
    if not layer.lazy:
        return after
    template = QCoreApplication.translate("LayerInfo", "before the first call: {before}\nafter it: {after}")
    return template.format(before=torch_repr(layer, called=False), after=after)


def _unreached(layer: ConvSpec, size: Sizes) -> str:
    """Rows and columns at the end that no window reaches."""
    _, rows, cols = unreached(layer, size)
    if not rows and not cols:
        return QCoreApplication.translate("LayerInfo", "nothing")
    if ROWS not in layer.axes:
        return QCoreApplication.translate("LayerInfo", "samples {cols}").format(cols=cols)
    template = QCoreApplication.translate("LayerInfo", "rows {rows}, columns {cols}")
    return template.format(rows=rows, cols=cols)


def _shape(*sizes: int) -> str:
    return f"({', '.join(map(str, sizes))})"


def _parameters(layer: ConvSpec) -> str:
    if not layer.bias:
        return grouped(parameter_count(layer))
    template = QCoreApplication.translate("LayerInfo", "{total} = {weights} weights + {biases} bias")
    return template.format(
        total=grouped(parameter_count(layer)), weights=grouped(weight_count(layer)), biases=grouped(layer.out_channels)
    )
