"""The PyTorch code of a document: of its one layer, or of all of them in the style that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from math import prod
from typing import Literal, get_args

from convlab.model.code import placed, tensor
from convlab.model.code_names import named
from convlab.model.document import Document
from convlab.model.layer import AXES, ConvSpec, in_three_axes
from convlab.model.layers.base import Shape, Step
from convlab.model.problems import problems
from convlab.model.stack import chain_problem, channels_after, with_kernels

CodeStyle = Literal["sequential", "class"]
CODE_STYLES: tuple[CodeStyle, ...] = get_args(CodeStyle)
"""As nn.Sequential, or as a class with __init__ and forward; the first one unless another is chosen."""

MAX_WEIGHTS_IN_CODE = 20_000
MOST_EXAMPLE_PIXELS = 4_000_000
EXAMPLE_SIDE = 512
"""Of the example input, where the document's own has more pixels than that: code is pasted to be run at once."""


def network_code(document: Document, style: CodeStyle = "sequential") -> str:
    """A program that makes `model` with all numbers, calls it on an example input and prints the output's shape.

    Of a single layer what `layer_code` gives, and of one with its activation unless a class is asked for.
    """
    if not has_styles(document) or (style == "sequential" and document.on and document.is_one_layer):
        return layer_code(document)
    by_place = style == "sequential"
    steps = _steps(document) if by_place else named(_steps(document))
    lines = ["import torch", "from torch import nn", "", *(_sequential(steps) if by_place else _class(steps))]
    lines.append("model.eval()")
    lazy = any(conv.spec.lazy for place, conv in with_kernels(document.layers) if document.layers[place].on)
    if lazy:
        lines += ["", _example(document), "model(x)  # the first call: lazy layers get their in_channels", ""]
    lines += _weights(document, steps, by_place)
    lines += ["", *([] if lazy else [_example(document)]), "with torch.no_grad():", "    print(model(x).shape)"]
    return "\n".join(lines) + "\n"


def has_styles(document: Document) -> bool:
    """Whether the styles differ: they do not of one layer alone."""
    return not document.on or len(document.layers) > 1


def layer_code(document: Document) -> str:
    """A program that makes `layer`, with these weights; numbers are written so that they read back exactly."""
    spec = document.conv.spec
    (made,) = document.conv.steps(document.input_count, spec)
    at = document.activation_place
    after = () if at is None else document.layers[at].layer.steps(spec.out_channels, spec)
    lines = ["import torch", "from torch import nn", "", f"layer = {made.code}"]
    if spec.lazy:
        lines.append(_first_layer_call(spec))
    if document.conv.weight.size > MAX_WEIGHTS_IN_CODE:
        lines.append(f"# {document.conv.weight.size:,} weights are too many to print: save them as .npy and load that")
    else:
        lines += _numbers(["layer"], [made])
    around = [*(step.code for step in _before(spec)), "layer", *(step.code for step in after)]
    if len(around) > 1:
        lines.append(f"layer = nn.Sequential({', '.join(around)}){_remark(spec)}")
    return "\n".join(lines) + "\n"


def weight_count(document: Document) -> int:
    """Weights of all layers that are on."""
    return sum(entry.layer.weight_count for entry in document.layers if entry.on)


def _before(spec: ConvSpec) -> tuple[Step, ...]:
    """The padding on the left only, which no parameter of torch's convolution is."""
    return (Step("pad", f"nn.ConstantPad1d(({spec.pads[-1][0]}, 0), 0.0)"),) if spec.padding == "causal" else ()


def _remark(spec: ConvSpec) -> str:
    if spec.padding != "causal":
        return ""
    return "  # causal: padding on the left only, so that no output depends on what comes after it"


def _steps(document: Document) -> list[Step]:
    """Of all layers that are on."""
    convolutions = dict(with_kernels(document.layers))
    steps: list[Step] = []
    for place, entry in enumerate(document.layers):
        if entry.on:
            channels = channels_after(document.layers[:place], len(document.used_channels))
            before = _before(convolutions[place].spec) if place in convolutions else ()
            steps += [*before, *entry.layer.steps(channels, document.conv.spec)]
    return steps


def _sequential(steps: Sequence[Step]) -> list[str]:
    """With a small module for each method of tensors, of which torch has none."""
    methods = {step.name: step.text for step in steps if not step.code}
    lines: list[str] = []
    for name, text in methods.items():
        lines += ["", f"class {name.title()}(nn.Module):", "    def forward(self, x):", f"        return {text}", ""]
    made = [f"    {step.code or f'{step.name.title()}()'}," for step in steps]
    return [*lines, *([""] if lines else []), "model = nn.Sequential(", *made, ")"]


def _class(steps: Sequence[Step]) -> list[str]:
    made = [f"        self.{step.name} = {step.code}" for step in steps if step.code]
    called = [f"        x = self.{step.name}(x)" if step.code else f"        x = {step.text}" for step in steps]
    return [
        "",
        "class SimpleCNN(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        *made,
        "",
        "    def forward(self, x):",
        *called,
        "        return x",
        "",
        "",
        "model = SimpleCNN()",
    ]


def _weights(document: Document, steps: Sequence[Step], by_place: bool) -> list[str]:
    weights = weight_count(document)
    if weights > MAX_WEIGHTS_IN_CODE:
        return [f"# {weights:,} weights are too many to print: save the session, its file holds them"]
    return _numbers([f"model[{at}]" if by_place else f"model.{step.name}" for at, step in enumerate(steps)], steps)


def _numbers(names: Sequence[str], steps: Sequence[Step]) -> list[str]:
    lines = [
        f"    {name}.{number}.copy_({tensor(values)})"
        for name, step in zip(names, steps, strict=True)
        for number, values in step.numbers
    ]
    return ["with torch.no_grad():", *lines] if lines else []


def _example(document: Document) -> str:
    """An input of the document's shape; of more pixels than are run at a glance only a corner's, where that will do."""
    shape, spec = Shape(len(document.input_channels), document.source_shape.size), document.conv.spec
    corner = replace(shape, size=tuple(min(n, EXAMPLE_SIDE) for n in shape.size))
    too_large = prod(shape.size) > MOST_EXAMPLE_PIXELS and chain_problem(document.layers, corner, None) is None
    size = spec.torch_sizes((corner if too_large else shape).size)
    remark = f"  # a corner: the whole input is {' × '.join(map(str, spec.torch_sizes(shape.size)))}"
    return f"x = {_zeros((1, shape.channels, *size), spec)}{remark if too_large else ''}"


def _first_layer_call(spec: ConvSpec) -> str:
    """The call after which a lazy layer has weights, on the smallest square input that it takes."""
    side = next(n for n in count(1) if not problems(spec, spec.in_channels, in_three_axes((n,) * AXES, spec.dims, 1)))
    called = f"layer({_zeros((1, spec.in_channels, *(side,) * spec.dims), spec)})"
    return f"{called}  # the first call: in_channels is {spec.in_channels} now"


def _zeros(shape: tuple[int, ...], spec: ConvSpec) -> str:
    options = "".join(f", {option}" for option in placed(spec))
    return f"torch.zeros({', '.join(map(str, shape))}{options})"
