"""Saving feature maps at full size: the one way, for the window and the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convlab.engine.evaluate import Checkpoint, Evaluator
from convlab.export.pictures import Pixels, picture
from convlab.export.plan import PICTURES, ExportPlan, layer_text, planned_paths
from convlab.export.writers import WAITING_BYTES, Writers
from convlab.io.exports import save_csv, save_npy, save_png, save_tiff
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.reach import maps_reach
from convlab.model.region import whole
from convlab.model.volumes import output_depth, plane
from convlab.render.contrast import (
    Limits,
    Scale,
    composite_limits,
    contrast_limits,
    finite_range,
    scale_of,
    shown_values,
)
from convlab.render.pixels import composite, to_pixels
from convlab.render.sheet import contact_sheet

Progress = Callable[[int, int], None]
Maps = NDArray[np.floating]

HELD_BYTES = 512 << 20
"""Feature maps evaluated at a time, so that many maps of a large photo fit in memory."""
SHEET_SIDE = 320
"""Pixels along the longer side of a map on a contact sheet, at most."""
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
    """Evaluate the plan's maps at full size and write them, pictures on the threads of `writers`.

    npy: one array [maps, H, W] in the layer's dtype (float64 as such, all others float32). tiff: float32
    stack with channel names. png: 8 bits as the window draws them; png16: 16-bit gray by the same limits.
    rgb: the first three maps as one picture. Of signals npy [maps, L] or csv, a column a map. Raises ConvLabError; a
    file is written whole or not at all.
    """
    if plan.format in PICTURES:
        return _start_pictures(plan, evaluator, writers, checkpoint)
    if plan.document.layer.dims == 3:
        return Saving([_save_volume(plan, _reported(plan, _all_slices(plan, evaluator, checkpoint), progress))])
    maps = _reported(plan, _all_maps(plan, evaluator, checkpoint), progress)
    if plan.document.layer.dims == 1:
        return Saving([_save_signal(plan, maps)])
    if plan.format in ("npy", "tiff"):
        return Saving([_save_stack(plan, maps)])
    if plan.format == "rgb":
        return Saving([_save_rgb(plan, list(maps))])
    return Saving([_save_sheet(plan, evaluator, checkpoint, maps)])


def _all_maps(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Iterator[Maps]:
    region = whole(*plan.document.output_size)
    at_once = max(1, HELD_BYTES // (4 * prod(plan.document.output_size)))
    for first in range(0, len(plan.outputs), at_once):
        yield from evaluator.maps(plan.document, region, plan.outputs[first : first + at_once], checkpoint)


def _reported(plan: ExportPlan, maps: Iterator[Maps], progress: Progress | None) -> Iterator[Maps]:
    for count, values in enumerate(maps, 1):
        yield values
        if progress is not None:
            progress(min(count, len(plan.outputs)), len(plan.outputs))


def _save_stack(plan: ExportPlan, maps: Iterator[Maps]) -> Path:
    (path,) = planned_paths(plan)
    count, size = len(plan.outputs), plan.document.output_size
    if plan.format == "npy":
        save_npy(path, maps, count, size, "float64" if plan.document.layer.dtype == "float64" else "float32")
    else:
        save_tiff(path, maps, count, size, [f"out {o}" for o in plan.outputs])
    return path


def _all_slices(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Iterator[Maps]:
    """Every slice of every map, map by map."""
    region, count = whole(*plan.document.output_size), output_depth(plan.document)
    for output in plan.outputs:
        for depth in range(count):
            yield from evaluator.maps(plane(plan.document, depth), region, [output], checkpoint)


def _save_volume(plan: ExportPlan, slices: Iterator[Maps]) -> Path:
    """npy: [maps, D, H, W]; tiff: a page a slice, named by its map and depth."""
    (path,) = planned_paths(plan)
    deep, size = output_depth(plan.document), plan.document.output_size
    count = len(plan.outputs) * deep
    if plan.format == "npy":
        kind = "float64" if plan.document.layer.dtype == "float64" else "float32"
        save_npy(path, slices, count, size, kind, (len(plan.outputs), deep, *size))
    else:
        save_tiff(path, slices, count, size, [f"out {o} z{z}" for o in plan.outputs for z in range(deep)])
    return path


def _save_signal(plan: ExportPlan, maps: Iterator[Maps]) -> Path:
    """npy: [maps, L]; csv: a column a map, titled."""
    (path,) = planned_paths(plan)
    rows = (values[0] for values in maps)
    if plan.format == "csv":
        save_csv(path, list(rows), [f"out {o}" for o in plan.outputs])
    else:
        kind = "float64" if plan.document.layer.dtype == "float64" else "float32"
        save_npy(path, rows, len(plan.outputs), (plan.document.output_size[1],), kind)
    return path


def _start_pictures(plan: ExportPlan, evaluator: Evaluator, writers: Writers, checkpoint: Checkpoint | None) -> Saving:
    """Batch by batch, so that one is written while the next is evaluated."""
    shared = _shared_limits(plan, evaluator, checkpoint)
    saving = Saving(planned_paths(plan))
    places = [n for n, path in enumerate(saving.paths) if not (plan.keep_existing and path.exists())]
    region = whole(*plan.document.output_size)
    map_bytes = (8 if plan.document.layer.dtype == "float64" else 4) * prod(plan.document.output_size)
    at_once = max(1, WAITING_BYTES // 2 // map_bytes)
    scale = _scale(plan, plan.outputs)
    for first in range(0, len(places), at_once):
        some = places[first : first + at_once]
        with writers.batch(len(some) * map_bytes) as batch:
            maps = evaluator.maps(plan.document, region, [plan.outputs[n] for n in some], checkpoint)
            for place, values in zip(some, maps, strict=True):
                own = scale.of([place])
                draw = partial(picture, values, plan.display, shared, deep=plan.format == "png16", scale=own)
                saving.writing.append(batch.submit(partial(_write, saving.paths[place], draw)))
    return saving


def _write(path: Path, draw: Callable[[], Pixels]) -> Path:
    """Draw and write one map."""
    try:
        save_png(path, draw())
    except MemoryError as error:
        text = QT_TRANSLATE_NOOP("model", "“{name}” was not saved: there is not enough memory to draw it.")
        raise ConvLabError(message(text, name=path.name)) from error
    return path


def _shared_limits(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None) -> Limits | None:
    """The limits of all maps together, which need every map once before the first is drawn."""
    if plan.display.normalize != "shared" or len(plan.outputs) == 1:
        return None
    ranges = [finite_range(shown_values(values, plan.display)) for values in _all_maps(plan, evaluator, checkpoint)]
    return contrast_limits([np.array(ranges)], plan.display)[0]


def _save_rgb(plan: ExportPlan, maps: list[Maps]) -> Path:
    (path,) = planned_paths(plan)
    shown = [shown_values(values, plan.display) for values in maps[:3]]
    scale = _scale(plan, plan.outputs[:3])
    limits = composite_limits(contrast_limits(shown, plan.display, scale), plan.display, scale)
    save_png(path, composite((shown[0], shown[1], shown[2]), limits))
    return path


def _scale(plan: ExportPlan, outputs: Sequence[int]) -> Scale:
    """As the window's for these maps."""
    return scale_of(maps_reach(plan.document), plan.display).of(outputs)


def _save_sheet(plan: ExportPlan, evaluator: Evaluator, checkpoint: Checkpoint | None, maps: Iterator[Maps]) -> Path:
    """Every map, reduced by area averages after its limits were taken, with its channel and limits as label."""
    (path,) = planned_paths(plan)
    shared = _shared_limits(plan, evaluator, checkpoint)
    pictures = []
    for output, values in zip(plan.outputs, maps, strict=True):
        shown = shown_values(values, plan.display)
        limits = shared or contrast_limits([shown], plan.display, _scale(plan, [output]))[0]
        label = f"out {output}   {limits[0]:.4g} … {limits[1]:.4g}"
        pictures.append((label, to_pixels(shown, limits, plan.display.colormap)))
    title = f"{plan.name}   {layer_text(plan.document)}   {plan.display.normalize}"
    save_png(path, contact_sheet(title, pictures, SHEET_SIDE))
    return path
