"""Whole-kernel actions: pure functions from one kernel to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message

Kernel = NDArray[np.float64]
Action = Callable[[Kernel], Kernel]
RandomKind = Literal["default", "uniform", "normal"]


def flip_horizontal(kernel: Kernel) -> Kernel:
    """Left and right changed."""
    return kernel[:, ::-1].copy()


def flip_vertical(kernel: Kernel) -> Kernel:
    """Top and bottom changed."""
    return kernel[::-1].copy()


def rotate_180(kernel: Kernel) -> Kernel:
    """Flipped both ways: cross-correlation with the result is convolution with `kernel`."""
    return kernel[::-1, ::-1].copy()


def rotate_90(kernel: Kernel) -> Kernel:
    """A quarter turn counter-clockwise."""
    return np.rot90(kernel).copy()


def transpose(kernel: Kernel) -> Kernel:
    """Rows become columns."""
    return kernel.T.copy()


def negate(kernel: Kernel) -> Kernel:
    """Every sign changed; no −0."""
    return 0.0 - kernel


def zero(kernel: Kernel) -> Kernel:
    """All 0."""
    return np.zeros_like(kernel)


def scale(factor: float) -> Action:
    """Every weight times `factor`."""
    return lambda kernel: kernel * factor


def normalize_sum(kernel: Kernel) -> Kernel:
    """Divided by its sum, so that flat areas keep their brightness; ConvLabError when the sum is 0."""
    total = kernel.sum()
    if abs(total) <= 1e-12 * np.abs(kernel).sum():
        text = QT_TRANSLATE_NOOP(
            "model", "This kernel's weights sum to 0, so no factor makes the sum 1; the absolute sum can be 1."
        )
        raise ConvLabError(message(text))
    return np.asarray(kernel / total)


def normalize_absolute_sum(kernel: Kernel) -> Kernel:
    """Divided by the sum of magnitudes, so that values of 0…1 stay within ±1; ConvLabError for a kernel of zeros."""
    total = np.abs(kernel).sum()
    if total == 0:
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "This kernel is all 0: no factor makes its sum 1.")))
    return np.asarray(kernel / total)


def random_action(kind: RandomKind, seed: int, fan_in: int, spread: float = 1.0) -> Action:
    """Fills kernel after kernel from one generator, so that a seed gives the same numbers again.

    'default' is nn.Conv2d's own initialisation, uniform in ±1/√fan_in, where fan_in = in_channels / groups ·
    kH · kW (reset_parameters in torch.nn.modules.conv); 'uniform' is within ±spread, 'normal' has the standard
    deviation `spread`.
    """
    generator = np.random.default_rng(seed)

    def fill(kernel: Kernel) -> Kernel:
        if kind == "normal":
            return generator.normal(0, spread, kernel.shape)
        bound = 1 / sqrt(fan_in) if kind == "default" else spread
        return generator.uniform(-bound, bound, kernel.shape)

    return fill


@dataclass(frozen=True, slots=True)
class NamedAction:
    """An action in a menu: its name, its title marked for translation, and what it does."""

    name: str
    title: str
    action: Action


ACTIONS = (
    NamedAction("flip-horizontal", QT_TRANSLATE_NOOP("model", "Flip left and right"), flip_horizontal),
    NamedAction("flip-vertical", QT_TRANSLATE_NOOP("model", "Flip top and bottom"), flip_vertical),
    NamedAction("rotate-90", QT_TRANSLATE_NOOP("model", "Rotate by 90°"), rotate_90),
    NamedAction("rotate-180", QT_TRANSLATE_NOOP("model", "Rotate by 180°"), rotate_180),
    NamedAction("transpose", QT_TRANSLATE_NOOP("model", "Transpose"), transpose),
    NamedAction("negate", QT_TRANSLATE_NOOP("model", "Negate"), negate),
    NamedAction("normalize-sum", QT_TRANSLATE_NOOP("model", "Normalise: sum 1"), normalize_sum),
    NamedAction("normalize-abs", QT_TRANSLATE_NOOP("model", "Normalise: absolute sum 1"), normalize_absolute_sum),
    NamedAction("zero", QT_TRANSLATE_NOOP("model", "Zero"), zero),
)
"""Those that need no number, in the order of the menu."""
