"""What to save, in which format, under which names; knows no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from convlab.export.format import ExportFormat
from convlab.io.exports import file_name
from convlab.io.names import stem_of
from convlab.model.maps import LayerMaps
from convlab.model.source import Source
from convlab.model.view import Display


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What to save and where.

    outputs: output channels, in the order in which they are written. name: the photo's stem, the start of
    every file name. target: of a format that has one file, its path instead of a name made of `folder` and `name`.
    keep_existing: a map's file that is there already is not written again. label: stands in file names for the layer,
    'conv3x3' say, where it has a name of its own.
    """

    maps: LayerMaps
    outputs: tuple[int, ...]
    format: ExportFormat
    folder: Path
    name: str
    display: Display = field(default_factory=Display)
    target: Path | None = None
    keep_existing: bool = False
    label: str = ""

    @property
    def whole(self) -> bool:
        """Whether all slices of volumes go into the file, rather than the one looked at."""
        return self.maps.are_volumes and 3 in self.format.axes

    @property
    def taken(self) -> tuple[int, ...]:
        """The outputs that the format has room for."""
        return self.outputs[: self.format.most]


def start_of_names(source: Source) -> str:
    """What the files' names begin with: the photo's name."""
    return stem_of(source.name)


def planned_paths(plan: ExportPlan) -> list[Path]:
    """The files that `save_maps` writes."""
    format, label = plan.format, plan.label or layer_text(plan.maps)
    if format.per_map:
        return [plan.folder / result_name(format, plan.name, label, output) for output in plan.taken]
    if not plan.label and not format.part:
        label += "_maps"
    return [plan.target or plan.folder / result_name(format, plan.name, label)]


def result_name(format: ExportFormat, name: str, label: str, output: int = 0) -> str:
    """The file that holds all maps, or of a file for each the one of map `output`: 'astronaut_sobel-x_out0.png'."""
    return file_name(name, label, f"out{output}" if format.per_map else format.part, format.suffix)


def layer_text(maps: LayerMaps) -> str:
    """The layer in a file name: 'conv3x3', of a signal 'conv3', with its activation 'conv3x3-relu'; else its kind."""
    spec, after = maps.spec, [function.activation for function in maps.functions]
    if spec is None or not all(after):
        return maps.kind
    return "-".join(["conv" + "x".join(map(str, spec.torch_sizes(spec.kernel_size))), *after])
