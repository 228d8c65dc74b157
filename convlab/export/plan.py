"""What to save, in which format, under which names; knows no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from convlab.io.exports import file_name
from convlab.model.document import Document
from convlab.model.layer import torch_size
from convlab.model.stack_view import looked_at
from convlab.model.view import Display

Format = Literal["png", "png16", "tiff", "npy", "rgb", "sheet", "csv"]
FORMATS: tuple[Format, ...] = ("png", "png16", "tiff", "npy", "rgb", "sheet")
SIGNAL_FORMATS: tuple[Format, ...] = ("csv", "npy")
"""Of signals."""
VOLUME_FORMATS: tuple[Format, ...] = ("npy", "tiff")
"""That take all slices of a layer of volumes; the others take a slice."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What to save and where.

    outputs: output channels, in the order in which they are written. name: the photo's stem, the start of
    every file name. One file for npy, csv, tiff, rgb and sheet, one a map for png and png16. target: the one
    file's path, instead of a name made of `folder` and `name`. keep_existing: a picture that is there already is not
    written again.
    """

    document: Document
    outputs: tuple[int, ...]
    format: Format
    folder: Path
    name: str
    display: Display = field(default_factory=Display)
    target: Path | None = None
    keep_existing: bool = False


def planned_paths(plan: ExportPlan) -> list[Path]:
    """The files that `save_maps` writes."""
    if plan.format in ("png", "png16"):
        return [_path(plan, f"out{o}", "png") for o in plan.outputs]
    suffix = {"npy": "npy", "tiff": "tif", "rgb": "png", "sheet": "png", "csv": "csv"}[plan.format]
    return [plan.target or _path(plan, {"rgb": "rgb", "sheet": "sheet"}.get(plan.format, "maps"), suffix)]


def layer_text(document: Document) -> str:
    """The layer in a file name: 'conv3x3', of a signal 'conv3'; one without kernels by its kind, 'sqrt'."""
    kind = looked_at(document)
    if kind != document.layer.kind:
        return kind
    return "conv" + "x".join(map(str, torch_size(document.layer, "kernel_size")))


def _path(plan: ExportPlan, channel: str, suffix: str) -> Path:
    return plan.folder / file_name(plan.name, layer_text(plan.document), channel, f".{suffix}")
