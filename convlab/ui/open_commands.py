"""Opening from the window: files, folders, numbers, the clipboard, what is dropped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog

from convlab.app.openable import all_patterns, picture_patterns
from convlab.model import edits
from convlab.model.lesson import SUFFIX as LESSON_SUFFIX
from convlab.model.matrix import MOST_CHANNELS, MOST_CUT, random_digits
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.session_file import SUFFIX as SESSION_SUFFIX
from convlab.ui.matrix_dialog import MatrixDialog
from convlab.ui.plain import one_line

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow


class OpenCommands(QObject):
    """Asks what to open, and has it opened; a session's file that differs is asked about before another state comes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.workbench

    def ask_open(self) -> None:
        """The open dialog."""
        paths = self._ask_files(self.tr("Open a photo or a session"), several=False)
        if paths:
            self.open_path(paths[0])

    def open_path(self, path: str) -> None:
        """A photo, a signal, a session or a lesson; of a folder its pictures, as the slices of a volume.

        What there is at the path is not asked here: on a share that is gone the answer never comes.
        """
        suffix = Path(path).suffix.lower()
        replaces = suffix in (LESSON_SUFFIX, SESSION_SUFFIX)
        if replaces and not self._window.sessions.may_leave():
            return
        if suffix == LESSON_SUFFIX:
            self._bench.classroom.open_file(path)
        elif suffix == SESSION_SUFFIX:
            self._bench.sessions.open(Path(path))
        else:
            self._bench.opener.open_file(path)

    def ask_stack(self) -> None:
        """Choose photos whose channels follow the present ones."""
        paths = self._ask_files(self.tr("Stack photos as further channels of this input"), several=True)
        if paths:
            self._bench.opener.stack_files(paths)

    def ask_folder(self) -> None:
        """Choose a folder of frames."""
        settings = self._bench.settings
        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("Open a folder of frames"), settings.folder("open")
        )
        if folder:
            self.open_path(folder)

    def ask_matrix(self) -> None:
        """Numbers typed or pasted as the input; at first those of a small input, else a few to begin with."""
        source = self._bench.session.document.picture
        small = max(source.size) <= MOST_CUT and source.channel_count <= MOST_CHANNELS and source.max_value == 1
        start = source.pixels.transpose(2, 0, 1).astype(float) if small else random_digits((1, 5, 5))
        dialog = MatrixDialog(start, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._bench.opener.use_matrix(dialog.channels)
        dialog.deleteLater()

    def ask_frame(self) -> None:
        """Choose a frame of a picture that has several, or the slice of a volume that is read as a picture."""
        source, sliced = self._bench.session.document.picture, self._bench.session.document.reading.frame
        if source.frames < 2 or (source.path is None and sliced is None):
            self._window.show_message(self.tr("{name} has one frame only.").format(name=one_line(source.name)))
            return
        text = self.tr("Frame, 1 to {count}").format(count=source.frames)
        frame, ok = QInputDialog.getInt(self._window, self.tr("Choose frame"), text, source.frame + 1, 1, source.frames)
        if ok and sliced is not None:
            label = message(QT_TRANSLATE_NOOP("model", "choose frame {n}"), n=frame)
            self._bench.session.apply(lambda document: edits.set_frame(document, frame - 1), label)
        elif ok and source.path is not None:
            self._bench.opener.open_file(source.path, frame - 1)

    def ask_budget(self) -> None:
        """The memory that an opened photo may take."""
        opener = self._bench.opener
        text = self.tr("A photo may decode to this many megabytes:")
        now = opener.budget_bytes // 1_000_000
        count, ok = QInputDialog.getInt(self._window, self.tr("Memory for photos"), text, now, 16, 1_000_000, 100)
        if ok:
            opener.budget_bytes = count * 1_000_000
            self._bench.settings.set_memory_budget(opener.budget_bytes)

    def paste(self) -> None:
        """A picture, or a copied file, from the clipboard."""
        mime: QMimeData | None = QGuiApplication.clipboard().mimeData()  # None on an empty clipboard
        if mime is None or not self.take(mime):
            self._window.show_message(self.tr("The clipboard holds no picture."))

    def take(self, mime: QMimeData) -> bool:
        """Open what was pasted or dropped; several files are stacked."""
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if len(paths) > 1:
            self._bench.opener.open_stack(paths)
        elif paths:
            self.open_path(paths[0])
        elif mime.hasImage():
            image = mime.imageData()
            if not isinstance(image, QImage) or image.isNull():
                return False
            self._bench.opener.open_bytes(_png(image), self.tr("clipboard"))
        return bool(paths) or mime.hasImage()

    def _ask_files(self, title: str, several: bool) -> list[str]:
        settings = self._bench.settings
        if several:
            kinds = self.tr("Pictures ({kinds});;All files (*)").format(kinds=picture_patterns())
            paths, _ = QFileDialog.getOpenFileNames(self._window, title, settings.folder("open"), kinds)
        else:
            kinds = self.tr("Pictures, signals, sessions and lessons ({kinds});;All files (*)")
            kinds = kinds.format(kinds=all_patterns())
            path, _ = QFileDialog.getOpenFileName(self._window, title, settings.folder("open"), kinds)
            paths = [path] if path else []
        if paths:
            settings.set_folder("open", str(Path(paths[0]).parent))
        return list(paths)


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants the format as bytes
    return bytes(data.data())
