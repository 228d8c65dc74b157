"""View state: what the window shows of a document. Kept apart from it, and outside undo."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from convlab.model.layer import ConvSpec
from convlab.model.viewport import Viewport

Normalize = Literal["robust", "per-map", "shared", "symmetric", "percentile", "fixed"]
NORMALIZE: tuple[Normalize, ...] = ("robust", "per-map", "shared", "symmetric", "percentile", "fixed")
Negatives = Literal["keep", "clip", "absolute"]
NEGATIVES: tuple[Negatives, ...] = ("keep", "clip", "absolute")
COLORMAPS = ("gray", "viridis", "magma", "inferno", "cividis", "turbo", "PuOr", "PiYG", "BrBG")
"""matplotlib's names; the last three are diverging, for values about 0."""


@dataclass(frozen=True, slots=True)
class Display:
    """How values become pixels.

    normalize: which values are black and white (or the colour map's ends): ± the magnitude that few values exceed, or
        from 0 on where the layer gives no negative values; each map's own minimum and maximum, those of all maps, ± the
        largest magnitude, two percentiles of each map, or low and high.
    negatives: kept, clipped to 0, or shown by their magnitude.
    """

    normalize: Normalize = "robust"
    negatives: Negatives = "keep"
    colormap: str = "gray"
    low: float = -1.0
    high: float = 1.0
    percentiles: tuple[float, float] = (1.0, 99.0)


TileKind = Literal["photo", "input", "map", "contribution", "composite"]


@dataclass(frozen=True, slots=True)
class TileKey:
    """One picture in the window: a source channel, a feature map, a contribution of an input channel …"""

    kind: TileKind
    index: int = 0


@dataclass(frozen=True, slots=True)
class ViewState:
    """Chosen kernel, zoom, display, units.

    chosen_input counts within the chosen output's group. viewport: None fits the whole picture.
    cursor: (y, x) in input pixels under the mouse, None when it is over no tile; cursor_on: the kind of that tile.
    byte_units: input values are shown as 0…255 instead of 0…1.
    explaining: the value under the cursor is taken apart; pinned: (row, column) of the map pixel that is, instead;
        pinned_input: of the input pixel whose way to the maps is shown. offered: of the map pixel that a lesson shows
        while nothing is pinned or pointed at.
    tap: (row, column) of the chosen kernel's weight under the mouse.
    then: layers imagined after the present one; what a value of the last of them sees is outlined.
    watched_layer: place of the layer whose maps are looked at, None where those of the layer in focus are; chosen_map:
        the chosen one of its maps, where it is not the edited layer.
    depth: of a layer of volumes the slice of the output that is looked at.
    stepping: maps are empty after the pinned pixel, in row-major order, as if the window had come so far.
    """

    chosen_output: int = 0
    chosen_input: int = 0
    viewport: Viewport | None = None
    display: Display = field(default_factory=Display)
    cursor: tuple[float, float] | None = None
    cursor_on: TileKind | None = None
    byte_units: bool = False
    tinted: bool = False
    composite: bool = False
    explaining: bool = False
    pinned: tuple[int, int] | None = None
    pinned_input: tuple[int, int] | None = None
    offered: tuple[int, int] | None = None
    tap: tuple[int, int] | None = None
    stepping: bool = False
    then: tuple[ConvSpec, ...] = ()
    watched_layer: int | None = None
    chosen_map: int = 0
    depth: int = 0

    @property
    def resting(self) -> tuple[int, int] | None:
        """The map pixel that is explained whatever lies under the cursor, or while nothing does."""
        return self.offered if self.pinned is None else self.pinned


SAVED = (
    "chosen_output",
    "chosen_input",
    "viewport",
    "display",
    "byte_units",
    "tinted",
    "composite",
    "explaining",
    "pinned",
    "watched_layer",
    "depth",
)
"""What a session holds of a view: not where the mouse is, nor what is being played."""


def saved_view(view: ViewState) -> dict[str, Any]:
    """These fields of a view, by name."""
    return {name: getattr(view, name) for name in SAVED}
