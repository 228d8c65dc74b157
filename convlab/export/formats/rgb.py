"""The first three maps as red, green and blue of one picture, by the same two limits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convlab.export.format import LOOK, ExportFormat
from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.export.pages import Pages


def _write(path: Path, maps: Pages) -> None:
    from convlab.io.exports import save_png
    from convlab.render.contrast import composite_limits, contrast_limits
    from convlab.render.pixels import composite

    shading = maps.shading
    red, green, blue = map(shading.shown, maps.pages)
    limits = contrast_limits([red, green, blue], shading.display, shading.scale)
    save_png(path, composite((red, green, blue), composite_limits(limits, shading.display, shading.scale)))


RGB = ExportFormat(
    name="rgb",
    suffix=".png",
    title=QT_TRANSLATE_NOOP("model", "PNG, first three maps as RGB"),
    about=QT_TRANSLATE_NOOP("model", "8 bit, scaled alike"),
    axes=(2,),
    write=_write,
    scaling="together",
    options=tuple(option for option in LOOK if option != "colormap"),
    part="rgb",
    least=3,
    most=3,
)
