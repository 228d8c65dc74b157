"""Making a challenge from the present state: a title, what the student may change, how it begins."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from convlab.model.challenge import STARTS
from convlab.model.locks import LOCK_TITLES, LOCKS
from convlab.model.message import message
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import shown

_FREE_AT_FIRST = ("weight", "bias")
_COLUMNS = 3


class ChallengeDialog(QDialog):
    """Ready to be saved as it opens: the weights are to be found, all else is locked."""

    def __init__(self, title: str, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Make a challenge"))
        self.title = QLineEdit(title)
        self.title.setMaxLength(120)
        self.text = QPlainTextEdit(self.tr("Change the kernel until your map is the target."))
        self.text.setTabChangesFocus(True)
        self.text.setMaximumHeight(self.fontMetrics().lineSpacing() * 5)
        self.start = QComboBox()
        for name, text in STARTS.items():
            self.start.addItem(shown(message(text)), name)
        self.free = {name: self._check(name) for name in LOCKS if name != "dtype"}
        self._where = PlainLabel(self.tr("It is saved in {folder}.").format(folder=folder))
        self._where.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.title.textChanged.connect(self._typed)
        self._lay_out()

    @property
    def locks(self) -> Collection[str]:
        """The names that the student cannot change."""
        return ["dtype", *(name for name, check in self.free.items() if not check.isChecked())]

    @property
    def start_name(self) -> str:
        """What the student's kernels are at first."""
        return str(self.start.currentData())

    def _check(self, name: str) -> QCheckBox:
        title = shown(message(LOCK_TITLES[name])) if name in LOCK_TITLES else name
        check = QCheckBox(title)
        check.setChecked(name in _FREE_AT_FIRST)
        return check

    def _typed(self, text: str) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(bool(text.strip()))

    def _lay_out(self) -> None:
        about = PlainLabel(self.tr("The maps on screen become the target. What is not ticked is locked."))
        about.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("title"), self.title)
        form.addRow(self.tr("text"), self.text)
        form.addRow(self.tr("begins with"), self.start)
        free = QGroupBox(self.tr("The student may change"))
        grid = QGridLayout(free)
        for number, check in enumerate(self.free.values()):
            grid.addWidget(check, number // _COLUMNS, number % _COLUMNS)
        column = QVBoxLayout(self)
        for widget in (about, free, self._where, self.buttons):
            column.addWidget(widget)
        column.insertLayout(1, form)
