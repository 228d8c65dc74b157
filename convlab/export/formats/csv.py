"""CSV: signals as the columns of a table, each number so that it reads back exactly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convlab.export.format import ExportFormat
from convlab.model.message import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from convlab.export.pages import Pages


def _write(path: Path, maps: Pages) -> None:
    from convlab.io.exports import save_csv

    save_csv(path, list(maps.pages), maps.names)


CSV = ExportFormat(
    name="csv",
    suffix=".csv",
    title=QT_TRANSLATE_NOOP("model", "CSV, a column a map"),
    about=QT_TRANSLATE_NOOP("model", "unscaled values of signals"),
    axes=(1,),
    write=_write,
)
