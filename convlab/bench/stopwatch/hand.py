"""A hand that drags the first weight of the chosen kernel with the mouse, a step at a time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QTableView

from .window import OpenWindow

TABLE = "kernel weights"
STEP_PIXELS = 6
"""So far the mouse moves for one step of a weight, by 0.1."""
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class Hand:
    """Drags up and down by turns, and never to the same value twice: nothing that was kept can be shown again."""

    def __init__(self, window: OpenWindow) -> None:
        table = window.part(TABLE)
        assert isinstance(table, QTableView)
        self._open, self._table = window, table
        self._up = True
        self._place = QPointF()

    def press(self) -> None:
        """Begin a drag, from a little above the last one's values."""
        index = self._table.model().index(0, 0)
        self._table.setCurrentIndex(index)
        fine = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
        QApplication.sendEvent(self._table, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Up, fine))  # by 0.01
        self._open.rest()
        self._place = QPointF(self._table.visualRect(index).center())
        self._send(QEvent.Type.MouseButtonPress, LEFT, LEFT)

    def move(self) -> None:
        """One step further."""
        self._place += QPointF(0, -STEP_PIXELS if self._up else STEP_PIXELS)
        self._send(QEvent.Type.MouseMove, NONE, LEFT)

    def release(self) -> None:
        """End the drag."""
        self._send(QEvent.Type.MouseButtonRelease, LEFT, NONE)
        self._up = not self._up

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        pane = self._table.viewport()
        seen = pane.mapToGlobal(self._place)
        QApplication.sendEvent(
            pane, QMouseEvent(kind, self._place, seen, button, buttons, Qt.KeyboardModifier.NoModifier)
        )
