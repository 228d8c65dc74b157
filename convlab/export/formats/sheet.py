"""A contact sheet: every map reduced beside the others, with its channel and its limits as label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convlab.export.format import LOOK, ExportFormat
from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.export.pages import Pages

SIDE = 320
"""Pixels along the longer side of a map, at most: reduced by area averages after its limits were taken."""


def _write(path: Path, maps: Pages) -> None:
    from convlab.io.exports import save_png
    from convlab.render.pixels import to_pixels
    from convlab.render.sheet import contact_sheet

    shading, pictures = maps.shading, []
    for number, (name, values) in enumerate(zip(maps.names, maps.pages, strict=True)):
        shown = shading.shown(values)
        limits = shading.limits(number, shown)
        label = f"{name}   {limits[0]:.4g} … {limits[1]:.4g}"
        pictures.append((label, to_pixels(shown, limits, shading.display.colormap)))
    save_png(path, contact_sheet(f"{maps.title}   {shading.display.normalize}", pictures, SIDE))


SHEET = ExportFormat(
    name="sheet",
    suffix=".png",
    title=QT_TRANSLATE_NOOP("model", "PNG contact sheet, labelled"),
    about=QT_TRANSLATE_NOOP("model", "every map in small, with its limits"),
    axes=(2,),
    write=_write,
    scaling="each",
    options=LOOK,
    part="sheet",
)
