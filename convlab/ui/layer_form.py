"""The form of the layer in focus, whatever its kind: its parameters by torch's names, and what torch would refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.document import Document
from convlab.model.history import History
from convlab.model.layers.base import Layer
from convlab.model.layers.conv import ConvLayer
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Limits, Problem
from convlab.model.stack import channels_after, shape_after
from convlab.model.stack_edits import set_depth, set_parameter
from convlab.ui.layer_fields import activation_field, show_parameter
from convlab.ui.layer_summary import LayerSummary
from convlab.ui.numbers_table import NumbersTable
from convlab.ui.parameter_rows import FRAME, ROW_GAP, Field, ParameterRows
from convlab.ui.plain import PlainLabel
from convlab.ui.problem_notice import ProblemNotice
from convlab.ui.theme import SPACE, shown
from convlab.ui.tone_label import ToneLabel


class LayerForm(QWidget):
    """Shows the layer in focus and makes its edits; changes of one field in a row are one undo step.

    The rows of a kind are made when the first layer of it is in focus, and kept. refused(str): why a number of a
    channel was not taken.
    """

    refused = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._follow = QCheckBox(self.tr("= input"))
        self._follow.setAccessibleName("in_channels follows input")
        self._follow.setToolTip(self.tr("Keep in_channels at the number of channels that the input has"))
        self._about = PlainLabel()
        self._about.setWordWrap(True)
        self._activation = activation_field()
        self.notice = ProblemNotice()
        self.table = NumbersTable(session)
        self._summary = LayerSummary()
        self._kinds: dict[type[Layer], ParameterRows] = {}
        self._places, self._below = QVBoxLayout(), QVBoxLayout()
        self._rows = self._rows_of(ConvLayer)
        self._after = self._after_layer()
        self._told: tuple[object, ...] = ()
        self._editing = self._lazy = False
        self._lay_out()
        self._connect()
        self._show_layer(None, _layer(session.document))
        self._show_rest(session.document)

    @property
    def fields(self) -> dict[str, Field]:
        """The controls of the layer's parameters, by torch's names."""
        return self._rows.fields

    # Widgets

    def _rows_of(self, kind: type[Layer]) -> ParameterRows:
        if kind not in self._kinds:
            beside = {"in_channels": self._follow} if kind is ConvLayer else {}
            rows = ParameterRows(kind, self._limits.devices, beside)
            rows.changed.connect(self._set)
            rows.depth_changed.connect(self._set_depth)
            rows.finished.connect(self._session.seal)
            self._places.addWidget(rows)
            self._kinds[kind] = rows
        return self._kinds[kind]

    def _after_layer(self) -> QWidget:
        """What a convolution is usually followed by, under a heading."""
        after = QWidget()
        grid = QGridLayout(after)
        grid.setContentsMargins(SPACE, ROW_GAP - FRAME, SPACE, 0)
        grid.setVerticalSpacing(ROW_GAP)
        grid.setHorizontalSpacing(SPACE)
        grid.setColumnMinimumWidth(0, self._rows.label_width)
        grid.setColumnStretch(1, 1)
        heading = ToneLabel(self.tr("after the layer"), tone="quiet")
        grid.addWidget(heading, 0, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
        grid.setRowMinimumHeight(0, heading.sizeHint().height() + SPACE)
        label = ToneLabel("activation")
        label.setBuddy(self._activation)
        grid.addWidget(label, 1, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._activation, 1, 1)
        return after

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE - FRAME, 0, SPACE)
        column.setSpacing(0)
        self._about.setContentsMargins(SPACE, FRAME, SPACE, 2 * SPACE - FRAME)
        column.addWidget(self._about)
        column.addLayout(self._places)
        column.addWidget(self._after)
        self._below.setSpacing(2 * SPACE)
        self._below.addWidget(self.notice)
        self._below.addWidget(self.table, 1)
        self._below.addWidget(self._summary)
        self._below.addStretch(1)
        column.addLayout(self._below, 1)

    def _connect(self) -> None:
        self._activation.value_changed.connect(self._set_activation)
        self._activation.finished.connect(self._session.seal)
        self._follow.clicked.connect(self._set_follow)
        self.notice.mended.connect(self._mend)
        self.table.numbers.refused.connect(self.refused)
        self._session.document_changed.connect(self._document_changed)
        self._session.limits_changed.connect(self._limits_changed)
        self._session.locks_changed.connect(self._show_locks)

    # What the person wants

    @Slot(str, object)
    def _set(self, name: str, value: object) -> None:
        """Change one parameter, counting from where this run of changes began.

        Typing 11 over 3 passes through 1: the weights of the 3×3 kernel must still be there afterwards.
        """
        key = f"layer:{name}"
        edit = partial(_with_parameter, _run_start(self._session.history, key), name, value)
        self._apply(name, edit, _change_label(self._rows.called(name)), key)

    @Slot(str, object)
    def _set_depth(self, name: str, value: int) -> None:
        key = f"layer:depth {name}"
        edit = partial(_with_depth, _run_start(self._session.history, key), name, value)
        self._apply(name, edit, _change_label(self._rows.called(name)), key)

    def _apply(self, name: str, edit: edits.Edit, label: Message, key: str) -> None:
        """Make an edit of the person's in this form: it leaves the chains as the person has them.

        Where it is refused the field shows again what is so.
        """
        before, self._editing = self._session.document, True
        try:
            self._session.apply(edit, label, merge_key=key)
        finally:
            self._editing = False
        if self._session.document is before:
            show_parameter(self.fields[name], _layer(before), name)

    @Slot(object)
    def _set_activation(self, activation: Any) -> None:
        self._session.apply(
            lambda d: edits.set_activation(d, activation), _change_label("activation"), merge_key="layer:activation"
        )
        if self._session.view.watched_layer is None:  # its maps are what one wants to see
            self._session.set_view(watched_layer=self._session.document.activation_place)

    @Slot(bool)
    def _set_follow(self, follow: bool) -> None:
        def edit(document: Document) -> Document:
            if follow:
                return edits.follow_in_channels(document)
            return edits.set_layer(document, in_channels=document.conv.spec.in_channels)

        self._session.apply(edit, _change_label("in_channels"))

    @Slot(object)
    def _mend(self, problem: Problem) -> None:
        """Set the value that works, of this layer or of the one before it that is at fault."""
        label = message(QT_TRANSLATE_NOOP("model", "mend {field}"), field=self._rows.called(problem.field))
        if problem.place is None and problem.field in self.fields:
            self.fields[problem.field].setFocus()
        self._session.apply(partial(_mended, problem), label)

    # What is so

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        before, layer = _layer(old), _layer(new)
        same = before.outline is layer.outline
        if not same:
            self._show_layer(before, layer)
        if not self._editing and (
            old.focus != new.focus or old.picture is not new.picture or (not same and before.outline != layer.outline)
        ):
            self._rows.follow_values()  # another scene, a preset, undo: the chains are those of its values
        self._show_rest(new)

    @Slot()
    def _limits_changed(self) -> None:
        for rows in self._kinds.values():
            rows.show_devices(self._limits.devices)
        self._show_rest(self._session.document)

    def _show_layer(self, before: Layer | None, layer: Layer) -> None:
        rows = self._rows_of(type(layer))
        another = before is None or rows is not self._rows
        self._rows = rows
        rows.show_layer(None if another else before, layer)
        if another:
            self._show_kind(self._is_convolution)
        if self._about.isVisibleTo(self):
            self._about.setText(shown(layer.about))
        lazy = self._session.document.conv.spec.lazy
        if another or lazy != self._lazy:
            self._lazy = lazy
            self._show_locks()

    def _show_kind(self, kernels: bool) -> None:
        """The parts of the form that layers of this kind have."""
        for each in self._kinds.values():
            each.setVisible(each is self._rows)
        self._after.setVisible(kernels)
        self._about.setVisible(not kernels)
        self._summary.setVisible(not kernels)
        self._below.setContentsMargins(SPACE, 0 if kernels else 2 * SPACE - FRAME, SPACE, 0)

    @Slot()
    def _show_locks(self) -> None:
        """Fields that a challenge locks cannot be changed, nor in_channels of a lazy layer; others have no locks."""
        locks = self._session.locks if self._is_convolution else frozenset()
        lazy = {"in_channels"} if self._lazy else set()
        self._rows.lock(locks | lazy)
        self._follow.setEnabled("in_channels" not in locks | lazy)
        self._activation.setEnabled("activation" not in locks)

    def _show_rest(self, document: Document) -> None:
        """What may follow from the layers before it, too."""
        place, layer, edited = document.focus, _layer(document), self._is_convolution
        if edited:
            with QSignalBlocker(self._follow):
                self._follow.setChecked(document.conv.in_channels_follows)
            self._activation.show_value(document.activation)
        problems = self._session.layer_problems if edited else document.problems_at(place, self._limits)
        before = document.layers[:place]
        broken = any(problem.place is not None for problem in problems)  # before it
        reads = None if edited or broken else shape_after(before, document.source_shape)
        channels = 0 if edited else channels_after(before, len(document.used_channels))
        told = (place, None if edited else layer, problems, reads, channels, len(document.conv.spec.axes))
        if told == self._told:
            return
        self._told = told
        self._show_problems(problems)
        self.table.show_layer(place)
        if not edited:
            self._summary.show_layer(layer, reads, document.conv.spec, channels, fits=not problems)

    @property
    def _is_convolution(self) -> bool:
        document = self._session.document
        return document.focus == document.place

    @property
    def _limits(self) -> Limits:
        return self._session.limits

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        self.notice.show_problem(problems[0] if problems else None, len(self._session.document.conv.spec.axes))
        self._rows.mark({each.field: str(each) for each in reversed(problems) if each.place is None})


def _layer(document: Document) -> Layer:
    return document.layers[document.focus].layer


def _with_parameter(start: Document, name: str, value: object, _present: Document) -> Document:
    present = _layer(start).value(name)
    if value == present or (
        isinstance(value, tuple) and value == present[-len(value) :]
    ):  # typed and taken back, or Return on what was there: all is as it was
        return start
    return set_parameter(start, start.focus, name, value)


def _with_depth(start: Document, name: str, value: int, _present: Document) -> Document:
    return set_depth(start, start.focus, name, value)


def _mended(problem: Problem, document: Document) -> Document:
    place = document.focus if problem.place is None else problem.place
    return set_parameter(document, place, problem.field, problem.value)


def _change_label(name: str) -> Message:
    return message(QT_TRANSLATE_NOOP("model", "change {field}"), field=name)


def _run_start(history: History, key: str) -> Document:
    """The document before the run of edits with this merge key; the present one when no such run is open."""
    if history.past and not history.future and history.past[-1].merge_key == key:
        return history.past[-1].document
    return history.present
