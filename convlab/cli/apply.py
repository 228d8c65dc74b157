"""`convlab apply`: photo after photo through one layer."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from convlab.cli.weights import LayerSource
from convlab.export.plan import VOLUME_FORMATS, ExportPlan
from convlab.io.inputs import read_input
from convlab.model.document import Channel, Document
from convlab.model.message import ConvLabError
from convlab.model.problems import Limits
from convlab.model.reading import read_as, reading_for
from convlab.model.source import Source
from convlab.model.stack_view import seen
from convlab.model.view import Display

if TYPE_CHECKING:
    from convlab.engine.evaluate import Evaluator


def apply(options: argparse.Namespace) -> int:
    """Write every photo's maps; 0, or 1 when a photo failed. ConvLabError on bad arguments."""
    layers = LayerSource(options)
    folder = _folder(options.out)
    _refuse_same_names(options.photos)
    from convlab.engine.device import limits
    from convlab.engine.evaluate import Evaluator

    if options.device not in limits().devices:
        raise ConvLabError(f"--device {options.device} is not here; there is {', '.join(limits().devices)}")
    evaluator, failed = Evaluator(), 0
    for photo in _with_progress(options.photos):
        try:
            _apply_to(photo, options, layers, folder, evaluator, limits())
        except ConvLabError as error:
            failed += 1
            text = " ".join(str(error).split())
            print(text if Path(photo).name in text else f"{photo}: {text}", file=sys.stderr)
    return 1 if failed else 0


def _apply_to(
    photo: str, options: argparse.Namespace, layers: LayerSource, folder: Path, evaluator: Evaluator, limits: Limits
) -> None:
    from convlab.export.maps import save_maps

    source = _as_read(read_input(photo, deep=layers.deep), options, layers.inputs)
    channels = _channels(source, options.channels)
    document = layers.document(source, channels)
    _refuse_other_input(photo, document, options.format)
    document = seen(document, len(document.entries) - 1)
    problems = document.problems(limits)
    if problems:
        raise ConvLabError(f"{photo}: {problems[0].message}")
    save_maps(_plan(photo, options, document, folder), evaluator)


def _as_read(source: Source, options: argparse.Namespace, wanted: int | None) -> Source:
    """Gray as R = G = B, or colour as its luminance, where the layers want as many channels; stderr says so."""
    reading = reading_for(source, wanted) if options.channels is None and not source.signal else None
    if reading is None:
        return source
    text = {"rgb": "is gray, read as R = G = B", "luminance": "is in colour, read as its luminance"}[reading]
    print(f"{source.name} {text}: channels that the weights read: {wanted}", file=sys.stderr)
    return read_as(source, reading)


def _refuse_other_input(photo: str, document: Document, format: str) -> None:
    """Layers of signals read signals and give csv or npy; those of pictures read pictures and give no csv."""
    signal = document.layer.dims == 1
    if document.layer.dims == 3 and (format not in VOLUME_FORMATS or document.source.volume is None):
        wanted = "--format npy or tiff" if format not in VOLUME_FORMATS else "files of several frames"
        raise ConvLabError(f"{photo}: {document.layer.kind} needs {wanted}")
    if signal != document.source.signal and not (signal and document.source.size[0] == 1):
        wanted = "signals: WAV or CSV files" if signal else "pictures"
        raise ConvLabError(f"{photo}: {document.layer.kind} reads {wanted}")
    if signal != (format == "csv") and format != "npy":
        raise ConvLabError(f"{photo}: --format csv or npy is for signals, the others are for pictures")


def _plan(photo: str, options: argparse.Namespace, document: Document, folder: Path) -> ExportPlan:
    stem = Path(photo).stem
    suffix = {"npy": ".npy", "tiff": ".tif", "csv": ".csv"}.get(options.format)
    plan = ExportPlan(document, tuple(range(document.layer.out_channels)), options.format, folder, stem, _show(options))
    if options.format == "rgb" and document.layer.out_channels < 3:
        raise ConvLabError(f"{photo}: --format rgb needs 3 output channels, there are {document.layer.out_channels}")
    return replace(plan, target=folder / f"{stem}{suffix}") if suffix else plan


def _show(options: argparse.Namespace) -> Display:
    return Display(
        normalize=options.normalize,
        negatives=options.negatives,
        colormap=options.colormap,
        low=options.range[0],
        high=options.range[1],
        percentiles=options.percentiles,
    )


def _channels(source: Source, wanted: str | None) -> tuple[Channel, ...]:
    """The source's channels with those wanted first and used; without a wish all but alpha."""
    if wanted is None:
        return tuple(Channel(n, used=not source.is_alpha(n)) for n in range(source.channel_count))
    lower = [name.lower() for name in source.channel_names]
    names = [name.strip() for name in wanted.split(",")]
    for name in names:
        if name.lower() not in lower:
            there = ", ".join(source.channel_names)
            raise ConvLabError(f"{source.name} has no channel {name}; it has {there}")
    if len(set(map(str.lower, names))) != len(names):
        raise ConvLabError(f"--channels {wanted} names a channel twice")
    chosen = [lower.index(name.lower()) for name in names]
    rest = [n for n in range(source.channel_count) if n not in chosen]
    return tuple(Channel(n) for n in chosen) + tuple(Channel(n, used=False) for n in rest)


def _folder(path: str) -> Path:
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConvLabError(f"--out {path} cannot be made: {error.strerror}") from error
    return folder


def _refuse_same_names(photos: list[str]) -> None:
    """Results are named by the photo's stem: two equal stems would overwrite each other."""
    for stem, count in Counter(Path(photo).stem for photo in photos).items():
        if count > 1:
            same = ", ".join(photo for photo in photos if Path(photo).stem == stem)
            raise ConvLabError(f"{same} would write the same file names; apply them to different --out folders")


def _with_progress(photos: list[str]) -> Iterable[str]:
    """A bar on a terminal when there are several."""
    if len(photos) < 2 or not sys.stderr.isatty():
        return photos
    try:
        from tqdm import tqdm
    except ImportError:
        return photos
    bar: Iterable[str] = tqdm(photos, unit="photo")
    return bar
