"""How whole maps are computed in version 1, whose own benchmark has no function for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np


def whole_maps(case: str, megapixels: float) -> Callable[[], Any]:
    """What `convlab.bench.full_size.ours` gives in later programs, by version 1's names."""
    layer, weights = import_module("convlab.model.layer"), import_module("convlab.model.weights")
    noise, model = import_module("convlab.bench.noise"), import_module("convlab.model.document")
    photo = noise.noise_photo(megapixels)
    if case == "depthwise":
        spec = layer.ConvSpec(3, 3, (3, 3), groups=3, bias=False)
        sobel = import_module("convlab.model.kernels").sobel_x()
        document = model.new_document(photo, spec, np.stack([sobel[None]] * 3))
    else:
        spec = layer.ConvSpec(3, 6, (3, 3), bias=False)
        document = model.new_document(photo, spec, weights.default_weight(spec, 0))
    import_module("convlab.engine.device").limits()
    evaluator = import_module("convlab.engine.evaluate").Evaluator()
    region = import_module("convlab.model.region").whole(*document.output_size)
    return lambda: evaluator.maps(document, region, range(spec.out_channels))
