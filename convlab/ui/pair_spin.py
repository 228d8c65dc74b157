"""Height × width of one parameter, linked or apart."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from convlab.model.layer import Sizes
from convlab.ui.field_spin import FieldSpin
from convlab.ui.link_button import LinkButton
from convlab.ui.plain import PlainLabel

_SPIN_FRAME = 26
"""Logical pixels for a spin box's frame and arrows."""


class PairSpin(QWidget):
    """Two spin boxes and a chain. While linked both change together; a pair that differs is never linked.

    The chain is the person's: it follows the value where that was changed by something else.

    value_changed((height, width)) and of a layer of volumes depth_changed(int): only when the person changes
    something. finished(): Return was pressed or the focus has left a box.
    """

    value_changed = Signal(object)
    depth_changed = Signal(object)
    finished = Signal()

    def __init__(self, name: str, low: int, high: int, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.depth_spin = FieldSpin(f"{name} depth", low, high, tip)
        self.depth_spin.value_changed.connect(self.depth_changed)
        self.depth_spin.finished.connect(self.finished)
        self.height_spin = FieldSpin(f"{name} height", low, high, tip)
        self.width_spin = FieldSpin(f"{name} width", low, high, tip)
        self.link = LinkButton(f"{name} linked", self.tr("Change height and width together"))
        self.link.setChecked(True)
        self._dims = 2
        self.setFocusProxy(self.height_spin)
        self._lay_out()
        self.height_spin.value_changed.connect(self._height_changed)
        self.width_spin.value_changed.connect(self._width_changed)
        self.height_spin.finished.connect(self.finished)
        self.width_spin.finished.connect(self.finished)
        self.link.clicked.connect(self._link_clicked)

    @property
    def value(self) -> tuple[int, int]:
        """(height, width) as shown."""
        return self.height_spin.value(), self.width_spin.value()

    def show_value(self, value: Sizes) -> None:
        """Show (height, width); where they are new here, the chain is closed if they are equal."""
        height, width = value
        new = value != self.value
        self.height_spin.show_value(height)
        self.width_spin.show_value(width)
        if new or height != width:
            self.follow_value()

    def follow_value(self) -> None:
        """Close the chain where height and width are equal, else open it: nothing of an earlier layer is left."""
        height, width = self.value
        self.link.setChecked(height == width and self._dims != 3)  # of volumes there is no chain

    def set_dims(self, dims: int) -> None:
        """Of a layer of signals one number, of pictures two, of volumes three."""
        if dims == self._dims:
            return
        for widget in (self.height_spin, self._times):
            widget.setVisible(dims > 1)
        for widget in (self.depth_spin, self._deep_times):
            widget.setVisible(dims == 3)
        self.link.setVisible(dims == 2)  # there is no room for it beside three numbers
        digits, frame = ("00", _SPIN_FRAME - 4) if dims == 3 else ("000", _SPIN_FRAME)
        for spin in (self.depth_spin, self.height_spin, self.width_spin):
            spin.setMinimumWidth(spin.fontMetrics().horizontalAdvance(digits) + frame)
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(2 if dims == 3 else 4)
        self._dims = dims
        self.follow_value()
        self.setFocusProxy({1: self.width_spin, 2: self.height_spin, 3: self.depth_spin}[dims])

    def show_depth(self, depth: int) -> None:
        """Show the number along depth."""
        self.depth_spin.show_value(depth)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._deep_times = PlainLabel("×")
        layout.addWidget(self.depth_spin, 1)
        layout.addWidget(self._deep_times)
        for spin in (self.depth_spin, self.height_spin, self.width_spin):
            spin.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            spin.setMinimumWidth(spin.fontMetrics().horizontalAdvance("000") + _SPIN_FRAME)
        layout.addWidget(self.height_spin, 1)
        self._times = PlainLabel("×")
        layout.addWidget(self._times)
        layout.addWidget(self.width_spin, 1)
        layout.addWidget(self.link)
        self.depth_spin.hide()
        self._deep_times.hide()

    @Slot(object)
    def _height_changed(self, height: int) -> None:
        self._change((height, height if self.link.isChecked() else self.width_spin.value()))

    @Slot(object)
    def _width_changed(self, width: int) -> None:
        self._change((width if self.link.isChecked() else self.height_spin.value(), width))

    @Slot(bool)
    def _link_clicked(self, linked: bool) -> None:
        height, width = self.value
        if linked and height != width:
            self._change((height, height))
            self.finished.emit()

    def _change(self, value: tuple[int, int]) -> None:
        self.show_value(value)
        self.value_changed.emit(value)
