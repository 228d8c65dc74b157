"""The form of a layer without kernels: its parameters by torch's names, what enters and leaves it, its code."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.layers.parameters import ChannelNumbers
from convlab.model.layers.register import LAYERS
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.problems import Problem
from convlab.model.stack import Layer, Shape, chain_problem, has_kernels, shape_after
from convlab.model.stack_edits import change_layer
from convlab.ui.layer_fields import Field, parameter_fields
from convlab.ui.layer_figures import grouped
from convlab.ui.norm_model import NormModel
from convlab.ui.padding_field import PaddingField
from convlab.ui.pair_spin import PairSpin
from convlab.ui.plain import PlainLabel
from convlab.ui.problem_notice import ProblemNotice
from convlab.ui.stack_model import shape_text
from convlab.ui.theme import SPACE, code_font, figures_font, shown
from convlab.ui.tone_label import ToneLabel


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
        fields = parameter_fields(each for kind in LAYERS if kind.offered() for each in kind.PARAMETERS)
        for name, field in fields.items():
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
        if has_kernels(entry.layer):
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
        layer = entry.layer
        names = [parameter.name for parameter in layer.PARAMETERS if layer.shown(parameter)]
        for name, field in self.fields.items():
            field.setVisible(name in names)
            self._labels[name].setVisible(name in names)
            if name in names and not isinstance(field, PaddingField):
                field.show_value(layer.value(name))
            if another and isinstance(field, PairSpin):
                field.follow_value()
        numbered = any(isinstance(parameter, ChannelNumbers) for parameter in layer.PARAMETERS)
        self.numbers.setVisible(numbered)
        self.model.show_layer(place if numbered else None)
        self._what.setText(shown(layer.about))
        self._show_figures(layer, reads)

    def _reads(self, place: int) -> Shape | None:
        """The shape that enters the layer; None where one before it does not fit."""
        document = self._session.document
        before = document.layers[:place]
        if chain_problem(before, document.source_shape, self._session.limits) is not None:
            return None
        return shape_after(before, document.source_shape)

    def _show_figures(self, layer: Layer, reads: Shape | None) -> None:
        problems = () if reads is None else layer.problems(reads, self._session.limits)
        self._notice.show_problem(problems[0] if problems else None)
        texts = dict.fromkeys(self._figures, "—")
        channels = 0
        if reads is not None and not problems:
            channels, axes = reads.channels, len(self._session.document.layer.axes)
            texts["input"] = shape_text(reads, axes)
            texts["output"] = shape_text(layer.output_shape(reads), axes)
            texts["parameters"] = grouped(layer.parameter_count(channels))
        for name, text in texts.items():
            self._figures[name].setText(text)
        steps = layer.steps(channels, self._session.document.layer)
        self._code.setText("\n".join(step.text for step in steps))

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
