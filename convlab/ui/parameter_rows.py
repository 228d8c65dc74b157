"""A row for each parameter of one kind of layer, made from its table: torch's name, and the control."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from convlab.model.layers.base import Layer
from convlab.model.layers.parameters import Choice, Parameter
from convlab.ui.field_combo import FieldCombo
from convlab.ui.flag_check import FlagCheck
from convlab.ui.layer_fields import Field as Field
from convlab.ui.layer_fields import parameter_fields, same_text, show_parameter
from convlab.ui.padding_field import PaddingField
from convlab.ui.pair_spin import PairSpin
from convlab.ui.theme import SPACE, warning_color
from convlab.ui.tone_label import ToneLabel

ROW_GAP = 5
FRAME = 2
"""Pixels around a control for the frame that marks it."""


class ParameterRows(QWidget):
    """The controls of one kind's parameters; each says what the person wants, and shows what it is told.

    kind: the class of layer. beside: what stands at the right of a control, by the parameter's name.

    changed(name, value), depth_changed(name, number along depth), finished(): as the controls have them.
    """

    changed = Signal(str, object)
    depth_changed = Signal(str, object)
    finished = Signal()

    def __init__(
        self,
        kind: type[Layer],
        devices: Sequence[str],
        beside: Mapping[str, QWidget] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.fields = parameter_fields(kind.PARAMETERS)
        self._table = {each.name: each for each in kind.PARAMETERS if each.name in self.fields}
        self._labels = {name: ToneLabel(title_of(parameter)) for name, parameter in self._table.items()}
        self._marked: frozenset[str] = frozenset()
        self._silent: set[str] = set()
        self._lay_out(beside or {})
        self.show_devices(devices)
        for name, field in self.fields.items():
            field.value_changed.connect(partial(self.changed.emit, name))
            field.finished.connect(self.finished)
            if isinstance(field, PairSpin | PaddingField):
                field.depth_changed.connect(partial(self.depth_changed.emit, name))

    def called(self, name: str) -> str:
        """What the form calls the parameter of this name."""
        return title_of(self._table[name]) if name in self._table else name

    def show_layer(self, old: Layer | None, new: Layer) -> None:
        """Show the values of a layer of this kind; `old` is the one that is shown, None where none is."""
        differs = {name for name in self.fields if old is None or old.value(name) != new.value(name)}
        resized = old is None or old.dims != new.dims
        if not differs and not resized:
            return
        if resized:
            self._show_choices(new)
        for name, field in self.fields.items():
            follows = isinstance(field, PaddingField)  # the numbers of 'same' depend on kernel_size
            if name in differs or follows or (resized and isinstance(field, PairSpin)):
                show_parameter(field, new, name)
        silent = {name for name, parameter in self._table.items() if not new.shown(parameter)}
        for name in silent ^ self._silent:
            for widget in (self.fields[name], self._labels[name]):
                widget.setVisible(name not in silent)
        self._silent = silent

    def _show_choices(self, layer: Layer) -> None:
        """Those of the layer, where the table has choices."""
        for name, parameter in self._table.items():
            field = self.fields[name]
            if isinstance(field, FieldCombo) and isinstance(parameter, Choice) and parameter.choices:
                field.show_choices(layer.choices(parameter), layer.value(name))

    def show_devices(self, devices: Sequence[str]) -> None:
        """Where torch can compute on this machine."""
        for name, field in self.fields.items():
            parameter = self._table[name]
            if isinstance(field, FieldCombo) and isinstance(parameter, Choice) and not parameter.choices:
                field.show_choices(same_text(devices))

    def follow_values(self) -> None:
        """The chains between the numbers of a size are those of the values."""
        for field in self.fields.values():
            if isinstance(field, PairSpin | PaddingField):
                field.follow_value()

    def lock(self, names: Collection[str]) -> None:
        """These cannot be changed, all others can."""
        for name, field in self.fields.items():
            field.setEnabled(name not in names)

    def mark(self, reasons: Mapping[str, str]) -> None:
        """Mark what is at fault: the sentence by the parameter's name."""
        for name, label in self._labels.items():
            label.setText(_label_text(self.called(name), name in reasons))
            label.set_tone("warning" if name in reasons else "plain")
            self.fields[name].setAccessibleDescription(reasons.get(name, ""))
        self._marked = frozenset(reasons) & frozenset(self.fields)
        self.update()

    def _lay_out(self, beside: Mapping[str, QWidget]) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(SPACE, FRAME, SPACE, FRAME)
        grid.setVerticalSpacing(ROW_GAP)
        grid.setHorizontalSpacing(SPACE)
        grid.setColumnMinimumWidth(0, self.label_width)
        grid.setColumnStretch(1, 1)
        for row, (name, field) in enumerate(self.fields.items()):
            label = self._labels[name]
            label.setBuddy(field)
            top = isinstance(field, PaddingField)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignVCenter)
            if isinstance(field, PaddingField):
                label.setMinimumHeight(field.choice.sizeHint().height())
            if name not in beside:
                grid.addWidget(field, row, 1)
                continue
            pair = QHBoxLayout()
            pair.setSpacing(SPACE)
            pair.addWidget(field, 1)
            pair.addWidget(beside[name])
            grid.addLayout(pair, row, 1)

    @property
    def label_width(self) -> int:
        """The widest label, with its warning sign where it may get one, so that the sign moves nothing."""
        width = self.fontMetrics().horizontalAdvance
        texts = (
            _label_text(self.called(name), not isinstance(field, FlagCheck)) for name, field in self.fields.items()
        )
        return max(map(width, texts), default=0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame around each control at fault, in the gap between the rows."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(warning_color(self.palette()), 1.5))
        for name in self._marked:
            frame = QRectF(self.fields[name].geometry()).adjusted(-1.5, -1.5, 1.5, 1.5)
            painter.drawRoundedRect(frame, 3, 3)
        painter.end()


def title_of(parameter: Parameter) -> str:
    """What forms call it."""
    return parameter.title or parameter.name


def _label_text(name: str, marked: bool) -> str:
    return f"⚠ {name}" if marked else name
