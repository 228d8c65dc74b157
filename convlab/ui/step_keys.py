"""The keys of the sliding window, a presenter's clicker included."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from convlab.app.stepper import Stepper


def step_keys(stepper: Stepper) -> dict[Qt.Key, Callable[[], None]]:
    """Space plays and pauses, arrows and Page Up, Page Down step, Home and End go to the ends."""
    return {
        Qt.Key.Key_Space: stepper.toggle,
        Qt.Key.Key_Right: lambda: stepper.step(1),
        Qt.Key.Key_PageDown: lambda: stepper.step(1),
        Qt.Key.Key_Left: lambda: stepper.step(-1),
        Qt.Key.Key_PageUp: lambda: stepper.step(-1),
        Qt.Key.Key_Down: lambda: stepper.step_row(1),
        Qt.Key.Key_Up: lambda: stepper.step_row(-1),
        Qt.Key.Key_Home: lambda: stepper.step(-stepper.count),
        Qt.Key.Key_End: lambda: stepper.step(stepper.count),
    }
