"""The PyTorch code of a document: of its one layer, of a stack as nn.Sequential, or as a module of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from convlab.model.code import placed, tensor
from convlab.model.document import Document
from convlab.model.layer import AXES, ConvSpec, in_three_axes
from convlab.model.layers.base import Step
from convlab.model.problems import problems
from convlab.model.stack import channels_after, with_kernels

MAX_WEIGHTS_IN_CODE = 20_000


def network_code(document: Document) -> str:
    """A program that makes `model` with all numbers, which gives the maps of the last layer.

    Of a single layer, with its activation, what `layer_code` gives.
    """
    if document.on and document.is_one_layer:
        return layer_code(document)
    steps, weights = _steps(document), weight_count(document)
    lines = ["import torch", "from torch import nn", ""]
    own_module = any(not step.code for step in steps)
    lines += _module(steps) if own_module else _sequential(steps)
    lines.append("model.eval()")
    if any(conv.spec.lazy for place, conv in with_kernels(document.layers) if document.layers[place].on):
        lines.append(_first_call(document))
    if weights > MAX_WEIGHTS_IN_CODE:
        lines.append(f"# {weights:,} weights are too many to print: save the session, its file holds them")
    else:
        names = [f"model.{step.name}" if own_module else f"model[{index}]" for index, step in enumerate(steps)]
        lines += _numbers(names, steps)
    return "\n".join(lines) + "\n"


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
    """Of all layers that are on; a module's name ends with its layer's number."""
    convolutions = dict(with_kernels(document.layers))
    steps: list[Step] = []
    for place, entry in enumerate(document.layers):
        if entry.on:
            channels = channels_after(document.layers[:place], len(document.used_channels))
            before = _before(convolutions[place].spec) if place in convolutions else ()
            for step in (*before, *entry.layer.steps(channels, document.conv.spec)):
                steps.append(replace(step, name=f"{step.name}{place + 1}") if step.code else step)
    return steps


def _sequential(steps: Sequence[Step]) -> list[str]:
    return ["model = nn.Sequential(", *(f"    {step.code}," for step in steps), ")"]


def _module(steps: Sequence[Step]) -> list[str]:
    made = [f"        self.{step.name} = {step.code}" for step in steps if step.code]
    called = [f"        x = self.{step.name}(x)" if step.code else f"        x = {step.text}" for step in steps]
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


def _numbers(names: Sequence[str], steps: Sequence[Step]) -> list[str]:
    lines = [
        f"    {name}.{number}.copy_({tensor(values)})"
        for name, step in zip(names, steps, strict=True)
        for number, values in step.numbers
    ]
    return ["with torch.no_grad():", *lines] if lines else []


def _first_call(document: Document) -> str:
    """After which lazy layers have weights."""
    spec = document.conv.spec
    size = spec.torch_sizes(document.source_shape.size)
    called = f"model({_zeros((1, len(document.input_channels), *size), spec)})"
    return f"{called}  # the first call: lazy layers get their in_channels"


def _first_layer_call(spec: ConvSpec) -> str:
    """The call after which a lazy layer has weights, on the smallest square input that it takes."""
    side = next(n for n in count(1) if not problems(spec, spec.in_channels, in_three_axes((n,) * AXES, spec.dims, 1)))
    called = f"layer({_zeros((1, spec.in_channels, *(side,) * spec.dims), spec)})"
    return f"{called}  # the first call: in_channels is {spec.in_channels} now"


def _zeros(shape: tuple[int, ...], spec: ConvSpec) -> str:
    options = "".join(f", {option}" for option in placed(spec))
    return f"torch.zeros({', '.join(map(str, shape))}{options})"
