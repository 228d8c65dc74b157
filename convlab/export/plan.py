"""What to save, in which format, under which names; knows no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from convlab.io.exports import file_name
from convlab.model.document import Document
from convlab.model.stack_view import looked_at
from convlab.model.view import Display

Format = Literal["png", "png16", "tiff", "npy", "rgb", "sheet", "csv"]
FORMATS: tuple[Format, ...] = ("png", "png16", "tiff", "npy", "rgb", "sheet")
SIGNAL_FORMATS: tuple[Format, ...] = ("csv", "npy")
"""Of signals."""
VOLUME_FORMATS: tuple[Format, ...] = ("npy", "tiff")
"""That take all slices of a layer of volumes; the others take a slice."""


PICTURES: tuple[Format, ...] = ("png", "png16")
"""A file for each map."""
ONE_FILE = {
    "npy": ("", ".npy"),
    "tiff": ("", ".tif"),
    "csv": ("", ".csv"),
    "rgb": ("rgb", ".png"),
    "sheet": ("sheet", ".png"),
}
"""What a name says of the kind of picture, and its suffix."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What to save and where.

    outputs: output channels, in the order in which they are written. name: the photo's stem, the start of
    every file name. One file for npy, csv, tiff, rgb and sheet, one a map for png and png16. target: the one
    file's path, instead of a name made of `folder` and `name`. keep_existing: a picture that is there already is not
    written again. label: stands in file names for the layer, 'conv3x3' say, where it has a name of its own.
    """

    document: Document
    outputs: tuple[int, ...]
    format: Format
    folder: Path
    name: str
    display: Display = field(default_factory=Display)
    target: Path | None = None
    keep_existing: bool = False
    label: str = ""


def planned_paths(plan: ExportPlan) -> list[Path]:
    """The files that `save_maps` writes."""
    label = plan.label or layer_text(plan.document)
    if not plan.label and not ONE_FILE.get(plan.format, ("no",))[0]:
        label += "_maps"
    if plan.format in PICTURES:
        return [plan.folder / result_name(plan.format, plan.name, label, o) for o in plan.outputs]
    return [plan.target or plan.folder / result_name(plan.format, plan.name, label)]


def result_name(format: str, name: str, label: str, output: int = 0) -> str:
    """The file that holds all maps, or of pictures the one of map `output`: 'astronaut_sobel-x_out0.png'."""
    if format in PICTURES:
        return file_name(name, label, f"out{output}", ".png")
    part, suffix = ONE_FILE[format]
    return file_name(name, label, part, suffix)


def layer_text(document: Document) -> str:
    """The layer in a file name: 'conv3x3', of a signal 'conv3'; one without kernels by its kind, 'sqrt'."""
    kind = looked_at(document)
    if kind != document.layer.kind:
        return kind
    return "conv" + "x".join(map(str, document.layer.torch_sizes(document.layer.kernel_size)))
