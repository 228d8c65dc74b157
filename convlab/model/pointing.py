"""What is pointed at while values are explained: a pixel of the maps, or one of the input."""

from __future__ import annotations

from math import floor

from convlab.model.maps import LayerMaps
from convlab.model.view import ViewState

Position = tuple[int, int]


def explained_position(maps: LayerMaps, view: ViewState) -> Position | None:
    """The map pixel (row, column) to be explained: the pinned one, that under the cursor, or the one offered."""
    size = maps.output_size
    if view.pinned_input is not None:
        return None
    if view.pinned is not None:
        return view.pinned if _inside(view.pinned, size) else None
    if view.cursor is not None and on_input(view):
        return None
    if view.cursor is not None:
        row, col = (floor(n) for n in maps.geometry.from_input(*view.cursor))
        if _inside((row, col), size):
            return row, col
    return view.offered if view.offered is not None and _inside(view.offered, size) else None


def reversed_position(maps: LayerMaps, view: ViewState) -> Position | None:
    """The input pixel (row, column) whose way to the maps is shown: the pinned one, or that under the cursor."""
    if view.pinned_input is not None:
        return view.pinned_input if maps.reads_source and _inside(view.pinned_input, maps.picture.size) else None
    if view.pinned is not None or view.cursor is None or not on_input(view) or not maps.reads_source:
        return None
    position = floor(view.cursor[0]), floor(view.cursor[1])
    return position if _inside(position, maps.picture.size) else None


def on_input(view: ViewState) -> bool:
    """Whether the cursor is on the photo or one of its channels."""
    return view.cursor_on in ("photo", "input")


def _inside(position: Position, size: tuple[int, int]) -> bool:
    return 0 <= position[0] < size[0] and 0 <= position[1] < size[1]
