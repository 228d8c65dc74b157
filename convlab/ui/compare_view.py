"""Variants of the present layer beside each other: maps as numbers or pictures, and figures."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from convlab.model.comparison import Compared
from convlab.ui.number_map import Limits, NumberMap, shared_limits
from convlab.ui.theme import SPACE, figures_font, shown
from convlab.ui.tone_label import ToneLabel


class CompareView(QWidget):
    """As many columns as there is room for. All maps have the same contrast."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: list[ComparePart] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(2 * SPACE)
        self._columns = 0

    @Slot(object)
    def show_compared(self, compared: tuple[Compared, ...]) -> None:
        """Show these variants; () empties it."""
        if len(compared) != len(self.parts):
            self._replace_parts(len(compared))
        maps = [each.map for each in compared if each.map is not None]
        limits = shared_limits(maps) if maps else (0.0, 1.0)
        for part, each in zip(self.parts, compared, strict=True):
            part.show_compared(each, limits)
        self._arrange()
        self.setVisible(bool(compared))

    def _replace_parts(self, count: int) -> None:
        for part in self.parts:
            self._grid.removeWidget(part)
            part.deleteLater()
        self.parts = [ComparePart(self) for _ in range(count)]
        self._columns = 0

    def _arrange(self) -> None:
        if not self.parts:
            return
        widest = max(part.sizeHint().width() for part in self.parts)
        columns = max(1, min(len(self.parts), (self.width() + 2 * SPACE) // (widest + 2 * SPACE)))
        if columns == self._columns:
            return
        self._columns = columns
        for number, part in enumerate(self.parts):
            self._grid.addWidget(part, number // columns, number % columns, Qt.AlignmentFlag.AlignTop)
            part.show()

    # Qt's names

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._arrange()


class ComparePart(QWidget):
    """One variant: its title, its map, its figures, or why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel()
        self.map = NumberMap("")
        self.figures = QLabel()
        self.figures.setFont(figures_font(self))
        self.problem = ToneLabel(tone="warning")
        self.problem.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self._title, self.map, self.figures, self.problem):
            column.addWidget(widget)

    def show_compared(self, compared: Compared, limits: Limits) -> None:
        """Show a variant with this contrast."""
        self._title.setText(compared.title)
        self.map.setAccessibleName(compared.title)
        self.map.show_values(compared.map, limits)
        self.map.setVisible(compared.map is not None)
        titles = self._titles()
        self.figures.setText("\n".join(f"{titles[name]} {text}" for name, text in compared.figures))
        self.figures.setVisible(bool(compared.figures))
        self.problem.setText("" if compared.problem is None else shown(compared.problem))
        self.problem.setVisible(compared.problem is not None)

    def _titles(self) -> dict[str, str]:
        return {
            "size": self.tr("output"),
            "shape": self.tr("shape"),
            "parameters": self.tr("parameters"),
            "multiply_accumulates": self.tr("multiply-adds"),
            "kernels": self.tr("kernels"),
            "receptive_field": self.tr("receptive field"),
            "weight_sum": self.tr("sum of weights"),
        }
