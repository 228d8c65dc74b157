"""Making a scene of a lesson from the present state: what is said, and which lesson it goes into."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from convlab.model.lesson import MOST_SCENES, Lesson
from convlab.ui.plain import PlainLabel


class SceneDialog(QDialog):
    """The lessons of one's own are offered, last a new one; those that are full are not."""

    def __init__(self, lessons: Sequence[Lesson], folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Make a lesson scene"))
        self.title = QLineEdit()
        self.title.setMaxLength(120)
        self.title.setAccessibleName(self.tr("title"))
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText(self.tr("What is said about it. An empty line begins a paragraph."))
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("text"))
        self.text.setMaximumHeight(self.fontMetrics().lineSpacing() * 8)
        self.into = QComboBox()
        self.into.setAccessibleName(self.tr("lesson"))
        self.into.addItem(self.tr("a new lesson of this title"), None)
        for lesson in lessons:
            if len(lesson.scenes) < MOST_SCENES and not lesson.is_challenge:
                self.into.addItem(lesson.title, lesson)
        self._where = PlainLabel(self.tr("Lessons of your own are in {folder}.").format(folder=folder))
        self._where.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.title.textChanged.connect(self._typed)
        self._typed("")
        self._lay_out()

    @property
    def lesson(self) -> Lesson | None:
        """That the scene goes to the end of; None for a new one."""
        found = self.into.currentData()
        return found if isinstance(found, Lesson) else None

    def _typed(self, text: str) -> None:
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(bool(text.strip()))

    def _lay_out(self) -> None:
        about = PlainLabel(
            self.tr("What is on screen becomes a scene: the input, the layers, the chosen map, what is explained.")
        )
        about.setWordWrap(True)
        form = QFormLayout()
        form.addRow(self.tr("title"), self.title)
        form.addRow(self.tr("text"), self.text)
        form.addRow(self.tr("goes into"), self.into)
        column = QVBoxLayout(self)
        column.addWidget(about)
        column.addLayout(form)
        column.addWidget(self._where)
        column.addWidget(self.buttons)
