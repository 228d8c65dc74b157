"""SIGTERM and Ctrl-C close the window as its close button does."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class UnixSignals(QObject):
    """Calls `on_stop` in the GUI thread once SIGTERM or SIGINT arrives."""

    def __init__(self, on_stop: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_stop = on_stop
        self._read_end, self._write_end = socket.socketpair()
        self._write_end.setblocking(False)
        signal.set_wakeup_fd(self._write_end.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        self._notifier = QSocketNotifier(self._read_end.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._arrived)

    def _arrived(self) -> None:
        self._read_end.recv(16)
        self._on_stop()
