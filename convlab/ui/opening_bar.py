"""A line above the maps while something takes long to open, with a way out."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from convlab.app.opening import Opening
from convlab.ui.plain import PlainLabel, one_line
from convlab.ui.theme import SPACE

SHOWN_AFTER_MS = 400


class OpeningBar(QFrame):
    """Hidden while nothing is opened, or for a moment only. Escape and the button give it up."""

    def __init__(self, opening: Opening, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = PlainLabel()
        busy = QProgressBar(minimum=0, maximum=0, textVisible=False)
        busy.setFixedSize(120, 8)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAutoDefault(False)
        self.cancel.setAccessibleName(self.tr("cancel opening"))
        self.cancel.clicked.connect(opening.cancel)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, opening.cancel)
        self._escape.activatedAmbiguously.connect(opening.cancel)
        self._escape.setEnabled(False)
        self._soon = QTimer(self, singleShot=True, interval=SHOWN_AFTER_MS)
        self._soon.timeout.connect(self._show)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        row.addWidget(self._text)
        row.addWidget(busy)
        row.addStretch(1)
        row.addWidget(self.cancel)
        opening.began.connect(self._began)
        opening.ended.connect(self._ended)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    @Slot(str)
    def _began(self, name: str) -> None:
        self._text.setText(self.tr("Opening “{name}” …").format(name=one_line(name)))
        self._text.setAccessibleName(self._text.text())
        self._escape.setEnabled(True)
        if self.isHidden():
            self._soon.start()

    @Slot()
    def _show(self) -> None:
        self.show()

    @Slot()
    def _ended(self) -> None:
        self._soon.stop()
        self._escape.setEnabled(False)
        self.hide()
