"""Everything that is read from outside, in one place: here in this process, or as `Decoders` does it in another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from convlab.io.inputs import frames_in, read_input, stacked_frames
from convlab.io.photos import DEFAULT_BUDGET, read_photo, read_photo_bytes
from convlab.io.regular import chunks_of
from convlab.io.saving import sweep_strays
from convlab.io.stacking import scaled_alike
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.problems import bytes_text
from convlab.model.source import Source

MOST_LISTED = 1000


class Reader:
    """Reads at once, in the thread that asks. Sources are refused with ConvLabError, other files with OSError."""

    def input(self, path: str, frame: int = 0, budget_bytes: int = DEFAULT_BUDGET, deep: bool = False) -> Source:
        """A photo or signal; of a folder its pictures."""
        if Path(path).is_dir():
            return self.folder(path, budget_bytes)
        return read_input(path, frame, budget_bytes, deep)

    def photo(self, path: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
        """A photo's first frame."""
        return read_photo(path, 0, budget_bytes)

    def encoded(self, data: bytes, name: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
        """A photo from the contents of a file."""
        return read_photo_bytes(data, name, 0, budget_bytes)

    def folder(self, path: str, budget_bytes: int = DEFAULT_BUDGET) -> Source:
        """The pictures in a folder, scaled to the first one's size, as the slices of a volume."""
        paths, photos = frames_in(path), list[Source]()
        for each in paths:
            photos.append(self.photo(each, budget_bytes))
            needed = 3 * max(len(paths) * photos[0].pixels.nbytes, sum(photo.pixels.nbytes for photo in photos))
            if needed > budget_bytes:  # the photos, scaled ones, and the volume made of them
                text = QT_TRANSLATE_NOOP("model", "“{name}”: its {n} pictures need {needed}, more than {budget}.")
                values = {"n": len(paths), "needed": bytes_text(needed), "budget": bytes_text(budget_bytes)}
                raise ConvLabError(message(text, name=Path(path).name, **values))
        return stacked_frames(scaled_alike(photos), Path(path).name)

    def pieces(self, path: str, most: int) -> Iterator[bytes]:
        """The bytes of a regular file, and of one of more than `most` a little more; OSError as `open` raises it."""
        return chunks_of(path, most)

    def listing(self, folder: str, suffix: str) -> list[str]:
        """The names in a folder that end in `suffix`, in order, the first thousand; OSError where there is none."""
        found = (path for path in Path(folder).iterdir() if path.suffix.lower() == suffix and path.is_file())
        return sorted(path.name for path in found)[:MOST_LISTED]

    def beside(self, path: str, relative: str, other: str) -> str:
        """The file at `relative` from the folder that `path` is in, links followed; `other` where there is none."""
        found = os.path.normpath(Path(os.path.realpath(path)).parent / relative)
        return found if relative and (os.path.isfile(found) or not other) else other

    def missing(self, paths: list[str]) -> list[str]:
        """Those of the paths at which there is nothing."""
        return [path for path in paths if not os.path.exists(path)]

    def sweep(self, folder: str) -> int:
        """Remove what a killed save may have left in a folder; how many files that were."""
        return sweep_strays(folder)


HERE = Reader()
