"""Names of files that ConvLab reads: what is left of one without its kind."""

from __future__ import annotations

from pathlib import PurePath

from convlab.io.formats.register import suffixes
from convlab.model.lesson import SUFFIX as LESSON
from convlab.model.session_file import SUFFIX as SESSION

WEIGHTS = ".npy"


def stem_of(path: str) -> str:
    """The file's name without the ending of a kind that ConvLab knows: 'scan.001' of scan.001.png and of scan.001."""
    name = PurePath(path).name
    known = (*suffixes(), WEIGHTS, SESSION, LESSON)
    suffix = next((suffix for suffix in known if name.lower().endswith(suffix) and name.lower() != suffix), "")
    return name[: len(name) - len(suffix)]
