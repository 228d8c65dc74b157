"""What enters and leaves a layer without kernels, and its line of PyTorch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Layer, Shape
from convlab.ui.layer_figures import grouped
from convlab.ui.plain import PlainLabel
from convlab.ui.stack_model import shape_text
from convlab.ui.theme import SPACE, code_font, figures_font
from convlab.ui.tone_label import ToneLabel


class LayerSummary(QWidget):
    """Shapes, how many numbers are learned, and code; '—' where torch would refuse the layer or one before it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures = {name: PlainLabel() for name in ("input", "output", "parameters")}
        self._code = PlainLabel()
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setColumnStretch(1, 1)
        captions = {"input": self.tr("input"), "output": self.tr("output"), "parameters": self.tr("parameters")}
        for row, (name, label) in enumerate(self._figures.items()):
            label.setFont(figures_font(label))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(ToneLabel(captions[name], tone="quiet"), row, 0)
            grid.addWidget(label, row, 1)
        self._code.setWordWrap(True)
        self._code.setFont(code_font())
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(grid)
        column.addWidget(self._code)

    def show_layer(self, layer: Layer, reads: Shape | None, shared: ConvSpec, channels: int, fits: bool) -> None:
        """reads: what enters it, None where a layer before it does not fit; channels: how many do in any case.

        shared: device and dtype, which all layers have in common, and the axes. fits: torch takes it there.
        """
        texts = dict.fromkeys(self._figures, "—")
        axes = len(shared.axes)
        if reads is not None:
            texts["input"] = shape_text(reads, axes)
        if reads is not None and fits:
            texts["output"] = shape_text(layer.output_shape(reads), axes)
            texts["parameters"] = grouped(layer.parameter_count(channels))
        for name, text in texts.items():
            self._figures[name].setText(text)
        self._code.setText("\n".join(step.text for step in layer.steps(channels, shared)))
