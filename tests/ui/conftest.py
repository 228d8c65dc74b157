"""A small photo under a small layer, for tests of single widgets."""

from __future__ import annotations

import numpy as np
import pytest

from convlab.app.session import Session
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.source import Source


@pytest.fixture
def session() -> Session:
    """A session on a 12 × 16 RGB photo with a 3 → 6 layer of distinct weights."""
    pixels = np.random.default_rng(1).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    layer = ConvSpec(out_channels=6)
    weight = np.random.default_rng(2).normal(size=layer.weight_shape)
    bias = np.random.default_rng(3).normal(size=layer.out_channels)
    return Session(new_document(Source("photo.png", pixels, ("R", "G", "B"), 255.0), layer, weight, bias))
