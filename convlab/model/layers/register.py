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
from convlab.model.message import QT_TRANSLATE_NOOP

FAMILIES: tuple[tuple[str, tuple[type[Layer], ...]], ...] = (
    (QT_TRANSLATE_NOOP("model", "Functions"), (Pointwise, PReLU, Softmax, Dropout)),
    (QT_TRANSLATE_NOOP("model", "Pooling and resampling"), (Pool, AdaptiveAvgPool, Upsample)),
    (QT_TRANSLATE_NOOP("model", "Normalisation"), (BatchNorm, GroupNorm, InstanceNorm, Normalize)),
    (QT_TRANSLATE_NOOP("model", "Padding"), (Pad,)),
)
"""What is offered beside convolutions, in this order."""

LAYERS: tuple[type[Layer], ...] = (ConvLayer, *(kind for _, kinds in FAMILIES for kind in kinds))
