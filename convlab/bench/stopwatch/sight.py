"""What is seen on screen: whether a part of the window shows other pixels than before, and which."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from .window import pane

Shot = NDArray[np.uint32]
"""[rows, columns] of device pixels, as the screen has them."""


class Sight(QObject):
    """Watches one widget. painted: since it was last set False. tell: called whenever it is about to be."""

    def __init__(self, widget: QWidget, tell: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._pane, self._tell = pane(widget), tell
        self._pane.installEventFilter(self)
        self.painted = False
        self.shot = self._taken()

    def forget(self) -> None:
        """What is on screen now is the state before."""
        self.shot = self._taken()
        self.painted = False

    def differs(self) -> bool:
        """Whether it was painted, with other pixels than before; these are then the ones before."""
        if not self.painted:
            return False
        self.painted = False
        shot = self._taken()
        if np.array_equal(shot, self.shot):
            return False
        self.shot = shot
        return True

    def _taken(self) -> Shot:
        """From the screen, so nothing is painted for it."""
        window = self._pane.window()
        corner = self._pane.mapTo(window, QPoint(0, 0))
        size = self._pane.size()
        grabbed = window.screen().grabWindow(window.winId(), corner.x(), corner.y(), size.width(), size.height())
        image = grabbed.toImage().convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
        return pixels[:, : image.width()].copy()

    # Qt's names

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Notice that it is being painted."""
        if event.type() == QEvent.Type.Paint:
            self.painted = True
            self._tell()
        return False


def changed_size(before: Shot, after: Shot) -> tuple[int, int]:
    """Width and height of the smallest rectangle that holds every pixel that differs."""
    if before.shape != after.shape:
        return after.shape[1], after.shape[0]
    differs = before != after
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    return (int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1) if len(rows) else (0, 0)
