"""The parameter `padding`: two numbers, or torch's words 'same' and 'valid'."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convlab.model.layer import ROWS, ConvSpec
from convlab.ui.field_combo import FieldCombo
from convlab.ui.pair_spin import PairSpin

NUMBERS = "numbers"


class PaddingField(QWidget):
    """A choice and, under it, the numbers: those that the choice amounts to, to be changed when it is 'numbers'.

    'causal', on the left only, is there for signals.

    value_changed('same' | 'valid' | (height, width)): only when the person changes something.
    """

    value_changed = Signal(object)
    depth_changed = Signal(object)
    finished = Signal()

    def __init__(self, name: str, low: int, high: int, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = [(NUMBERS, self.tr("numbers")), ("same", "same"), ("valid", "valid")]
        self._dims = 2
        self.choice = FieldCombo(name, self._choices, tip)
        self.pair = PairSpin(name, low, high, self.tr("Rows added above and below, columns added left and right"))
        self.setFocusProxy(self.choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.choice)
        layout.addWidget(self.pair)
        self.choice.value_changed.connect(self._chosen)
        self.pair.value_changed.connect(self.value_changed)
        self.pair.depth_changed.connect(self.depth_changed)
        self.choice.finished.connect(self.finished)
        self.pair.finished.connect(self.finished)

    def show_layer(self, layer: ConvSpec) -> None:
        """Show the layer's padding; for a word, the rows and columns before the picture that it amounts to."""
        word = layer.padding if isinstance(layer.padding, str) else NUMBERS
        self.choice.show_value(word)
        self.pair.show_value(tuple(before for before, _ in layer.pads[ROWS:]))
        self.pair.setEnabled(word == NUMBERS)
        self.pair.set_dims(layer.dims)
        self.pair.show_depth(layer.pads[0][0])
        if layer.dims != self._dims:
            self._dims = layer.dims
            words = [("causal", "causal")] if layer.dims == 1 else []
            self.choice.show_choices([*self._choices, *words])
            self.choice.show_value(word)
        self.choice.setVisible(not layer.transposed or word != NUMBERS)  # a transposed layer knows numbers only

    def follow_value(self) -> None:
        """Close the numbers' chain where they are equal."""
        self.pair.follow_value()

    @Slot(object)
    def _chosen(self, word: str) -> None:
        self.value_changed.emit(self.pair.value if word == NUMBERS else word)
