"""Lesson files: those that come with ConvLab, and a folder of a teacher's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from convlab.io.photos import DEFAULT_BUDGET
from convlab.io.reader import HERE, Reader
from convlab.io.samples import assets_folder, open_sample, sample_names
from convlab.io.saving import saving
from convlab.model.charts import CHARTS, draw_chart
from convlab.model.fields import MOST_BYTES, refusal
from convlab.model.input_file import pixels_data, reading_data
from convlab.model.lesson import SUFFIX, Lesson, LessonInput, parse_lesson
from convlab.model.matrix import MOST_CHANNELS, MOST_CUT, matrix_source
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.problems import bytes_text
from convlab.model.reading import Input
from convlab.model.source import Source

MOST_FILES = 200
MOST_PIXELS = 4_000_000
"""Bytes of an input that a lesson holds itself."""
_NOT_PORTABLE = re.compile(r"[^\w-]+")


def bundled_lessons() -> Path:
    """The folder of the lessons that come with ConvLab."""
    return assets_folder() / "lessons"


def read_lesson(path: Path, reader: Reader = HERE) -> Lesson:
    """One lesson file; ConvLabError names the file and what is wrong in it."""
    try:
        return parse_lesson(reader.pieces(str(path), MOST_BYTES), str(path))
    except OSError as error:
        raise ConvLabError(_not_loaded(path, error.strerror or type(error).__name__)) from error
    except ConvLabError as error:
        raise ConvLabError(_not_loaded(path, str(error).rstrip("."))) from error


def read_lessons(folder: Path, reader: Reader = HERE) -> tuple[tuple[Lesson, ...], tuple[Message, ...]]:
    """The lessons in a folder by file name, and why other files are none; a missing folder has none."""
    lessons, failures = [], []
    try:
        paths = [folder / name for name in reader.listing(str(folder), SUFFIX)]
    except OSError:
        return (), ()
    for path in paths[:MOST_FILES]:
        try:
            lessons.append(read_lesson(path, reader))
        except ConvLabError as error:
            failures.append(error.message)
    return tuple(lessons), tuple(failures)


def open_input(wanted: LessonInput, folder: Path, budget_bytes: int = DEFAULT_BUDGET, reader: Reader = HERE) -> Source:
    """The picture or numbers that a lesson's scene is about; ConvLabError when they are not there."""
    if wanted.numbers is not None:
        return matrix_source(np.asarray(wanted.numbers))
    if wanted.kind == "sample":
        return open_sample(wanted.name)
    if wanted.kind == "chart":
        return draw_chart(wanted.name)
    if wanted.source is not None:
        return wanted.source
    return reader.input(str(folder / wanted.name), wanted.frame, budget_bytes, deep=wanted.volume)


def save_input(input: Input, folder: Path) -> dict[str, object]:
    """The "input" object of a lesson file, and how it is read; the file that it is in is copied into `folder`.

    ConvLabError for one that is in no file, and too large to be kept in the lesson.
    """
    return _source_data(input.source, folder) | reading_data(input.reading)


def _source_data(source: Source, folder: Path) -> dict[str, object]:
    if source.path is None:
        if source.name in CHARTS and source.description == draw_chart(source.name).description:
            return {"chart": source.name}
        if source.volume is None and max(source.size) <= MOST_CUT and source.channel_count <= MOST_CHANNELS:
            values = source.pixels.astype(np.float64).transpose(2, 0, 1) / source.max_value
            return {"numbers": _plain(values.tolist())}
        return pixels_data(source, most=MOST_PIXELS)
    path = Path(source.path)
    if path.parent == assets_folder() / "photos" and path.stem in sample_names():
        return {"sample": path.stem}
    _copy(path, folder / path.name)
    data: dict[str, object] = {"file": path.name} | ({"frame": source.frame} if source.frame else {})
    return data if source.volume is None else data | {"volume": True}


def save_lesson(folder: Path, title: str, data: Mapping[str, object]) -> Path:
    """Write a lesson into `folder` under a name made from its title that is not taken yet."""
    stem = _NOT_PORTABLE.sub("-", title).strip("-")[:60] or "challenge"
    names = (f"{stem}{number}{SUFFIX}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    path = next(path for name in names if not (path := folder / name).exists())
    _make(folder)
    text = _text(data)
    with saving(path) as file:
        file.write(text)
    return path


def add_scene(path: Path, scene: Mapping[str, object]) -> Path:
    """Put a scene at the end of a lesson of one's own. ConvLabError where there it would be none that can be read."""
    try:
        data = path.read_bytes()
        parse_lesson(data, str(path))
    except OSError as error:
        raise ConvLabError(_not_loaded(path, error.strerror or type(error).__name__)) from error
    except ConvLabError as error:
        raise ConvLabError(_not_loaded(path, str(error).rstrip("."))) from error
    lesson = json.loads(data.decode("utf-8-sig"))
    own = {name: lesson[name] for name in lesson if name != "scenes"}
    text = _text(own | {"scenes": [*lesson["scenes"], dict(scene)]})
    try:
        parse_lesson(text, str(path))
    except ConvLabError as error:
        raise ConvLabError(_not_loaded(path, str(error).rstrip("."))) from error
    with saving(path) as file:
        file.write(text)
    return path


def _text(data: Mapping[str, object]) -> bytes:
    """ConvLabError for more than a lesson file that is read may have."""
    text = json.dumps(data, ensure_ascii=False, indent=1, default=np.ndarray.tolist).encode()
    if len(text) > MOST_BYTES:
        large = QT_TRANSLATE_NOOP("model", "The lesson would be of {size}, more than the {most} that one may have.")
        raise refusal(large, size=bytes_text(len(text)), most=bytes_text(MOST_BYTES))
    return text


def _copy(path: Path, target: Path) -> None:
    """Copy a photo's file; one of the same name with the same content is left, another is refused."""
    _make(target.parent)
    try:
        data = path.read_bytes()
        if target.exists() and target.read_bytes() != data:
            text = QT_TRANSLATE_NOOP("model", "There is another “{name}” in the lessons folder already.")
            raise refusal(text, name=target.name)
    except OSError as error:
        text = QT_TRANSLATE_NOOP("model", "“{name}” was not copied: {reason}.")
        raise refusal(text, name=path.name, reason=error.strerror or type(error).__name__) from error
    if not target.exists():
        with saving(target) as file:
            file.write(data)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = QT_TRANSLATE_NOOP("model", "The folder “{folder}” cannot be made: {reason}.")
        raise refusal(text, folder=str(folder), reason=error.strerror or type(error).__name__) from error


def _plain(values: object) -> object:
    """Nested lists with whole numbers as such."""
    if isinstance(values, list):
        return [_plain(value) for value in values]
    assert isinstance(values, float)
    return int(values) if values.is_integer() else values


def _not_loaded(path: Path, reason: str) -> Message:
    return message(QT_TRANSLATE_NOOP("model", "“{name}” was not loaded: {reason}."), name=path.name, reason=reason)
