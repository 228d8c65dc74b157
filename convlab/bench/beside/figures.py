"""What is measured on every side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from convlab.bench.batch import PHOTOS, SIZE, WHAT, make_photos
from convlab.bench.beside.scenes import DRAG, LIVE, write_scene
from convlab.bench.full_size import CASES, MEGAPIXELS


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. argument: for the stopwatch's task, which has the section's name.

    starts: how often each program is started anew, since a process may be slower than the next by chance;
    rounds: turns of every side in each.
    """

    section: str
    what: str
    unit: str
    argument: str
    starts: int
    rounds: int


def live_figures(folder: Path) -> Iterator[Figure]:
    """Edits at several sizes and under several layers."""
    for scene in LIVE:
        yield Figure("live", f"edit → painted, {scene.title}", "ms", str(write_scene(scene, folder)), 3, 3)


def drag_figures(folder: Path) -> Iterator[Figure]:
    """A fast drag."""
    what = f"200 edits in 2 s, {DRAG.title}: longest pause of the window"
    yield Figure("drag", what, "ms", str(write_scene(DRAG, folder)), 2, 6)


def full_figures(_folder: Path) -> Iterator[Figure]:
    """Whole maps."""
    for case, title in CASES.items():
        yield Figure("full", f"whole maps, {title}, {MEGAPIXELS} MP", "ms", f"{case}:{MEGAPIXELS}", 3, 3)


def batch_figures(folder: Path) -> Iterator[Figure]:
    """From file to file."""
    photos = folder / "photos"
    photos.mkdir()
    make_photos(photos, PHOTOS, SIZE)
    yield Figure("batch", WHAT, "s", str(photos), 2, 3)


FIGURES: dict[str, Callable[[Path], Iterator[Figure]]] = {
    "live": live_figures,
    "drag": drag_figures,
    "full": full_figures,
    "batch": batch_figures,
}
"""By section; the files that they need are made in the folder."""
