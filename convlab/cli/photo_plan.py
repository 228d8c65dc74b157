"""What is to be saved of one photo, from its source and the options; and options that fit no photo."""

from __future__ import annotations

import argparse
from dataclasses import replace

from convlab.cli.targets import Job
from convlab.cli.terminal import quoted
from convlab.cli.weights import LayerSource
from convlab.export.format import ExportFormat
from convlab.export.plan import ExportPlan, planned_paths
from convlab.export.register import format_of, formats
from convlab.io.formats.register import names as format_names
from convlab.io.formats.register import told_by_name
from convlab.model.colours import channels_for
from convlab.model.document import Channel, Document
from convlab.model.maps import last
from convlab.model.message import ConvLabError, either
from convlab.model.problems import Limits
from convlab.model.reading import WHOLE, Input, Reading
from convlab.model.source import Source
from convlab.model.view import Display

READINGS = {"rgb": "is gray, read as R = G = B", "luminance": "is in colour, read as its luminance"}
KINDS = {1: "signals", 2: "pictures", 3: "volumes"}
"""What maps of so many spatial axes are of."""


def refuse_formats(options: argparse.Namespace, layers: LayerSource) -> None:
    """ConvLabError for a format that these layers give of no photo, or a choice of channels that none could have."""
    format = format_of(options.format)
    _refuse_other_axes(format, layers.dims)
    channels = layers.inputs if options.channels is None else len(wanted_channels(options.channels))
    if format.least > 1 and channels is not None:
        _refuse_few(format, layers.maps(channels))
    if options.frame is not None and all(told_by_name(photo, "signal") for photo in options.photos):
        raise ConvLabError("--frame is of pictures: leave it out")


def _refuse_other_axes(format: ExportFormat, axes: int) -> None:
    """Maps of signals, pictures and volumes are saved in formats that take them whole."""
    if axes in format.axes:
        return
    wanted = either(sorted(each.name for each in formats(axes)))
    if axes == 1:
        raise ConvLabError(f"--format {wanted} is for signals, which these layers read; {format.name} is not")
    if axes == 2 and format.axes == (1,):
        raise ConvLabError(f"--format {format.name} is for signals: these layers read pictures")
    raise ConvLabError(f"Layers of {KINDS[axes]} need --format {wanted}; {format.name} is for {KINDS[format.axes[0]]}")


def _refuse_few(format: ExportFormat, maps: int) -> None:
    if maps < format.least:
        raise ConvLabError(f"--format {format.name} needs {format.least} output channels, there are {maps}")


def export_plan(
    job: Job, options: argparse.Namespace, layers: LayerSource, source: Source, limits: Limits
) -> tuple[ExportPlan, str | None]:
    """The plan, and what is to be said of how the photo is read; ConvLabError where it does not fit the layers."""
    reading, note = _reading(source, options, layers)
    input = Input(source, reading)
    document = layers.document(input, _channels(input.picture, options.channels))
    _refuse_other_input(document, layers)
    maps = last(document)
    problems = maps.problems(limits)
    if problems:
        raise ConvLabError(problems[0].message)
    outputs = maps.count
    _refuse_few(job.format, outputs)
    plan = ExportPlan(maps, tuple(range(outputs)), job.format, job.folder, job.name, _show(options))
    return replace(plan, label=job.label, keep_existing=options.skip_existing), note


def refuse_taken(plan: ExportPlan, options: argparse.Namespace) -> None:
    """ConvLabError where a result is there that nobody foresaw: the file's header did not tell how many there are."""
    if options.overwrite or options.skip_existing:
        return
    taken = next((path for path in planned_paths(plan) if path.exists()), None)
    if taken is not None:
        raise ConvLabError(f"{quoted(taken)} is there already")


def _reading(source: Source, options: argparse.Namespace, layers: LayerSource) -> tuple[Reading, str | None]:
    """Gray as R = G = B, or colour as its luminance, where the layers want as many channels; and what to say of it."""
    wanted = layers.inputs
    channels = channels_for(source, wanted) if options.channels is None and not source.signal else "stored"
    if channels == "stored":
        return WHOLE, None
    inputs = "1 input" if wanted == 1 else f"{wanted} inputs"
    note = f"{quoted(source.name)} {READINGS[channels]} by weights of {inputs}"
    return Reading(channels), note


def _refuse_other_input(document: Document, layers: LayerSource) -> None:
    """Layers of signals read signals, those of pictures read pictures."""
    signal, source = layers.dims == 1, document.source
    if signal != source.signal and not (signal and source.size[0] == 1):
        wanted = f"signals: {either(format_names('signal'))} files" if signal else "pictures"
        raise ConvLabError(f"{document.conv.spec.kind} reads {wanted}")


def _show(options: argparse.Namespace) -> Display:
    given = {"normalize": options.normalize, "negatives": options.negatives, "colormap": options.colormap}
    display = Display(**{name: value for name, value in given.items() if value is not None})
    if options.range is not None:
        display = replace(display, low=options.range[0], high=options.range[1])
    return display if options.percentiles is None else replace(display, percentiles=options.percentiles)


def wanted_channels(text: str) -> tuple[str, ...]:
    """The names in --channels; ConvLabError where one is empty or there twice."""
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(map(str.lower, names))) != len(names):
        what = "names a channel twice" if all(names) else "has a name too few"
        raise ConvLabError(f"--channels {text} {what}")
    return names


def _channels(source: Source, wanted: str | None) -> tuple[Channel, ...]:
    """The source's channels with those wanted first and used; without a wish all but alpha."""
    if wanted is None:
        return tuple(Channel(n, used=not source.is_alpha(n)) for n in range(source.channel_count))
    lower = [name.lower() for name in source.channel_names]
    names = wanted_channels(wanted)
    for name in names:
        if name.lower() not in lower:
            there = ", ".join(source.channel_names)
            raise ConvLabError(f"{quoted(source.name)} has no channel {name}; it has {there}")
    chosen = [lower.index(name.lower()) for name in names]
    rest = [n for n in range(source.channel_count) if n not in chosen]
    return tuple(Channel(n) for n in chosen) + tuple(Channel(n, used=False) for n in rest)
