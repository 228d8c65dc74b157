"""Texts from outside are plain texts: a label that never renders markup, and what makes other places keep to it."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel, QWidget

from convlab.model.message import MOST_NAME, visible

MOST_CHANNEL = 24


class PlainLabel(QLabel):
    """A QLabel that shows its text as it is. A plain QLabel takes for markup whatever looks like it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def bold(label: PlainLabel) -> PlainLabel:
    """The label, bold."""
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def one_line(text: str, most: int = MOST_NAME) -> str:
    """A name from outside on one line: what cannot be seen is escaped, the middle of a long one left out."""
    return visible(text, most)


def channel_text(name: str, most: int = MOST_CHANNEL) -> str:
    """A channel's name in so few characters that it does not widen the window."""
    return one_line(name, most)


def menu_text(name: str) -> str:
    """A name from outside as a menu's or a button's text, where & marks a key."""
    return one_line(name).replace("&", "&&")


def tip_text(text: str) -> str:
    """A tool tip with text from outside: Qt takes what looks like markup for markup, unless it is escaped markup."""
    return f"<span style='white-space: pre-wrap'>{escape(text)}</span>" if Qt.mightBeRichText(text) else text
