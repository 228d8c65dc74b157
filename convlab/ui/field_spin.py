"""A spin box for one parameter: says what the person typed, shows what the document holds."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QWidget

from convlab.ui.theme import figures_font
from convlab.ui.typed_number import WholeBox

_HISTORY_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class FieldSpin(WholeBox):
    """A box that announces only what the person does.

    value_changed(int): at each keystroke, step or turn of the wheel (the wheel needs the focus, so that
    scrolling a panel changes nothing). finished(): Return was pressed or the focus has left.
    Undo and redo keys are left to the window, because they mean the document.
    """

    value_changed = Signal(object)
    finished = Signal()

    def __init__(self, name: str, low: int, high: int, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(low, high, parent)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFont(figures_font(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self._announce)
        self.editingFinished.connect(self.finished)

    def show_value(self, value: int) -> None:
        """Show the document's value, also one that cannot be typed; what is being typed stays as typed."""
        with QSignalBlocker(self):
            if not self.minimum() <= value <= self.maximum():
                self.setRange(min(self.minimum(), value), max(self.maximum(), value))
            if value != self.value():
                self.setValue(value)

    @Slot(int)
    def _announce(self, value: int) -> None:
        self.value_changed.emit(value)

    # Qt's names

    def textFromValue(self, value: int) -> str:
        """A real minus sign."""
        text: str = super().textFromValue(value)
        return text.replace("-", "−")

    def valueFromText(self, text: str) -> int:
        """Either minus sign."""
        return super().valueFromText(text.replace("−", "-"))

    def validate(self, text: str, position: int) -> Any:
        """As Qt does, whichever minus sign it has."""
        state, _, place = super().validate(text.replace("−", "-"), position)
        return state, text, place

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window's shortcuts."""
        overriding = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if isinstance(event, QKeyEvent) and overriding and any(event.matches(key) for key in _HISTORY_KEYS):
            event.ignore()
            return False
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the value when focused, else let the panel scroll."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
