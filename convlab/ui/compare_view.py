"""Variants of the present layer beside each other: maps as numbers or pictures, and figures."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QVBoxLayout, QWidget

from convlab.model.comparison import Compared
from convlab.ui.number_map import Limits, NumberMap, shared_limits
from convlab.ui.plain import PlainLabel, one_line
from convlab.ui.theme import SPACE, figures_font, shown
from convlab.ui.tone_label import ToneLabel

GAP, MIN_WIDTH = 2 * SPACE, 96


class CompareView(QWidget):
    """As many columns as there is room for. All maps have the same contrast: `limits`, or their range together."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: list[ComparePart] = []
        self._columns = 0
        self.limits: Limits | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    @Slot(object)
    def show_compared(self, compared: tuple[Compared, ...]) -> None:
        """Show these variants; () empties it."""
        if len(compared) != len(self.parts):
            self._replace_parts(len(compared))
        maps = [each.map for each in compared if each.map is not None]
        limits = self.limits or (shared_limits(maps) if maps else (0.0, 1.0))
        for part, each in zip(self.parts, compared, strict=True):
            part.show_compared(each, limits)
        self.setVisible(bool(compared))
        self._arrange()

    def _replace_parts(self, count: int) -> None:
        for part in self.parts:
            part.deleteLater()
        self.parts = [ComparePart(self) for _ in range(count)]
        for part in self.parts:
            part.show()

    def _arrange(self) -> None:
        """Rows from left to right; a grid layout would keep the widget as wide as its columns once were."""
        if not self.parts:
            return
        columns = self._columns = self._columns_now()
        width = (self.width() - (columns - 1) * GAP) // columns
        top = 0
        for row in range(0, len(self.parts), columns):
            parts = self.parts[row : row + columns]
            height = max(part.height_in(width) for part in parts)
            for column, part in enumerate(parts):
                part.setGeometry(column * (width + GAP), top, width, height)
            top += height + GAP
        self.setMinimumHeight(top - GAP)

    def _columns_now(self) -> int:
        """As many as fit; more than there are only where a scroll bar beside them would leave room for them too.

        Else a bar that comes because of them would take them away, and go, and bring them back, without end.
        """
        widest = max(part.natural_width() for part in self.parts)
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        most, sure = ((width + GAP) // (widest + GAP) for width in (self.width(), self.width() - bar))
        return max(1, min(len(self.parts), most, max(sure, self._columns)))

    # Qt's names

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._arrange()


class ComparePart(QWidget):
    """One variant: its title, its map, its figures, or why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = PlainLabel()
        self._title.setWordWrap(True)
        self.map = NumberMap("")
        self.figures = PlainLabel()
        self.figures.setFont(figures_font(self))
        self.problem = ToneLabel(tone="warning")
        self.problem.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for widget in (self._title, self.map, self.figures, self.problem):
            column.addWidget(widget)
        column.addStretch(1)

    def natural_width(self) -> int:
        """What the map and figures need; the title wraps."""
        lines = self.figures.sizeHint().width() if self.figures.text() else 0
        return max(MIN_WIDTH, lines, self.map.width() if self.map.values is not None else 0)

    def height_in(self, width: int) -> int:
        """The height needed at this width."""
        layout = self.layout()
        assert layout is not None
        return layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()

    def show_compared(self, compared: Compared, limits: Limits) -> None:
        """Show a variant with this contrast."""
        self._title.setText(one_line(compared.title))
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
