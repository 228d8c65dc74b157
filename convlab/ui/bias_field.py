"""The bias of the chosen output channel."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QWidget

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.ui.number_field import NumberField


class BiasField(NumberField):
    """Follows the chosen output; off while the layer has no bias, whose values are kept."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        name = QCoreApplication.translate("BiasField", "bias value")
        tip = QCoreApplication.translate("BiasField", "Added to every pixel of this output")
        super().__init__(name, -1e6, 1e6, 4, 0.1, tip, parent)
        self._session = session
        self.valueChanged.connect(self._change)
        self.editingFinished.connect(session.seal)
        session.document_changed.connect(self._show)
        session.view_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        document, output = self._session.document, self._session.view.chosen_output
        self.setEnabled(document.conv.spec.bias)
        self.show_value(float(document.conv.bias[output]))

    @Slot(float)
    def _change(self, value: float) -> None:
        output = self._session.view.chosen_output
        label = message(QT_TRANSLATE_NOOP("model", "change the bias of out {o}"), o=output)
        self._session.apply(lambda document: edits.set_bias(document, output, value), label, f"bias {output}")
