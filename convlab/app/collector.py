"""Python's cyclic garbage collector on the GUI thread alone, at quiet moments.

By itself it runs in whatever thread allocates. A Qt wrapper in a cycle (a dialog that was closed, a grid made anew)
that it freed on a worker would delete its C++ object on the wrong thread, and crash some time later.
"""

from __future__ import annotations

import gc
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Slot

QUIET_MS = 250
"""Without a change of document or view for this long, all that is due is collected."""
LONGEST_WAIT = 2.0
"""Seconds of unrest after which at least the young objects are."""


class Collector(QObject):
    """Takes over from Python's own timing, by Python's own thresholds, until `close`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._last = monotonic()
        self._closed = False
        self._timer = QTimer(self, interval=QUIET_MS)
        self._timer.timeout.connect(self._quiet)
        self._timer.start()

    @Slot()
    def postpone(self) -> None:
        """The window is busy: wait for a quiet moment, but not for ever."""
        if self._closed:
            return
        if monotonic() - self._last > LONGEST_WAIT:
            self.collect(most=1)
        self._timer.start()

    @Slot()
    def _quiet(self) -> None:
        self.collect()

    def collect(self, most: int = 2) -> None:
        """Collect the oldest generation that is due, `most` at the most."""
        self._last = monotonic()
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [n for n in range(most + 1) if thresholds[n] and counts[n] > thresholds[n]]
        if due:
            gc.collect(max(due))

    def close(self) -> None:
        """Give collecting back to Python."""
        self._closed = True
        self._timer.stop()
        if self._was_enabled:
            gc.enable()
