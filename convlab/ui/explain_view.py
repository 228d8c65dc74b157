"""Values × weights = products of one output value, channel by channel, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convlab.model.explanation import Explanation, largest_products
from convlab.model.formula import divided, sum_terms
from convlab.model.shown_sums import ShownSums, added_sign
from convlab.ui.theme import channel_color, figures_font, mixed, quiet_text, text_on, weight_color

LARGEST_GRID = 7
"""Kernels of more rows or columns are folded to their largest products."""
MOST_CHANNELS = 12
LISTED = 8
LINE, GAP, MARGIN, HEAD = 18, 11, 8, 26
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Numbers [rows, cols] as texts on grounds; dashed: cells in the padding."""

    texts: list[list[str]]
    grounds: list[list[QColor]]
    dashed: NDArray[np.bool_]


class ExplainView(QWidget):
    """Blocks that flow into the width there is; folds kernels larger than 7×7 and more than 12 channels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sums: ShownSums | None = None
        self.setAccessibleName(self.tr("values times weights of the explained pixel"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_sums(self, sums: ShownSums | None) -> None:
        """What to paint; None for the hint of how to get one."""
        self._sums = sums
        self.setAccessibleDescription("" if sums is None else self._total_line(sums, self._channels(sums)))
        if self.isVisible():
            self.setMinimumHeight(self._paint(None))
            self.update()

    # The parts

    def _channels(self, sums: ShownSums) -> list[int]:
        """The channels shown: all, or those of the largest sums."""
        count = len(sums.subtotals)
        if count <= MOST_CHANNELS:
            return list(range(count))
        order = np.argsort(-np.abs(sums.subtotals), kind="stable")[:MOST_CHANNELS]
        return sorted(int(channel) for channel in order)

    def _grids(self, sums: ShownSums, channel: int) -> tuple[_Grid, _Grid, _Grid]:
        explanation = sums.explanation
        values, weights, products = explanation.values[channel], explanation.weights[channel], sums.products[channel]
        places = np.ndindex(*weights.shape)
        dashed = np.array([explanation.padded(*at) for at in places]).reshape(weights.shape)
        largest_weight, largest = float(np.abs(explanation.weights).max()), float(np.abs(sums.products).max())
        low, high = min(0.0, float(explanation.values.min())), max(1.0, float(explanation.values.max()))

        def grays(value: float) -> QColor:
            level = int(np.clip((value - low) / (high - low) * 255, 0, 255)) if np.isfinite(value) else 128
            return QColor(level, level, level)

        def of_weights(value: float) -> QColor:
            return weight_color(value, largest_weight, self.palette())

        def of_products(value: float) -> QColor:
            return weight_color(value, largest, self.palette())

        plain = np.zeros_like(dashed)
        return (
            _grid(values, partial(sums.value, channel), grays, dashed),
            _grid(weights, partial(sums.weight, channel), of_weights, plain),
            _grid(products, partial(sums.product, channel), of_products, plain),
        )

    def _subtotal(self, sums: ShownSums, channel: int) -> str:
        """'Σ = 0.25', of all products or the largest and the rest of them."""
        shape, places = sums.products[channel].shape, self._listed(sums, channel)
        every = places if places is not None else list(np.ndindex(*shape))
        terms = [sums.product(channel, *at) for at in every]
        terms += [] if places is None else [sums.rest(channel, places)]
        return f"Σ {added_sign(terms, sums.subtotal(channel))} {sums.subtotal(channel)}"

    def _listed(self, sums: ShownSums, channel: int) -> list[tuple[int, int]] | None:
        """The largest products of a folded kernel; None where all are shown."""
        return largest_products(sums.explanation, channel, LISTED) if self._folded(sums.explanation) else None

    def _total_line(self, sums: ShownSums, channels: list[int]) -> str:
        names = sums.explanation.channel_names
        terms = sum_terms(sums, channels)
        parts = [f"{names[c]} {text}" for c, text in zip(channels, terms, strict=False)]
        hidden = len(names) - len(channels)
        if hidden:
            parts.append(self.tr("{n} more channels {sum}").format(n=hidden, sum=terms[len(channels)]))
        if sums.unit == 1 and sums.bias:
            parts.append(f"b {sums.bias}")
        line, sign = "  +  ".join(parts), added_sign(terms, sums.added_text)
        name = f"out {sums.explanation.output}"
        text = f"{name} {sign} {line}  {sign}  {sums.total_text}"
        if sums.unit != 1:
            text = f"Σ {sign} {line}  {sign}  {sums.added_text};   {name} {sign} {divided(sums)}"
        return f"{text}   {sums.activated}" if sums.activated else text

    # Painting

    def _paint(self, painter: QPainter | None) -> int:
        """Paint everything, or with None only measure; the height needed."""
        sums = self._sums
        if sums is None:
            if painter is not None:
                painter.setPen(quiet_text(self.palette()))
                hint = self.tr("Point at a pixel of a map to see where its value comes from; click to keep it.")
                painter.drawText(
                    QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, 0), Qt.TextFlag.TextWordWrap, hint
                )
            return 3 * LINE
        channels = self._channels(sums)
        if painter is not None:
            self._paint_total(painter, sums, channels)
        x, y, row_height = float(MARGIN), float(HEAD), 0.0
        for channel in channels:
            size = self._block_size(sums, channel)
            if x > MARGIN and x + size.width() > self.width() - MARGIN:
                x, y, row_height = float(MARGIN), y + row_height + GAP / 2, 0.0
            if painter is not None:
                self._paint_block(painter, QPointF(x, y), sums, channel)
            x, row_height = x + size.width() + 2 * GAP, max(row_height, float(size.height()))
        return int(y + row_height) + 2

    def _folded(self, explanation: Explanation) -> bool:
        return bool(max(explanation.weights.shape[1:]) > LARGEST_GRID)

    def _cell_widths(self, sums: ShownSums, channel: int) -> tuple[int, int, int]:
        """Of the cells with values, weights and products."""
        grids = self._grids(sums, channel)
        metrics = QFontMetrics(self._font())
        widths = [max(metrics.horizontalAdvance(text) for row in grid.texts for text in row) for grid in grids]
        least = metrics.horizontalAdvance("0.00")
        return max(least, widths[0]) + 6, max(least, widths[1]) + 6, max(least, widths[2]) + 6

    def _font(self) -> QFont:
        """A little smaller than the window's, so that three channels find room beside each other."""
        font = figures_font(self)
        font.setPointSizeF(font.pointSizeF() * 0.92)
        return font

    def _block_size(self, sums: ShownSums, channel: int) -> QSize:
        explanation = sums.explanation
        if self._folded(explanation):
            width = QFontMetrics(self._font()).horizontalAdvance("(00, 00)   −0.00000 × −0.00000 = −0.00000000")
            return QSize(width, (min(LISTED, explanation.weights[0].size) + 2) * LINE)
        height, width = explanation.weights.shape[1:]
        return QSize(width * sum(self._cell_widths(sums, channel)) + 2 * GAP, (height + 1) * LINE)

    def _paint_block(self, painter: QPainter, at: QPointF, sums: ShownSums, channel: int) -> None:
        explanation = sums.explanation
        name = explanation.channel_names[channel]
        width = self._block_size(sums, channel).width()
        title = QRectF(at.x(), at.y(), width, LINE)
        painter.setPen(channel_color(name, self.palette()))
        bold = QFont(painter.font())
        bold.setBold(True)
        plain = painter.font()
        painter.setFont(bold)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(plain)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(
            title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._subtotal(sums, channel)
        )
        if self._folded(explanation):
            self._paint_list(painter, at + QPointF(0, LINE), width, sums, channel)
            return
        x, cells = at.x(), self._cell_widths(sums, channel)
        for sign, cell, grid in zip(
            ("×", sums.product_sign(channel), ""), cells, self._grids(sums, channel), strict=True
        ):
            self._paint_grid(painter, QPointF(x, at.y() + LINE), cell, grid)
            columns, rows = len(grid.texts[0]), len(grid.texts)
            x += columns * cell
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.drawText(QRectF(x, at.y() + LINE, GAP, rows * LINE), Qt.AlignmentFlag.AlignCenter, sign)
            x += GAP

    def _paint_grid(self, painter: QPainter, at: QPointF, cell: int, grid: _Grid) -> None:
        line = mixed(self.palette().color(QPalette.ColorRole.WindowText), self.palette().window().color(), 0.6)
        for row, texts in enumerate(grid.texts):
            for col, text in enumerate(texts):
                rect = QRectF(at.x() + col * cell, at.y() + row * LINE, cell, LINE)
                painter.fillRect(rect, grid.grounds[row][col])
                style = Qt.PenStyle.DashLine if grid.dashed[row, col] else Qt.PenStyle.SolidLine
                painter.setPen(QPen(line, 1, style))
                painter.drawRect(rect)
                painter.setPen(text_on(grid.grounds[row][col]))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_list(self, painter: QPainter, at: QPointF, width: int, sums: ShownSums, channel: int) -> None:
        """The largest products, the rest counted."""
        places, sign = self._listed(sums, channel) or [], sums.product_sign(channel)
        lines = [
            f"({r}, {c})   {sums.value(channel, r, c)} × {sums.weight(channel, r, c)} {sign} "
            f"{sums.product(channel, r, c)}"
            for r, c in places
        ]
        more = sums.products[channel].size - len(places)
        if more:
            lines.append(self.tr("{n} more: {sum}").format(n=more, sum=sums.rest(channel, places)))
        for number, text in enumerate(lines):
            painter.setPen(quiet_text(self.palette()) if number == len(places) else self.palette().windowText().color())
            rect = QRectF(at.x(), at.y() + number * LINE, width, LINE)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_total(self, painter: QPainter, sums: ShownSums, channels: list[int]) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        rect = QRectF(MARGIN, 0, self.width() - 2 * MARGIN, HEAD)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self._total_line(sums, channels))

    # Qt's names

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Blocks and total."""
        painter = QPainter(self)
        painter.setFont(self._font())
        self._paint(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Flow anew."""
        super().resizeEvent(event)
        self.setMinimumHeight(self._paint(None))

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the height that was not asked for while hidden."""
        super().showEvent(event)
        self.setMinimumHeight(self._paint(None))


def _grid(
    numbers: FloatArray, text: Callable[[int, int], str], ground: Callable[[float], QColor], dashed: NDArray[np.bool_]
) -> _Grid:
    rows, cols = numbers.shape
    return _Grid(
        [[text(row, col) for col in range(cols)] for row in range(rows)],
        [[ground(float(value)) for value in line] for line in numbers],
        dashed,
    )
