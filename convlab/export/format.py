"""What an export format is: how people call it, which maps it takes, and how it writes them.

One format is one file in `formats` and its line in `register`; the save dialog, the command line with its help, the
names of files and README's list are made from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from convlab.export.pages import Pages  # brings numpy, which the command line's help can do without

Write = Callable[[Path, "Pages"], None]
Scaling = Literal["unscaled", "each", "together"]
"""What is stored: the maps' values; or pictures, scaled each by itself (all alike where the person says so), or all
by the same two limits."""

LOOK = ("normalize", "range", "percentiles", "negatives", "colormap")
"""The options that say how pictures are drawn, named as on the command line."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A description, which never changes.

    name: on the command line. title: in the dialog; about: what else is to be said, a phrase. Both are templates for
    translation. suffix: of its files; part: what their names say of the kind of picture. axes: spatial ones of the maps
    that it takes: 1 of signals, 2 of pictures, 3 of volumes. options: those of LOOK that change what is written.
    per_map: a file for each map. least, most: how many maps it needs, and how many it takes of them.
    write: all of one file's pages to a path, whole or not at all. ConvLabError where that fails.
    """

    name: str
    suffix: str
    title: str
    about: str
    axes: tuple[int, ...]
    write: Write
    scaling: Scaling = "unscaled"
    options: tuple[str, ...] = ()
    per_map: bool = False
    part: str = ""
    least: int = 1
    most: int | None = None

    @property
    def unscaled(self) -> bool:
        """Whether the values themselves are stored."""
        return self.scaling == "unscaled"
