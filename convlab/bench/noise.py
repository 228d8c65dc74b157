"""What is measured on: photos of noise, 4 : 3."""

from __future__ import annotations

import numpy as np

from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.source import Source
from convlab.model.weights import default_weight


def noise_photo(megapixels: float) -> Source:
    """8-bit RGB; the same for the same size."""
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    pixels = np.random.default_rng(0).integers(0, 256, (width * 3 // 4, width, 3), np.uint8)
    return Source("noise", pixels, ("R", "G", "B"), 255)


def noise_document(megapixels: float, outputs: int = 6, kernel: int = 3, device: str = "cpu") -> Document:
    """Such a photo under a 3 → outputs layer."""
    spec = ConvSpec(out_channels=outputs, kernel_size=(kernel, kernel), device=device)
    return new_document(noise_photo(megapixels), spec, default_weight(spec, 0))
