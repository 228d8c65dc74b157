"""Whole maps of 12 megapixels, compute alone, beside other libraries doing the same work in the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import numpy as np

from convlab.bench.noise import noise_photo
from convlab.bench.peers import PEERS, Work, contestants
from convlab.bench.rows import Row
from convlab.engine.device import limits
from convlab.engine.evaluate import Evaluator, Maps
from convlab.model.document import Document, new_document
from convlab.model.kernels import sobel_x
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.region import whole
from convlab.model.weights import default_weight

MEGAPIXELS, ROUNDS = 12, 7
AT_LEAST = dict(zip(PEERS, (2.0, 1.0, None, 2.0, 2.0), strict=True))
"""How many times our time each takes at least: OpenCV's arithmetic alone is shown, without a bar."""
CASES = {"depthwise": "depthwise Sobel", "dense": "3→6, 3×3"}


def full_rows() -> Iterator[Row]:
    """Depthwise Sobel and a dense 3 → 6 layer."""
    for case, what in CASES.items():
        yield from _compared(what, case_document(case, MEGAPIXELS))


def case_document(case: str, megapixels: float) -> Document:
    """A photo of noise under one of the layers."""
    photo = noise_photo(megapixels)
    if case == "depthwise":
        return new_document(photo, ConvSpec(3, 3, (3, 3), groups=3, bias=False), np.stack([sobel_x()[None]] * 3))
    dense = ConvSpec(3, 6, (3, 3), bias=False)
    return new_document(photo, dense, default_weight(dense, 0))


def ours(case: str, megapixels: float) -> Callable[[], Maps]:
    """What computes the maps [outputs, H, W]; the stopwatch of another checkout asks for it by this name."""
    return _computed(case_document(case, megapixels))


def _computed(document: Document) -> Callable[[], Maps]:
    limits()
    evaluator, region = Evaluator(), whole(*document.output_size)
    return lambda: evaluator.maps(edited(document), region, range(document.conv.spec.out_channels))


def _compared(what: str, document: Document) -> Iterator[Row]:
    work = Work(document.source.pixels, document.conv.kernel_slices.astype(np.float32), document.conv.spec.groups)
    racers = {"convlab": _computed(document), **contestants(work)}
    wanted = racers["convlab"]()
    for name, run in racers.items():
        inside = (slice(None), slice(1, -1), slice(1, -1))
        if np.abs(run()[inside] - wanted[inside]).max() > 1e-3:
            raise RuntimeError(f"{name} gives another result than convlab")
    times: dict[str, list[float]] = {name: [] for name in racers}
    for _ in range(ROUNDS):
        for name, run in racers.items():
            start = perf_counter()
            run()
            times[name].append(perf_counter() - start)
    own = median(times["convlab"])
    yield Row("full", f"{what}, {MEGAPIXELS} MP: convlab", own * 1000)
    for name in PEERS:
        if name not in times:
            yield Row("full", f"  {name}", None, note="not installed")
            continue
        ratio, least = median(times[name]) / own, AT_LEAST[name]
        bar = "" if least is None else f"≥ {least:g} times ours"
        holds = None if least is None else ratio >= least
        note = f"{ratio:.2g} times ours"
        yield Row("full", f"  {name}", median(times[name]) * 1000, bar=bar, holds=holds, note=note)
