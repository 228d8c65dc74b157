"""A combo box for one parameter: says what the person chose, shows what the document holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget


class FieldCombo(QComboBox):
    """A QComboBox of (value, text) choices that announces only what the person does.

    value_changed(value): a choice was made (by wheel only when focused). finished(): the focus has left.
    """

    value_changed = Signal(object)
    finished = Signal()

    def __init__(
        self, name: str, choices: Sequence[tuple[object, str]], tip: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        for value, text in choices:
            self.addItem(text, value)
        self.activated.connect(self._announce)

    def show_value(self, value: object) -> None:
        """Show the document's value, also one that is no choice here (a device of another machine)."""
        with QSignalBlocker(self):
            if self.findData(value) < 0:
                self.addItem(str(value), value)
            self.setCurrentIndex(self.findData(value))

    def show_choices(self, choices: Sequence[tuple[object, str]], value: object = None) -> None:
        """Offer other choices; the value shown stays, where no other is given."""
        value = self.currentData() if value is None else value
        with QSignalBlocker(self):
            self.clear()
            for choice, text in choices:
                self.addItem(text, choice)
        self.show_value(value)

    @Slot(int)
    def _announce(self, index: int) -> None:
        self.value_changed.emit(self.itemData(index))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that choosing has ended."""
        super().focusOutEvent(event)
        self.finished.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the choice when focused, else let the panel scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
