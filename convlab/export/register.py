"""The export formats, in the order in which they are offered. A new one is a file in `formats` and its line here."""

from __future__ import annotations

from convlab.export.format import ExportFormat
from convlab.export.formats import csv, npy, png, rgb, sheet, tiff

FORMATS: tuple[ExportFormat, ...] = (
    png.PNG,
    png.PNG16,
    tiff.TIFF,
    csv.CSV,
    npy.NPY,
    rgb.RGB,
    sheet.SHEET,
)


def formats(axes: int | None = None) -> tuple[ExportFormat, ...]:
    """Those that take maps of so many spatial axes, or all."""
    return tuple(each for each in FORMATS if axes is None or axes in each.axes)


def format_of(name: str) -> ExportFormat:
    """The one of this name; KeyError where there is none."""
    return {each.name: each for each in FORMATS}[name]
