"""A number that a person types or turns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QLocale, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QWidget

from convlab.ui.theme import figures_font
from convlab.ui.typed_number import FractionBox

_HISTORY_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class NumberField(FractionBox):
    """A spin box with a real minus sign and no needless zeros; undo and redo are the window's.

    value_changed(float), finished(): as FieldSpin has them.
    """

    value_changed = Signal(object)
    finished = Signal()

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        decimals: int,
        step: float,
        tip: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(low, high, parent)
        self.setFont(figures_font(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLocale(QLocale.c())
        self.setDecimals(decimals)
        self.setRange(low, high)  # again: Qt has rounded the ends to two digits
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setSingleStep(step)
        self.valueChanged.connect(self._announce)
        self.editingFinished.connect(self.finished)

    def show_value(self, value: float) -> None:
        """Show the document's value without announcing it."""
        if round(value, self.decimals()) != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    @Slot(float)
    def _announce(self, value: float) -> None:
        self.value_changed.emit(value)

    def _number(self, text: str) -> str:
        return _typed(super()._number(text))

    # Qt's names

    def textFromValue(self, value: float) -> str:
        """A real minus sign, no needless zeros."""
        text = f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".")
        return ("0" if text == "-0" else text).replace("-", "−")

    def valueFromText(self, text: str) -> float:
        """Either minus sign, comma or point."""
        return super().valueFromText(_typed(text))

    def validate(self, text: str, position: int) -> Any:
        """As Qt does, whichever minus sign it has."""
        state, _, place = super().validate(_typed(text), position)
        return state, text, place

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window's shortcuts: they mean the document."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and any(event.matches(key) for key in _HISTORY_KEYS)
        ):
            event.ignore()
            return False
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the value when focused only."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _typed(text: str) -> str:
    return text.replace("−", "-").replace(",", ".")
