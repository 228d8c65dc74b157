"""Which maps to save, in which format, where."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from convlab.app.session import Session
from convlab.export.format import ExportFormat
from convlab.export.plan import ExportPlan, planned_paths, start_of_names
from convlab.export.register import format_of, formats
from convlab.model.message import ConvLabError, message
from convlab.model.numbers import parse_channels
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import shown


class SaveDialog(QDialog):
    """Builds an ExportPlan; what it will write is said before it is written."""

    def __init__(self, session: Session, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setWindowTitle(self.tr("Save maps"))
        self._format = QComboBox()
        for number, each in enumerate(self._offered()):
            self._format.addItem(shown(message(each.title)), each.name)
            self._format.setItemData(number, shown(message(each.about)), Qt.ItemDataRole.ToolTipRole)
        self._format.setAccessibleName(self.tr("format"))
        self._which = QComboBox()
        self._which.setAccessibleName(self.tr("maps"))
        self._which.addItem(self.tr("all {n} maps").format(n=session.maps.count), "all")
        self._which.addItem(self.tr("chosen map: out {o}").format(o=session.view.chosen_output), "chosen")
        self._which.addItem(self.tr("these maps"), "list")
        self._list = QLineEdit(f"0-{session.maps.count - 1}")
        self._list.setAccessibleName(self.tr("these maps"))
        self._list.setToolTip(self.tr("Output channels, for instance 0-3, 7"))
        self._list.hide()
        self._folder = QLineEdit(folder)
        self._folder.setAccessibleName(self.tr("folder"))
        self._name = QLineEdit(start_of_names(session.document.source))
        self._name.setAccessibleName(self.tr("name"))
        self._files = PlainLabel()
        self._files.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self._lay_out()
        self._show_files()

    def plan(self) -> ExportPlan:
        """What the dialog says; ConvLabError when it names channels that are not there."""
        return ExportPlan(
            maps=self._session.maps,
            outputs=self._outputs(),
            format=self._chosen,
            folder=Path(self._folder.text()),
            name=self._name.text(),
            display=self._session.view.display,
        )

    @property
    def _chosen(self) -> ExportFormat:
        return format_of(self._format.currentData())

    def _offered(self) -> list[ExportFormat]:
        """Those that these maps can be saved in; of a volume some take a slice."""
        maps = self._session.maps
        axes = {1} if maps.are_signals else {2, 3} if maps.are_volumes else {2}
        return [each for each in formats() if maps.count >= each.least and axes & set(each.axes)]

    def _outputs(self) -> tuple[int, ...]:
        count, which = self._session.maps.count, self._which.currentData()
        if self._chosen.most is not None:
            return tuple(range(min(count, self._chosen.most)))
        if which == "list":
            return parse_channels(self._list.text(), count)
        return (self._session.view.chosen_output,) if which == "chosen" else tuple(range(count))

    @Slot()
    def _show_files(self) -> None:
        self._list.setVisible(self._which.currentData() == "list")
        save = self._buttons.button(QDialogButtonBox.StandardButton.Save)
        there = os.path.isdir(self._folder.text())  # of a name that no folder can have too
        save.setEnabled(bool(self._name.text().strip()) and there)
        try:
            planned = self._files_text(planned_paths(self.plan()))
            self._files.setText(planned if there else self.tr("There is no such folder."))
        except ConvLabError as error:
            self._files.setText(shown(error.message))
            save.setEnabled(False)

    def _files_text(self, paths: list[Path]) -> str:
        there = sum(os.path.exists(path) for path in paths)
        first = paths[0].name if len(paths) == 1 else f"{paths[0].name} … {paths[-1].name}"
        replaced = self.tr(" ({n} there will be replaced)").format(n=there) if there else ""
        height, width = self._session.maps.output_size
        return f"{first}{replaced}\n{width} × {height}"

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
        maps = QHBoxLayout()
        maps.addWidget(self._which, 1)
        maps.addWidget(self._list, 1)
        form.addRow(self.tr("Maps"), maps)
        form.addRow(self.tr("Format"), self._format)
        form.addRow(self.tr("Folder"), row)
        form.addRow(self.tr("Name"), self._name)
        form.addRow(self.tr("Files"), self._files)
        form.addRow(self._buttons)
        self.setMinimumWidth(520)
        for combo in (self._format, self._which):
            combo.currentIndexChanged.connect(self._show_files)
        for line in (self._folder, self._name, self._list):
            line.textChanged.connect(self._show_files)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
