"""A name from the file dialog with the ending of what is saved; the dialog has asked about the name as it was typed."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from convlab.model.names import with_ending


def chosen_path(parent: QWidget, name: str, ending: str) -> Path | None:
    """None without a name, and where a file of the name with its ending must not be replaced."""
    path = with_ending(Path(name), ending) if name else None
    if path is None or path == Path(name) or not os.path.exists(path):
        return path
    tr = QCoreApplication.translate
    question = tr("chosen_name", "{name} is there already. Replace it?").format(name=path.name)
    answer = QMessageBox.question(parent, tr("chosen_name", "Save"), question)
    return path if answer == QMessageBox.StandardButton.Yes else None
