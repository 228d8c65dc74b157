"""Saving the steps of the sliding window: as what, how large, how fast."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convlab.model.names import with_ending, without_ending
from convlab.ui.tone_label import ToneLabel
from convlab.ui.typed_number import WholeBox

MOST_STEPS = 2000
GIF = ".gif"
SIZES = ((960, 540), (1280, 720), (1920, 1080))


class StepsDialog(QDialog):
    """OK only when the steps are few enough to be watched and the name is not empty."""

    def __init__(self, count: int, speed: int, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Save steps"))
        self._count = count
        self.kind = QComboBox()
        self.kind.addItem(self.tr("animated GIF"), True)
        self.kind.addItem(self.tr("folder of PNG files"), False)
        self.size_choice = QComboBox()
        for width, height in SIZES:
            self.size_choice.addItem(f"{width} × {height}", (width, height))
        self.speed = WholeBox(1, 50)
        self.speed.setValue(min(speed, 50))
        self.speed.setSuffix(self.tr(" steps/s"))
        self.path = QLineEdit(str(Path(folder) / "steps.gif"))
        self._browse = QPushButton(self.tr("Choose…"))
        self._browse.setAutoDefault(False)
        self.about = ToneLabel()
        self.about.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.speed.valueChanged.connect(self._show)
        self.path.textChanged.connect(self._show)
        self._browse.clicked.connect(self._choose)
        self._lay_out()
        self._show()

    @property
    def gif(self) -> bool:
        """A GIF, not PNG files."""
        return bool(self.kind.currentData())

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) of a frame in pixels."""
        width, height = self.size_choice.currentData()
        return width, height

    @property
    def target(self) -> Path:
        """What is written: a file with its ending, or the new folder."""
        path = Path(self.path.text().strip())
        return with_ending(path, GIF) if self.gif else path

    @Slot()
    def _kind_changed(self) -> None:
        path = Path(self.path.text().strip())
        self.path.setText(str(with_ending(path, GIF) if self.gif else without_ending(path, GIF)))
        self.speed.setEnabled(self.gif)
        self._show()

    @Slot()
    def _show(self) -> None:
        few = 0 < self._count <= MOST_STEPS
        if self._count == 0:
            text = self.tr("There is no map to step over.")
        elif not few:
            text = self.tr("{count} steps are too many, {most} at most: zoom in, steps are of what is in sight.")
        elif self.gif:
            text = self.tr("{count} steps, {seconds} seconds")
            text += self.tr("; the file that is there will be replaced") if os.path.isfile(self.target) else ""
        else:
            text = self.tr("{count} files")
        seconds = round(self._count / self.speed.value(), 1)
        self.about.setText(text.format(count=self._count, most=MOST_STEPS, seconds=seconds))
        self.about.set_tone("quiet" if few else "warning")
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(few and bool(self.path.text().strip()))

    @Slot()
    def _choose(self) -> None:
        if self.gif:
            kinds = self.tr("Animated GIF (*.gif)")
            path, _ = QFileDialog.getSaveFileName(self, self.tr("Save steps"), self.path.text(), kinds)
        else:
            path, _ = QFileDialog.getSaveFileName(self, self.tr("New folder for the steps"), self.path.text())
        if path:
            self.path.setText(path)

    def _lay_out(self) -> None:
        where = QHBoxLayout()
        where.addWidget(self.path, 1)
        where.addWidget(self._browse)
        form = QFormLayout()
        form.addRow(self.tr("as"), self.kind)
        form.addRow(self.tr("frame size"), self.size_choice)
        form.addRow(self.tr("speed"), self.speed)
        form.addRow(self.tr("name"), where)
        self.path.setAccessibleName(self.tr("name"))
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.about)
        column.addWidget(self.buttons)
        self.setMinimumWidth(460)
