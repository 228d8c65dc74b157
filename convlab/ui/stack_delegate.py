"""How a layer of the stack is drawn: a chip with its name and what leaves it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from convlab.ui.stack_model import ITEM, StackItem, shape_text
from convlab.ui.theme import mixed, quiet_text, warning_color

ARROW, PAD, GAP = 18, 7, 3
"""Logical pixels for the arrow before a chip, inside it, and above and below it."""
LEAST = 78


class StackDelegate(QStyledItemDelegate):
    """An arrow, then the chip: number and torch's class, under it channels × height × width."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one layer."""
        item: StackItem = index.data(ITEM)
        palette = option.palette
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(quiet_text(palette))
        painter.drawText(QRect(rect.left(), rect.top(), ARROW, rect.height()), Qt.AlignmentFlag.AlignCenter, "→")
        chip = QRectF(rect.adjusted(ARROW, GAP, -1, -GAP))
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        self._paint_chip(painter, chip, item, palette, chosen)
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(chip.adjusted(3, 3, -3, -3), 3, 3)
        painter.restore()

    def _paint_chip(self, painter: QPainter, chip: QRectF, item: StackItem, palette: QPalette, chosen: bool) -> None:
        highlight = palette.color(QPalette.ColorRole.Highlight)
        ground = palette.color(QPalette.ColorRole.Base)
        painter.setBrush(mixed(ground, highlight, 0.18) if chosen else ground)
        edge = (
            warning_color(palette) if item.problem else highlight if chosen else mixed(quiet_text(palette), ground, 0.5)
        )
        pen = QPen(edge, 2 if chosen or item.problem else 1)
        if not item.on:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        inside = chip.adjusted(PAD, 3, -PAD, -3)
        upper = QRectF(inside.left(), inside.top(), inside.width(), inside.height() / 2)
        self._paint_texts(painter, upper, item, palette)

    def _paint_texts(self, painter: QPainter, upper: QRectF, item: StackItem, palette: QPalette) -> None:
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        quiet: QColor = quiet_text(palette)
        font = painter.font()
        plain = palette.color(QPalette.ColorRole.WindowText)
        painter.setPen(warning_color(palette) if item.problem else plain if item.on else quiet)
        font.setStrikeOut(not item.on)
        painter.setFont(font)
        painter.drawText(upper, left, name_text(item))
        font.setStrikeOut(False)
        painter.setFont(font)
        if item.watched:
            painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "◉")
        painter.setPen(quiet)
        painter.drawText(upper.translated(0, upper.height()), left, self._below(item))

    def _below(self, item: StackItem) -> str:
        if not item.on:
            return self.tr("off")
        return "—" if item.shape is None else shape_text(item.shape, item.axes, "×")

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as its texts."""
        item: StackItem = index.data(ITEM)
        metrics = QFontMetrics(option.font)
        eye = metrics.horizontalAdvance(" ◉")
        texts = max(metrics.horizontalAdvance(name_text(item)) + eye, metrics.horizontalAdvance(self._below(item)))
        return QSize(ARROW + max(LEAST, texts + 2 * PAD + 4), 2 * metrics.height() + 2 * GAP + 8)


def name_text(item: StackItem) -> str:
    """'2 ReLU', with a warning sign where the layer does not fit."""
    return f"⚠ {item.number} {item.kind}" if item.problem else f"{item.number} {item.kind}"
