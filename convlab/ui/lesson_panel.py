"""LESSON: the text of a scene, what to try, comparisons, a challenge's target, questions."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convlab.app.classroom import Classroom, OpenScene
from convlab.model.message import Message
from convlab.model.question import Verdict
from convlab.ui.challenge_view import ChallengeView
from convlab.ui.compare_view import CompareView
from convlab.ui.plain import PlainLabel, one_line
from convlab.ui.question_box import QuestionBox
from convlab.ui.theme import SPACE
from convlab.ui.tone_label import ToneLabel


class LessonPanel(QWidget):
    """Follows the classroom; its buttons go from scene to scene and start one over."""

    def __init__(self, classroom: Classroom, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classroom = classroom
        self.title = self._heading(1.2)
        self.scenes = QComboBox()
        self.scenes.setAccessibleName(self.tr("part of the lesson"))
        self.scenes.activated.connect(self._go_to)
        self.back = self._arrow("◀", self.tr("part before"), -1)
        self.forward = self._arrow("▶", self.tr("next part"), 1)
        self.again = QPushButton(self.tr("Start over"))
        self.again.setToolTip(self.tr("Bring this part back to how it began"))
        self.again.clicked.connect(lambda: self._go_by(0))
        self.text = self._paragraph()
        self.tries = self._paragraph()
        self.comparison = CompareView()
        self.challenge = ChallengeView()
        self.questions: list[QuestionBox] = []
        self._lay_out()
        classroom.opened.connect(self._show_scene)
        classroom.compared.connect(self.comparison.show_compared)
        classroom.scored.connect(self.challenge.show_scored)
        classroom.judged.connect(self._show_verdict)
        classroom.unreadable.connect(self._show_unreadable)
        self._show_scene(None)

    @Slot(object)
    def _show_scene(self, opened: OpenScene | None) -> None:
        hint = self.tr("Choose a lesson from the Lessons menu.")
        self.title.setText(hint if opened is None else one_line(opened.lesson.title))
        self._show_places(opened)
        scene = None if opened is None else opened.scene
        self.text.setText("" if scene is None else scene.text)
        tries = () if scene is None else scene.tries
        self.tries.setText("\n".join(f"•  {each.text}" for each in tries))
        self._tries_title.setVisible(bool(tries))
        self.tries.setVisible(bool(tries))
        display = None if scene is None else scene.view.display
        fixed = display is not None and display.normalize == "fixed"
        self.comparison.limits = (display.low, display.high) if display is not None and fixed else None
        self.comparison.show_compared(())
        self.challenge.setVisible(scene is not None and scene.challenge is not None)
        self._replace_questions([] if scene is None else [question.ask for question in scene.questions])
        self._scroll.verticalScrollBar().setValue(0)

    def _show_places(self, opened: OpenScene | None) -> None:
        titles = [] if opened is None else [scene.title for scene in opened.lesson.scenes]
        with QSignalBlocker(self.scenes):
            self.scenes.clear()
            self.scenes.addItems([f"{number}  {one_line(title)}" for number, title in enumerate(titles, 1)])
            self.scenes.setCurrentIndex(-1 if opened is None else opened.index)
        several = len(titles) > 1
        for widget in (self.scenes, self.back, self.forward):
            widget.setVisible(several)
        self.back.setEnabled(opened is not None and opened.index > 0)
        self.forward.setEnabled(opened is not None and opened.index + 1 < len(titles))
        self.again.setVisible(opened is not None)

    def _replace_questions(self, asks: list[str]) -> None:
        for box in self.questions:
            self._column.removeWidget(box)
            box.deleteLater()
        self.questions = [QuestionBox(ask) for ask in asks]
        self._questions_title.setVisible(bool(asks))
        for number, box in enumerate(self.questions):
            box.asked.connect(partial(self._classroom.ask, number))
            self._column.insertWidget(self._column.count() - 2, box)

    @Slot(object, object)
    def _show_verdict(self, number: int, verdict: Verdict) -> None:
        self.questions[number].show_verdict(verdict)

    @Slot(object, object)
    def _show_unreadable(self, number: int, text: Message) -> None:
        self.questions[number].show_unreadable(text)

    def _go_to(self, index: int) -> None:
        opened = self._classroom.open_scene
        if opened is not None and 0 <= index < len(opened.lesson.scenes):
            self._classroom.open(opened.lesson, index)

    def _go_by(self, offset: int) -> None:
        if self._classroom.open_scene is not None:
            self._go_to(self._classroom.open_scene.index + offset)

    # Layout

    def _heading(self, scale: float) -> PlainLabel:
        label = self._paragraph()
        font = label.font()
        font.setPointSizeF(font.pointSizeF() * scale)
        font.setBold(True)
        label.setFont(font)
        return label

    def _paragraph(self) -> PlainLabel:
        label = PlainLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _arrow(self, text: str, name: str, offset: int) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self._go_by(offset))
        return button

    def _lay_out(self) -> None:
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        self._column.setSpacing(SPACE + 2)
        places = QHBoxLayout()
        places.addWidget(self.back)
        places.addWidget(self.scenes, 1)
        places.addWidget(self.forward)
        self._tries_title = ToneLabel(self.tr("Try"), tone="quiet")
        self._questions_title = ToneLabel(self.tr("Check yourself"), tone="quiet")
        self._column.addWidget(self.title)
        self._column.addLayout(places)
        parts = (self.text, self.challenge, self.comparison, self._tries_title, self.tries, self._questions_title)
        for widget in (*parts, self.again):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)
