"""TIFF: all maps as the named pages of one stack, float32, as ImageJ and napari read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convlab.export.format import ExportFormat
from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.export.pages import Pages


def _write(path: Path, maps: Pages) -> None:
    from convlab.io.exports import save_tiff

    height, width = maps.size
    save_tiff(path, maps.pages, len(maps.names), (height, width), maps.names)


TIFF = ExportFormat(
    name="tiff",
    suffix=".tif",
    title=QT_TRANSLATE_NOOP("model", "TIFF stack, float32 (ImageJ, napari)"),
    about=QT_TRANSLATE_NOOP("model", "unscaled values, a named page for each map, of volumes for each slice"),
    axes=(2, 3),
    write=_write,
)
