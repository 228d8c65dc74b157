"""A dark or light palette where the platform cannot change its own (a grab, or a bare X server)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

_DARK = {
    "Window": "#2b2b2b",
    "WindowText": "#e8e8e8",
    "Base": "#1f1f1f",
    "AlternateBase": "#272727",
    "Text": "#e8e8e8",
    "Button": "#383838",
    "ButtonText": "#e8e8e8",
    "BrightText": "#ffffff",
    "ToolTipBase": "#3a3a3a",
    "ToolTipText": "#f0f0f0",
    "PlaceholderText": "#9a9a9a",
    "Highlight": "#3d8fd1",
    "HighlightedText": "#ffffff",
    "Link": "#6db3f2",
    "Light": "#4a4a4a",
    "Midlight": "#404040",
    "Mid": "#222222",
    "Dark": "#1a1a1a",
    "Shadow": "#0d0d0d",
}
_DISABLED = {"WindowText": "#808080", "Text": "#808080", "ButtonText": "#808080"}


def apply_scheme(application: QApplication, scheme: str | None) -> None:
    """Light, dark, or (None) what the system says."""
    if scheme is None:
        return
    wanted = Qt.ColorScheme.Dark if scheme == "dark" else Qt.ColorScheme.Light
    application.styleHints().setColorScheme(wanted)
    is_dark = application.palette().color(QPalette.ColorRole.Window).lightness() < 128
    if is_dark != (scheme == "dark"):
        application.setPalette(_dark() if scheme == "dark" else application.style().standardPalette())


def _dark() -> QPalette:
    palette = QPalette()
    for role, color in _DARK.items():
        palette.setColor(QPalette.ColorRole[role], QColor(color))
    for role, color in _DISABLED.items():
        palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(color))
    return palette
