"""Values × weights = products of one output value, channel by channel, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convlab.model.explanation import Explanation, ShownSums, fixed, largest_products, shown_sums
from convlab.model.numbers import format_weight
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
        self._explanation: Explanation | None = None
        self._sums: ShownSums | None = None
        self._unit = 1.0
        self.setAccessibleName(self.tr("values times weights of the explained pixel"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def show_explanation(self, explanation: Explanation | None) -> None:
        """What to paint; None for the hint of how to get one."""
        self._explanation = explanation
        self._sums = None if explanation is None else shown_sums(explanation)
        self.setMinimumHeight(self._paint(None))
        self.update()

    # The parts

    def _channels(self, explanation: Explanation, sums: ShownSums) -> list[int]:
        """The channels shown: all, or those of the largest sums."""
        count = len(explanation.channel_names)
        if count <= MOST_CHANNELS:
            return list(range(count))
        order = np.argsort(-np.abs(sums.subtotals), kind="stable")[:MOST_CHANNELS]
        return sorted(int(channel) for channel in order)

    def _grids(self, explanation: Explanation, sums: ShownSums, channel: int) -> tuple[_Grid, _Grid, _Grid]:
        values, weights, products = explanation.values[channel], explanation.weights[channel], sums.products[channel]
        height, width = weights.shape
        dashed = np.array([[explanation.padded(r, c) for c in range(width)] for r in range(height)])
        largest_weight, largest = np.abs(explanation.weights).max(), np.abs(sums.products).max()
        low, high = min(0.0, float(explanation.values.min())), max(1.0, float(explanation.values.max()))

        def grays(value: float) -> QColor:
            level = int(np.clip((value - low) / (high - low) * 255, 0, 255)) if np.isfinite(value) else 128
            return QColor(level, level, level)

        plain = np.zeros_like(dashed)
        return (
            _grid(values, format_weight, grays, dashed),
            _grid(weights, format_weight, lambda w: weight_color(w, float(largest_weight), self.palette()), plain),
            _grid(
                products,
                lambda p: fixed(p, sums.decimals) if p else "0",
                lambda p: weight_color(p, float(largest), self.palette()),
                plain,
            ),
        )

    # Painting

    def _paint(self, painter: QPainter | None) -> int:
        """Paint everything, or with None only measure; the height needed."""
        explanation, sums = self._explanation, self._sums
        if explanation is None or sums is None:
            if painter is not None:
                painter.setPen(quiet_text(self.palette()))
                hint = self.tr("Point at a pixel of a map to see where its value comes from; click to keep it.")
                painter.drawText(
                    QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, 0), Qt.TextFlag.TextWordWrap, hint
                )
            return 3 * LINE
        channels = self._channels(explanation, sums)
        if painter is not None:
            self._paint_total(painter, explanation, sums, channels)
        x, y, row_height = float(MARGIN), float(HEAD), 0.0
        for channel in channels:
            size = self._block_size(explanation, sums, channel)
            if x > MARGIN and x + size.width() > self.width() - MARGIN:
                x, y, row_height = float(MARGIN), y + row_height + GAP / 2, 0.0
            if painter is not None:
                self._paint_block(painter, QPointF(x, y), explanation, sums, channel)
            x, row_height = x + size.width() + 2 * GAP, max(row_height, float(size.height()))
        return int(y + row_height) + 2

    def _folded(self, explanation: Explanation) -> bool:
        return bool(max(explanation.weights.shape[1:]) > LARGEST_GRID)

    def _cell_widths(self, explanation: Explanation, sums: ShownSums, channel: int) -> tuple[int, int, int]:
        """Of the cells with values, weights and products."""
        grids = self._grids(explanation, sums, channel)
        metrics = QFontMetrics(self._font())
        widths = [max(metrics.horizontalAdvance(text) for row in grid.texts for text in row) for grid in grids]
        least = metrics.horizontalAdvance("0.00")
        return max(least, widths[0]) + 6, max(least, widths[1]) + 6, max(least, widths[2]) + 6

    def _font(self) -> QFont:
        """A little smaller than the window's, so that three channels find room beside each other."""
        font = figures_font(self)
        font.setPointSizeF(font.pointSizeF() * 0.92)
        return font

    def _block_size(self, explanation: Explanation, sums: ShownSums, channel: int) -> QSize:
        if self._folded(explanation):
            width = QFontMetrics(self._font()).horizontalAdvance("(00, 00)   −0.0000 × −0.0000 = −0.000000")
            return QSize(width, (min(LISTED, explanation.weights[0].size) + 2) * LINE)
        height, width = explanation.weights.shape[1:]
        return QSize(width * sum(self._cell_widths(explanation, sums, channel)) + 2 * GAP, (height + 1) * LINE)

    def _paint_block(
        self, painter: QPainter, at: QPointF, explanation: Explanation, sums: ShownSums, channel: int
    ) -> None:
        name = explanation.channel_names[channel]
        subtotal = fixed(float(sums.subtotals[channel]), sums.decimals)
        width = self._block_size(explanation, sums, channel).width()
        title = QRectF(at.x(), at.y(), width, LINE)
        painter.setPen(channel_color(name, self.palette()))
        bold = QFont(painter.font())
        bold.setBold(True)
        plain = painter.font()
        painter.setFont(bold)
        painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(plain)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"Σ = {subtotal}")
        if self._folded(explanation):
            self._paint_list(painter, at + QPointF(0, LINE), width, explanation, sums, channel)
            return
        x, cells = at.x(), self._cell_widths(explanation, sums, channel)
        for sign, cell, grid in zip(("×", "=", ""), cells, self._grids(explanation, sums, channel), strict=True):
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

    def _paint_list(
        self, painter: QPainter, at: QPointF, width: int, explanation: Explanation, sums: ShownSums, channel: int
    ) -> None:
        """The largest products, the rest counted."""
        places = largest_products(explanation, channel, LISTED)
        rest = float(sums.subtotals[channel]) - sum(float(sums.products[channel, r, c]) for r, c in places)
        values, weights, products = explanation.values[channel], explanation.weights[channel], sums.products[channel]
        lines = [
            f"({r}, {c})   {format_weight(values[r, c])} × {format_weight(weights[r, c])}"
            f" = {fixed(float(products[r, c]), sums.decimals)}"
            for r, c in places
        ]
        more = explanation.weights[0].size - len(places)
        if more:
            lines.append(self.tr("{n} more: {sum}").format(n=more, sum=fixed(rest, sums.decimals)))
        for number, text in enumerate(lines):
            painter.setPen(quiet_text(self.palette()) if number == len(places) else self.palette().windowText().color())
            rect = QRectF(at.x(), at.y() + number * LINE, width, LINE)
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_total(self, painter: QPainter, explanation: Explanation, sums: ShownSums, channels: list[int]) -> None:
        parts = [f"{explanation.channel_names[c]} {fixed(float(sums.subtotals[c]), sums.decimals)}" for c in channels]
        hidden = [c for c in range(len(sums.subtotals)) if c not in channels]
        if hidden:
            rest = fixed(float(sums.subtotals[hidden].sum()), sums.decimals)
            parts.append(self.tr("{n} more channels {sum}").format(n=len(hidden), sum=rest))
        if sums.bias is not None:
            parts.append(f"b {fixed(sums.bias, sums.decimals) if sums.bias else '0'}")
        text = f"out {explanation.output} = {'  +  '.join(parts)}  =  {fixed(sums.total, sums.decimals)}"
        if explanation.activation != "none":
            text += f"   {explanation.activation} → {format_weight(explanation.value)}"
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        rect = QRectF(MARGIN, 0, self.width() - 2 * MARGIN, HEAD)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)

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


def _grid(numbers: FloatArray, text: object, ground: object, dashed: NDArray[np.bool_]) -> _Grid:
    assert callable(text)
    assert callable(ground)
    return _Grid(
        [[text(float(value)) for value in row] for row in numbers],
        [[ground(float(value)) for value in row] for row in numbers],
        dashed,
    )
