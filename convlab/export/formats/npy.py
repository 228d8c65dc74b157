"""NumPy: all maps in one array, in the layer's own type."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convlab.export.format import ExportFormat
from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.export.pages import Pages


def _write(path: Path, maps: Pages) -> None:
    from convlab.io.exports import save_npy

    save_npy(path, maps.pages, len(maps.names), maps.size, maps.dtype, maps.shape)


NPY = ExportFormat(
    name="npy",
    suffix=".npy",
    title=QT_TRANSLATE_NOOP("model", "NumPy array (.npy)"),
    about=QT_TRANSLATE_NOOP("model", "unscaled values, maps first; float64 of a float64 layer, else float32"),
    axes=(1, 2, 3),
    write=_write,
)
