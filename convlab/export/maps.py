"""Saving feature maps at full size: the one way, for the window and the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from math import prod
from pathlib import Path

import numpy as np

from convlab.engine.evaluate import Checkpoint, Evaluator
from convlab.export.format import Write
from convlab.export.pages import Map, Pages, Shading
from convlab.export.plan import ExportPlan, layer_text, planned_paths
from convlab.export.writers import WAITING_BYTES, Writers
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.reach import maps_reach
from convlab.model.region import whole
from convlab.render.contrast import Limits, Scale, contrast_limits, finite_range, scale_of, shown_values

Progress = Callable[[int, int], None]

HELD_BYTES = 512 << 20
"""Feature maps evaluated at a time, so that many maps of a large photo fit in memory."""
LOOK_S = 0.1
"""Between two looks for a wish to stop, while pictures are written."""


@dataclass(slots=True)
class Saving:
    """A save whose maps are evaluated; `writing` are the files that threads may still be at work on.

    paths: of the whole plan, those included that `keep_existing` left as they were.
    """

    paths: list[Path]
    writing: list[Future[Path]] = field(default_factory=list)

    @property
    def written(self) -> int:
        """How many of `writing` are done, counted from the first."""
        return sum(1 for _ in takewhile(Future.done, self.writing))

    def finish(self, checkpoint: Checkpoint | None = None, progress: Progress | None = None) -> list[Path]:
        """Wait for the last file; then ConvLabError of the first that failed."""
        for number, future in enumerate(self.writing, 1):
            while not wait([future], LOOK_S).done:
                if checkpoint is not None:
                    checkpoint()
            if progress is not None:
                progress(number, len(self.writing))
        for future in self.writing:
            future.result()
        return self.paths


def save_maps(
    plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None = None, progress: Progress | None = None
) -> list[Path]:
    """`start_maps`, and wait until all is written; leaves a core to whoever looks on."""
    with Writers(max(1, (os.cpu_count() or 1) - 1)) as writers:
        return start_maps(plan, evaluator, writers, checkpoint, progress).finish(checkpoint, progress)


def start_maps(
    plan: ExportPlan,
    evaluator: Evaluator,
    writers: Writers,
    checkpoint: Checkpoint | None = None,
    progress: Progress | None = None,
) -> Saving:
    """Evaluate the plan's maps at full size and write them as its format does, files of one map on `writers`' threads.

    Raises ConvLabError; a file is written whole or not at all.
    """
    if plan.format.per_map:
        return _start_each(plan, evaluator, writers, checkpoint)
    (path,) = planned_paths(plan)
    plan.format.write(path, _pages(plan, evaluator, checkpoint, progress))
    return Saving([path])


def _pages(
    plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None, progress: Progress | None = None
) -> Pages:
    """All that is planned, as the content of one file."""
    names = tuple(f"out {o}" for o in plan.taken)
    size: tuple[int, ...] = plan.maps.output_size
    shape: tuple[int, ...] = (len(names), *size)
    shading, values = _shading(plan, evaluator, checkpoint), _all_maps(plan, evaluator, checkpoint)
    if plan.whole:
        deep = plan.maps.shape.size[0]
        values, shape = _all_slices(plan, evaluator, checkpoint), (len(names), deep, *size)
        names = tuple(f"{name} z{z}" for name in names for z in range(deep))
    elif plan.maps.are_signals:
        values, shape, size = (rows[0] for rows in values), (len(names), size[1]), size[1:]
    return Pages(_reported(values, len(names), progress), names, size, shape, _dtype(plan), _title(plan), shading)


def _all_maps(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Iterator[Map]:
    region = whole(*plan.maps.output_size)
    at_once = max(1, HELD_BYTES // (4 * prod(plan.maps.output_size)))
    for first in range(0, len(plan.taken), at_once):
        yield from evaluator.maps(plan.maps, region, plan.taken[first : first + at_once], checkpoint)


def _all_slices(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Iterator[Map]:
    """Every slice of every map, map by map."""
    region, count = whole(*plan.maps.output_size), plan.maps.shape.size[0]
    for output in plan.taken:
        for depth in range(count):
            yield from evaluator.maps(replace(plan.maps, slice=depth), region, [output], checkpoint)


def _reported(pages: Iterator[Map], count: int, progress: Progress | None) -> Iterator[Map]:
    for done, values in enumerate(pages, 1):
        yield values
        if progress is not None:
            progress(min(done, count), count)


def _dtype(plan: ExportPlan) -> str:
    return "float64" if plan.maps.window.dtype == "float64" else "float32"


def _title(plan: ExportPlan) -> str:
    return f"{plan.name}   {layer_text(plan.maps)}"


def _shading(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Shading:
    """As the window's for these maps; values that are stored as they are need none."""
    if plan.format.unscaled:
        return Shading(plan.display, Scale())
    scale = scale_of(maps_reach(plan.maps), plan.display).of(plan.taken)
    return Shading(plan.display, scale, _shared_limits(plan, evaluator, checkpoint))


def _shared_limits(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Limits | None:
    """The limits of all maps together, which need every map once before the first is drawn."""
    if plan.format.scaling != "each" or plan.display.normalize != "shared" or len(plan.taken) == 1:
        return None
    ranges = [finite_range(shown_values(values, plan.display)) for values in _all_maps(plan, evaluator, checkpoint)]
    return contrast_limits([np.array(ranges)], plan.display)[0]


def _start_each(plan: ExportPlan, evaluator: Evaluator, writers: Writers, checkpoint: Checkpoint | None) -> Saving:
    """A file for each map, batch by batch, so that one is written while the next is evaluated."""
    shading, title, dtype = _shading(plan, evaluator, checkpoint), _title(plan), _dtype(plan)
    saving = Saving(planned_paths(plan))
    places = [n for n, path in enumerate(saving.paths) if not (plan.keep_existing and path.exists())]
    size = plan.maps.output_size
    map_bytes = np.dtype(dtype).itemsize * prod(size)
    at_once = max(1, WAITING_BYTES // 2 // map_bytes)
    for first in range(0, len(places), at_once):
        some = places[first : first + at_once]
        with writers.batch(len(some) * map_bytes) as batch:
            memory = batch.empty((len(some), *size), dtype)
            maps = evaluator.maps(plan.maps, whole(*size), [plan.taken[n] for n in some], checkpoint, memory)
            for n, values in zip(some, maps, strict=True):
                pages = Pages((values,), (f"out {plan.taken[n]}",), size, (1, *size), dtype, title, shading.of(n))
                saving.writing.append(batch.submit(partial(_write, plan.format.write, saving.paths[n], pages)))
    return saving


def _write(write: Write, path: Path, pages: Pages) -> Path:
    """Draw and write one map."""
    try:
        write(path, pages)
    except MemoryError as error:
        text = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: there is not enough memory to draw it.")
        raise ConvLabError(message(text, name=path.name)) from error
    return path
