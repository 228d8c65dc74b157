"""Session files: read and written, with the photo that they are about."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from convlab.io.json_text import json_pieces
from convlab.io.photos import DEFAULT_BUDGET
from convlab.io.reader import HERE, Reader
from convlab.io.samples import assets_folder, open_sample, sample_names
from convlab.io.saving import saving
from convlab.model.charts import CHARTS, draw_chart
from convlab.model.document import Document
from convlab.model.input_file import InputFile, PixelsFile
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.session_file import MOST, SessionFile, parse_session, session_data, session_document
from convlab.model.source import Source
from convlab.model.view import ViewState


def save_session(path: str | Path, document: Document, view: ViewState) -> Message | None:
    """Write the whole state; a photo is named by its place, what is in no file is written with it.

    What there is to be said of it: that the place holds on this computer only. ConvLabError where the state cannot be
    written or is too large.
    """
    where = where_of(document.source, Path(path))
    data = session_data(document, view, where)
    with saving(path) as file:
        for piece in json_pieces(data):
            file.write(piece.encode())
    if where is None or not where.path:
        return None
    text = QT_TRANSLATE_NOOP(
        "model", "“{name}” is saved; its photo is in another folder, so it is named by its place here: {path}."
    )
    return message(text, name=Path(path).name, path=where.path)


def read_session(path: str | Path, reader: Reader = HERE) -> SessionFile:
    """A session's file; ConvLabError names the file and what is wrong in it."""
    try:
        return parse_session(reader.pieces(str(path), MOST.file))
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ConvLabError as error:
        reason = str(error).rstrip(".")
    text = QT_TRANSLATE_NOOP("model", "“{name}” was not opened: {reason}.")
    raise ConvLabError(message(text, name=Path(path).name, reason=reason))


def open_session(
    path: str | Path, budget_bytes: int = DEFAULT_BUDGET, reader: Reader = HERE
) -> tuple[Document, ViewState]:
    """The state in a session's file with its input; ConvLabError also where its photo is gone."""
    found = read_session(path, reader)
    return session_document(found, open_input(found.input, Path(path), budget_bytes, reader)), found.view


def where_of(source: Source, path: Path) -> InputFile | None:
    """Where the source is found again: from the session's folder, if in it."""
    if source.path is None:
        drawn = source.name in CHARTS and source.description == draw_chart(source.name).description
        return InputFile(chart=source.name) if drawn else None
    photo = Path(source.path)
    if photo.parent == assets_folder() / "photos" and photo.stem in sample_names():
        return InputFile(sample=photo.stem)
    photo, folder = photo.resolve(), path.resolve().parent
    volume = source.volume is not None
    if photo.is_relative_to(folder):
        return InputFile("", photo.relative_to(folder).as_posix(), source.frame, volume=volume)
    try:
        relative = os.path.relpath(photo, folder)
    except ValueError:  # another drive, on Windows
        relative = ""
    return InputFile(str(photo), Path(relative).as_posix(), source.frame, volume=volume)


def open_input(
    where: InputFile | PixelsFile | Source, path: Path, budget_bytes: int = DEFAULT_BUDGET, reader: Reader = HERE
) -> Source:
    """A session's input; path: the session's own."""
    if isinstance(where, Source):
        return where
    if isinstance(where, PixelsFile):
        return where.filled(np.load(path.parent / Path(where.name).name, allow_pickle=False))
    return _opened(where, path, budget_bytes, reader)


def _opened(where: InputFile, path: Path, budget_bytes: int, reader: Reader) -> Source:
    if where.sample:
        return open_sample(where.sample)
    if where.chart:
        return draw_chart(where.chart)
    try:
        place = reader.beside(str(path), where.relative, where.path)
    except OSError as error:
        text = QT_TRANSLATE_NOOP("model", "“{name}” was not opened: {reason}.")
        raise ConvLabError(message(text, name=path.name, reason=error.strerror or "")) from error
    return reader.input(place, where.frame, budget_bytes, deep=where.volume)
