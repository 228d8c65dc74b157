"""Functions of single values as torch computes them."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.kinds.base import Samples
from convlab.model.layers.pointwise import Dropout, Pointwise, PReLU

Compute = Callable[[Pointwise, torch.Tensor, bool], torch.Tensor]
"""Of values, in their place where nobody else sees them."""


def _of_torch(name: str) -> Compute:
    """A function that torch has in both ways."""
    apart, in_place = getattr(torch, name), getattr(torch, f"{name}_")
    return lambda _, values, fresh: (in_place if fresh else apart)(values)


FUNCTIONS: dict[str, Compute] = {
    "relu": _of_torch("relu"),
    "leaky_relu": lambda layer, values, fresh: F.leaky_relu(values, layer.negative_slope, inplace=fresh),
    "sigmoid": _of_torch("sigmoid"),
    "tanh": _of_torch("tanh"),
    "gelu": lambda layer, values, _: F.gelu(values, approximate=layer.approximate),
    "relu6": lambda _, values, fresh: F.relu6(values, inplace=fresh),
    "hardtanh": lambda layer, values, fresh: F.hardtanh(values, layer.min_val, layer.max_val, inplace=fresh),
    "silu": lambda _, values, fresh: F.silu(values, inplace=fresh),
    "square": _of_torch("square"),
    "sqrt": _of_torch("sqrt"),
}
"""By torch's name."""


def pointwise(layer: Pointwise, samples: Samples) -> torch.Tensor:
    """The function of each value."""
    return FUNCTIONS[layer.function](layer, samples.values, samples.fresh)


def parametric(layer: PReLU, samples: Samples) -> torch.Tensor:
    """With one weight, or one for each channel."""
    return F.prelu(samples.values.unsqueeze(0), samples.numbers(layer.weights()))[0]


def dropped_out(layer: Dropout, samples: Samples) -> torch.Tensor:
    """As in eval mode, in memory of its own: a layer after it may write over what it reads."""
    return samples.values if samples.fresh else samples.values.clone()
