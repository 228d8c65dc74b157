"""A question with a box for the answer, and what became of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from convlab.model.message import Message
from convlab.model.question import Verdict
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, shown
from convlab.ui.tone_label import ToneLabel


class QuestionBox(QWidget):
    """asked(text): the person wants the answer judged."""

    asked = Signal(str)

    def __init__(self, ask: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = PlainLabel(ask)
        self.question.setWordWrap(True)
        self.question.setTextFormat(Qt.TextFormat.PlainText)
        self.answer = QLineEdit()
        self.answer.setAccessibleName(self.tr("answer"))
        self.answer.setAccessibleDescription(ask)
        self.answer.setMaxLength(200)
        self.check = QPushButton(self.tr("Check"))
        self.check.setEnabled(False)
        self.verdict = ToneLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdict.hide()
        self.answer.textChanged.connect(self._typed)
        self.answer.returnPressed.connect(self._ask)
        self.check.clicked.connect(self._ask)
        row = QHBoxLayout()
        row.addWidget(self.answer, 1)
        row.addWidget(self.check)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        column.addWidget(self.question)
        column.addLayout(row)
        column.addWidget(self.verdict)

    def show_verdict(self, verdict: Verdict) -> None:
        """Right or wrong, and why."""
        self._show(shown(verdict.sentence), verdict.right)

    def show_unreadable(self, text: Message) -> None:
        """Why the answer could not be judged."""
        self._show(shown(text), False)

    def _show(self, text: str, right: bool) -> None:
        self.verdict.setText(text)
        self.verdict.set_tone("plain" if right else "warning")
        self.verdict.show()

    def _typed(self, text: str) -> None:
        self.check.setEnabled(bool(text.strip()))
        self.verdict.hide()

    def _ask(self) -> None:
        if self.answer.text().strip():
            self.asked.emit(self.answer.text())
