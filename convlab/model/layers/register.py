"""Every kind of layer; engine.kinds has a register of its own, and a test compares them."""

from __future__ import annotations

from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.base import Layer
from convlab.model.layers.conv import ConvLayer
from convlab.model.layers.norm import BatchNorm, GroupNorm, InstanceNorm
from convlab.model.layers.normalize import Normalize
from convlab.model.layers.pad import Pad
from convlab.model.layers.pointwise import Dropout, Pointwise, PReLU
from convlab.model.layers.pool import Pool
from convlab.model.layers.softmax import Softmax
from convlab.model.layers.upsample import Upsample

LAYERS: tuple[type[Layer], ...] = (
    ConvLayer,
    Pointwise,
    PReLU,
    Pool,
    AdaptiveAvgPool,
    Upsample,
    BatchNorm,
    GroupNorm,
    InstanceNorm,
    Normalize,
    Pad,
    Softmax,
    Dropout,
)
"""In the order in which they are offered."""
