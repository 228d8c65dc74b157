"""Opens photos off the GUI thread and puts them into the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from convlab.app.ask import ignored
from convlab.app.opening import Opening
from convlab.app.session import Session
from convlab.io.inputs import stacked_frames
from convlab.io.photos import DEFAULT_BUDGET
from convlab.io.reader import Reader
from convlab.io.samples import open_sample, sample_names
from convlab.io.stacking import scaled_alike, stack_sources
from convlab.model.charts import draw_chart
from convlab.model.matrix import FloatArray, cut, matrix_source
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.opening import follow_source, notice_of, set_source
from convlab.model.region import Region
from convlab.model.signals import depth_of, slice_of
from convlab.model.source import Source


class PhotoOpener(QObject):
    """Every way to a new source. opened(path or None) follows the session's change, noticed(Notice) where the
    layers read it otherwise than it is; failed(Message) says why there is none.

    The newest request wins: a second file picked while the first decodes replaces it.
    """

    opened = Signal(object)
    noticed = Signal(object)
    failed = Signal(object)
    missing = Signal(object)

    def __init__(self, session: Session, opening: Opening, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._opening = session, opening
        self.budget_bytes = DEFAULT_BUDGET
        self._missing = opening.jobs(self, "missing", _missing, self._tell_missing)
        self._sweeping = opening.jobs(self, "sweep", _sweep, ignored)

    def open_file(self, path: str, frame: int = 0, follow: bool = False) -> None:
        """A photo file; `frame` counts from 0. Of a folder its pictures, scaled to the first one's size, as slices.

        follow: the layer gets as many inputs as the file has channels.
        """
        budget, deep = self.budget_bytes, self._deep
        self._read(lambda reader: reader.input(path, frame, budget, deep), Path(path).name, path, follow)

    def find_missing(self, paths: Sequence[str]) -> None:
        """Find out which of these files are gone; missing(list of paths) follows."""
        self._missing.add(tuple(paths))

    def sweep(self, folder: str) -> None:
        """Remove what a killed save may have left in `folder`."""
        self._sweeping.add(folder)

    def open_bytes(self, data: bytes, name: str) -> None:
        """An encoded picture from the clipboard."""
        budget = self.budget_bytes
        self._read(lambda reader: reader.encoded(data, name, budget), name)

    def open_sample(self, name: str) -> None:
        """A bundled photo."""
        self._read(lambda _: open_sample(name), name)

    def open_chart(self, name: str) -> None:
        """A test chart that the app draws."""
        self._read(lambda _: draw_chart(name), name)

    def sample_names(self) -> tuple[str, ...]:
        """The bundled photos."""
        return sample_names()

    def open_stack(self, paths: Sequence[str]) -> None:
        """Several photos as the channels of one input, scaled to the first one's size."""
        budget = self.budget_bytes
        names, deep = ", ".join(Path(path).name for path in paths), self._deep

        def read(reader: Reader) -> Source:
            photos = [reader.photo(path, budget) for path in paths]
            return stacked_frames(scaled_alike(photos), names) if deep else stack_sources(photos)

        self._read(read, names, follow=True)

    def stack_files(self, paths: Sequence[str]) -> None:
        """Add photos as further channels of the present input, scaled to its size."""
        budget, present, deep = self.budget_bytes, self._picture, self._deep

        def read(reader: Reader) -> Source:
            photos = [present, *(reader.photo(path, budget) for path in paths)]
            return stacked_frames(scaled_alike(photos), present.name) if deep else stack_sources(photos)

        self._read(read, ", ".join(Path(path).name for path in paths), follow=True)

    def use_matrix(self, channels: FloatArray) -> None:
        """Numbers [C, H, W] as the input."""
        self._read(lambda _: matrix_source(channels), "matrix", follow=True)

    def cut(self, region: Region) -> None:
        """A rectangle of the present source, at most 64 × 64, as the input."""
        present = self._picture
        self._read(lambda _: cut(present, region), f"{region.rows} × {region.cols}")

    @property
    def _picture(self) -> Source:
        """The present picture, as it was opened; of a volume the frame that is read, or the middle one."""
        source, frame = self._session.document.source, self._session.document.reading.frame
        if source.volume is None:
            return source
        return slice_of(source, depth_of(source) // 2 if frame is None else frame)

    @property
    def _deep(self) -> bool:
        """Whether the layer is of volumes, so that frames and several photos are slices."""
        return self._session.document.conv.spec.dims == 3

    def _read(self, read: Callable[[Reader], Source], name: str, path: str | None = None, follow: bool = False) -> None:
        """path: what goes into the recent files. follow: the layer gets as many inputs as there are channels."""
        label = message(QT_TRANSLATE_NOOP("model", "open {name}"), name=name)

        def show(source: Source) -> None:
            self._show(source, label, path, follow)

        self._opening.open(read, name, show, self.failed.emit)

    def _show(self, source: Source, label: Message, path: str | None, follow: bool) -> None:
        before = self._session.document
        edit = follow_source if follow else set_source
        self._session.apply(lambda document: edit(document, source), label)
        if self._session.document is not before:  # else a challenge has locked it
            self.opened.emit(path)
            notice = notice_of(before, self._session.document)
            if notice is not None:
                self.noticed.emit(notice)

    def _tell_missing(self, paths: list[str] | None) -> None:
        if paths is not None:
            self.missing.emit(paths)


def _missing(paths: tuple[str, ...], reader: Reader) -> list[str]:
    return reader.missing(list(paths))


def _sweep(folder: str, reader: Reader) -> None:
    reader.sweep(folder)
