"""A whole number for each side: left and right, of pictures below them top and bottom, of volumes front and back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from convlab.model.layer import Sizes
from convlab.model.layers.parameters import SIDES
from convlab.ui.field_spin import FieldSpin
from convlab.ui.tone_label import ToneLabel

GAP = 4


class SidesField(QWidget):
    """Two, four or six spin boxes, each called by the parameter and its side.

    value_changed((left, right[, top, bottom[, front, back]])), finished(): as FieldSpin has them, of any of these.
    """

    value_changed = Signal(object)
    finished = Signal()

    def __init__(self, name: str, low: int, high: int, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes = tuple(FieldSpin(f"{name} {side}", low, high, tip) for side in SIDES)
        self._labels = tuple(ToneLabel(text, tone="quiet") for text in _titles())
        self._count = len(self.boxes)
        self.setFocusProxy(self.boxes[0])
        self._lay_out()
        for box in self.boxes:
            box.value_changed.connect(self._changed)
            box.finished.connect(self.finished)

    @property
    def value(self) -> Sizes:
        """As shown."""
        return tuple(box.value() for box in self.boxes[: self._count])

    def show_value(self, value: Sizes) -> None:
        """Show as many sides as it has, without announcing it."""
        if len(value) != self._count:
            self._show_sides(len(value))
        for box, number in zip(self.boxes, value, strict=False):
            box.show_value(number)

    def _show_sides(self, count: int) -> None:
        """The first so many; the others are not there."""
        self._count = count
        for place, (box, label) in enumerate(zip(self.boxes, self._labels, strict=True)):
            box.setVisible(place < count)
            label.setVisible(place < count)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP)
        grid.setVerticalSpacing(GAP)
        for place, (box, label) in enumerate(zip(self.boxes, self._labels, strict=True)):
            row, column = divmod(place, 2)
            label.setBuddy(box)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setMinimumWidth(box.fontMetrics().horizontalAdvance("−000") + 26)
            grid.addWidget(label, row, 2 * column)
            grid.addWidget(box, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)

    @Slot(object)
    def _changed(self, _number: int) -> None:
        self.value_changed.emit(self.value)


def _titles() -> tuple[str, ...]:
    """In the order of SIDES."""
    return (
        QCoreApplication.translate("SidesField", "left"),
        QCoreApplication.translate("SidesField", "right"),
        QCoreApplication.translate("SidesField", "top"),
        QCoreApplication.translate("SidesField", "bottom"),
        QCoreApplication.translate("SidesField", "front"),
        QCoreApplication.translate("SidesField", "back"),
    )
