"""A rectangle of output positions, all of them or every step-th."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """Positions (top + r·step, left + c·step) for r < rows, c < cols, in output pixels."""

    top: int
    left: int
    rows: int
    cols: int
    step: int = 1

    @property
    def size(self) -> int:
        """Number of positions."""
        return self.rows * self.cols

    def bands(self, rows: int) -> list[Region]:
        """The same positions cut into bands of at most `rows` rows, from top to bottom."""
        return [
            Region(self.top + r * self.step, self.left, min(rows, self.rows - r), self.cols, self.step)
            for r in range(0, self.rows, rows)
        ]


def whole(height: int, width: int, step: int = 1) -> Region:
    """Every step-th position of a map of height × width pixels."""
    return Region(0, 0, -(-height // step), -(-width // step), step)


OVERVIEW_SIDE = 256


def overview(height: int, width: int) -> Region:
    """A sample of a whole map, at most OVERVIEW_SIDE positions along a side."""
    return whole(height, width, max(1, -(-max(height, width) // OVERVIEW_SIDE)))
