"""Functions of single values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import erf, inf, nan, pi, sqrt
from typing import ClassVar

import numpy as np

from convlab.model.code import placed
from convlab.model.layer import ACTIVATIONS, ConvSpec
from convlab.model.layers.base import FloatArray, Layer, Shape, Step
from convlab.model.layers.conv_parameters import MOST_CHANNELS
from convlab.model.layers.explained import FunctionOfValue, Operands
from convlab.model.layers.parameters import ChannelNumbers, Choice, Number, Parameter, WholeNumber
from convlab.model.layers.parameters import Numbers as ChannelValues
from convlab.model.layers.reach import Numbers, Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.numbers import format_weight
from convlab.model.problems import Limits, Problem


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

SILU_LEAST = -1.2784645427610738
"""Where x · sigmoid(x) is least: the zero of its derivative, 1 + x · (1 − sigmoid(x))."""

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
    "relu6": Function("ReLU6", "min(max(0, x), 6)", lambda _, x: np.clip(x, 0, 6)),
    "hardtanh": Function(
        "Hardtanh", "min(max(min_val, x), max_val)", lambda layer, x: np.clip(x, layer.min_val, layer.max_val)
    ),
    "silu": Function("SiLU", "x / (1 + e⁻ˣ)", lambda _, x: x / (1 + np.exp(-x)), lambda _: (SILU_LEAST,)),
    "square": Function("square", "x²", lambda _, x: x * x, lambda _: (0.0,), method=True),
    "sqrt": Function(  # of a negative value no number, which has no shade
        "sqrt", "√x", lambda _, x: np.sqrt(np.maximum(x, 0)), least=0.0, method=True
    ),
}
"""By torch's name, in the order in which they are offered."""


def _end(name: str, tip: str) -> Number:
    return Number(name, tip, -1000, 1000, decimals=4, step=0.1, when=("function", "hardtanh"))


