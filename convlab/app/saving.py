"""Saves maps and steps off the GUI thread, with progress and cancel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

from convlab.app.ask import Jobs, Saves
from convlab.app.compute import Compute
from convlab.app.worker import Checkpoint, Worker
from convlab.export.plan import ExportPlan
from convlab.io.animations import save_frames, save_gif
from convlab.io.exports import save_text
from convlab.model.explanation import Explanation, ledger_csv
from convlab.model.flow import Flow, flow_of
from convlab.model.maps import LayerMaps
from convlab.model.reach import maps_reach
from convlab.model.region import Region, whole
from convlab.model.view import Display
from convlab.render.contrast import contrast_limits, scale_of, shown_values
from convlab.render.pixels import Pixels, to_pixels

Plan = TypeVar("Plan")


def save_ledger(path: str, explanation: Explanation) -> None:
    """Write an explained value's table as CSV; ConvLabError when the file cannot be written."""
    save_text(path, ledger_csv(explanation))


class Saver(QObject, Generic[Plan]):
    """One save at a time in the engine's queue; the live view goes on meanwhile.

    progress(done, all) counts parts. Each save ends in one of saved(tuple of Path), failed(Message), cancelled().
    """

    progress = Signal(int, int)
    saved = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self,
        worker: Worker,
        work: Callable[[Plan, Checkpoint], tuple[Path, ...]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        ends = self.saved.emit, self.failed.emit, self.cancelled.emit, self.progress.emit
        self._saving = Saves(self, worker, "save", work, *ends)

    @property
    def saving(self) -> bool:
        """Whether a save is under way."""
        return self._saving.waiting

    def save(self, plan: Plan) -> None:
        """Work it out and write its files."""
        self._saving.add(plan)

    def cancel(self) -> None:
        """Stop; what is being written is not kept."""
        self._saving.cancel()


class MapSaver(Saver[ExportPlan]):
    """Saves maps. copied(uint8 pixels [H, W] or [H, W, 3]) answers `copy`."""

    copied = Signal(object)

    def __init__(self, worker: Worker, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(worker, partial(_save_maps, compute), parent)
        self._copying = Jobs(self, worker, "copy", partial(_draw, compute), self.copied.emit, self.failed.emit)

    def copy(self, maps: LayerMaps, output: int, display: Display) -> None:
        """Draw one map at full size for the clipboard; copied(uint8 pixels) or failed(Message) follows."""
        self._copying.add((maps, output, display))


def _save_maps(compute: Compute, plan: ExportPlan, checkpoint: Checkpoint) -> tuple[Path, ...]:
    from convlab.export.maps import save_maps  # brings torch, which belongs to this thread

    return tuple(save_maps(plan, compute.evaluator(), checkpoint, checkpoint.report))


def _draw(compute: Compute, asked: tuple[LayerMaps, int, Display], checkpoint: Checkpoint) -> Pixels:
    maps, output, display = asked
    values = compute.evaluator().maps(maps, whole(*maps.output_size), [output], checkpoint)
    shown = shown_values(values[0], display)
    scale = scale_of(maps_reach(maps), display).of([output])
    return to_pixels(shown, contrast_limits([shown], display, scale)[0], display.colormap)


@dataclass(frozen=True, slots=True, eq=False)
class StepPlan:
    """The steps of a map over a region, to a GIF file or (as PNG) a new folder.

    paint: draws one step, uint8 [H, W, 3]; it is called on the engine's thread. frame_ms: how long each is shown. unit:
    what input values are shown in.
    """

    maps: LayerMaps
    output: int
    region: Region
    path: Path
    gif: bool
    frame_ms: int
    paint: Callable[[Flow], Pixels]
    unit: float = 1.0


class StepSaver(Saver[StepPlan]):
    """Saves the steps of the sliding window as pictures."""

    def __init__(self, worker: Worker, compute: Compute, parent: QObject | None = None) -> None:
        super().__init__(worker, partial(_save_steps, compute), parent)


def _save_steps(compute: Compute, plan: StepPlan, checkpoint: Checkpoint) -> tuple[Path, ...]:
    frames = _frames(plan, compute, checkpoint)
    if plan.gif:
        save_gif(plan.path, frames, plan.frame_ms)
    else:
        save_frames(plan.path, frames)
    return (plan.path,)


def _frames(plan: StepPlan, compute: Compute, checkpoint: Checkpoint) -> Iterator[Pixels]:
    from convlab.engine.explain import explain

    region, count = plan.region, plan.region.size
    for number in range(count):
        checkpoint()
        row, col = divmod(number, region.cols)
        place = region.top + row * region.step, region.left + col * region.step
        found = explain(compute.evaluator(), plan.maps, plan.output, *place)
        yield plan.paint(flow_of(found, plan.maps, stepping=True, unit=plan.unit))
        checkpoint.report(number + 1, count)
