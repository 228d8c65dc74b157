"""Layers of which a value reads other channels than its own, as torch computes them."""

from __future__ import annotations

import torch

from convlab.engine.kinds.base import Samples
from convlab.model.layers.softmax import Softmax


def shared_out(_layer: Softmax, samples: Samples) -> torch.Tensor:
    """Over the channels."""
    return torch.softmax(samples.values, 0)
