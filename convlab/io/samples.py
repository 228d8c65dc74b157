"""The photos that come with ConvLab."""

from __future__ import annotations

from pathlib import Path

from convlab.io.formats.register import suffixes
from convlab.io.photos import read_photo
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.source import Source


def assets_folder() -> Path:
    """Where photos, icon and lessons are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "assets"
    return inside if inside.is_dir() else package.parent / "assets"


def sample_names() -> tuple[str, ...]:
    """The names of the bundled photos ("astronaut", …), in alphabetical order; () when the assets are missing."""
    folder = assets_folder() / "photos"
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.stem for path in folder.iterdir() if path.suffix in suffixes("picture")))


def open_sample(name: str) -> Source:
    """Read the bundled photo `name`; ConvLabError when it is not there."""
    if name not in sample_names():  # a name from a file could lead anywhere else
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "There is no sample “{name}”."), name=name))
    paths = (assets_folder() / "photos" / f"{name}{suffix}" for suffix in suffixes("picture"))
    return read_photo(next(path for path in paths if path.is_file()))
