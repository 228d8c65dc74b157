"""Speed of the live path and of full size, beside others in the same run.

.venv/bin/python -m pytest tests/benchmarks --benchmark-only
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from convlab.bench.noise import noise_document, noise_photo
from convlab.bench.peers import Work, contestants
from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.kernels import gaussian, sobel_x
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.region import whole


@pytest.mark.parametrize(
    ("megapixels", "outputs", "kernel"), [(1, 6, 3), (12, 6, 3), (100, 6, 3), (12, 64, 3), (12, 6, 11)]
)
def test_edit_one_weight_to_values(benchmark: BenchmarkFixture, megapixels: int, outputs: int, kernel: int) -> None:
    """One weight changes, and the maps at the pixels of a 500-pixel tile are evaluated again."""
    state = {"document": noise_document(megapixels, outputs, kernel), "value": 0.0}
    evaluator = Evaluator()
    height, width = state["document"].output_size
    region = whole(height, width, max(1, width // 500))

    def edit() -> None:
        state["value"] += 0.01
        state["document"] = edits.set_weight(state["document"], (0, 0, 0, 0), state["value"])
        maps = edited(state["document"])
        evaluator.live(maps, region, map_filters(maps, range(outputs)))

    benchmark.pedantic(edit, rounds=40, warmup_rounds=5)


def depthwise(kernel: np.ndarray) -> Document:
    spec = ConvSpec(3, 3, kernel.shape, groups=3, bias=False)
    return new_document(noise_photo(12), spec, np.stack([kernel[None]] * 3))


FULL = {
    "3→6 3×3": lambda: noise_document(12),
    "depthwise Sobel": lambda: depthwise(sobel_x()),
    "depthwise Gaussian 31×31": lambda: depthwise(gaussian(5.0)),
}


@pytest.mark.parametrize("name", FULL)
def test_full_size(benchmark: BenchmarkFixture, name: str) -> None:
    """12 megapixels, compute alone; extra_info has how many times our median each peer takes, but for large kernels."""
    document = FULL[name]()
    evaluator, region, outputs = Evaluator(), whole(*document.output_size), range(document.conv.spec.out_channels)
    benchmark.pedantic(lambda: evaluator.maps(edited(document), region, outputs), rounds=5, warmup_rounds=1)
    if document.conv.spec.kernel_size != (3, 3):
        return
    work = Work(document.source.pixels, document.conv.weight.astype(np.float32), document.conv.spec.groups)
    for peer, run in contestants(work).items():
        run()
        start = perf_counter()
        run()
        benchmark.extra_info[peer] = (perf_counter() - start) / benchmark.stats.stats.median


@pytest.mark.parametrize("megapixels", [12, 100])
def test_refinement(benchmark: BenchmarkFixture, megapixels: int) -> None:
    """Area averages, limits and a histogram of six maps from every pixel."""
    document = noise_document(megapixels)
    height, width = document.output_size
    filters, region = map_filters(edited(document), range(6)), whole(height, width, max(1, width // 500))

    def refined() -> None:
        Evaluator().refine(edited(document), region, filters, counted=filters[:1])

    benchmark.pedantic(refined, rounds=3, warmup_rounds=1)
