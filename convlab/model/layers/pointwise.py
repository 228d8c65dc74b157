"""Functions of single values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, inf, nan, pi, sqrt
from typing import ClassVar

import numpy as np

from convlab.model.layer import ACTIVATIONS, ConvSpec
from convlab.model.layers.base import Layer, Step
from convlab.model.layers.explained import FunctionOfValue, Operands
from convlab.model.layers.parameters import Choice, Number, Parameter
from convlab.model.layers.reach import Numbers, Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a value.

    title: torch.nn's class of it, or where `method` of tensors alone its own name. formula: for a person to read.
    value: of numbers. turns: where it turns from falling to rising; else it rises. least: where it begins.
    """

    title: str
    formula: str
    value: Callable[[Pointwise, Numbers], Numbers]
    turns: Callable[[Pointwise], tuple[float, ...]] = lambda _: ()
    least: float = -inf
    method: bool = False


def _gelu(layer: Pointwise, x: Numbers) -> Numbers:
    """x · Φ(x), or as torch.nn.GELU approximates it by tanh (D. Hendrycks, K. Gimpel: Gaussian Error Linear Units,
    2016)."""
    if layer.approximate == "tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * (1 + np.vectorize(erf, otypes=[np.float64])(x / sqrt(2))))


GELU_LEAST = {"none": -0.7517915246935645, "tanh": -0.7524614220710162}
"""Where it is least: the zero of its derivative Φ(x) + x · φ(x), and of the approximation's."""

GELU_BY_TANH = "x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))"

FUNCTIONS = {
    "relu": Function("ReLU", "max(0, x)", lambda _, x: np.maximum(x, 0)),
    "leaky_relu": Function(
        "LeakyReLU",
        "x ≥ 0: x;   x < 0: negative_slope · x",
        lambda layer, x: np.where(x < 0, layer.negative_slope * x, x),
        lambda layer: (0.0,) if layer.negative_slope < 0 else (),
    ),
    "sigmoid": Function("Sigmoid", "1 / (1 + e⁻ˣ)", lambda _, x: 1 / (1 + np.exp(-x))),
    "tanh": Function("Tanh", "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)", lambda _, x: np.tanh(x)),
    "gelu": Function("GELU", "x · Φ(x)", _gelu, lambda layer: (GELU_LEAST[layer.approximate],)),
    "square": Function("square", "x²", lambda _, x: x * x, lambda _: (0.0,), method=True),
    "sqrt": Function(  # of a negative value no number, which has no shade
        "sqrt", "√x", lambda _, x: np.sqrt(np.maximum(x, 0)), least=0.0, method=True
    ),
}
"""By torch's name, in the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class Pointwise(Layer):
    """A function of each value by itself, a name in FUNCTIONS. negative_slope counts for leaky_relu only, approximate
    for gelu."""

    function: str = "relu"
    negative_slope: float = 0.01
    approximate: str = "none"

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Choice(
            "function",
            QT_TRANSLATE_NOOP("model", "Function of each value"),
            tuple((name, function.title) for name, function in FUNCTIONS.items()),
        ),
        Number(
            "negative_slope",
            QT_TRANSLATE_NOOP("model", "What values below 0 are multiplied by"),
            -10,
            10,
            decimals=4,
            step=0.01,
            when=("function", "leaky_relu"),
        ),
        Choice(
            "approximate",
            QT_TRANSLATE_NOOP("model", "Exactly, or by tanh"),
            (("none", "none"), ("tanh", "tanh")),
            when=("function", "gelu"),
        ),
    )

    @classmethod
    def offered(cls) -> tuple[Pointwise, ...]:
        """Each function."""
        return tuple(cls(name) for name in FUNCTIONS)

    @property
    def is_function(self) -> bool:
        """It is."""
        return True

    @property
    def activation(self) -> str:
        """Its name."""
        return self.function if self.function in ACTIVATIONS else ""

    @property
    def kind(self) -> str:
        """torch's name of it."""
        return FUNCTIONS[self.function].title

    @property
    def about(self) -> Message:
        """Its formula."""
        return message(self.formula)

    @property
    def formula(self) -> str:
        """For a person to read."""
        by_tanh = (self.function, self.approximate) == ("gelu", "tanh")
        return GELU_BY_TANH if by_tanh else FUNCTIONS[self.function].formula

    def reach(self, read: Reach) -> Reach:
        """Its extremes are at the ends, and where it turns between them."""
        function, found = FUNCTIONS[self.function], [read.low, read.high]
        turns = function.turns(self)
        found += [np.clip(turn, read.low, read.high) for turn in turns]
        values = np.stack([function.value(self, each) for each in found])
        rises = read.low >= max(turns, default=-inf)
        defined = read.defined and bool((read.low >= function.least).all())
        return Reach(values.min(0), values.max(0), function.value(self, read.white), read.rising & rises, defined)

    def explained(self, read: Operands, output: int) -> FunctionOfValue:
        """Of the one value; no number where the function is not defined."""
        function, x = FUNCTIONS[self.function], np.array([read.x])
        with np.errstate(all="ignore"):
            made = nan if read.x < function.least else float(function.value(self, x)[0])
        return FunctionOfValue(self.kind, self.formula, read.x, made)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """A module with the function's own parameters, or a method of tensors."""
        function = FUNCTIONS[self.function]
        if function.method:
            return (Step(self.function),)
        own = [repr(self.value(each.name)) for each in self.PARAMETERS if each.when == ("function", self.function)]
        return (Step("act", f"nn.{function.title}({', '.join(own)})"),)
