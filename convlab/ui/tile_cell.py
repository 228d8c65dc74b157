"""One cell of a tile grid: caption, tile, numbers, cursor, frame."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPalette, QPen

from convlab.app.tiles import Tile
from convlab.model.source import Line
from convlab.model.unit import shown_value
from convlab.model.view import TileKey
from convlab.ui.reverse_outline import draw_pixels, draw_touched
from convlab.ui.signal_painter import draw_signal
from convlab.ui.theme import channel_color, mixed, quiet_text
from convlab.ui.tile_marks import Marks
from convlab.ui.tile_painter import Place, draw_numbers, draw_tile, pixel_rect
from convlab.ui.window_outline import draw_field, draw_padding, draw_window

HIGHLIGHT = QPalette.ColorRole.Highlight
DIMMED = 0.3
"""How much is left to see of a tile that is not the present layer's, or not read by it."""


@dataclass(frozen=True, slots=True)
class TileSpec:
    """A tile's key, its caption, and the channel that colours the caption ('' for none)."""

    key: TileKey
    title: str
    channel: str = ""
    faded: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """All that a cell depends on. value: under the cursor, shown times `unit`. caption: None where it stays."""

    spec: TileSpec
    place: Place
    caption: QRectF | None
    shown: tuple[Tile, QImage] | None
    value: float | None
    unit: float
    veiled: bool
    marked: bool
    marks: Marks


def paint_cell(painter: QPainter, cell: Cell, palette: QPalette, font: QFont) -> None:
    """Paint the whole cell."""
    ground = palette.color(QPalette.ColorRole.Window)
    painter.fillRect(cell.place.rect, mixed(ground, palette.color(QPalette.ColorRole.WindowText), 0.12))
    if cell.shown is not None:
        if cell.shown[0].curve is not None:
            color = channel_color(cell.spec.channel or "-", palette)
            draw_signal(painter, cell.place, cell.shown[0], palette, color, font)
        else:
            draw_tile(painter, cell.place, *cell.shown)
            draw_numbers(painter, cell.place, cell.shown[0], font, cell.unit)
        _paint_marks(painter, cell, cell.shown[0], palette, font)
    if cell.veiled:
        ground.setAlphaF(1 - DIMMED)
        painter.fillRect(cell.place.rect, ground)
    if cell.marked:
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 2))
        painter.drawRect(cell.place.rect.adjusted(-2, -2, 2, 2))
    if cell.caption is not None:
        _paint_caption(painter, cell, cell.caption, palette, font)


def _paint_marks(painter: QPainter, cell: Cell, tile: Tile, palette: QPalette, font: QFont) -> None:
    """Everything that is drawn over the pixels, the explained window in place of the cursor."""
    marks, place, color = cell.marks, cell.place, palette.color(HIGHLIGHT)
    if marks.line is not None:
        _paint_line(painter, place, tile.geometry.size, marks.line, color)
    if any(marks.unreached):
        _paint_unreached(painter, place, tile.geometry.size, marks.unreached)
    if marks.filled_to is not None:
        _paint_empty(painter, place, tile, marks.filled_to, palette)
    if marks.touched is not None:
        draw_touched(painter, place, tile.geometry, marks.touched, color)
    if marks.window is not None:
        draw_window(painter, place, marks.window, color.lighter(130))
        if marks.channel is not None:
            draw_padding(painter, place, marks.window, marks.channel, palette, font, cell.unit)
    elif marks.source is not None:
        draw_pixels(painter, place, tile.geometry, (marks.source,), color.lighter(130))
    elif marks.cursor is not None and not marks.fed:
        _paint_cursor(painter, place, tile, marks.cursor)
    draw_pixels(painter, place, tile.geometry, marks.fed, color.lighter(130))
    if marks.field is not None:
        draw_field(painter, place, tile.geometry, marks.field, color)


