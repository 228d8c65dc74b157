"""What follows from the layer: output size with its formula, shapes, costs, and the PyTorch code."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from convlab.app.session import Session
from convlab.app.settings import Settings
from convlab.model.document import Document
from convlab.model.stack import Entry
from convlab.model.volumes import receptive_size
from convlab.ui.code_panel import CodePanel
from convlab.ui.layer_figures import LayerFigures, layer_figures
from convlab.ui.numbers_only import numbers_only
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, figures_font
from convlab.ui.tone_label import ToneLabel


class LayerInfo(QWidget):
    """Figures and code of the session's layer, kept current; '—' while torch would refuse it."""

    def __init__(self, session: Session, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._values = {name: self._value_label(name) for name in LayerFigures.__dataclass_fields__}
        self.code = CodePanel(session, settings)
        self._lay_out()
        session.document_changed.connect(self._document_changed)
        session.limits_changed.connect(self._limits_changed)
        self._show_figures()
        self.code.show_code()

    def _value_label(self, name: str) -> PlainLabel:
        label = PlainLabel()
        label.setObjectName(name)
        label.setFont(figures_font(label))
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        flags = Qt.TextInteractionFlag
        label.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        return label

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(3)
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(("depth", "height", "width")):
            grid.addWidget(self._values[name], row, 0, 1, 2)
        grid.setRowMinimumHeight(3, SPACE)
        for row, (name, caption) in enumerate(self._captions().items(), start=4):
            label = ToneLabel(caption, tone="quiet")
            label.setBuddy(self._values[name])
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(self._values[name], row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(grid, 0)
        layout.addSpacing(SPACE)
        layout.addWidget(self.code, 1)
        self._add_tips()

    def _captions(self) -> dict[str, str]:
        return {
            "input_shape": self.tr("input"),
            "weight_shape": self.tr("weight"),
            "output_shape": self.tr("output"),
            "parameters": self.tr("parameters"),
            "multiply_accumulates": self.tr("multiply-adds"),
            "receptive_field": self.tr("receptive field"),
            "unreached": self.tr("not reached"),
            "module": "print(layer)",
        }

    def _add_tips(self) -> None:
        size = self.tr("⌊(input + padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1")
        images = self.tr("N, C, H, W: photos, channels, height, width")
        tips = {
            "depth": size,
            "height": size,
            "width": size,
            "input_shape": images,
            "weight_shape": self.tr("out_channels, in_channels / groups, kernel height, kernel width"),
            "output_shape": images,
            "parameters": self.tr("Numbers that the layer would learn: weights and biases"),
            "multiply_accumulates": self.tr(
                "Multiply-accumulates: one for each weight of each output value, added zeros included"
            ),
            "receptive_field": self.tr("Rows × columns of the input that one output value depends on"),
            "unreached": self.tr(
                "Input rows at the bottom and columns at the right that no window reaches, hatched on the photo: "
                "the next step would leave the picture, and the size formula rounds down"
            ),
            "module": self.tr("What torch reports of the layer"),
        }
        for name, text in tips.items():
            self._values[name].setToolTip(text)

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if not self.isVisible():
            return
        same_layers = numbers_only(old, new)
        if not same_layers or self._session.layer_problems != self._problems:
            self._show_figures()
        self.code.follow(new, same_layers)

    @Slot()
    def _limits_changed(self) -> None:
        self._show_figures()
        self.code.show_code()

    def _show_figures(self) -> None:
        self.code.show_choices()
        self._problems = self._session.layer_problems
        figures = None if self._problems else self._figures()
        for name, label in self._values.items():
            label.setText(getattr(figures, name) if figures else self._missing(name))
            label.setVisible(bool(label.text()))

    def _figures(self) -> LayerFigures:
        """Of the edited layer; behind others its receptive field on the photo too."""
        document = self._session.document
        figures = layer_figures(document.conv.spec, document.input_shape.size)
        if document.reads_source:
            return figures
        layers = (*document.before, Entry(document.conv))
        seen = document.conv.spec.torch_sizes(receptive_size(layers, document.source_shape))
        text = self.tr("{own}; on the input {size}")
        field = text.format(own=figures.receptive_field, size=" × ".join(map(str, seen)))
        return replace(figures, receptive_field=field)

    def _missing(self, name: str) -> str:
        return {"depth": "", "height": "H_out = —", "width": "W_out = —"}.get(name, "—")

    # Qt's names

    def showEvent(self, event: QShowEvent) -> None:
        """Take over what has changed meanwhile."""
        super().showEvent(event)
        self._show_figures()
        self.code.show_code()
