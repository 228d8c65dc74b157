"""`convlab apply`: photo after photo through one layer, planned as a whole before any work."""

from __future__ import annotations

import argparse
from pathlib import Path

from convlab.cli.ignored import refuse_beside, refuse_ignored
from convlab.cli.photo_plan import refuse_formats, wanted_channels
from convlab.cli.targets import Job, counted, jobs, refuse_present, with_present
from convlab.cli.terminal import Screen, own_stderr, quoted
from convlab.cli.weights import LayerSource
from convlab.export.register import format_of
from convlab.io.headers import channel_count
from convlab.io.saving import sweep_strays
from convlab.model.message import ConvLabError


def apply(options: argparse.Namespace) -> int:
    """Write every photo's maps; 0, 1 when a photo failed, 130 when stopped. ConvLabError on bad arguments."""
    refuse_ignored(options)
    layers = LayerSource(options)
    if layers.deep:
        refuse_beside(options, ("frame",), "layers of volumes read all frames")
    refuse_formats(options, layers)
    _refuse_other_device(options.device)
    planned = _planned(options, layers)
    _make_folder(options.out)
    sweep_strays(options.out)
    from convlab.cli.batch import Batch  # brings torch

    screen = Screen(len(planned))
    kept = len(options.photos) - len(planned)
    if kept:
        screen.say(f"{kept} of {len(options.photos)} photos were done already")
    with own_stderr():
        try:
            return Batch(options, layers, screen).run(planned)
        finally:
            screen.close()


def _planned(options: argparse.Namespace, layers: LayerSource) -> list[Job]:
    """What is to be done, with nothing in the way of it."""
    folder = Path(options.out)
    inputs = [*options.photos, *filter(None, (options.weights, options.bias, options.session))]
    named = len(wanted_channels(options.channels)) if options.channels is not None else None

    def maps(photo: str) -> int | None:
        channels = named or channel_count(photo)
        try:
            return None if channels is None else layers.maps(channels)
        except ConvLabError:
            return None  # said when its turn has come

    every = with_present(jobs(options.photos, layers.label, format_of(options.format), folder), folder, inputs)
    if options.overwrite:
        return list(every)
    checked = [counted(job, maps) for job in every]
    if not options.skip_existing:
        refuse_present(job for job, _ in checked)
    return [job for job, done in checked if not done]


def _refuse_other_device(device: str) -> None:
    if device == "cpu":
        return
    from convlab.engine.device import limits

    if device not in limits().devices:
        raise ConvLabError(f"--device {device} is not here; there is {', '.join(limits().devices)}")


def _make_folder(path: str) -> None:
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a folder's name"
        raise ConvLabError(f"--out {quoted(path)} cannot be made: {reason}") from error
