"""What torch would refuse about the layer, in one sentence, with a button that mends it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from convlab.model.problems import Problem
from convlab.ui.theme import SPACE, shown
from convlab.ui.tone_label import ToneLabel


class ProblemNotice(QWidget):
    """The first problem's sentence and its way out; hidden while there is none.

    mended(Problem): the person wants the value that the problem offers.
    """

    mended = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem: Problem | None = None
        self.sentence = ToneLabel(tone="warning")
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = QPushButton()
        self.button.setToolTip(self.tr("Set the nearest value that works"))
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.button.setAutoDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.sentence)
        layout.addWidget(self.button)
        self.button.clicked.connect(self._clicked)
        self.hide()

    def show_problem(self, problem: Problem | None, axes: int = 2) -> None:
        """Show this problem, or nothing. axes: how many numbers the sizes of the layer have, the last of its three."""
        self._problem = problem
        if problem is not None:
            self.sentence.setText(f"⚠ {shown(problem.message)}")
            text = self.tr("Use {field} {value}")
            self.button.setText(text.format(field=problem.field, value=_value_text(problem.value, axes)))
        self.setVisible(problem is not None)

    @Slot()
    def _clicked(self) -> None:
        if self._problem is not None:
            self.mended.emit(self._problem)


def _value_text(value: object, axes: int) -> str:
    return " × ".join(map(str, value[-axes:])) if isinstance(value, tuple) else str(value)
