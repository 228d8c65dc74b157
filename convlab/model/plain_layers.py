"""Layers without kernels, under their first address: they are described in `model.layers`."""

from convlab.model.layers.norm import BatchNorm
from convlab.model.layers.pointwise import FUNCTIONS, Pointwise
from convlab.model.layers.pool import Pool

__all__ = ["FUNCTIONS", "BatchNorm", "Pointwise", "Pool"]
