"""PNG: a file for each map, with 8 bits as the window draws it, or with 16 bits of gray."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convlab.export.format import LOOK, ExportFormat
from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.export.pages import Pages


def _write(path: Path, maps: Pages, deep: bool = False) -> None:
    from convlab.export.pictures import picture
    from convlab.io.exports import save_png

    (values,) = maps.pages
    shading = maps.shading
    save_png(path, picture(values, shading.display, shading.shared, deep, shading.scale))


def _write16(path: Path, maps: Pages) -> None:
    _write(path, maps, deep=True)


PNG = ExportFormat(
    name="png",
    suffix=".png",
    title=QT_TRANSLATE_NOOP("model", "PNG, as displayed (8 bit)"),
    about=QT_TRANSLATE_NOOP("model", "a file for each map, scaled and coloured as in the window"),
    axes=(2,),
    write=_write,
    scaling="each",
    options=LOOK,
    per_map=True,
)
PNG16 = ExportFormat(
    name="png16",
    suffix=".png",
    title=QT_TRANSLATE_NOOP("model", "PNG, 16-bit gray"),
    about=QT_TRANSLATE_NOOP("model", "a file for each map, scaled as in the window"),
    axes=(2,),
    write=_write16,
    scaling="each",
    options=tuple(option for option in LOOK if option != "colormap"),
    per_map=True,
)
