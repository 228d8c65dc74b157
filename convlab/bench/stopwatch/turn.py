"""What the stopwatch finds in one turn, and what it can be asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Turn:
    """seconds: of each repetition. made: what was made, by name, as sizes: painted pixels, or the maps' shape.

    later: pictures that were painted again only after the time was taken.
    """

    seconds: tuple[float, ...]
    made: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    later: tuple[str, ...] = ()


class Task(Protocol):
    """Prepared once, measured in turns."""

    def turn(self) -> Turn:
        """Measure once more."""
        ...