@dataclass(frozen=True, slots=True)
class Pointwise(Layer):
    """A function of each value by itself, a name in FUNCTIONS. negative_slope counts for leaky_relu only, approximate
    for gelu, min_val and max_val for hardtanh."""

    function: str = "relu"
    negative_slope: float = 0.01
    approximate: str = "none"
    min_val: float = -1.0
    max_val: float = 1.0

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
        _end("min_val", QT_TRANSLATE_NOOP("model", "What smaller values become")),
        _end("max_val", QT_TRANSLATE_NOOP("model", "What larger values become; above min_val")),
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

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Of Hardtanh a max_val that is not above min_val."""
        if self.function != "hardtanh" or self.max_val > self.min_val:
            return ()
        text, works = (
            QT_TRANSLATE_NOOP("model", "max_val {most} must be above min_val {least}: {works} works."),
            self.min_val + 1,
        )
        numbers = {"most": self.max_val, "least": self.min_val, "works": works}
        said = message(text, **{name: format_weight(number) for name, number in numbers.items()})
        return (Problem("max_val", said, works),)

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


PRELU_FORMULA = "x ≥ 0: x;   x < 0: weight · x"


@dataclass(frozen=True, slots=True)
class PReLU(Layer):
    """x where that is 0 or more, else weight · x, with one weight or one for each channel (K. He, X. Zhang, S. Ren,
    J. Sun: Delving Deep into Rectifiers, 2015).

    init: what weights begin with, so all the weights that are not in `weight`; the one weight where there is but one.
    """

    num_parameters: int = 1
    init: float = 0.25
    weight: ChannelValues = ()

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        WholeNumber(
            "num_parameters",
            QT_TRANSLATE_NOOP("model", "How many weights: 1, or one for each channel"),
            1,
            MOST_CHANNELS,
            path="prelu.num_parameters",
        ),
        Number(
            "init",
            QT_TRANSLATE_NOOP("model", "What values below 0 are multiplied by, where no channel has its own weight"),
            -10,
            10,
            decimals=4,
            step=0.01,
            path="prelu.init",
        ),
        ChannelNumbers(
            "weight",
            QT_TRANSLATE_NOOP("model", "What values of each channel below 0 are multiplied by"),
            0.25,
            path="prelu.weight",
        ),
    )

    def shown(self, parameter: Parameter) -> bool:
        """One weight is the number that it begins with; several are a table."""
        return parameter.name != ("weight" if self.num_parameters == 1 else "init")

    def channel_numbers(self, parameter: ChannelNumbers, channels: int) -> ChannelValues:
        """Continued by `init`."""
        return self._continued(channels)

    def _continued(self, channels: int) -> ChannelValues:
        return self.weight[:channels] + (self.init,) * (channels - len(self.weight))

    @property
    def kind(self) -> str:
        """torch's class."""
        return "PReLU"

    @property
    def about(self) -> Message:
        """Its formula."""
        return message(PRELU_FORMULA)

    @property
    def is_function(self) -> bool:
        """With one weight it is."""
        return self.num_parameters == 1

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """Neither one weight nor as many as channels."""
        if self.num_parameters in (1, shape.channels):
            return ()
        text = QT_TRANSLATE_NOOP("model", "num_parameters {given} is neither 1 nor the number of channels, {channels}.")
        said = message(text, given=self.num_parameters, channels=shape.channels)
        return (Problem("num_parameters", said, shape.channels),)

    def parameter_count(self, channels: int) -> int:
        """Its weights."""
        return self.num_parameters

    def weights(self) -> FloatArray:
        """float64 [num_parameters]."""
        if self.num_parameters == 1:
            return np.array([self.init])
        return np.array(self._continued(self.num_parameters))

    def reach(self, read: Reach) -> Reach:
        """Its extremes are at the ends, and at 0 between them, where a negative weight turns it."""
        weight = self.weights()
        ends = (read.low, read.high, np.clip(0.0, read.low, read.high), read.white)
        low, high, turn, white = (np.where(x < 0, weight * x, x) for x in ends)
        values = np.stack([low, high, turn])
        rises = (weight >= 0) | (read.low >= 0)
        return Reach(values.min(0), values.max(0), white, read.rising & rises, read.defined)

    def explained(self, read: Operands, output: int) -> FunctionOfValue:
        """With the channel's own weight."""
        weights = read.rounded(self.weights())
        weight = float(weights[min(output, len(weights) - 1)])
        return FunctionOfValue(self.kind, PRELU_FORMULA, read.x, weight * read.x if read.x < 0 else read.x)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.PReLU(…)`, with its numbers where channels have their own."""
        if self.num_parameters == 1:
            return (Step("act", f"nn.PReLU({', '.join([*self.arguments('init'), *placed(shared)])})"),)
        made = ", ".join([str(self.num_parameters), *placed(shared)])
        return (Step("act", f"nn.PReLU({made})", (("weight", self.weights()),)),)


@dataclass(frozen=True, slots=True)
class Dropout(Layer):
    """Values as they are: training alone leaves out a share p of them (N. Srivastava et al.: Dropout, 2014)."""

    p: float = 0.5

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Number(
            "p",
            QT_TRANSLATE_NOOP(
                "model", "How likely training leaves a value out; the maps here are those after training"
            ),
            0,
            1,
            decimals=2,
            step=0.1,
            path="dropout.p",
        ),
    )

    @property
    def kind(self) -> str:
        """torch's class."""
        return "Dropout"

    @property
    def about(self) -> Message:
        """What it does, and when."""
        return message(QT_TRANSLATE_NOOP("model", "x as it is (eval mode); training leaves values out at random."))

    @property
    def is_function(self) -> bool:
        """It is."""
        return True

    def problems(self, shape: Shape, limits: Limits | None = None, first: bool = True) -> tuple[Problem, ...]:
        """A share that is none."""
        if 0 <= self.p <= 1:
            return ()
        works = min(max(self.p, 0.0), 1.0)
        text = QT_TRANSLATE_NOOP("model", "p {given} is no share from 0 to 1: {works} works.")
        return (Problem("p", message(text, given=format_weight(self.p), works=format_weight(works)), works),)

    def reach(self, read: Reach) -> Reach:
        """That of the input."""
        return read

    def explained(self, read: Operands, output: int) -> FunctionOfValue:
        """The value."""
        return FunctionOfValue(self.kind, "x", read.x, read.x)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.Dropout(…)`."""
        return (Step("drop", f"nn.Dropout({', '.join(self.arguments('p'))})"),)
