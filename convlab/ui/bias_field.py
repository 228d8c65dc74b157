"""The bias of the chosen output channel."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import QT_TRANSLATE_NOOP, message


class BiasField(QDoubleSpinBox):
    """Follows the chosen output; off while the layer has no bias, whose values are kept."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
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
