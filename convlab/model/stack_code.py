"""The PyTorch code of a whole stack: nn.Sequential, or a module of its own where a layer is a function."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convlab.model.code import (
    MAX_WEIGHTS_IN_CODE,
    activation_class,
    constructor,
    layer_code,
    placed,
    size_text,
    tensor,
)
from convlab.model.document import Document
from convlab.model.layer import ConvSpec
from convlab.model.plain_layers import NORM_DEFAULTS, BatchNorm, Pointwise, Pool, norm_numbers
from convlab.model.stack import ConvLayer, Layer, channels_after
from convlab.model.weights import to_torch

FUNCTION_ONLY = ("square", "sqrt")


@dataclass(frozen=True, slots=True)
class _Step:
    """A line of the network: its name, what builds it ('' for a tensor's method of that name), its numbers."""

    name: str
    code: str
    numbers: tuple[tuple[str, str], ...] = ()


def network_code(document: Document) -> str:
    """A program that makes `model` with all numbers, which gives the maps of the last layer.

    Of a single layer what `layer_code` gives.
    """
    if len(document.layers) == 1 and document.on:
        return layer_code(document)
    steps, count = _steps(document), weight_count(document)
    many = count > MAX_WEIGHTS_IN_CODE
    lines = ["import torch", "from torch import nn", ""]
    own_module = any(not step.code for step in steps)
    lines += _module(steps) if own_module else _sequential(steps)
    if any(isinstance(e.layer, ConvLayer) and e.layer.spec.lazy for e in document.layers if e.on):
        lines.append(_first_call(document))
    if many:
        lines.append(f"# {count:,} weights are too many to print: save the session, its file holds them")
    else:
        lines += _numbers(steps, own_module)
    lines.append("model.eval()")
    return "\n".join(lines) + "\n"


def _steps(document: Document) -> list[_Step]:
    steps: list[_Step] = []
    for place, entry in enumerate(document.layers):
        if entry.on:
            channels = channels_after(document.layers[:place], len(document.used_channels))
            steps += _layer_steps(place + 1, entry.layer, channels, document.layer)
    return steps


def _layer_steps(number: int, layer: Layer, channels: int, shared: ConvSpec) -> list[_Step]:
    if isinstance(layer, ConvLayer):
        return _conv_steps(number, layer)
    if isinstance(layer, Pointwise):
        if layer.function in FUNCTION_ONLY:
            return [_Step(layer.function, "")]
        slope = f"{layer.negative_slope!r}" if layer.function == "leaky_relu" else ""
        return [_Step(f"act{number}", f"nn.{layer.kind}({slope})")]
    if isinstance(layer, Pool):
        return [_Step(f"pool{number}", pool_constructor(layer))]
    numbers = tuple((name, tensor(np.array(norm_numbers(layer, name, channels)))) for name in NORM_DEFAULTS)
    return [_Step(f"norm{number}", norm_constructor(layer, channels, shared), numbers)]


def _conv_steps(number: int, layer: ConvLayer) -> list[_Step]:
    spec = layer.spec
    numbers = [("weight", tensor(to_torch(spec, layer.weight)))] if layer.weight.shape == spec.weight_shape else []
    if spec.bias:
        numbers.append(("bias", tensor(layer.bias)))
    steps = [_Step(f"conv{number}", constructor(spec), tuple(numbers))]
    if layer.activation != "none":
        steps.append(_Step(f"act{number}", f"{activation_class(layer.activation)}()"))
    return steps


def pool_constructor(pool: Pool) -> str:
    """`nn.MaxPool2d(…)` or `nn.AvgPool2d(…)` with what differs from torch's default."""
    arguments = [size_text(pool.kernel_size)]
    if pool.stride != pool.kernel_size:
        arguments.append(f"stride={size_text(pool.stride)}")
    if any(pool.padding):
        arguments.append(f"padding={size_text(pool.padding)}")
    if pool.pooling == "max" and pool.dilation != (1, 1):
        arguments.append(f"dilation={size_text(pool.dilation)}")
    if pool.ceil_mode:
        arguments.append("ceil_mode=True")
    if pool.pooling == "avg" and not pool.count_include_pad:
        arguments.append("count_include_pad=False")
    return f"nn.{pool.kind}({', '.join(arguments)})"


def norm_constructor(norm: BatchNorm, channels: int, shared: ConvSpec) -> str:
    """`nn.BatchNorm2d(…)` with what differs from torch's default."""
    arguments = [str(channels)]
    if norm.eps != BatchNorm().eps:
        arguments.append(f"eps={norm.eps!r}")
    return f"nn.BatchNorm2d({', '.join(arguments + placed(shared))})"


def _sequential(steps: list[_Step]) -> list[str]:
    return ["model = nn.Sequential(", *(f"    {step.code}," for step in steps), ")"]


def _module(steps: list[_Step]) -> list[str]:
    made = [f"        self.{step.name} = {step.code}" for step in steps if step.code]
    called = [f"        x = self.{step.name}(x)" if step.code else f"        x = x.{step.name}()" for step in steps]
    return [
        "class Network(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *made,
        "",
        "    def forward(self, x):",
        *called,
        "        return x",
        "",
        "model = Network()",
    ]


def _numbers(steps: list[_Step], own_module: bool) -> list[str]:
    lines = []
    for index, step in enumerate(steps):
        target = f"model.{step.name}" if own_module else f"model[{index}]"
        lines += [f"    {target}.{name}.copy_({values})" for name, values in step.numbers]
    return ["with torch.no_grad():", *lines] if lines else []


def _first_call(document: Document) -> str:
    """After which lazy layers have weights."""
    height, width = document.source.size
    shape = (1, len(document.input_channels), height, width)
    options = "".join(f", {option}" for option in placed(document.layer))
    called = f"model(torch.zeros({', '.join(map(str, shape))}{options}))"
    return f"{called}  # the first call: lazy layers get their in_channels"


def weight_count(document: Document) -> int:
    """Weights of all layers that are on."""
    return sum(e.layer.weight.size for e in document.layers if e.on and isinstance(e.layer, ConvLayer))
