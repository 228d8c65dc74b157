"""Spin boxes that take what is typed: a number they cannot hold stays there, with a sentence, and changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, QPalette, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QFrame, QSpinBox, QWidget

from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, warning_color

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractSpinBox

    _Base = QAbstractSpinBox
else:
    _Base = object  # Qt's class comes once, with the box itself

MOST_WIDTH = 340
_DIGITS = re.compile(r"[-+−]?[\d.,]{0,20}(?:[eE][-+−]?\d{0,3})?")


class RefusalNote(PlainLabel):
    """A sentence under a box, over what is there, as wide as it needs and the window allows."""

    def __init__(self, sentence: str, box: QWidget) -> None:
        window = box.window()
        super().__init__(f"⚠ {sentence}", window)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMargin(SPACE)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.Box)
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, warning_color(palette))
        self.setPalette(palette)
        width = min(self.fontMetrics().horizontalAdvance(self.text()) + 3 * SPACE, MOST_WIDTH, window.width())
        self.setFixedSize(width, self.heightForWidth(width))
        corner = box.mapTo(window, QPoint(0, box.height() + 2))
        above = box.mapTo(window, QPoint(0, -self.height() - 2)).y()
        below = corner.y() if corner.y() + self.height() <= window.height() else max(0, above)
        self.move(max(0, min(corner.x(), window.width() - width)), below)
        self.show()


class TypedNumber(_Base):
    """The part that both kinds of box share; it comes before Qt's class.

    Qt drops the digit with which a number would be too large, so that 4096 becomes 409. Here the number stays as typed,
    a note under the box says why it is none for it, and the value is what it was before the typing; after Return the
    box shows that value again, and the note goes when the focus does.
    """

    valueChanged: Any  # noqa: N815  (Qt's names)
    minimum: Any
    maximum: Any
    value: Any
    setValue: Any  # noqa: N815
    textFromValue: Any  # noqa: N815
    prefix: Any
    suffix: Any

    def watch_typing(self) -> None:
        """To be called once the box is made."""
        self._start = self.value()
        self._typing = False
        self.refusal = ""
        self._note: RefusalNote | None = None
        self.lineEdit().textEdited.connect(self._typed)
        self.editingFinished.connect(self._finished)

    def _number(self, text: str) -> str:
        return text.removeprefix(self.prefix()).removesuffix(self.suffix()).strip().replace("−", "-")

    def _typed(self, text: str) -> None:
        """After each keystroke: the value has followed already where there is one."""
        self._typing = True
        typed = self._number(text)
        refused = bool(re.search(r"\d", typed)) and self._refuses(typed)
        if refused and self.value() != self._start:
            self._back_to_start(text)
        self._say(self._sentence(typed) if refused else "")

    def _refuses(self, typed: str) -> bool:
        """Whether no more digits make it a number of this box."""
        try:
            number = float(typed.replace(",", "."))
        except ValueError:
            return True
        unfinished = number < self.minimum() and number > 0
        return not unfinished and (
            not self.minimum() <= number <= self.maximum() or self._state(typed) != QValidator.State.Acceptable
        )

    def _state(self, typed: str) -> QValidator.State:
        state: QValidator.State = self._qt_state(f"{self.prefix()}{typed}{self.suffix()}")
        return state

    def _qt_state(self, text: str) -> Any:
        raise NotImplementedError

    def _back_to_start(self, text: str) -> None:
        """The value before the typing, under the text as it was typed."""
        edit, place = self.lineEdit(), self.lineEdit().cursorPosition()
        with QSignalBlocker(self), QSignalBlocker(edit):
            self.setValue(self._start)
            edit.setText(text)
            edit.setCursorPosition(place)
        self.valueChanged.emit(self._start)

    def _sentence(self, typed: str) -> str:
        low, high = (self.textFromValue(end) for end in (self.minimum(), self.maximum()))
        text = QCoreApplication.translate("TypedNumber", "{name} takes {low} to {high}, not {typed}.")
        if self._within(typed):
            text = QCoreApplication.translate("TypedNumber", "{name} takes no such number as {typed}: {about}.")
        return text.format(name=self.accessibleName(), low=low, high=high, typed=typed, about=self._about())

    def _within(self, typed: str) -> bool:
        try:
            return bool(self.minimum() <= float(typed.replace(",", ".")) <= self.maximum())
        except ValueError:
            return False

    def _about(self) -> str:
        return QCoreApplication.translate("TypedNumber", "it wants a whole number")

    def _say(self, sentence: str) -> None:
        if sentence == self.refusal:
            return
        self.refusal = sentence
        self.setAccessibleDescription(sentence)
        if self._note is not None:
            self._note.hide()
            self._note.deleteLater()
            self._note = None
        if sentence and self.isVisible():
            self._note = RefusalNote(sentence, self)

    def _finished(self) -> None:
        self._typing = False
        self._start = self.value()
        if not self.hasFocus():  # after Return the sentence stays to be read
            self._say("")

    # Qt's names

    def validate(self, text: str, position: int) -> Any:
        """A number that the box does not hold may stand there while it is typed."""
        state, found, place = super().validate(text, position)
        if state == QValidator.State.Invalid and _DIGITS.fullmatch(self._number(text)):
            return QValidator.State.Intermediate, text, position
        return state, found, place

    def fixup(self, text: str) -> str:
        """What is left as no number of this box is the value before the typing."""
        return f"{self.prefix()}{self.textFromValue(self._start)}{self.suffix()}" if self._typing else text

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A run of typing begins from the value that there is."""
        if not self._typing:
            self._start = self.value()
        super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """The note goes with the box."""
        self._say("")
        super().hideEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The same."""
        if not self._typing:
            self._start = self.value()
        super().focusInEvent(event)


class WholeBox(TypedNumber, QSpinBox):
    """A QSpinBox that takes what is typed."""

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.watch_typing()

    def _qt_state(self, text: str) -> Any:
        return QSpinBox.validate(self, text, len(text))[0]


class FractionBox(TypedNumber, QDoubleSpinBox):
    """A QDoubleSpinBox that takes what is typed."""

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.watch_typing()

    def _qt_state(self, text: str) -> Any:
        return QDoubleSpinBox.validate(self, text, len(text))[0]

    def _about(self) -> str:
        text = QCoreApplication.translate("TypedNumber", "it wants {n} digits after the point at most")
        return text.format(n=self.decimals())
