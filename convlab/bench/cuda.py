"""A photo of 100 megapixels on a CUDA device: an edit's tiles, refined, ready as 8-bit pixels in host memory."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter

from convlab.app.rendering import refine, render
from convlab.app.tiles import Panel, RenderRequest, TileStore
from convlab.bench.noise import noise_document
from convlab.bench.rows import Row, timed_row
from convlab.engine.device import limits
from convlab.engine.evaluate import Evaluator
from convlab.model import edits
from convlab.model.maps import edited
from convlab.model.view import TileKey, ViewState

ROUNDS, WARM_UP = 50, 5
FRAME_MS = 1000 / 60


def cuda_rows() -> Iterator[Row]:
    """Preview alone, and preview with refinement."""
    devices = [device for device in limits().devices if device.startswith("cuda")]
    if not devices:
        yield Row("cuda", "edit → refined tiles, 100 MP, on CUDA", None, note="no CUDA device")
        return
    yield from device_rows(devices[0], 100)


def device_rows(device: str, megapixels: float) -> Iterator[Row]:
    """The same on any device."""
    document = noise_document(megapixels, device=device)
    panels = (
        Panel((198, 264), tuple(TileKey("map", output) for output in range(6))),
        Panel((198, 264), tuple(TileKey("contribution", channel) for channel in range(3))),
    )
    evaluator, store = Evaluator(), TileStore()
    preview: list[float] = []
    refined: list[float] = []
    for number in range(WARM_UP + ROUNDS):
        document = edits.set_weight(document, (0, 0, 0, 0), 0.5 + number / 100)
        request = RenderRequest(edited(document), ViewState(), panels)
        start = perf_counter()
        render(request, evaluator, _go_on, store)
        preview.append(perf_counter() - start)
        refine(request, evaluator, _go_on)
        result = render(request, evaluator, _go_on, store)
        refined.append(perf_counter() - start)
        assert result.exact
    yield timed_row("cuda", f"edit → tiles, {megapixels:g} MP, {device}", preview[WARM_UP:], None)
    row = timed_row("cuda", f"edit → refined tiles, {megapixels:g} MP, {device}", refined[WARM_UP:], round(FRAME_MS, 1))
    yield row
    assert median(refined) >= median(preview)


def _go_on() -> None:
    """No newer request."""