def _paint_line(painter: QPainter, place: Place, size: tuple[int, int], line: Line, color: QColor) -> None:
    """The row or column that is the signal, across the photo."""
    middle = line.index + 0.5
    ends = ((middle, 0), (middle, size[1])) if line.along == "row" else ((0, middle), (size[0], middle))
    start, end = (place.to_point(*point) for point in ends)
    painter.save()
    painter.setClipRect(place.rect)
    for pen in (QPen(Qt.GlobalColor.black, 4), QPen(Qt.GlobalColor.white, 2.6), QPen(color, 1.6)):
        painter.setPen(pen)
        painter.drawLine(start, end)
    painter.restore()


def _paint_empty(painter: QPainter, place: Place, tile: Tile, last: tuple[int, int], palette: QPalette) -> None:
    """Cover what comes after `last` in row-major order: the window has not been there."""
    geometry, step = tile.geometry, tile.region.step
    (height, width), (row, col) = geometry.size, last

    def rect(top: int, left: int, bottom: int, right: int) -> QRectF:
        return QRectF(place.to_point(*geometry.to_input(top, left)), place.to_point(*geometry.to_input(bottom, right)))

    painter.save()
    painter.setClipRect(place.rect)
    for part in (rect(row, min(col + step, width), row + step, width), rect(min(row + step, height), 0, height, width)):
        painter.fillRect(part, palette.color(QPalette.ColorRole.Window))
        painter.fillRect(part, QBrush(quiet_text(palette), Qt.BrushStyle.Dense7Pattern))
    painter.restore()


def _paint_unreached(painter: QPainter, place: Place, size: tuple[int, int], unreached: tuple[int, int]) -> None:
    """Hatch the last rows and columns; at least two pixels, to be seen."""
    (height, width), (rows, cols) = size, unreached
    whole = QRectF(place.to_point(0, 0), place.to_point(height, width))
    parts = []
    if rows:
        parts.append(QRectF(place.to_point(height - rows, 0), whole.bottomRight()))
        parts[-1].setTop(min(parts[-1].top(), whole.bottom() - 2))
    if cols:
        parts.append(QRectF(place.to_point(0, width - cols), whole.bottomRight()))
        parts[-1].setLeft(min(parts[-1].left(), whole.right() - 2))
    painter.save()
    painter.setClipRect(place.rect)
    for part in parts:
        painter.fillRect(part, QColor(0, 0, 0, 110))
        painter.fillRect(part, QBrush(QColor(255, 255, 255, 200), Qt.BrushStyle.BDiagPattern))
    painter.restore()


def _paint_cursor(painter: QPainter, place: Place, tile: Tile, cursor: tuple[float, float]) -> None:
    """The pixel's outline where it is large enough, else a cross with an open middle; seen on any ground."""
    outline, point = pixel_rect(place, tile, *cursor), place.to_point(*cursor)
    painter.save()
    painter.setClipRect(place.rect)
    for color, width in ((Qt.GlobalColor.black, 3), (Qt.GlobalColor.white, 1)):
        painter.setPen(QPen(color, width))
        if outline is not None:
            painter.drawRect(outline)
            continue
        for dx, dy in ((4, 0), (-4, 0), (0, 4), (0, -4)):
            painter.drawLine(point + QPointF(dx, dy), point + QPointF(dx * 2.5, dy * 2.5))
    painter.restore()


def _paint_caption(painter: QPainter, cell: Cell, area: QRectF, palette: QPalette, font: QFont) -> None:
    painter.setFont(font)
    text = "" if cell.value is None else shown_value(cell.value, cell.unit)
    painter.setPen(palette.color(QPalette.ColorRole.WindowText))
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
    channel = cell.spec.channel
    painter.setPen(channel_color(channel, palette) if channel else quiet_text(palette))
    metrics = painter.fontMetrics()
    room = int(max(0.0, area.width() - metrics.horizontalAdvance(text) - 6))
    title = metrics.elidedText(cell.spec.title, Qt.TextElideMode.ElideRight, room)
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
