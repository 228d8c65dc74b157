"""A parameter that is True or False."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QWidget


class FlagCheck(QCheckBox):
    """text: beside the box. value_changed(bool): only when the person changes it."""

    value_changed = Signal(object)
    finished = Signal()

    def __init__(self, name: str, tip: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.clicked.connect(self._announce)

    def show_value(self, value: bool) -> None:
        """Show the document's value."""
        self.setChecked(value)

    @Slot(bool)
    def _announce(self, checked: bool) -> None:
        self.value_changed.emit(checked)
        self.finished.emit()
