"""The chosen kernel as Qt's table model; edits go to the session."""

from __future__ import annotations

from itertools import count
from math import floor, log10

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QPalette
from PySide6.QtWidgets import QApplication

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import format_weight, parse_number
from convlab.model.view import ViewState
from convlab.ui.theme import shown, text_on, weight_color
from convlab.ui.weight_image import LEVELS, weight_level, weight_scale

Index = QModelIndex | QPersistentModelIndex
Kernel = np.ndarray[tuple[int, int], np.dtype[np.float64]]
MOST_KEPT = 4096
CHANGE = message(QT_TRANSLATE_NOOP("model", "change a weight"))


class KernelModel(QAbstractTableModel):
    """Rows and columns of weight[chosen_output, chosen_input]. refused(str) says why a text is no weight."""

    refused = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._gestures = count()
        self._gesture = next(self._gestures)
        self._shown = self._kernel()
        self._shape = self._shown.shape
        self._scale = weight_scale(session.document.conv.weight)
        self._colors: dict[int, tuple[QColor, QColor]] = {}
        self._colors_of: int | None = None
        self._texts: dict[float, str] = {}
        self._most_decimals: int | None = None
        self._numbers = True
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._view_changed)

    def value(self, row: int, column: int) -> float:
        """The weight there."""
        return float(self._kernel()[row, column])

    def set_value(self, row: int, column: int, value: float) -> None:
        """Change one weight; edits until `end_gesture` are one undo step."""
        if row >= self._shape[0] or column >= self._shape[1]:
            return  # the kernel has shrunk under a drag
        view = self._session.view
        place = (view.chosen_output, view.chosen_input, row, column)
        key = f"weight {place} {self._gesture}"
        self._session.apply(lambda document: edits.set_weight(document, place, value), CHANGE, key)

    def end_gesture(self) -> None:
        """The next change is an undo step of its own."""
        self._gesture = next(self._gestures)
        self._session.seal()

    def show_as(self, numbers: bool, most_decimals: int | None) -> None:
        """How much a cell holds: colour alone (no `numbers`), `most_decimals`, or (None) four digits."""
        self._numbers, self._most_decimals = numbers, most_decimals
        self._texts.clear()

    @property
    def decimals(self) -> int:
        """Decimals that show two digits of the largest weight, in narrow cells."""
        return _decimals(self._kernel())

    def colors(self, value: float) -> tuple[QColor, QColor]:
        """The ground of a weight, in the shade that kernels' pictures have, and its text's; those found are kept."""
        palette = QApplication.palette()
        base, level = palette.color(QPalette.ColorRole.Base).rgb(), weight_level(value, self._scale)
        if base != self._colors_of:
            self._colors_of = base
            self._colors.clear()
        if level not in self._colors:
            ground = weight_color(level / LEVELS, 1.0, palette)
            self._colors[level] = ground, text_on(ground)
        return self._colors[level]

    def text(self, value: float) -> str:
        """A weight in the room of a cell; those found are kept while the room and the decimals are the same."""
        if value not in self._texts:
            if len(self._texts) > MOST_KEPT:
                self._texts.clear()
            self._texts[value] = self._text(value)
        return self._texts[value]

    def _text(self, value: float) -> str:
        if not self._numbers:
            return ""
        if self._most_decimals is None or value == round(value):
            return format_weight(value)
        decimals = min(self.decimals, self._most_decimals)
        text = f"{value:.{decimals}f}" if abs(value) < 10 else f"{value:.3g}"
        return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")

    def _kernel(self) -> Kernel:
        view = self._session.view
        kernel: Kernel = self._session.document.conv.kernel_slices[view.chosen_output, view.chosen_input]
        return kernel

    def _document_changed(self, old: Document, new: Document) -> None:
        if old.conv.weight is new.conv.weight:
            return
        shown, scale = self._kernel(), weight_scale(new.conv.weight)
        rescaled, self._scale = scale != self._scale, scale
        if shown.shape != self._shape or rescaled or _decimals(shown) != _decimals(self._shown):
            self._show()
        else:
            self._show_difference(shown)

    def _show_difference(self, shown: Kernel) -> None:
        """Announce the cells that differ, and what lies between them."""
        rows, columns = np.nonzero(shown != self._shown)
        self._shown = shown
        if len(rows):
            first, last = (int(rows[0]), int(columns.min())), (int(rows[-1]), int(columns.max()))
            self.dataChanged.emit(self.index(*first), self.index(*last))

    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if (old.chosen_output, old.chosen_input) != (new.chosen_output, new.chosen_input):
            self._show()

    def _show(self) -> None:
        before, self._shown = self._shown, self._kernel()
        if _decimals(before) != _decimals(self._shown):
            self._texts.clear()
        if self._shown.shape != self._shape:
            self.beginResetModel()
            self._shape = self._shown.shape
            self.endResetModel()
        rows, columns = self._shape
        self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, columns - 1))

    # Qt's names

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Kernel height."""
        return 0 if parent.isValid() else int(self._shape[0])

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Kernel width."""
        return 0 if parent.isValid() else int(self._shape[1])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, exact text to edit, colours, accessible text."""
        if not index.isValid() or index.row() >= self._shape[0] or index.column() >= self._shape[1]:
            return None
        value = self.value(index.row(), index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(value)
        if role == Qt.ItemDataRole.EditRole:
            return repr(value).removesuffix(".0").replace("-", "−")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter
        if role in (Qt.ItemDataRole.BackgroundRole, Qt.ItemDataRole.ForegroundRole):
            ground, ink = self.colors(value)
            return QBrush(ground if role == Qt.ItemDataRole.BackgroundRole else ink)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.tr("weight row {row} column {column}: {value}").format(
                row=index.row(), column=index.column(), value=format_weight(value)
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tr("{value}   type, wheel or Alt+↑↓ (Shift ×10, Ctrl ÷10), or drag up and down").format(
                value=repr(value)
            )
        return None

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A typed text; one that is no number is refused with a sentence."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        try:
            number = parse_number(str(value))
        except ConvLabError as error:
            self.refused.emit(shown(error.message))
            return False
        self.set_value(index.row(), index.column(), number)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every cell can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable


def _decimals(kernel: Kernel) -> int:
    """That show two digits of the largest weight."""
    largest = float(np.abs(kernel).max())
    return min(4, max(2, 1 - floor(log10(largest)))) if largest > 0 else 2
