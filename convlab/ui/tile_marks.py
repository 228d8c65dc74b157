"""What is marked on a tile: cursor, explained window, receptive field, what a pixel feeds, what a weight touches."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from convlab.app.session import Session
from convlab.app.tiles import Tile
from convlab.model.explanation import Explanation
from convlab.model.maps import LayerMaps
from convlab.model.pointing import reversed_position
from convlab.model.receptive import Bounds, seen_by
from convlab.model.reverse import Touched, feeding, touched
from convlab.model.shape import unreached
from convlab.model.source import Line
from convlab.model.stack import seen_through
from convlab.model.view import TileKey

Position = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """All in the tile's own pixels but the cursor, which is (y, x) on the input.

    window: the explained value's, on a tile of the input; channel: that tile's among those its group reads, None on the
    photo. unreached: rows and columns at the end of the input that no window reaches. field: what a value of a later
    layer sees. filled_to: the last map pixel that is shown while stepping. fed: map pixels that an input pixel feeds;
    source: that pixel, on the input. touched: what the weight under the mouse reads. line: of the photo, the signal.
    """

    cursor: tuple[float, float] | None = None
    window: Explanation | None = None
    channel: int | None = None
    unreached: tuple[int, int] = (0, 0)
    field: Bounds | None = None
    filled_to: Position | None = None
    fed: tuple[Position, ...] = ()
    source: Position | None = None
    touched: Touched | None = None
    line: Line | None = None


def marks_on(key: TileKey, tile: Tile | None, session: Session, explanation: Explanation | None) -> Marks:
    """The marks of the tile `key` for the session's present document and view."""
    line = session.document.reading.line
    if key.kind == "photo" and line is not None:
        return Marks(line=line)
    on_input = key.kind in ("photo", "input")
    if session.problems:
        return Marks(cursor=session.view.cursor)
    if not session.sees_edited or not session.edited.reads_source:
        return _deep_marks(key, session, explanation)
    if not session.view.explaining:
        return Marks(cursor=session.view.cursor, unreached=_unreached(session) if on_input else (0, 0))
    return _input_marks(key, session, explanation) if on_input else _map_marks(key, tile, session, explanation)


def _deep_marks(key: TileKey, session: Session, explanation: Explanation | None) -> Marks:
    """Behind other layers: on the input what the value pointed at, on a map, depends on."""
    view, maps = session.view, session.maps
    if key.kind not in ("photo", "input"):
        return Marks(cursor=view.cursor)
    position = explanation.position if explanation is not None and session.sees_edited else None
    if position is None and view.cursor is not None and view.cursor_on in ("map", "composite", "contribution"):
        row, col = (floor(n) for n in maps.geometry.from_input(*view.cursor))
        inside = 0 <= row < maps.output_size[0] and 0 <= col < maps.output_size[1]
        position = (row, col) if inside else None
    if position is None:
        return Marks(cursor=view.cursor)
    row, col = position
    field = seen_through(maps.entries, (row, col, row + 1, col + 1), session.document.source_shape)
    return Marks(cursor=view.cursor, field=field)


def _input_marks(key: TileKey, session: Session, explanation: Explanation | None) -> Marks:
    maps, view = session.edited, session.view
    channel = _channel(key, session, view.chosen_output)
    read = key.kind == "photo" or channel is not None
    chosen = channel == view.chosen_input or key.kind == "photo"
    return Marks(
        cursor=view.cursor,
        window=explanation if read else None,
        channel=channel if maps.picture.channel_count > 1 or key.kind == "input" else 0,
        unreached=_unreached(session),
        field=_field(session, explanation, 0),
        source=reversed_position(maps, view) if read else None,
        touched=touched(maps, view.tap) if view.tap is not None and chosen else None,
    )


def _map_marks(key: TileKey, tile: Tile | None, session: Session, explanation: Explanation | None) -> Marks:
    maps, view = session.edited, session.view
    position = reversed_position(maps, view)
    cursor = view.cursor if position is None else None
    kept = view.resting if view.cursor is None else view.pinned
    if kept is not None and tile is not None:
        cursor = tile.geometry.to_input(kept[0] + 0.5, kept[1] + 0.5)
    of_chosen = key == TileKey("map", view.chosen_output)
    return Marks(
        cursor=cursor,
        field=_field(session, explanation, 1) if of_chosen else None,
        filled_to=view.pinned if view.stepping and key.kind in ("map", "contribution") else None,
        fed=_fed(maps, view.chosen_output, position) if position is not None else (),
    )


_last_fed: list[tuple[LayerMaps, int, Position, tuple[Position, ...]]] = []
"""What was asked for last: every tile of a layer asks for the same, and a large photo's axes are long."""


def _fed(maps: LayerMaps, output: int, position: Position) -> tuple[Position, ...]:
    """The map pixels that the input pixel feeds."""
    if not _last_fed or _last_fed[0][0] != maps or _last_fed[0][1:3] != (output, position):
        _last_fed[:] = [(maps, output, position, feeding(maps, output, *position).outputs)]
    return _last_fed[0][3]


def _channel(key: TileKey, session: Session, output: int) -> int | None:
    """The place of an input tile's channel among those that the output's group reads; None for none and the photo."""
    maps = session.edited
    read = [maps.input_channels[i].index for i in maps.window.group_inputs(output)]
    return read.index(key.index) if key.kind == "input" and key.index in read else None


def _field(session: Session, explanation: Explanation | None, level: int) -> Bounds | None:
    """What the later layers' value over the explained one sees of the input (level 0) or of the map (1)."""
    maps, view = session.edited, session.view
    if explanation is None or not view.then:
        return None
    seen = seen_by((maps.window, *view.then), maps.input_shape.size, explanation.position)
    return seen[level] if seen else None


def _unreached(session: Session) -> tuple[int, int]:
    _, rows, cols = unreached(session.edited.window, session.edited.input_shape.size)
    return rows, cols
