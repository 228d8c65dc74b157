"""A sentence across the top of the maps: what went wrong, until it is closed or replaced."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from convlab.ui.theme import SPACE, mixed, warning_color


class MessageBar(QFrame):
    """Hidden until `show_message`. It never takes the focus from what a person is doing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setToolTip(self.tr("Close this message"))
        self._close.setAccessibleName(self.tr("close message"))
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.addWidget(self._text, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    def show_message(self, text: str) -> None:
        """Show `text` in place of what was there."""
        color = warning_color(self.palette())
        ground = mixed(self.palette().window().color(), color, 0.15)
        self.setStyleSheet(
            f"MessageBar {{ background: {ground.name()}; border-left: 4px solid {color.name()}; border-radius: 3px }}"
        )
        self._text.setText(f"⚠ {text}")
        self._text.setAccessibleName(text)
        self.show()

    # Qt's names

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
