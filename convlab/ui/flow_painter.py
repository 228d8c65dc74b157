"""Painting a flow, from the input channels on the left to the output on the right; into a widget or a saved frame."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPalette, QPen

from convlab.model.flow import Flow, FlowRow, Numbers
from convlab.ui.flow_layout import FlowLayout, RowLayout, flow_layout, place_text
from convlab.ui.theme import channel_color, mixed, quiet_text, text_on, weight_color

Ground = Callable[[float], QColor]
_CENTER = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_TEXT, _WINDOW, _BASE, _LIT = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Window,
    QPalette.ColorRole.Base,
    QPalette.ColorRole.Highlight,
)


def paint_flow(painter: QPainter, area: QRectF, flow: Flow, palette: QPalette, font: QFont) -> None:
    """Paint `flow` into `area`, as large as it fits."""
    layout = flow_layout(flow, font, area.width(), area.height())
    painter.save()
    painter.translate(area.topLeft())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _FlowPainter(painter, flow, layout, palette, font).paint()
    painter.restore()


class _FlowPainter:
    """Holds what every part needs: painter, layout, palette, fonts."""

    def __init__(self, painter: QPainter, flow: Flow, layout: FlowLayout, palette: QPalette, font: QFont) -> None:
        self._painter, self._flow, self._layout, self._palette = painter, flow, layout, palette
        self._font = QFont(font)
        self._font.setPixelSize(max(1, round(layout.em)))

    def paint(self) -> None:
        """Lines first, so that they end under the parts they join."""
        for row, place in zip(self._flow.rows, self._layout.rows, strict=True):
            self._lines(row, place)
        self._output_line()
        self._heads()
        for row, place in zip(self._flow.rows, self._layout.rows, strict=True):
            self._row(row, place)
        self._more()
        self._sigma()
        self._output()

    # Lines

    def _lines(self, row: FlowRow, place: RowLayout) -> None:
        """What lights up: the channel's way to the sum, the stronger the more it adds."""
        em, color = self._layout.em, self._channel(row.name)
        if row.share == 0:
            color = mixed(quiet_text(self._palette), self._palette.color(_WINDOW), 0.4)
        self._painter.setPen(
            QPen(color, em * (0.09 + 0.26 * row.share), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        parts = (place.window, place.kernel, place.products, place.subtotal)
        for left, right in pairwise(parts):
            self._painter.drawLine(_right(left), _left(right))
        self._curve(_right(place.subtotal), _left(self._layout.sigma))

    def _output_line(self) -> None:
        color = self._palette.color(_LIT)
        self._painter.setPen(QPen(color, self._layout.em * 0.35, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        end = _left(self._cell(self._layout.near, self._flow.near, *self._flow.near_position))
        self._curve(_right(self._layout.sigma), end)

    def _curve(self, start: QPointF, end: QPointF) -> None:
        path = QPainterPath(start)
        middle = (start.x() + end.x()) / 2
        path.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPath(path)

    # Parts

    def _heads(self) -> None:
        def tr(text: str) -> str:
            return QCoreApplication.translate("FlowView", text)

        output = tr("output {o}").format(o=self._flow.output)
        titles = (tr("input"), tr("kernel"), tr("products"), tr("sums"), "", output)
        for rect, title in zip(self._layout.heads, titles, strict=True):
            wide = rect.adjusted(-4 * self._layout.em, 0, 4 * self._layout.em, 0)
            self._text(wide, title, quiet_text(self._palette))

    def _row(self, row: FlowRow, place: RowLayout) -> None:
        flow, palette = self._flow, self._palette
        self._text(place.name, row.name, self._channel(row.name), _LEFT, bold=True)
        self._grid(place.window, row.window, self._gray(flow.value_range), self._channel(row.name))
        self._grid(place.kernel, row.kernel, lambda w: weight_color(w, flow.weight_range, palette))
        if row.listed:
            self._list(place.products, row.listed)
        else:
            self._grid(place.products, row.products, lambda p: weight_color(p, flow.product_range, palette))
        self._sign(place.window, place.kernel, "×")
        self._sign(place.kernel, place.products, row.sign)
        self._box(place.subtotal, self._channel(row.name))
        self._text(place.subtotal, row.subtotal, palette.color(_TEXT), bold=True)

    def _more(self) -> None:
        if self._flow.more:
            text = QCoreApplication.translate("FlowView", "more channels, {more}").format(more=self._flow.more)
            self._text(self._layout.more, text, quiet_text(self._palette), _LEFT)

    def _sigma(self) -> None:
        rect, flow, em = self._layout.sigma, self._flow, self._layout.em
        color = self._palette.color(_TEXT)
        self._box(rect, color)
        line = QRectF(rect.left(), rect.top() + 0.15 * em, rect.width(), 1.7 * em)
        self._text(line, "Σ", color, scale=1.4)
        self._text(line.translated(0, 1.55 * em), flow.between, quiet_text(self._palette))
        self._text(line.translated(0, 3.2 * em), flow.total, color, bold=True, scale=1.2)
        if flow.activation:
            below = QRectF(rect.left() - em, rect.bottom(), rect.width() + 2 * em, 1.6 * em)
            self._text(below, f"{flow.activation} → {flow.value}", color)

    def _output(self) -> None:
        flow, rect = self._flow, self._layout.near
        shown = flow.near.values[~flow.near.empty]
        finite = shown[np.isfinite(shown)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        self._grid(rect, flow.near, self._gray((low, high if high > low else low + 1)))
        cell = self._cell(rect, flow.near, *flow.near_position)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.setPen(QPen(self._palette.color(_LIT), self._layout.em * 0.28))
        self._painter.drawRect(cell)
        em = self._layout.em
        below = QRectF(rect.left() - 4 * em, rect.bottom(), rect.width() + 8 * em, 1.8 * em)
        self._text(below, place_text(flow), quiet_text(self._palette))

    # Pieces

    def _grid(self, rect: QRectF, numbers: Numbers, ground: Ground, frame: QColor | None = None) -> None:
        """Cells with their numbers; with `frame`, taps are framed and what is no tap is faint."""
        for row, col in np.ndindex(*numbers.values.shape):
            cell = self._cell(rect, numbers, row, col)
            if numbers.empty[row, col]:
                self._empty_cell(cell, frame is not None)
                continue
            value, tap = float(numbers.values[row, col]), bool(numbers.taps[row, col])
            self._fill(cell, ground(value), tap, bool(numbers.padded[row, col]))
            if numbers.texts:
                self._number(cell, numbers.texts[row][col], ground(value), tap, bool(numbers.padded[row, col]))
        if frame is not None:
            self._frame_taps(rect, numbers, frame)

    def _fill(self, cell: QRectF, ground: QColor, tap: bool, padded: bool) -> None:
        window = self._palette.color(_WINDOW)
        color = window if padded else ground if tap else mixed(ground, window, 0.65)
        line = mixed(self._palette.color(_TEXT), window, 0.65)
        narrow = cell.width() < self._layout.em  # a picture: lines would cover it
        self._painter.setPen(Qt.PenStyle.NoPen if narrow else QPen(line, 1))
        self._painter.setBrush(color)
        self._painter.drawRect(cell)

    def _number(self, cell: QRectF, text: str, ground: QColor, tap: bool, padded: bool) -> None:
        window = self._palette.color(_WINDOW)
        color = text_on(ground) if tap and not padded else self._palette.color(_TEXT) if padded else None
        self._text(cell, text, color or mixed(text_on(mixed(ground, window, 0.65)), window, 0.25))

    def _empty_cell(self, cell: QRectF, outside: bool) -> None:
        """Beyond the picture nothing; where the window has not been, an empty place."""
        if not outside:
            self._painter.setPen(QPen(mixed(self._palette.color(_TEXT), self._palette.color(_WINDOW), 0.75), 1))
            self._painter.setBrush(QBrush(quiet_text(self._palette), Qt.BrushStyle.Dense7Pattern))
            self._painter.drawRect(cell)

    def _frame_taps(self, rect: QRectF, numbers: Numbers, color: QColor) -> None:
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        if not numbers.texts:
            self._painter.setPen(QPen(color, max(1.5, self._layout.em * 0.12)))
            self._painter.drawRect(rect)
            return
        for row, col in zip(*np.nonzero(numbers.taps), strict=True):
            dashed = numbers.padded[row, col]
            style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
            self._painter.setPen(QPen(color, max(1.5, self._layout.em * 0.12), style))
            self._painter.drawRect(self._cell(rect, numbers, int(row), int(col)))

    def _list(self, rect: QRectF, lines: tuple[str, ...]) -> None:
        height = rect.height() / len(lines)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._palette.color(_BASE))
        self._painter.drawRect(rect)
        for number, line in enumerate(lines):
            self._text(QRectF(rect.left(), rect.top() + number * height, rect.width(), height), line, scale=0.85)

    def _sign(self, left: QRectF, right: QRectF, sign: str) -> None:
        radius = self._layout.em * 0.75
        middle = (_right(left) + _left(right)) / 2
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._palette.color(_WINDOW))
        self._painter.drawEllipse(middle, radius, radius)
        rect = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        self._text(rect, sign, scale=1.2)

    def _box(self, rect: QRectF, color: QColor) -> None:
        em = self._layout.em
        self._painter.setPen(QPen(color, em * 0.14))
        self._painter.setBrush(self._palette.color(_BASE))
        self._painter.drawRoundedRect(rect, em * 0.4, em * 0.4)

    def _text(
        self,
        rect: QRectF,
        text: str,
        color: QColor | None = None,
        flags: Qt.AlignmentFlag = _CENTER,
        bold: bool = False,
        scale: float = 1.0,
    ) -> None:
        font = QFont(self._font)
        font.setBold(bold)
        font.setPixelSize(max(1, round(self._layout.em * scale)))
        self._painter.setFont(font)
        self._painter.setPen(color or self._palette.color(_TEXT))
        self._painter.drawText(rect, int(flags) | int(Qt.TextFlag.TextDontClip), text)

    def _cell(self, rect: QRectF, numbers: Numbers, row: int, col: int) -> QRectF:
        rows, cols = numbers.values.shape
        width, height = rect.width() / cols, rect.height() / rows
        return QRectF(rect.left() + col * width, rect.top() + row * height, width, height)

    def _channel(self, name: str) -> QColor:
        return channel_color(name, self._palette)

    def _gray(self, limits: tuple[float, float]) -> Ground:
        low, high = limits

        def ground(value: float) -> QColor:
            level = int(np.clip((value - low) / (high - low) * 255, 0, 255)) if np.isfinite(value) else 128
            return QColor(level, level, level)

        return ground


def _left(rect: QRectF) -> QPointF:
    return QPointF(rect.left(), rect.center().y())


def _right(rect: QRectF) -> QPointF:
    return QPointF(rect.right(), rect.center().y())
