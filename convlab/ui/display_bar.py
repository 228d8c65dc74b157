"""How the maps are drawn: normalisation, negatives, colour map, and what they are fitted to."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QStackedWidget, QWidget

from convlab.app.session import Session
from convlab.model.view import COLORMAPS, NEGATIVES, NORMALIZE, Display, ViewState
from convlab.ui.plain import PlainLabel


class DisplayBar(QWidget):
    """A quiet row of choices under the maps."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        titles = (
            self.tr("robust"),
            self.tr("per map"),
            self.tr("shared"),
            self.tr("± symmetric"),
            self.tr("percentile"),
            self.tr("fixed"),
        )
        self._normalize = self._combo(NORMALIZE, titles, "normalize", self.tr("normalize"))
        self._normalize.setToolTip(
            self.tr(
                "Which values are black and white: robust, without the largest 0.4 % of the magnitudes and with 0 in "
                "one gray in all maps; each map's own extremes, those of the maps in sight, ± the largest magnitude, "
                "two percentiles, or numbers of yours"
            )
        )
        negatives = (self.tr("signed"), self.tr("clip < 0"), self.tr("| absolute |"))
        self._negatives = self._combo(NEGATIVES, negatives, "negatives", self.tr("negatives"))
        self._negatives.setToolTip(self.tr("Negative values: drawn as they are, as 0, or by their magnitude"))
        self._colormap = self._combo(COLORMAPS, COLORMAPS, "colormap", self.tr("colormap"))
        self._colormap.setToolTip(self.tr("The colour map; NaN is drawn magenta and infinity cyan in all of them"))
        self._low, self._high = self._number("low", -1e6, 1e6), self._number("high", -1e6, 1e6)
        self._from, self._to = self._number("from", 0, 100), self._number("to", 0, 100)
        self._ranges = QStackedWidget()
        self._lay_out()
        session.view_changed.connect(self._view_changed)
        self.show_display(session.view.display)

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if old.display != new.display:
            self.show_display(new.display)

    def show_display(self, display: Display) -> None:
        """Show these choices without announcing them."""
        for combo, value in (
            (self._normalize, display.normalize),
            (self._negatives, display.negatives),
            (self._colormap, display.colormap),
        ):
            combo.setCurrentIndex(combo.findData(value))
        numbers = {
            self._low: display.low,
            self._high: display.high,
            self._from: display.percentiles[0],
            self._to: display.percentiles[1],
        }
        for box, number in numbers.items():
            if box.value() != number:
                with QSignalBlocker(box):
                    box.setValue(number)
        self._ranges.setCurrentIndex({"fixed": 1, "percentile": 2}.get(display.normalize, 0))

    def _change(self, **changes: object) -> None:
        display = replace(self._session.view.display, **changes)  # type: ignore[arg-type]  # its own fields
        self._session.set_view(display=display)

    def _combo(self, values: tuple[str, ...], titles: tuple[str, ...], field: str, name: str) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        for value, title in zip(values, titles, strict=True):
            combo.addItem(title, value)
        combo.activated.connect(lambda _index: self._change(**{field: combo.currentData()}))
        return combo

    def _number(self, name: str, low: float, high: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(low, high)
        box.setDecimals(3)
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        box.setAccessibleName(name)
        box.setMaximumWidth(84)
        box.valueChanged.connect(self._change_range)
        return box

    @Slot(float)
    def _change_range(self, _value: float) -> None:
        self._change(low=self._low.value(), high=self._high.value(), percentiles=(self._from.value(), self._to.value()))

    def _range(self, first: QWidget, last: QWidget, unit: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(first)
        row.addWidget(PlainLabel("…"))
        row.addWidget(last)
        row.addWidget(PlainLabel(unit))
        return holder

    def _lay_out(self) -> None:
        self._ranges.addWidget(QWidget())
        self._ranges.addWidget(self._range(self._low, self._high, ""))
        self._ranges.addWidget(self._range(self._from, self._to, "%"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        for widget in (self._normalize, self._negatives, self._colormap, self._ranges):
            row.addWidget(widget)
        row.addStretch(1)
        row.setAlignment(Qt.AlignmentFlag.AlignVCenter)
