"""The engine as the worker thread sees it: imported there, never before the window is on screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from time import perf_counter
from typing import TYPE_CHECKING

from convlab.app.rendering import refine, render
from convlab.app.tiles import RenderRequest, RenderResult, TileStore
from convlab.app.worker import Checkpoint
from convlab.model.explanation import Explanation
from convlab.model.maps import LayerMaps
from convlab.model.pair import Pair
from convlab.model.problems import Limits
from convlab.model.region import Region
from convlab.model.view import TileKey
from convlab.render.source import channel_values

if TYPE_CHECKING:
    from convlab.engine.evaluate import Evaluator


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """The values of these tiles under the input position (y, x) are wanted."""

    maps: LayerMaps
    position: tuple[float, float]
    keys: tuple[TileKey, ...]
    output: int
    evaluable: bool


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """The value of map `output` at (row, column) is to be taken apart."""

    maps: LayerMaps
    output: int
    position: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairRequest:
    """The document's layer and its transpose are wanted, for y drawn from `seed`."""

    maps: LayerMaps
    seed: int


class Compute:
    """Owns the evaluator, which keeps so many bytes at most. All methods run on the worker thread."""

    def __init__(self, cache_bytes: int = 1_000_000_000) -> None:
        self._cache_bytes = cache_bytes
        self._evaluator: Evaluator | None = None
        self._store = TileStore()

    def start(self, _request: None, _checkpoint: Checkpoint) -> Limits:
        """Import torch (a second or two) and learn what the machine has."""
        from convlab.engine.device import limits

        self.evaluator()
        return limits()

    def evaluator(self) -> Evaluator:
        """The one evaluator, made on first use."""
        if self._evaluator is None:
            from convlab.engine.evaluate import Evaluator

            self._evaluator = Evaluator(self._cache_bytes)
        return self._evaluator

    def rest(self) -> None:
        """Nothing is to be done for a while."""
        if self._evaluator is not None:
            self._evaluator.kept.rest()

    def render(self, request: RenderRequest, checkpoint: Checkpoint) -> RenderResult:
        """Answer a render request."""
        return render(request, self.evaluator(), checkpoint, self._store)

    def refine(self, request: RenderRequest, checkpoint: Checkpoint) -> RenderResult:
        """Answer it again with area averages and true limits, in some time."""
        start = perf_counter()
        refine(request, self.evaluator(), checkpoint)
        result = render(request, self.evaluator(), checkpoint, self._store)
        return replace(result, seconds=perf_counter() - start)

    def probe(self, request: ProbeRequest, _checkpoint: Checkpoint) -> dict[TileKey, float]:
        """The values under the cursor, by tile; a tile that has no pixel there is left out."""
        values = _source_values(request)
        if request.evaluable:
            values |= self._map_values(request)
        return values

    def explain(self, request: ExplainRequest, _checkpoint: Checkpoint) -> Explanation:
        """Every tap of one output value."""
        from convlab.engine.explain import explain

        return explain(self.evaluator(), request.maps, request.output, *request.position)

    def pair(self, request: PairRequest, checkpoint: Checkpoint) -> Pair:
        """The layer and its transpose, for y of a seed."""
        from convlab.engine.pair import pair

        return pair(request.maps, request.seed, checkpoint)

    def _map_values(self, request: ProbeRequest) -> dict[TileKey, float]:
        maps = request.maps
        geometry = maps.geometry
        row, col = (floor(n) for n in geometry.from_input(*request.position))
        if not (0 <= row < geometry.size[0] and 0 <= col < geometry.size[1]):
            return {}
        region = Region(row, col, 1, 1)
        outputs = [key.index for key in request.keys if key.kind == "map"]
        found = self.evaluator().maps(maps, region, outputs) if outputs else ()
        values = {TileKey("map", o): float(m[0, 0]) for o, m in zip(outputs, found, strict=True)}
        if any(key.kind == "contribution" for key in request.keys):
            parts = self.evaluator().contributions(maps, region, request.output)
            values |= {TileKey("contribution", n): float(part[0, 0]) for n, part in enumerate(parts)}
        return values


def _source_values(request: ProbeRequest) -> dict[TileKey, float]:
    source = request.maps.picture
    row, col = (floor(n) for n in request.position)
    if not (0 <= row < source.size[0] and 0 <= col < source.size[1]):
        return {}
    region = Region(row, col, 1, 1)
    return {
        TileKey("input", index): float(channel_values(source, index, region)[0, 0])
        for index in range(source.channel_count)
    }
