"""The chosen kernel as a table of numbers: typed, wheeled, dragged, copied and pasted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QHeaderView, QSizePolicy, QTableView, QWidget

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.layers.conv_parameters import MAX_KERNEL
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import FloatArray, format_numbers, parse_numbers
from convlab.ui.kernel_model import KernelModel
from convlab.ui.theme import figures_font, shown
from convlab.ui.weight_delegate import WeightDelegate

STEP = 0.1
NOTCH = 120
"""Qt's angle for one step of a wheel."""
DRAG_PIXELS = 6
"""Mouse movement for one step of a dragged weight."""
CELL_HEIGHT, LOW_CELL, MIN_CELL = 30, 22, 4
"""Heights of a row up to 7 rows and beyond; the least side of a cell without a number."""
MARGIN, LEAST_POINTS = 5, 7.0
"""Beside a number in its cell; what a font is made smaller to, before the table scrolls."""
WIDE = 21
"""Columns above which the kernel is seen as a whole, by its colours, without numbers."""
PASTE = message(QT_TRANSLATE_NOOP("model", "paste a kernel"))
CLEAR = message(QT_TRANSLATE_NOOP("model", "clear weights"))


class KernelTable(QTableView):
    """Every change goes to the session at once. refused(str): why a typed or pasted text is no kernel."""

    refused = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._model = KernelModel(session, self)
        self._model.refused.connect(self.refused)
        self.setModel(self._model)
        self.setItemDelegate(WeightDelegate(self._model, self))
        self._drag: tuple[QModelIndex, QPoint, float] | None = None
        self._dragged = False
        self._turned = 0
        self._needed = QSize()
        self._look()
        self.setMouseTracking(True)
        self.entered.connect(self._point)
        self._model.modelReset.connect(self._fit_cells)
        self._fit_cells()

    @Slot(QModelIndex)
    def _point(self, index: QModelIndex) -> None:
        """While values are explained, what the weight under the mouse touches is shown on the input."""
        if self._session.view.explaining:
            self._session.set_view(tap=(index.row(), index.column()))

    def _look(self) -> None:
        self._figures = figures_font(self)
        self.setFont(self._figures)
        self.setAccessibleName(self.tr("kernel weights"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(MIN_CELL)
            header.hide()

    def _fit_cells(self) -> None:
        """Cells as wide as there is room for; a smaller font comes before a scroll bar."""
        columns, rows = self._model.columnCount(), self._model.rowCount()
        room = self.viewport().width() or 250
        numbers = columns <= WIDE
        if numbers:
            width = max(room // columns, self._fit_font(room // columns))
            height = CELL_HEIGHT if rows <= 7 else LOW_CELL
        else:
            width = height = max(MIN_CELL, room // columns)
        self._model.show_as(numbers, self._decimals_in(width))
        self.horizontalHeader().setDefaultSectionSize(width)
        self.verticalHeader().setDefaultSectionSize(height)
        bar = self.horizontalScrollBar().sizeHint().height() if width * columns > room else 0
        most = 11 * LOW_CELL if numbers else max(room, 11 * LOW_CELL)
        self._needed = QSize(260, min(rows * height, most) + bar + 2)
        self.updateGeometry()

    def _fit_font(self, width: int) -> int:
        """Take the largest font in which a short number fits `width`; the width that it needs."""
        font = QFont(self._figures)
        least = self._number_width(font)
        while least > width and font.pointSizeF() - 0.5 >= LEAST_POINTS:
            font.setPointSizeF(font.pointSizeF() - 0.5)
            least = self._number_width(font)
        self.setFont(font)
        return least

    def _number_width(self, font: QFont) -> int:
        return QFontMetrics(font).horizontalAdvance(f"−{0:.{self._model.decimals}f}") + MARGIN

    def _decimals_in(self, width: int) -> int | None:
        """Decimals that a cell has room for; None when four digits fit in any case."""
        metrics = self.fontMetrics()
        if metrics.horizontalAdvance("−0.0000") + 2 * MARGIN <= width:
            return None
        fits = [n for n in range(2, 5) if metrics.horizontalAdvance(f"−{0:.{n}f}") + MARGIN <= width]
        return max(fits, default=1)

    # Changing weights

    def _nudge(self, index: QModelIndex, steps: float) -> None:
        """Change by steps of 0.1, keeping the decimals of the step and no more."""
        value = self._model.value(index.row(), index.column()) + steps * STEP
        self._model.set_value(index.row(), index.column(), round(value, 10))

    def _factor(self, modifiers: Qt.KeyboardModifier) -> float:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return 10.0
        return 0.1 if modifiers & Qt.KeyboardModifier.ControlModifier else 1.0

    def _selected(self) -> list[tuple[int, int]]:
        return sorted((index.row(), index.column()) for index in self.selectedIndexes())

    def copy(self) -> None:
        """The selected weights, the whole kernel when one or none is selected, as a spreadsheet takes them."""
        cells = self._selected()
        if len(cells) <= 1:
            cells = [(r, c) for r in range(self._model.rowCount()) for c in range(self._model.columnCount())]
        rows, columns = sorted({r for r, _ in cells}), sorted({c for _, c in cells})
        view = self._session.view
        kernel = self._session.document.conv.kernel_slices[view.chosen_output, view.chosen_input]
        block = kernel[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        QGuiApplication.clipboard().setText(format_numbers(block))

    def paste(self) -> None:
        """A matrix from the clipboard: at the current cell where it fits there, else as the whole kernel."""
        try:
            block = parse_numbers(QGuiApplication.clipboard().text())
        except ConvLabError as error:
            self.refused.emit(shown(error.message))
            return
        if max(block.shape) > MAX_KERNEL:
            text = self.tr("A kernel of {rows} × {columns} is too large: {most} × {most} at most.")
            self.refused.emit(text.format(rows=block.shape[0], columns=block.shape[1], most=MAX_KERNEL))
            return
        view = self._session.view
        chosen = (view.chosen_output, view.chosen_input)
        corner = self._paste_corner(block)
        self._session.apply(lambda d: edits.paste_kernel(d, chosen, block, corner), PASTE)

    def _paste_corner(self, block: FloatArray) -> tuple[int, int] | None:
        current = self.currentIndex()
        row, column = max(current.row(), 0), max(current.column(), 0)
        rows, columns = self._model.rowCount(), self._model.columnCount()
        fits = row + block.shape[0] <= rows and column + block.shape[1] <= columns
        return (row, column) if fits else None

    def clear(self) -> None:
        """The selected weights become 0."""
        cells, view = self._selected(), self._session.view
        chosen = (view.chosen_output, view.chosen_input)
        self._session.apply(lambda d: edits.clear_weights(d, chosen, cells), CLEAR)

    def _spins(self, event: QKeyEvent) -> bool:
        """Whether the key steps the current weight: Alt with Up or Down."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        return alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self.currentIndex().isValid()

    # Qt's names

    def sizeHint(self) -> QSize:
        """The whole kernel, up to 11 rows."""
        return self._needed

    def minimumSizeHint(self) -> QSize:
        """Three rows."""
        return QSize(120, min(self._needed.height(), 3 * CELL_HEIGHT + 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width between the columns."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit_cells()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Over the current cell the wheel changes it; elsewhere it scrolls."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index == self.currentIndex() and self.hasFocus():
            self._turned += event.angleDelta().y() or event.angleDelta().x()
            steps = int(self._turned / NOTCH)  # a touchpad sends parts of a step
            self._turned -= steps * NOTCH
            self._nudge(index, steps * self._factor(event.modifiers()))
            event.accept()
        else:
            super().wheelEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No weight is under the mouse any more."""
        super().leaveEvent(event)
        self._session.set_view(tap=None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin what may become a drag of the weight."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if index.isValid() and plain and event.button() == Qt.MouseButton.LeftButton:
            self._model.end_gesture()
            value = self._model.value(index.row(), index.column())
            self._drag = (index, event.position().toPoint(), value)
            self._dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Up and right make the weight larger; the maps follow."""
        if self._drag is None:
            super().mouseMoveEvent(event)
            return
        index, start, value = self._drag
        moved = event.position().toPoint() - start
        steps = (moved.x() - moved.y()) / DRAG_PIXELS
        if self._dragged or abs(steps) >= 1:
            self._dragged = True
            self._model.set_value(index.row(), index.column(), round(value + int(steps) * STEP, 10))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The drag is one undo step."""
        if self._drag is not None:
            self._drag = None
            self._model.end_gesture()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, paste, clear; Alt with Up and Down steps the current weight (Shift ×10, Ctrl ÷10)."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif self._spins(event):
            step = 1 if event.key() == Qt.Key.Key_Up else -1
            self._nudge(self.currentIndex(), step * self._factor(event.modifiers()))
        else:
            super().keyPressEvent(event)
