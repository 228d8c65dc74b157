"""How many columns of tiles fill an area best."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QRectF

GAP = 8
CAPTION = 22


@dataclass(frozen=True, slots=True)
class TileLayout:
    """Equal tiles in rows; sizes in logical pixels. A cell is a caption with the tile under it."""

    columns: int
    tile_width: int
    tile_height: int
    count: int
    left: int = GAP

    @property
    def height(self) -> int:
        """Height of all rows."""
        return ceil(self.count / self.columns) * self.pitch + GAP

    @property
    def pitch(self) -> int:
        """From one row to the next."""
        return self.tile_height + CAPTION + GAP

    def tile_rect(self, place: int) -> QRectF:
        """The picture of cell `place`, from the top left of all rows."""
        x = self.left + place % self.columns * (self.tile_width + GAP)
        y = GAP + place // self.columns * self.pitch + CAPTION
        return QRectF(x, y, self.tile_width, self.tile_height)

    def caption_rect(self, place: int) -> QRectF:
        """The caption over it."""
        return self.tile_rect(place).adjusted(0, -CAPTION, 0, 0).adjusted(0, 0, 0, -self.tile_height)

    def places_between(self, top: float, bottom: float) -> range:
        """The cells of which some part lies between two heights."""
        first = max(0, int((top - GAP) // self.pitch))
        last = max(0, ceil((bottom - GAP) / self.pitch))
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))


def arrange(count: int, width: int, height: int, aspect: float, smallest: int) -> TileLayout:
    """The layout with the largest tiles that fits width × height; scrolls once they would be below `smallest`.

    aspect: tile height over width.
    """
    count = max(count, 1)
    best = 0, 1
    for columns in range(1, count + 1):
        tile = _widest(columns, ceil(count / columns), width, height, aspect)
        best = max(best, (tile, columns), key=lambda found: found[0])
    tile, columns = best
    if tile < smallest:
        room = max(1, (width - GAP) // (smallest + GAP))
        columns = min(count, room)
        widest = smallest if count <= room else (width - GAP) // columns - GAP  # few would fill the width each
        tile = max(24, min(widest, width - 2 * GAP))
    used = columns * (tile + GAP) - GAP
    return TileLayout(columns, tile, max(16, round(tile * aspect)), count, max(GAP, (width - used) // 2))


def _widest(columns: int, rows: int, width: int, height: int, aspect: float) -> int:
    by_width = (width - GAP) // columns - GAP
    by_height = int(((height - GAP) / rows - CAPTION - GAP) / aspect)
    return max(0, min(by_width, by_height))
