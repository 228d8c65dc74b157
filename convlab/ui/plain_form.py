"""The form of a layer without kernels: its parameters by torch's names, what enters and leaves it, its code."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.plain_layers import FUNCTIONS, BatchNorm, Pointwise, Pool
from convlab.model.problems import Problem
from convlab.model.stack import ConvLayer, Layer, Shape, chain_problem, costs, layer_problems, output_shape, shape_after
from convlab.model.stack_code import norm_constructor, pool_constructor
from convlab.model.stack_edits import change_layer
from convlab.ui.field_combo import FieldCombo
from convlab.ui.flag_check import FlagCheck
from convlab.ui.layer_figures import grouped
from convlab.ui.norm_model import NormModel
from convlab.ui.number_field import NumberField
from convlab.ui.pair_spin import PairSpin
from convlab.ui.plain import PlainLabel
from convlab.ui.problem_notice import ProblemNotice
from convlab.ui.stack_model import shape_text
from convlab.ui.theme import SPACE, code_font, figures_font
from convlab.ui.tone_label import ToneLabel

MOST_SIDE = 1024
_SHOWN: dict[str, tuple[str, ...]] = {
    "function": ("function",),
    "leaky_relu": ("function", "negative_slope"),
    "max": ("pooling", "kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "avg": ("pooling", "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "norm": ("eps",),
}
"""The fields of each kind of layer."""

Field = FieldCombo | PairSpin | NumberField | FlagCheck


class PlainForm(QWidget):
    """Shows the chosen layer where it is no convolution, and makes its edits."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.fields = self._make_fields()
        self._labels = {name: PlainLabel(name) for name in self.fields}
        self._notice = ProblemNotice()
        self._notice.mended.connect(self._mend)
        self.numbers = QTableView()
        self.model = NormModel(session, self)
        self._what = PlainLabel()
        self._code = PlainLabel()
        self._figures = {name: PlainLabel() for name in ("input", "output", "parameters")}
        self._lay_out()
        self._shown: tuple[object, ...] = ()
        session.document_changed.connect(self._show)
        session.view_changed.connect(self._show)
        self._show()

    def _make_fields(self) -> dict[str, Field]:
        functions = [(name, title) for name, title in FUNCTIONS.items()]
        fields: dict[str, Field] = {
            "function": FieldCombo("function", functions, self.tr("Function of each value")),
            "negative_slope": NumberField("negative_slope", -10, 10, 4),
            "pooling": FieldCombo(
                "pooling", [("max", "MaxPool2d"), ("avg", "AvgPool2d")], self.tr("The largest value, or the mean")
            ),
            "kernel_size": PairSpin("kernel_size", 1, MOST_SIDE, self.tr("Rows and columns of the window")),
            "stride": PairSpin("stride", 1, MOST_SIDE, self.tr("Pixels from one window to the next")),
            "padding": PairSpin(
                "padding", 0, MOST_SIDE, self.tr("Rows and columns around the input: −∞ for max, 0 for avg")
            ),
            "dilation": PairSpin("dilation", 1, MOST_SIDE, self.tr("Pixels from one value in the window to the next")),
            "ceil_mode": FlagCheck("ceil_mode", self.tr("Round the output size up: windows may hang over the end")),
            "count_include_pad": FlagCheck(
                "count_include_pad", self.tr("Padding counts as zeros in the mean, else it is left out")
            ),
            "eps": NumberField("eps", 1e-12, 1, 12),
        }
        for name, field in fields.items():
            if isinstance(field, NumberField):
                field.setSingleStep(0.01 if name == "negative_slope" else 1e-5)
                field.valueChanged.connect(partial(self._set, name))
                field.editingFinished.connect(self._session.seal)
            else:
                field.value_changed.connect(partial(self._set, name))
                field.finished.connect(self._session.seal)
        return fields

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for row, (name, field) in enumerate(self.fields.items()):
            self._labels[name].setBuddy(field)
            grid.addWidget(self._labels[name], row, 0)
            grid.addWidget(field, row, 1)
        self.numbers.setModel(self.model)
        self.numbers.setAccessibleName(self.tr("numbers of each channel"))
        self.numbers.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.numbers.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        figures = QGridLayout()
        figures.setHorizontalSpacing(2 * SPACE)
        figures.setColumnStretch(1, 1)
        captions = {"input": self.tr("input"), "output": self.tr("output"), "parameters": self.tr("parameters")}
        for row, (name, label) in enumerate(self._figures.items()):
            label.setFont(figures_font(label))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            figures.addWidget(ToneLabel(captions[name], tone="quiet"), row, 0)
            figures.addWidget(label, row, 1)
        self._what.setWordWrap(True)
        self._code.setWordWrap(True)
        self._code.setFont(code_font())
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(self._what)
        column.addLayout(grid)
        column.addWidget(self._notice)
        column.addWidget(self.numbers, 1)
        column.addLayout(figures)
        column.addWidget(self._code)
        column.addStretch(1)

    @Slot()
    def _show(self) -> None:
        session, place = self._session, self._session.document.focus
        entry = session.document.layers[place]
        if isinstance(entry.layer, ConvLayer):
            if self._shown:
                self._shown = ()
                self.model.show_layer(None)
            return
        reads = self._reads(place)
        state = (place, entry, reads, len(session.document.used_channels))
        if state == self._shown:
            return
        another = not self._shown or self._shown[0] != place
        self._shown = state
        names = _SHOWN[_kind(entry.layer)]
        for name, field in self.fields.items():
            field.setVisible(name in names)
            self._labels[name].setVisible(name in names)
            if name in names:
                field.show_value(getattr(entry.layer, name))
            if another and isinstance(field, PairSpin):
                field.follow_value()
        norm = isinstance(entry.layer, BatchNorm)
        self.numbers.setVisible(norm)
        self.model.show_layer(place if norm else None)
        self._what.setText(self._sentence(entry.layer))
        self._show_figures(entry.layer, reads)

    def _reads(self, place: int) -> Shape | None:
        """The shape that enters the layer; None where one before it does not fit."""
        document = self._session.document
        before = document.layers[:place]
        if chain_problem(before, document.source_shape, self._session.limits) is not None:
            return None
        return shape_after(before, document.source_shape)

    def _show_figures(self, layer: Layer, reads: Shape | None) -> None:
        problems = () if reads is None else layer_problems(layer, reads, self._session.limits)
        self._notice.show_problem(problems[0] if problems else None)
        texts = dict.fromkeys(self._figures, "—")
        channels = 0
        if reads is not None and not problems:
            channels = reads.channels
            texts["input"] = shape_text(reads)
            texts["output"] = shape_text(output_shape(layer, reads))
            texts["parameters"] = grouped(costs(layer, reads, self._session.document.layer.dtype).parameters)
        for name, text in texts.items():
            self._figures[name].setText(text)
        self._code.setText(_code(layer, channels, self._session.document))

    def _sentence(self, layer: Layer) -> str:
        if isinstance(layer, Pool):
            if layer.pooling == "max":
                return self.tr("The largest value in each window, channel by channel.")
            return self.tr("The mean of each window, channel by channel.")
        if isinstance(layer, BatchNorm):
            return self.tr("(x − running_mean) / √(running_var + eps) · weight + bias, for each channel (eval mode).")
        assert isinstance(layer, Pointwise)
        formulas = {
            "relu": "max(0, x)",
            "leaky_relu": "x ≥ 0: x;   x < 0: negative_slope · x",
            "sigmoid": "1 / (1 + e⁻ˣ)",
            "tanh": "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
            "square": "x²",
            "sqrt": "√x",
        }
        return formulas[layer.function]

    def _set(self, name: str, value: object) -> None:
        place = self._session.document.focus
        label = message(QT_TRANSLATE_NOOP("model", "change {field}"), field=name)
        self._session.apply(partial(_changed, place, name, value), label, f"layer {place}:{name}")

    @Slot(object)
    def _mend(self, problem: Problem) -> None:
        label = message(QT_TRANSLATE_NOOP("model", "mend {field}"), field=problem.field)
        self._session.apply(partial(_changed, self._session.document.focus, problem.field, problem.value), label)


def _changed(place: int, name: str, value: object, document: Document) -> Document:
    return change_layer(document, place, **{name: value})


def _kind(layer: Layer) -> str:
    if isinstance(layer, Pool):
        return layer.pooling
    if isinstance(layer, Pointwise):
        return layer.function if layer.function in _SHOWN else "function"
    return "norm"


def _code(layer: Layer, channels: int, document: Document) -> str:
    if isinstance(layer, Pool):
        return pool_constructor(layer)
    if isinstance(layer, BatchNorm):
        return norm_constructor(layer, channels, document.layer)
    assert isinstance(layer, Pointwise)
    if layer.function in ("square", "sqrt"):
        return f"x.{layer.function}()"
    slope = repr(layer.negative_slope) if layer.function == "leaky_relu" else ""
    return f"nn.{layer.kind}({slope})"
