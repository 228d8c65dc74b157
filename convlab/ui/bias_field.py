"""The bias of the chosen output channel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLocale, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.ui.theme import figures_font

_HISTORY_KEYS = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class BiasField(QDoubleSpinBox):
    """Follows the chosen output; off while the layer has no bias, whose values are kept."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setFont(figures_font(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setLocale(QLocale.c())
        self.setRange(-1e6, 1e6)
        self.setDecimals(4)
        self.setSingleStep(0.1)
        self.setAccessibleName(self.tr("bias value"))
        self.setToolTip(self.tr("Added to every pixel of this output"))
        self.valueChanged.connect(self._change)
        self.editingFinished.connect(session.seal)
        session.document_changed.connect(self._show)
        session.view_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        document, output = self._session.document, self._session.view.chosen_output
        self.setEnabled(document.layer.bias)
        value = float(document.bias[output])
        if round(value, 4) != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    @Slot(float)
    def _change(self, value: float) -> None:
        output = self._session.view.chosen_output
        label = message(QT_TRANSLATE_NOOP("model", "change the bias of out {o}"), o=output)
        self._session.apply(lambda document: edits.set_bias(document, output, value), label, f"bias {output}")

    # Qt's names

    def textFromValue(self, value: float) -> str:
        """A real minus sign, no needless zeros."""
        text = f"{value:.{self.decimals()}f}".rstrip("0").rstrip(".")
        return ("0" if text == "-0" else text).replace("-", "−")

    def valueFromText(self, text: str) -> float:
        """Either minus sign, comma or point."""
        return super().valueFromText(_typed(text))

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
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
