"""Speed of the live path and of full size, against plain torch in the same run.

.venv/bin/python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.weights import default_weight


def document(megapixels: int, outputs: int = 6, kernel: int = 3) -> Document:
    """A photo of noise, 4:3, under a 3 → outputs layer."""
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    pixels = np.random.default_rng(0).integers(0, 256, (width * 3 // 4, width, 3), np.uint8)
    spec = ConvSpec(out_channels=outputs, kernel_size=(kernel, kernel))
    return new_document(Source("noise", pixels, ("R", "G", "B"), 255), spec, default_weight(spec, 0))


@pytest.mark.parametrize(
    ("megapixels", "outputs", "kernel"), [(1, 6, 3), (12, 6, 3), (100, 6, 3), (12, 64, 3), (12, 6, 11)]
)
def test_edit_one_weight_to_values(benchmark: BenchmarkFixture, megapixels: int, outputs: int, kernel: int) -> None:
    """One weight changes, and the maps at the pixels of a 500-pixel tile are evaluated again."""
    state = {"document": document(megapixels, outputs, kernel), "value": 0.0}
    evaluator = Evaluator()
    height, width = state["document"].output_size
    region = whole(height, width, max(1, width // 500))
    evaluator.live(state["document"], region, map_filters(state["document"], range(outputs)))

    def edit() -> None:
        state["value"] += 0.01
        state["document"] = edits.set_weight(state["document"], (0, 0, 0, 0), state["value"])
        evaluator.live(state["document"], region, map_filters(state["document"], range(outputs)))

    benchmark(edit)


def test_full_size_against_plain_torch(benchmark: BenchmarkFixture) -> None:
    """12 megapixels, 3 → 6, 3×3, compute alone; extra_info has the ratio to F.conv2d on a contiguous tensor."""
    doc = document(12)
    evaluator, region = Evaluator(), whole(*doc.output_size)
    photo = torch.from_numpy(doc.source.pixels.copy()).permute(2, 0, 1)[None].float().div(255).contiguous()
    weight = torch.from_numpy(doc.weight.copy()).float()
    times = []
    for _ in range(5):
        start = perf_counter()
        torch.conv2d(photo, weight, padding="same")
        times.append(perf_counter() - start)
    benchmark.pedantic(lambda: evaluator.maps(doc, region, range(6)), rounds=5, warmup_rounds=1)
    benchmark.extra_info["times faster than torch"] = sorted(times)[2] / benchmark.stats.stats.median
