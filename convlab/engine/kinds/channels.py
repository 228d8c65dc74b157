"""Layers of which a value reads other channels than its own, as torch computes them."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.engine.kinds.base import Samples
from convlab.model.layers.normalize import Normalize
from convlab.model.layers.softmax import Softmax


def shared_out(_layer: Softmax, samples: Samples) -> torch.Tensor:
    """Over the channels."""
    return torch.softmax(samples.values, 0)


def normalized(layer: Normalize, samples: Samples) -> torch.Tensor:
    """Turned round where the layer does that; with given mean and deviation of each channel."""
    values = samples.values.flip(0) if layer.order == "bgr" else samples.values
    mean, factor = (samples.numbers(each) for each in layer.numbers(len(values)))
    return F.batch_norm(values.unsqueeze(0), mean, torch.ones_like(mean), factor, None, False, 0.0, 0.0)[0]
