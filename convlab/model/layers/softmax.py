"""Softmax over the channels: what the values of all channels at one place amount to as shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Layer, Step
from convlab.model.layers.explained import Operands, ShareOfChannels
from convlab.model.layers.parameters import Parameter, WholeNumber
from convlab.model.layers.reach import Numbers, Reach
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message


@dataclass(frozen=True, slots=True)
class Softmax(Layer):
    """e to the value, by the sum of that over all channels at the same place, as nn.Softmax(dim=1)."""

    dim: int = 1

    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        WholeNumber(
            "dim", QT_TRANSLATE_NOOP("model", "The axis over which it adds: 1, channels"), 1, 1, path="softmax"
        ),
    )

    @property
    def kind(self) -> str:
        """torch's class."""
        return "Softmax"

    @property
    def about(self) -> Message:
        """Its formula."""
        return message(
            QT_TRANSLATE_NOOP("model", "eˣ / Σ eˣ over all channels at one place: shares, which add up to 1.")
        )

    def read_channels(self, output: int, channels: int) -> range:
        """All."""
        return range(channels)

    def reach(self, read: Reach) -> Reach:
        """Least where the others are largest, and the other way round."""
        low, high = (_share(own, others) for own, others in ((read.low, read.high), (read.high, read.low)))
        return Reach(low, high, _share(read.white, read.white), np.zeros(len(low), bool), read.defined)

    def explained(self, read: Operands, output: int) -> ShareOfChannels:
        """Of all channels' values."""
        return ShareOfChannels(read.values[:, 0, 0, 0], output)

    def steps(self, channels: int, shared: ConvSpec) -> tuple[Step, ...]:
        """`nn.Softmax(dim=1)`."""
        return (Step("softmax", f"nn.Softmax(dim={self.dim})"),)


def _share(own: Numbers, others: Numbers) -> Numbers:
    """Of each channel, where it has `own` and the other channels have `others`: 1 / Σ e to the difference."""
    apart = others[None, :] - own[:, None]
    np.fill_diagonal(apart, 0.0)
    shares: Numbers = 1 / np.exp(apart).sum(axis=1)
    return shares
