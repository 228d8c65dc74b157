"""Which output positions a tile shows: one zoom and one centre, in input pixels, for all tiles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

from convlab.model.layer import ConvSpec, Sizes
from convlab.model.region import Region

MIN_ZOOM, MAX_ZOOM = 1 / 256, 128.0
MIN_SIGNAL = 1e-5
"""Device pixels a sample of a signal, at least."""


@dataclass(frozen=True, slots=True)
class MapGeometry:
    """Where a map's pixels lie on the input: pixel (p, q) covers (stride) input pixels around its window's centre.

    size: (height, width) in map pixels. stride: input pixels per map pixel, (vertical, horizontal).
    origin: input coordinate (y, x) of the top left corner of map pixel (0, 0).
    """

    size: tuple[int, int]
    stride: tuple[float, float] = (1.0, 1.0)
    origin: tuple[float, float] = (0.0, 0.0)

    def to_input(self, row: float, col: float) -> tuple[float, float]:
        """Input coordinates (y, x) of the map position (row, col)."""
        return self.origin[0] + row * self.stride[0], self.origin[1] + col * self.stride[1]

    def from_input(self, y: float, x: float) -> tuple[float, float]:
        """Map position (row, col) at the input coordinates (y, x)."""
        return (y - self.origin[0]) / self.stride[0], (x - self.origin[1]) / self.stride[1]


@dataclass(frozen=True, slots=True)
class Viewport:
    """What every tile shows of the input plane: its centre (input pixels) and zoom (device pixels per input pixel).

    tall: of a signal the device pixels that its one row is high; 0 for a picture, where zoom counts for both axes.
    """

    center_y: float
    center_x: float
    zoom: float
    tall: float = 0.0

    @property
    def zoom_y(self) -> float:
        """Device pixels per input pixel along columns."""
        return self.tall or self.zoom

    def zoomed(self, factor: float, anchor_dy: float = 0.0, anchor_dx: float = 0.0) -> Viewport:
        """Zoom by `factor`; the point `anchor` (device pixels from the tile's centre) stays where it is."""
        zoom = min(max(self.zoom * factor, MIN_SIGNAL if self.tall else MIN_ZOOM), MAX_ZOOM)
        shift = 1 / self.zoom - 1 / zoom
        center_y = self.center_y if self.tall else self.center_y + anchor_dy * shift
        return replace(self, center_y=center_y, center_x=self.center_x + anchor_dx * shift, zoom=zoom)

    def panned(self, dy: float, dx: float) -> Viewport:
        """Move the picture by (dy, dx) device pixels."""
        return replace(self, center_y=self.center_y - dy / self.zoom_y, center_x=self.center_x - dx / self.zoom)

    def kept_inside(self, height: int, width: int) -> Viewport:
        """The same view with its centre on the picture."""
        return replace(
            self, center_y=min(max(self.center_y, 0.0), height), center_x=min(max(self.center_x, 0.0), width)
        )

    def to_device(self, y: float, x: float, tile: tuple[int, int]) -> tuple[float, float]:
        """Device pixel (from the tile's top left) of the input coordinates (y, x); tile is (height, width)."""
        return (y - self.center_y) * self.zoom_y + tile[0] / 2, (x - self.center_x) * self.zoom + tile[1] / 2

    def to_input(self, dy: float, dx: float, tile: tuple[int, int]) -> tuple[float, float]:
        """Input coordinates under the device pixel (dy, dx) of a tile of (height, width)."""
        return (dy - tile[0] / 2) / self.zoom_y + self.center_y, (dx - tile[1] / 2) / self.zoom + self.center_x


def fitted(height: int, width: int, tile: tuple[int, int]) -> Viewport:
    """The view that shows a whole picture of height × width in a tile of (height, width) device pixels."""
    zoom = min(tile[0] / max(height, 1), tile[1] / max(width, 1))
    return Viewport(height / 2, width / 2, min(max(zoom, MIN_ZOOM), MAX_ZOOM))


def output_geometry(spec: ConvSpec, size: Sizes) -> MapGeometry:
    """The geometry of the layer's feature maps, of (depth, rows, columns) `size`.

    Window centres are stride apart and the first lies at (extent − 1) / 2 − padding; where transposed they are
    1 / stride input pixels apart.
    """
    stride = [move / spread for move, spread in zip(spec.window_stride, spec.spread, strict=True)]
    origin = [
        ((extent - 1) / 2 - pad[0]) / spread + 0.5 - step / 2
        for extent, pad, spread, step in zip(spec.extent, spec.window_pads, spec.spread, stride, strict=True)
    ]
    return MapGeometry((size[1], size[2]), (stride[1], stride[2]), (origin[1], origin[2]))


def visible_region(view: Viewport, geometry: MapGeometry, tile: tuple[int, int]) -> Region | None:
    """The map positions in sight in a tile of (height, width) device pixels; None when there are none.

    Where a map pixel is smaller than a device pixel only every step-th is taken, but of a signal all: it is drawn as a
    line from its smallest to its largest value. Positions are multiples of the step, so that a pan shows the same
    samples.
    """
    step = 1 if view.tall else max(1, floor(1 / (view.zoom * min(geometry.stride)) + 1e-9))
    top, rows = _visible_axis(view, geometry, tile, 0, step)
    left, cols = _visible_axis(view, geometry, tile, 1, step)
    return Region(top, left, rows, cols, step) if rows > 0 and cols > 0 else None


def _visible_axis(
    view: Viewport, geometry: MapGeometry, tile: tuple[int, int], axis: int, step: int
) -> tuple[int, int]:
    """First position and count along an axis."""
    start = geometry.from_input(*view.to_input(0, 0, tile))[axis]
    end = geometry.from_input(*view.to_input(tile[0], tile[1], tile))[axis]
    first = max(0, floor(start / step))
    last = min(-(-geometry.size[axis] // step), ceil(end / step))
    return first * step, last - first
