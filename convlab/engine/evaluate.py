"""The one question: the values of these maps, in this output region, at every step-th pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray

from convlab.engine.area import Averager, block_bands, covered
from convlab.engine.bands import GATHERED_BYTES, band_rows, batches, gathered_bytes, stream_bytes
from convlab.engine.bank import FilterBank
from convlab.engine.chain import Chain, Values, samples
from convlab.engine.computing import computing
from convlab.engine.feature_map import FeatureMap, shown
from convlab.engine.filters import Filter, contribution_filters, map_filters
from convlab.engine.gather import Gathered, compute_dtype, stored_tensor, unsigned
from convlab.engine.kinds.base import Moments
from convlab.engine.kinds.register import through
from convlab.engine.memory import Budget, Memory
from convlab.engine.program import Program, Programs
from convlab.engine.scratch import Scratch
from convlab.engine.statistics import Counter, Statistics
from convlab.engine.threads import all_threads, threads_for
from convlab.engine.transfer import to_host
from convlab.engine.whole_map import KEPT, WholeMaps
from convlab.model.maps import LayerMaps
from convlab.model.region import Region, overview, whole
from convlab.model.source import Source
from convlab.model.view import Negatives

Maps = NDArray[np.floating]
Doubles = NDArray[np.float64]
Checkpoint = Callable[[], None]
Key = tuple[object, ...]

CACHE_BYTES = 1_000_000_000
"""Samples, layers' values and maps that are kept, together."""


@dataclass(frozen=True, slots=True)
class _Counting:
    """What a pass over whole maps counts beside their ranges: of which filters the values, and the magnitudes."""

    histograms: set[Key]
    measured: bool


