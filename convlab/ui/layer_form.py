"""The form of nn.Conv2d: every parameter, by torch's name, and what torch would refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QWidget

from convlab.app.session import Session
from convlab.model import edits, stack_edits
from convlab.model.document import Document
from convlab.model.history import History
from convlab.model.layer import ROWS, ConvSpec
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.problems import Problem
from convlab.ui.layer_fields import Field, activation_field, layer_fields, same_text
from convlab.ui.padding_field import PaddingField
from convlab.ui.pair_spin import PairSpin
from convlab.ui.problem_notice import ProblemNotice
from convlab.ui.theme import SPACE, warning_color
from convlab.ui.tone_label import ToneLabel

_ROW_GAP = 5
TITLES = {"kind": "layer"}
"""Labels of fields that are no parameters of torch's."""
_PADDING_FOLLOWS = ("padding", "kernel_size", "dilation", "kind")
"""The fields that the numbers shown for 'same' depend on."""


class LayerForm(QWidget):
    """Shows the session's layer and makes its edits; changes of one field in a row are one undo step."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fields = layer_fields(session.limits.devices)
        self._labels = {name: ToneLabel(TITLES.get(name, name)) for name in self._fields}
        self._follow = QCheckBox(self.tr("= input"))
        self._follow.setAccessibleName("in_channels follows input")
        self._follow.setToolTip(self.tr("Keep in_channels at the number of channels that the input has"))
        self._activation = activation_field()
        self._notice = ProblemNotice()
        self._marked: frozenset[str] = frozenset()
        self._told: tuple[tuple[Problem, ...], int] | None = None
        self._editing = False
        self._lay_out()
        self._connect()
        self._show_layer(None, session.document.layer)
        self._show_rest(session.document)
        self._show_problems(session.layer_problems)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        grid.setVerticalSpacing(_ROW_GAP)
        grid.setHorizontalSpacing(SPACE)
        grid.setColumnMinimumWidth(0, self._label_width())
        grid.setColumnStretch(1, 1)
        for row, (name, field) in enumerate(self._fields.items()):
            self._add_row(grid, row, self._labels[name], field)
        last = len(self._fields)
        heading = ToneLabel(self.tr("after the layer"), tone="quiet")
        grid.addWidget(heading, last, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
        grid.setRowMinimumHeight(last, heading.sizeHint().height() + SPACE)
        self._add_row(grid, last + 1, ToneLabel("activation"), self._activation)
        grid.addWidget(self._notice, last + 2, 0, 1, 2)
        grid.setRowStretch(last + 3, 1)

    def _label_width(self) -> int:
        """The widest label with its warning sign, so that the sign moves nothing."""
        metrics = self.fontMetrics()
        return max(metrics.horizontalAdvance(_label_text(name, marked=True)) for name in self._fields)

    def _add_row(self, grid: QGridLayout, row: int, label: ToneLabel, field: Field) -> None:
        label.setBuddy(field)
        top = Qt.AlignmentFlag.AlignTop if isinstance(field, PaddingField) else Qt.AlignmentFlag.AlignVCenter
        grid.addWidget(label, row, 0, top)
        if isinstance(field, PaddingField):
            label.setMinimumHeight(field.choice.sizeHint().height())
        if field is not self._fields["in_channels"]:
            grid.addWidget(field, row, 1)
            return
        pair = QHBoxLayout()
        pair.setSpacing(SPACE)
        pair.addWidget(field, 1)
        pair.addWidget(self._follow)
        grid.addLayout(pair, row, 1)

    def _connect(self) -> None:
        for name, field in self._fields.items():
            field.value_changed.connect(partial(self._set, name))
            field.finished.connect(self._session.seal)
            if isinstance(field, PairSpin | PaddingField):
                field.depth_changed.connect(partial(self._set_depth, name))
        self._activation.value_changed.connect(self._set_activation)
        self._activation.finished.connect(self._session.seal)
        self._follow.clicked.connect(self._set_follow)
        self._notice.mended.connect(self._mend)
        self._session.document_changed.connect(self._document_changed)
        self._session.limits_changed.connect(self._limits_changed)
        self._session.locks_changed.connect(self._show_locks)

    @Slot()
    def _show_locks(self) -> None:
        """Fields that a challenge locks cannot be changed, nor in_channels of a lazy layer."""
        locks, lazy = self._session.locks, self._session.document.layer.lazy
        for name, field in self._fields.items():
            field.setEnabled(name not in locks)
        self._fields["in_channels"].setEnabled("in_channels" not in locks and not lazy)
        self._follow.setEnabled("in_channels" not in locks and not lazy)
        self._activation.setEnabled("activation" not in locks)

    def _set(self, name: str, value: object) -> None:
        """Change one parameter, counting from where this run of changes began.

        Typing 11 over 3 passes through 1: the weights of the 3×3 kernel must still be there afterwards.
        """
        key = f"layer:{name}"
        start = _run_start(self._session.history, key)
        if name == "kind":
            edit: edits.Edit = partial(_with_kind, start, str(value))
        else:
            edit = partial(_with_parameter, start, name, value)
        self._apply(edit, _change_label(TITLES.get(name, name)), key)

    def _apply(self, edit: edits.Edit, label: Message, key: str) -> None:
        """Make an edit of the person's in this form: it leaves the chains as the person has them."""
        self._editing = True
        try:
            self._session.apply(edit, label, merge_key=key)
        finally:
            self._editing = False

    def _set_depth(self, name: str, value: int) -> None:
        key = f"layer:depth {name}"
        start = _run_start(self._session.history, key)
        edit = partial(_with_depth, start, name, value)
        self._apply(edit, _change_label(name), key)

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
            return edits.set_layer(document, in_channels=document.layer.in_channels)

        self._session.apply(edit, _change_label("in_channels"))

    @Slot(object)
    def _mend(self, problem: Problem) -> None:
        label = message(QT_TRANSLATE_NOOP("model", "mend {field}"), field=problem.field)
        if problem.place is not None:
            self._session.apply(partial(_mended_at, problem), label)
            return
        if problem.field in self._fields:
            self._fields[problem.field].setFocus()
        self._session.apply(lambda d: edits.set_layer(d, **{problem.field: problem.value}), label)

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if old.layer is not new.layer:
            self._show_layer(old.layer, new.layer)
        if not self._editing and (old.layer != new.layer or old.source is not new.source):
            self._follow_values()
        self._show_rest(new)
        self._show_problems(self._session.layer_problems)

    @Slot()
    def _limits_changed(self) -> None:
        device = self._fields["device"]
        device.show_choices(same_text(self._session.limits.devices))  # type: ignore[union-attr]  # it is a FieldCombo
        self._show_problems(self._session.layer_problems)

    def _follow_values(self) -> None:
        """Another scene, a preset, undo: the chains are those of its values."""
        for field in self._fields.values():
            if isinstance(field, PairSpin | PaddingField):
                field.follow_value()

    def _show_layer(self, old: ConvSpec | None, new: ConvSpec) -> None:
        differs = [name for name in self._fields if old is None or getattr(old, name) != getattr(new, name)]
        for name in differs:
            field = self._fields[name]
            if isinstance(field, PairSpin):
                field.show_value(getattr(new, name)[ROWS:])
            elif not isinstance(field, PaddingField):
                field.show_value(getattr(new, name))
        if old is not None and old.lazy != new.lazy:
            self._show_locks()
        for name, field in self._fields.items():
            if isinstance(field, PairSpin):
                if old is None or old.dims != new.dims:
                    field.set_dims(new.dims)
                field.show_depth(getattr(new, name)[0])
        for widget in (self._fields["output_padding"], self._labels["output_padding"]):
            widget.setVisible(new.transposed)
        padding = self._fields["padding"]
        if isinstance(padding, PaddingField) and any(name in differs for name in _PADDING_FOLLOWS):
            padding.show_layer(new)

    def _show_rest(self, document: Document) -> None:
        with QSignalBlocker(self._follow):
            self._follow.setChecked(document.conv.in_channels_follows)
        self._activation.show_value(document.activation)

    def _show_problems(self, problems: tuple[Problem, ...]) -> None:
        axes = len(self._session.document.layer.axes)
        if self._told == (problems, axes):
            return
        self._told = (problems, axes)
        self._notice.show_problem(problems[0] if problems else None, axes)
        reasons = {problem.field: str(problem) for problem in reversed(problems) if problem.place is None}
        for name, label in self._labels.items():
            label.setText(_label_text(TITLES.get(name, name), name in reasons))
            label.set_tone("warning" if name in reasons else "plain")
            self._fields[name].setAccessibleDescription(reasons.get(name, ""))
        self._marked = frozenset(reasons) & frozenset(self._fields)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame around each control at fault, in the gap between the rows."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(warning_color(self.palette()), 1.5))
        for name in self._marked:
            frame = QRectF(self._fields[name].geometry()).adjusted(-1.5, -1.5, 1.5, 1.5)
            painter.drawRoundedRect(frame, 3, 3)
        painter.end()


def _label_text(name: str, marked: bool) -> str:
    return f"⚠ {name}" if marked else name


def _with_kind(start: Document, kind: str, _present: Document) -> Document:
    return edits.set_kind(start, kind)


def _with_parameter(start: Document, name: str, value: object, _present: Document) -> Document:
    present = getattr(start.layer, name)
    if value == present or (
        isinstance(value, tuple) and value == present[-len(value) :]
    ):  # typed and taken back, or Return on what was there: all is as it was
        return start
    return edits.set_layer(start, **{name: value})


def _with_depth(start: Document, name: str, value: int, _present: Document) -> Document:
    return edits.set_layer(start, depth={name: value})


def _mended_at(problem: Problem, document: Document) -> Document:
    """Another layer of the stack with the value that works."""
    assert problem.place is not None
    return stack_edits.mend_layer(document, problem.place, problem.field, problem.value)


def _change_label(name: str) -> Message:
    return message(QT_TRANSLATE_NOOP("model", "change {field}"), field=name)


def _run_start(history: History, key: str) -> Document:
    """The document before the run of edits with this merge key; the present one when no such run is open."""
    if history.past and not history.future and history.past[-1].merge_key == key:
        return history.past[-1].document
    return history.present
