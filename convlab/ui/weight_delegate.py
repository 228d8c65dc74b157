"""The editor of one weight: the maps follow every keystroke that makes a number."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from convlab.model.message import ConvLabError
from convlab.model.numbers import parse_number
from convlab.ui.kernel_model import KernelModel

Index = QModelIndex | QPersistentModelIndex
LEAST_EDITOR = QSize(72, 22)


class WeightDelegate(QStyledItemDelegate):
    """Edits in place; Escape brings the value back that was there. Marks the centre tap."""

    def __init__(self, model: KernelModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._before = 0.0

    def _typed(self, row: int, column: int, text: str) -> None:
        with suppress(ConvLabError):  # half a number; the sentence comes when it is entered
            self._model.set_value(row, column, parse_number(text))

    # Qt's names

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A line with the exact value."""
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setAccessibleName(self.tr("weight"))
        self._model.end_gesture()
        self._before = self._model.value(index.row(), index.column())
        row, column = index.row(), index.column()
        editor.textEdited.connect(lambda text: self._typed(row, column, text))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        """Over its cell, and wide enough to type in also where cells are tiny."""
        rect = QRect(option.rect)
        rect.setSize(rect.size().expandedTo(LEAST_EDITOR))
        rect.moveCenter(option.rect.center())
        parent = editor.parentWidget()
        area = parent.rect() if parent is not None else rect
        rect.moveLeft(max(0, min(rect.left(), area.right() - rect.width() + 1)))
        rect.moveTop(max(0, min(rect.top(), area.bottom() - rect.height() + 1)))
        editor.setGeometry(rect)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the value once; what is being typed is left alone."""
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Enter or Tab: the text becomes the weight, or the old weight comes back with a sentence."""
        if isinstance(editor, QLineEdit) and editor.isModified() and not model.setData(index, editor.text()):
            self._model.set_value(index.row(), index.column(), self._before)
        self._model.end_gesture()

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        """After Escape the weight is what it was."""
        if isinstance(editor, QLineEdit) and editor.property("abandoned"):
            self._model.set_value(index.row(), index.column(), self._before)
            self._model.end_gesture()
        super().destroyEditor(editor, index)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice Escape before the editor is gone."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            watched.setProperty("abandoned", True)
        return bool(super().eventFilter(watched, event))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The cell in its weight's colour; a frame where it is selected, corners at the centre tap."""
        row, column, rect = index.row(), index.column(), option.rect
        value = self._model.value(row, column)
        ground, ink = self._model.colors(value)
        painter.save()
        painter.fillRect(rect, ground)
        painter.setPen(ink)
        painter.setFont(option.font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._model.text(value))  # a style would keep margins free
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Highlight), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        elif (row, column) == self._center():
            pen = QPen(option.palette.color(QPalette.ColorRole.Highlight), 1)
            _draw_corners(painter, rect.adjusted(2, 2, -3, -3), pen)
        painter.restore()

    def _center(self) -> tuple[int, int]:
        """The tap that lies on the output pixel."""
        return (self._model.rowCount() - 1) // 2, (self._model.columnCount() - 1) // 2


def _draw_corners(painter: QPainter, rect: QRect, pen: QPen) -> None:
    painter.setPen(pen)
    for corner, dx, dy in (
        (rect.topLeft(), 4, 4),
        (rect.topRight(), -4, 4),
        (rect.bottomLeft(), 4, -4),
        (rect.bottomRight(), -4, -4),
    ):
        painter.drawLine(corner.x(), corner.y(), corner.x() + dx, corner.y())
        painter.drawLine(corner.x(), corner.y(), corner.x(), corner.y() + dy)