class Evaluator:
    """Evaluates maps; remembers the uploaded photo, gathered neighbourhoods, the last maps and refinements.

    Memory only saves time: every answer is what a new Evaluator gives. Not for use by two threads at once.
    `checkpoint` is called between bands and may raise to stop, which leaves nothing half done. Every method
    needs layers without problems, and raises ConvLabError when memory runs out. cache_bytes: what is kept at most.
    """

    def __init__(self, cache_bytes: int = CACHE_BYTES) -> None:
        self._uploaded: tuple[Source, torch.device, torch.Tensor] | None = None
        self.kept = budget = Budget(cache_bytes)
        self._gathered: Memory[Gathered] = budget.memory(lambda each: each.nbytes)
        self._layer_values: Values = budget.memory(lambda each: each[1].untyped_storage().nbytes())
        self._maps: Memory[FeatureMap] = budget.memory(lambda each: each.nbytes)
        self._statistics: Memory[Statistics] = budget.memory(lambda each: each.nbytes)
        self._source_averages: Memory[NDArray[np.generic]] = budget.memory(lambda each: each.nbytes)
        self._moments: Memory[Moments] = Memory(KEPT, lambda _: 1)
        self._programs = Programs(budget)

    # Values

    def maps(
        self,
        maps: LayerMaps,
        region: Region,
        outputs: Sequence[int],
        checkpoint: Checkpoint | None = None,
        out: Maps | None = None,
    ) -> Maps:
        """Feature maps of `outputs` in `region`: [len(outputs), region.rows, region.cols], float32 or float64.

        The layer's output after bias and activation; half types are computed from operands of that type,
        accumulated in float32 and rounded once. out: a contiguous array of that shape and type to put them in.
        """
        return self._values(maps, region, map_filters(maps, outputs), checkpoint, out)

    def contributions(self, maps: LayerMaps, region: Region, output: int, checkpoint: Checkpoint | None = None) -> Maps:
        """x_i ∗ w_oi for each input channel i of the output's group: [inputs, rows, cols].

        Their sum plus bias is the output before the activation.
        """
        return self._values(maps, region, contribution_filters(maps, output), checkpoint)

    def _values(
        self,
        maps: LayerMaps,
        region: Region,
        filters: Sequence[Filter],
        checkpoint: Checkpoint | None,
        out: Maps | None = None,
    ) -> Maps:
        with computing(maps):
            size = (len(filters), region.rows, region.cols)
            result = np.empty(size, _result_dtype(maps)) if out is None else out
            self._fill(torch.from_numpy(result), maps, region, filters, checkpoint)
        return result

    def read(self, maps: LayerMaps, region: Region) -> Gathered:
        """The samples that a region of maps is made of."""
        return samples(self._programs.of(maps), self.pixels(maps), region, whole=WholeMaps(self._moments))

    # Whole maps

    def is_exact(self, maps: LayerMaps) -> bool:
        """Whether what `live` gives is what `maps` gives: it takes nothing that a layer depends on from a sample."""
        program = self._programs.of(maps)
        return not program.measured or not self._chain(program).unmeasured

    def moments(self, maps: LayerMaps, checkpoint: Checkpoint | None = None) -> tuple[Doubles, Doubles]:
        """Mean and variance of each channel that the last layer of `maps`, which depends on them, reads: float64."""
        with computing(maps):
            found = self._chain(self._programs.of(maps), checkpoint).moments(len(maps.before))
            return found.mean, found.var

    def _measure(self, maps: LayerMaps, checkpoint: Checkpoint | None) -> None:
        if not self.is_exact(maps):
            with computing(maps):
                self._chain(self._programs.of(maps), checkpoint).measure()

    def _chain(self, program: Program, checkpoint: Checkpoint | None = None) -> Chain:
        return Chain(program, self.pixels(program.maps), whole=WholeMaps(self._moments, checkpoint))

    # What the screen shows

    def affordable(self, maps: LayerMaps, region: Region, share: float = 1.0) -> Region:
        """The region, or the same with a larger step where its samples would take too long to evaluate at once.

        share: the part of the time there is for one frame that they may take.
        """
        return self._programs.of(maps).outline.affordable(region, share)

    def live(
        self, maps: LayerMaps, region: Region, filters: Sequence[Filter], checkpoint: Checkpoint | None = None
    ) -> list[FeatureMap]:
        """The maps of `filters` in a region that is asked for again: only those that are new are evaluated.

        Where large whole maps have not been measured (`is_exact`), by a sample of them.
        """
        preview = not self.is_exact(maps)
        view = (self._programs.of(maps).view_key, region, preview)
        known = {each.key: self._maps.get((view, each.key)) for each in filters}
        found = {key: each for key, each in known.items() if each is not None}
        dirty = {each.key: each for each in filters if each.key not in found}
        if dirty:
            with computing(maps):
                fresh = self._live_values(maps, region, list(dirty.values()), checkpoint, preview)
            for key, values in zip(dirty, fresh, strict=True):
                found[key] = FeatureMap(values)
                self._maps.put((view, key), found[key])
            self._maps.trim(in_use=len(found))
        return [found[each.key] for each in filters]

    def _live_values(
        self,
        maps: LayerMaps,
        region: Region,
        filters: Sequence[Filter],
        checkpoint: Checkpoint | None,
        preview: bool,
    ) -> torch.Tensor:
        size, device, program = (len(filters), region.rows, region.cols), maps.window.device, self._programs.of(maps)
        result = torch.empty(size, dtype=compute_dtype(maps.window.dtype), device=device)
        if gathered_bytes(program, region) > GATHERED_BYTES:
            with all_threads():
                self._fill(result, maps, region, filters, checkpoint, preview)
            return result
        if checkpoint is not None:
            checkpoint()
        bank = FilterBank(filters, maps.window, program.finite, region.step, live=True)
        whole = WholeMaps(self._moments, checkpoint, preview)
        key, gathered = self._samples(maps, region, bank.planar, whole)
        with threads_for(1e-9 * bank.dense_nanoseconds * region.size):
            bank.convolve(gathered, result)
            made = through(bank.functions, result, maps.window.dtype)
        self._gathered.put(key, gathered)  # with the parts of it that were asked for
        self._gathered.trim()
        return made

    def averages(
        self, maps: LayerMaps, region: Region, each: Filter, negatives: Negatives = "keep"
    ) -> FeatureMap | None:
        """The refined map if `refine` has made it: the mean of each step × step block of the shown values."""
        return self._maps.get(self._average_key(maps, region, each, negatives))

    def statistics(
        self,
        maps: LayerMaps,
        each: Filter,
        negatives: Negatives = "keep",
        counted: bool = False,
        measured: bool = False,
    ) -> Statistics | None:
        """Of the whole map's shown values, if `refine` has made them: the range; the counts and the magnitude asked."""
        found = self._statistics.get(self._statistics_key(maps, each, negatives))
        return found if found is not None and found.has(counted, measured) else None

    def refine(
        self,
        maps: LayerMaps,
        region: Region | None,
        filters: Sequence[Filter],
        negatives: Negatives = "keep",
        counted: Sequence[Filter] = (),
        checkpoint: Checkpoint | None = None,
        measured: bool = False,
    ) -> None:
        """Evaluate the filters' maps at full resolution, and remember area averages in `region` and statistics.

        Without a region, and for a region of step 1, only statistics; with the counts of the filters `counted`, and
        where `measured` with the magnitudes. What is remembered is not made again.
        """
        histograms = {each.key for each in counted}
        self._measure(maps, checkpoint)

        def unknown(candidates: Sequence[Filter]) -> list[Filter]:
            found = (self.statistics(maps, f, negatives, f.key in histograms, measured) for f in candidates)
            return [f for f, known in zip(candidates, found, strict=True) if known is None]

        if region is not None and region.step > 1:
            wanted = [f for f in filters if self.averages(maps, region, f, negatives) is None]
            for some in batches(maps, wanted, region.step):
                counting = _Counting(histograms, measured) if unknown(some) else None
                self._refine(maps, region, some, negatives, counting, checkpoint)
            self._maps.trim(in_use=len(filters))
        for some in batches(maps, unknown(filters), 1):
            self._refine(maps, None, some, negatives, _Counting(histograms, measured), checkpoint)
        self._statistics.trim(in_use=len(filters))

    def _refine(
        self,
        maps: LayerMaps,
        region: Region | None,
        filters: Sequence[Filter],
        negatives: Negatives,
        counting: _Counting | None,
        checkpoint: Checkpoint | None,
    ) -> None:
        """One pass over the map, or over the region alone when nothing is to be counted."""
        if not filters:
            return
        size, device = maps.output_size, torch.device(maps.window.device)
        dtype = compute_dtype(maps.window.dtype)
        cover = whole(*size) if counting or region is None else covered(region, size)
        averager = Averager(region, size, len(filters), dtype, device) if region is not None else None
        counter = None
        if counting is not None:
            samples = self.live(maps, overview(*size), filters, checkpoint)
            counted = [place for place, each in enumerate(filters) if each.key in counting.histograms]
            ranges = [sample.shown(negatives).range for sample in samples]
            counter = Counter(ranges, counted, prod(size) if counting.measured else 0, dtype, device)
        program = self._programs.of(maps)
        bank = FilterBank(filters, maps.window, program.finite)
        rows = band_rows(program, cover, bank, len(filters))
        with computing(maps):
            bands = list(block_bands(cover, rows, 1 if region is None else region.step))
            for band, values in self._stream(maps, bank, len(filters), bands, checkpoint):
                drawn = shown(values, negatives)
                if counter is not None:
                    counter.add(drawn)
                if averager is not None:
                    averager.add(drawn, band)
            if counter is not None:
                for each, statistics in zip(filters, counter.result(), strict=True):
                    self._statistics.put(self._statistics_key(maps, each, negatives), statistics)
            if averager is not None and region is not None:
                for each, means in zip(filters, averager.means, strict=True):
                    self._maps.put(self._average_key(maps, region, each, negatives), FeatureMap(means))

    def source_averages(self, maps: LayerMaps, region: Region) -> NDArray[np.generic] | None:
        """The photo's refined pixels if `refine_source` has made them: [rows, cols, C] in the stored type.

        Also where a layer has problems.
        """
        return self._source_averages.get(_averages_key(maps, region))

    def refine_source(self, maps: LayerMaps, region: Region, checkpoint: Checkpoint | None = None) -> None:
        """Average the stored pixels over each step × step block of region, and remember them."""
        source, device = maps.picture, torch.device(maps.window.device)
        if region.step == 1 or self.source_averages(maps, region) is not None:
            return
        pixels = stored_tensor(source.pixels, device) if maps.are_volumes else self.pixels(maps)[0]
        cover = covered(region, source.size)
        averager = Averager(region, source.size, source.channel_count, torch.float32, pixels.device)
        rows = max(1, stream_bytes(maps) // (8 * cover.cols * source.channel_count))
        scratch = Scratch()
        with computing(maps):
            for band in block_bands(cover, rows, region.step):
                if checkpoint is not None:
                    checkpoint()
                part = pixels[band.top : band.top + band.rows, band.left : band.left + band.cols]
                planes = scratch.empty(
                    "planes", (source.channel_count, band.rows, band.cols), torch.float32, pixels.device
                )
                averager.add(planes.copy_(unsigned(part).permute(2, 0, 1)), band)
            means = averager.means.permute(1, 2, 0).contiguous()
            if source.pixels.dtype != np.float32:
                means = means.round_()
            if source.pixels.dtype == np.uint8:
                means = means.to(torch.uint8)
            found = to_host(means).astype(source.pixels.dtype, copy=False)
            self._source_averages.put(_averages_key(maps, region), found)
        self._source_averages.trim()

    # The parts

    def _fill(
        self,
        target: torch.Tensor,
        maps: LayerMaps,
        region: Region,
        filters: Sequence[Filter],
        checkpoint: Checkpoint | None,
        preview: bool = False,
    ) -> None:
        """The region's values into target [filters, rows, cols], straight where it is on the device and not rounded."""
        program = self._programs.of(maps)
        bank = FilterBank(filters, maps.window, program.finite, region.step)
        bands = region.bands(band_rows(program, region, bank, len(filters)))
        same = target.device == torch.device(maps.window.device)
        into = target if same and maps.window.dtype in ("float32", "float64") else None
        row = 0
        for band, values in self._stream(maps, bank, len(filters), bands, checkpoint, into, preview):
            if into is None:
                target[:, row : row + band.rows] = values
            row += band.rows

    def _stream(
        self,
        maps: LayerMaps,
        bank: FilterBank,
        count: int,
        bands: Sequence[Region],
        checkpoint: Checkpoint | None,
        into: torch.Tensor | None = None,
        preview: bool = False,
    ) -> Iterator[tuple[Region, torch.Tensor]]:
        """Each band with its values [count, rows, cols]: part of `into`, or memory that the next band uses again."""
        pixels, program = self.pixels(maps), self._programs.of(maps)
        scratch, row = Scratch(), 0
        whole = WholeMaps(self._moments, checkpoint, preview)
        for band in bands:
            if checkpoint is not None:
                checkpoint()
            if into is None:
                size = (count, band.rows, band.cols)
                values = scratch.empty("maps", size, compute_dtype(maps.window.dtype), pixels.device)
            else:
                values = into[:, row : row + band.rows]
            bank.convolve(samples(program, pixels, band, bank.planar, scratch, whole=whole), values, scratch)
            row += band.rows
            yield band, through(bank.functions, values, maps.window.dtype)

    def _samples(self, maps: LayerMaps, region: Region, planar: bool, whole: WholeMaps) -> tuple[Key, Gathered]:
        """The samples of a region, and by what they are kept."""
        pixels, program = self.pixels(maps), self._programs.of(maps)  # a new photo empties what was gathered
        key = (program.view_key, region, planar, whole.preview)
        found = self._gathered.get(key)
        if found is None:
            self.kept.trim(room=gathered_bytes(program, region))
            with threads_for(program.outline.seconds(region)):
                found = samples(program, pixels, region, planar, memory=self._layer_values, whole=whole)
            self._layer_values.trim(len(maps.before))
        return key, found

    def _average_key(self, maps: LayerMaps, region: Region, each: Filter, negatives: Negatives) -> Key:
        return ("average", negatives, self._programs.of(maps).view_key, region, each.key)

    def _statistics_key(self, maps: LayerMaps, each: Filter, negatives: Negatives) -> Key:
        return (negatives, self._programs.of(maps).view_key, each.key)

    def pixels(self, maps: LayerMaps) -> torch.Tensor:
        """The stored pixels [D, H, W, C] on the layer's device; a new photo takes the old one's place in memory."""
        source, device = maps.document.picture, torch.device(maps.window.device)
        if self._uploaded is None or self._uploaded[0] is not source or self._uploaded[1] != device:
            self._programs.clear()
            self._moments.clear()
            self.kept.clear()
            self._uploaded = None  # the old photo's memory first
            stored = source.pixels[None] if source.volume is None else source.volume
            self._uploaded = (source, device, stored_tensor(stored, device))
        return self._uploaded[2]


def _averages_key(maps: LayerMaps, region: Region) -> Key:
    return id(maps.document.picture), maps.picture_of, region


def _result_dtype(maps: LayerMaps) -> type[np.floating]:
    return np.float64 if maps.window.dtype == "float64" else np.float32
