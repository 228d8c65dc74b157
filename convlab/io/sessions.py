"""Session files: read and written, with the photo that they are about."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from convlab.io.inputs import read_input
from convlab.io.json_text import json_pieces
from convlab.io.photos import DEFAULT_BUDGET
from convlab.io.regular import open_regular
from convlab.io.samples import assets_folder, open_sample, sample_names
from convlab.io.saving import saving
from convlab.model.charts import CHARTS, draw_chart
from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.session_file import (
    MOST_BYTES,
    InputFile,
    PixelsFile,
    SessionFile,
    as_read,
    parse_session,
    session_data,
    session_document,
)
from convlab.model.source import Source
from convlab.model.view import ViewState


def save_session(path: str | Path, document: Document, view: ViewState) -> None:
    """Write the whole state; a photo is named by its path, what is in no file is written with it.

    ConvLabError where it cannot be written or is too large.
    """
    data = session_data(document, view, where_of(document.source, Path(path)))
    with saving(path) as file:
        for piece in json_pieces(data):
            file.write(piece.encode())


def read_session(path: str | Path) -> SessionFile:
    """A session's file; ConvLabError names the file and what is wrong in it."""
    try:
        with open_regular(path) as file:
            return parse_session(file.read(MOST_BYTES + 1))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ConvLabError as error:
        reason = str(error).rstrip(".")
    text = QT_TRANSLATE_NOOP("model", "“{name}” was not opened: {reason}.")
    raise ConvLabError(message(text, name=Path(path).name, reason=reason))


def open_session(path: str | Path, budget_bytes: int = DEFAULT_BUDGET) -> tuple[Document, ViewState]:
    """The state in a session's file with its input; ConvLabError also where its photo is gone."""
    found = read_session(path)
    return session_document(found, open_input(found.input, Path(path), budget_bytes)), found.view


def where_of(source: Source, path: Path) -> InputFile | None:
    """Where the source, or the picture that it is a line of, is found again."""
    if source.path is None:
        drawn = source.name in CHARTS and source.description == draw_chart(source.name).description
        return InputFile(chart=source.name) if drawn else None
    photo = Path(source.path)
    if photo.parent == assets_folder() / "photos" and photo.stem in sample_names():
        return InputFile(sample=photo.stem)
    photo = photo.resolve()
    try:
        relative = os.path.relpath(photo, path.resolve().parent)
    except ValueError:  # another drive, on Windows
        relative = ""
    volume = source.volume is not None and source.photo is None
    return InputFile(str(photo), Path(relative).as_posix(), source.frame, volume=volume)


def open_input(where: InputFile | PixelsFile | Source, path: Path, budget_bytes: int = DEFAULT_BUDGET) -> Source:
    """A session's input; path: the session's own."""
    if isinstance(where, Source):
        return where
    if isinstance(where, PixelsFile):
        return where.filled(np.load(path.parent / Path(where.name).name, allow_pickle=False))
    return as_read(_opened(where, path, budget_bytes), where.reading, where.line)


def _opened(where: InputFile, path: Path, budget_bytes: int) -> Source:
    if where.sample:
        return open_sample(where.sample)
    if where.chart:
        return draw_chart(where.chart)
    beside = path.resolve().parent / where.relative
    place = beside if where.relative and beside.is_file() else Path(where.path)
    return read_input(str(place), where.frame, budget_bytes, deep=where.volume)
