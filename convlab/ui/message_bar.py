"""A sentence across the top of the maps: what went wrong or what was done, until it is closed or replaced."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, mixed, quiet_text, warning_color


class MessageBar(QFrame):
    """Hidden until there is something to say. It never takes the focus from what a person is doing.

    A warning or a quiet notice, with at most one button.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._warns = True
        self._run: Callable[[], object] | None = None
        self._text = PlainLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._clicked)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setToolTip(self.tr("Close this message (Esc)"))
        self._close.setAccessibleName(self.tr("close message"))
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.addWidget(self._text, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    def show_message(self, text: str, choice: str = "", run: Callable[[], object] | None = None) -> None:
        """Show a warning in place of what was there; `run` is what its button `choice` does."""
        self._show(text, True, choice, run)

    def show_notice(self, text: str, choice: str = "", run: Callable[[], object] | None = None) -> None:
        """Show a quiet sentence in place of what was there, where nothing went wrong."""
        self._show(text, False, choice, run)

    def end_notice(self) -> None:
        """Hide a notice; a warning stays."""
        if not self._warns:
            self.hide()

    def _show(self, text: str, warns: bool, choice: str, run: Callable[[], object] | None) -> None:
        self._warns, self._run = warns, run
        self._text.setText(f"⚠ {text}" if warns else text)
        self._text.setAccessibleName(text)
        self.button.setText(choice.replace("&", "&&"))
        self.button.setVisible(bool(choice))
        self._color()
        self.show()

    def _color(self) -> None:
        """From the application's palette: this widget's own has the colours that it was given last."""
        palette = QGuiApplication.palette()
        color = warning_color(palette) if self._warns else quiet_text(palette)
        ground: QColor = mixed(palette.window().color(), color, 0.15 if self._warns else 0.08)
        self.setStyleSheet(
            f"MessageBar {{ background: {ground.name()}; border-left: 4px solid {color.name()}; border-radius: 3px }}"
        )

    def _clicked(self) -> None:
        run = self._run
        self.hide()
        if run is not None:
            run()

    # Qt's names

    def changeEvent(self, event: QEvent) -> None:
        """Light and dark change while it stands there."""
        if event.type() == QEvent.Type.ApplicationPaletteChange and self.isVisible():
            self._color()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
