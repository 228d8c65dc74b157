"""Which maps to save, in which format, where."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from convlab.app.session import Session
from convlab.export.plan import FORMATS, ExportPlan, planned_paths


class SaveDialog(QDialog):
    """Builds an ExportPlan; what it will write is said before it is written."""

    def __init__(self, session: Session, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(self.tr("Save maps"))
        self._format = QComboBox()
        titles = {
            "png": self.tr("PNG, as displayed (8 bit)"),
            "png16": self.tr("PNG, 16-bit gray"),
            "tiff": self.tr("TIFF stack, float32 (ImageJ, napari)"),
            "npy": self.tr("NumPy array (.npy)"),
            "rgb": self.tr("PNG, first three maps as RGB"),
            "sheet": self.tr("PNG contact sheet, labelled"),
        }
        for name in FORMATS:
            if name != "rgb" or session.document.layer.out_channels >= 3:
                self._format.addItem(titles[name], name)
        self._format.setAccessibleName(self.tr("format"))
        self._which = QComboBox()
        self._which.setAccessibleName(self.tr("maps"))
        self._which.addItem(self.tr("all {n} maps").format(n=session.document.layer.out_channels), "all")
        self._which.addItem(self.tr("chosen map: out {o}").format(o=session.view.chosen_output), "chosen")
        self._folder = QLineEdit(folder)
        self._folder.setAccessibleName(self.tr("folder"))
        self._name = QLineEdit(Path(session.document.source.name).stem)
        self._name.setAccessibleName(self.tr("name"))
        self._files = QLabel()
        self._files.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._show_files()

    def plan(self) -> ExportPlan:
        """What the dialog says."""
        outputs = range(self._session.document.layer.out_channels)
        if self._which.currentData() == "chosen" and self._format.currentData() != "rgb":
            outputs = range(self._session.view.chosen_output, self._session.view.chosen_output + 1)
        return ExportPlan(
            document=self._session.document,
            outputs=tuple(outputs),
            format=self._format.currentData(),
            folder=Path(self._folder.text()),
            name=self._name.text(),
            display=self._session.view.display,
        )

    @Slot()
    def _show_files(self) -> None:
        paths = planned_paths(self.plan())
        there = sum(path.exists() for path in paths)
        first = paths[0].name if len(paths) == 1 else f"{paths[0].name} … {paths[-1].name}"
        replaced = self.tr(" ({n} there will be replaced)").format(n=there) if there else ""
        height, width = self._session.document.output_size
        self._files.setText(f"{first}{replaced}\n{width} × {height}")
        ok = bool(self._name.text().strip()) and Path(self._folder.text()).is_dir()
        self._buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(ok)

    @Slot()
    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for the maps"), self._folder.text())
        if folder:
            self._folder.setText(folder)

    def _lay_out(self) -> None:
        browse = QPushButton(self.tr("Browse…"))
        browse.clicked.connect(self._choose_folder)
        row = QHBoxLayout()
        row.addWidget(self._folder, 1)
        row.addWidget(browse)
        form = QFormLayout(self)
        form.addRow(self.tr("Maps"), self._which)
        form.addRow(self.tr("Format"), self._format)
        form.addRow(self.tr("Folder"), row)
        form.addRow(self.tr("Name"), self._name)
        form.addRow(self.tr("Files"), self._files)
        form.addRow(self._buttons)
        self.setMinimumWidth(520)
        for combo in (self._format, self._which):
            combo.currentIndexChanged.connect(self._show_files)
        for line in (self._folder, self._name):
            line.textChanged.connect(self._show_files)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
