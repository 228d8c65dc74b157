"""The chosen map's histogram over its colour bar."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.tiles import Histogram, RenderResult
from convlab.model.view import TileKey
from convlab.render.colormaps import color_table
from convlab.ui.later import Later
from convlab.ui.theme import figures_font, mixed, number_text, quiet_text

BAR, TEXT = 10, 16


LEAST_HEIGHT = 54


class HistogramView(QWidget):
    """Counts of values (square root, so that small ones are seen), the colour map between the limits under them.

    Painted here: some 60 lines, where a plot library would bring a second look and a second of start-up.
    """

    def __init__(self, session: Session, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._histogram: Histogram | None = None
        self._limits = (0.0, 1.0)
        self._tip_later = Later(self._show_tip, self)
        self.setAutoFillBackground(True)  # so that nothing under it is painted with it
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setMinimumHeight(LEAST_HEIGHT)
        self.setAccessibleName(self.tr("histogram of the chosen map"))
        scheduler.rendered.connect(self._show_result)

    @property
    def histogram(self) -> Histogram | None:
        """The histogram shown."""
        return self._histogram

    @property
    def limits(self) -> tuple[float, float]:
        """The values at the colour bar's ends."""
        return self._limits

    @Slot(object)
    def _show_result(self, result: RenderResult) -> None:
        if result.histogram is None:
            return
        self._histogram = result.histogram
        tile = result.tiles.get(TileKey("map", result.request.view.chosen_output))
        self._limits = tile.limits if tile is not None and tile.limits is not None else result.histogram.limits
        self._tip_later.start()
        self.update()

    def _show_tip(self) -> None:
        histogram = self._histogram
        if histogram is not None:
            where = self.tr("of {n} sampled pixels") if histogram.sampled else self.tr("of all {n} pixels")
            low, high = number_text(histogram.edges[0]), number_text(histogram.edges[-1])
            values = self.tr("values {low} … {high}").format(low=low, high=high)
            self.setToolTip(f"{values}, {where.format(n=f'{histogram.pixels:,}')}")

    def _paint_counts(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        heights = np.sqrt(histogram.counts / max(1, histogram.counts.max()))
        left, right = self._span(histogram)
        ink = mixed(self.palette().color(QPalette.ColorRole.WindowText), self.palette().window().color(), 0.35)
        edges = area.left() + (histogram.edges - left) / (right - left) * area.width()
        highs, wides = heights * area.height(), np.maximum(1.5, np.diff(edges))  # of a flat map all edges are one value
        tops, bars = area.bottom() - highs, highs > 0
        parts = (values[bars].tolist() for values in (edges[:-1], tops, wides, highs))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRects([QRectF(*part) for part in zip(*parts, strict=True)])

    def _span(self, histogram: Histogram) -> tuple[float, float]:
        """The values at the widget's left and right: all that occur and all that are coloured."""
        left = min(float(histogram.edges[0]), self._limits[0])
        right = max(float(histogram.edges[-1]), self._limits[1])
        return left, right if right > left else left + 1

    def _paint_bar(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        left, right = self._span(histogram)
        levels = np.linspace(left, right, 512)
        low, high = self._limits
        table = color_table(self._session.view.display.colormap)
        row = np.ascontiguousarray(table[np.clip((levels - low) / (high - low) * 255, 0, 255).astype(np.uint8)])
        painter.drawImage(area, QImage(row.data, 512, 1, 1536, QImage.Format.Format_RGB888).copy())

    def _paint_labels(self, painter: QPainter, area: QRectF, histogram: Histogram) -> None:
        painter.setFont(figures_font(self))
        painter.setPen(quiet_text(self.palette()))
        left, right = self._span(histogram)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, number_text(left))
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, number_text(right))
        middle = self.tr("out {o}").format(o=self._session.view.chosen_output)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, middle)

    # Qt's names

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(300, 96)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Histogram, colour bar, ends."""
        if self._histogram is None:
            return
        painter = QPainter(self)
        full = QRectF(self.rect()).adjusted(8, 4, -8, -2)
        counts = full.adjusted(0, 0, 0, -BAR - TEXT)
        bar = QRectF(full.left(), counts.bottom(), full.width(), BAR)
        self._paint_counts(painter, counts, self._histogram)
        self._paint_bar(painter, bar, self._histogram)
        self._paint_labels(painter, QRectF(full.left(), bar.bottom(), full.width(), TEXT), self._histogram)
