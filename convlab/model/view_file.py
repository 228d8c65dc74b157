"""What a window shows as a JSON value."""

from __future__ import annotations

from convlab.model.fields import Fields
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.stack_edits import MOST_LAYERS
from convlab.model.view import COLORMAPS, NEGATIVES, NORMALIZE, Display, ViewState
from convlab.model.viewport import MAX_ZOOM, MIN_ZOOM, Viewport


def view_data(view: ViewState) -> dict[str, object]:
    """What a session holds of a view, as `read_view` reads it back."""
    data: dict[str, object] = {
        "output": view.chosen_output,
        "input": view.chosen_input,
        "byte_units": view.byte_units,
        "tinted": view.tinted,
        "composite": view.composite,
        "explain": view.explaining,
        "display": display_data(view.display),
    }
    if view.viewport is not None:
        data["center"] = [view.viewport.center_y, view.viewport.center_x]
        data["zoom"] = view.viewport.zoom
    if view.depth:
        data["depth"] = view.depth
    if view.pinned is not None:
        data["pin"] = list(view.pinned)
    if view.watched_layer is not None:
        data["watched_layer"] = view.watched_layer
    return data


def read_view(fields: Fields) -> tuple[ViewState, int | None]:
    """The view, and of version 1 the place of the layer in focus where that was no convolution."""
    viewport = None
    if "zoom" in fields:
        y, x = _two(fields)
        viewport = Viewport(y, x, min(max(fields.number("zoom"), MIN_ZOOM), MAX_ZOOM))
    view = ViewState(
        chosen_output=fields.whole("output", 0, 2**31 - 1, 0),
        chosen_input=fields.whole("input", 0, 2**31 - 1, 0),
        viewport=viewport,
        byte_units=fields.flag("byte_units"),
        tinted=fields.flag("tinted"),
        composite=fields.flag("composite"),
        explaining=fields.flag("explain"),
        pinned=fields.pair("pin", 0, 10_000_000) if "pin" in fields else None,
        depth=fields.whole("depth", 0, 2**31 - 1, 0),
        watched_layer=fields.whole("watched_layer", 0, MOST_LAYERS) if "watched_layer" in fields else None,
        display=read_display(fields.inner("display")) if "display" in fields else Display(),
    )
    focus = fields.whole("chosen_layer", 0, MOST_LAYERS) if "chosen_layer" in fields else None
    fields.end()
    return view, focus


def _two(fields: Fields) -> tuple[float, float]:
    values = fields.numbers("center", (1,), 2)
    if len(values) != 2:
        raise fields.wrong("center", QT_TRANSLATE_NOOP("model", "[y, x] of the middle of the view"))
    return float(values[0]), float(values[1])


def display_data(display: Display) -> dict[str, object]:
    """A display as a JSON value that `read_display` reads back."""
    return {
        "normalize": display.normalize,
        "negatives": display.negatives,
        "colormap": display.colormap,
        "low": display.low,
        "high": display.high,
        "percentiles": list(display.percentiles),
    }


def read_display(fields: Fields) -> Display:
    """How maps are drawn; what is not there is as in a new window."""
    plain = Display()
    display = Display(
        normalize=fields.choice("normalize", NORMALIZE, plain.normalize),  # type: ignore[arg-type]
        negatives=fields.choice("negatives", NEGATIVES, plain.negatives),  # type: ignore[arg-type]
        colormap=fields.choice("colormap", COLORMAPS, plain.colormap),
        low=fields.number("low", plain.low),
        high=fields.number("high", plain.high),
        percentiles=_percentiles(fields) if "percentiles" in fields else plain.percentiles,
    )
    fields.end()
    if not display.low < display.high:
        raise fields.wrong("high", QT_TRANSLATE_NOOP("model", "larger than “low”"))
    return display


def _percentiles(fields: Fields) -> tuple[float, float]:
    values = fields.numbers("percentiles", (1,), 2)
    if len(values) != 2 or not 0 <= values[0] < values[1] <= 100:
        raise fields.wrong("percentiles", QT_TRANSLATE_NOOP("model", "two numbers from 0 to 100, the smaller first"))
    return float(values[0]), float(values[1])
