"""What nobody reads while the hand moves waits until it rests."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

REST_MS = 150
"""Without another change for this long the hand rests."""


class Later(QTimer):
    """Work that is done a moment after the last `start`, or by `now` where somebody looks before that."""

    def __init__(self, work: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent, singleShot=True, interval=REST_MS)
        self._work = work
        self.timeout.connect(work)

    def now(self) -> None:
        """Do it at once where it is due."""
        if self.isActive():
            self.stop()
            self._work()
