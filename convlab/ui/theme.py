"""The one visual language: channel colours, weight colours, figures, spacing; light and dark by the palette."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QWidget

from convlab.model.message import Message
from convlab.model.numbers import format_weight, value_text

SPACE = 6
"""Logical pixels between things that belong together; twice that between groups."""

_CHANNELS = {
    "R": ("#c62828", "#ff6b6b"),
    "G": ("#2e7d32", "#62c26a"),
    "B": ("#1556c0", "#6aa5ff"),
}
_NEGATIVE = QColor("#7b3294")
_POSITIVE = QColor("#e66101")
_INK, _PAPER = "#101010", "#ffffff"


def is_dark(palette: QPalette) -> bool:
    """Whether this palette has light text on a dark ground."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def channel_color(name: str, palette: QPalette) -> QColor:
    """The colour of a channel's name and frame; the text colour for one without a colour of its own."""
    pair = _CHANNELS.get(name.partition(" ")[0])
    return palette.color(QPalette.ColorRole.WindowText) if pair is None else QColor(pair[is_dark(palette)])


def weight_color(value: float, scale: float, palette: QPalette) -> QColor:
    """Ground colour of a weight: the neutral base at 0, towards purple below and orange above.

    `scale` is the magnitude that gets the full colour (PuOr of ColorBrewer, so that red, green and blue stay
    the channels').
    """
    base = palette.color(QPalette.ColorRole.Base)
    if not scale or value != value:
        return base
    share = min(1.0, abs(value) / scale) * 0.85
    return mixed(base, _POSITIVE if value > 0 else _NEGATIVE, share)


def text_on(ground: QColor) -> QColor:
    """Black or white, whichever is read better on `ground` (WCAG relative luminance)."""
    return QColor(_INK) if _luminance(ground) > 0.179 else QColor(_PAPER)


def mixed(a: QColor, b: QColor, share: float) -> QColor:
    """a moved towards b by `share` (0…1)."""
    parts = [round(x + (y - x) * share) for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))]
    return QColor(*parts)


def quiet_text(palette: QPalette) -> QColor:
    """Secondary text: less than the text colour, still at least 4.5:1 on the window."""
    return mixed(palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window), 0.25)


def warning_color(palette: QPalette) -> QColor:
    """Text and frame of what needs mending."""
    return QColor("#ffb454" if is_dark(palette) else "#9a4b00")


def figures_font(widget: QWidget) -> QFont:
    """The widget's font with figures of equal width."""
    font = QFont(widget.font())
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def code_font() -> QFont:
    """The system's font for code."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


def number_text(value: float, digits: int | None = None) -> str:
    """A value's own digits, or fewer where there is little room."""
    return value_text(value) if digits is None else format_weight(value, digits)


def shown(text: Message) -> str:
    """A sentence from below the window in the person's language."""
    return text.filled(QCoreApplication.translate("model", text.template), shown)


def _luminance(color: QColor) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.03928 else float(((c + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())
