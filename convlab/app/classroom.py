"""Lessons and challenges: opens their scenes, answers their questions, keeps comparisons and scores live."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.ask import Ask, Saves
from convlab.app.compute import Compute
from convlab.app.lesson_work import Scored, answer, compare, measure, refuse_problems
from convlab.app.opening import Opening
from convlab.app.session import Session
from convlab.app.worker import Checkpoint, Worker
from convlab.io.lessons import (
    add_scene,
    bundled_lessons,
    open_input,
    read_lesson,
    read_lessons,
    save_input,
    save_lesson,
)
from convlab.io.reader import HERE, Reader
from convlab.model.challenge import challenge_data, check_challenge, check_scene, lesson_data, scene_data
from convlab.model.comparison import Compared
from convlab.model.document import Document
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import chain
from convlab.model.lesson import Challenge, Comparison, Lesson, Question, Scene, scene_document, target_document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.question import Verdict
from convlab.model.view import ViewState


@dataclass(frozen=True, slots=True, eq=False)
class OpenScene:
    """A scene on screen: the state it begins with, and a challenge's target."""

    lesson: Lesson
    index: int
    start: Document
    target: Document | None

    @property
    def scene(self) -> Scene:
        """The scene itself."""
        return self.lesson.scenes[self.index]


@dataclass(frozen=True, slots=True, eq=False)
class Catalog:
    """The lessons that come with ConvLab and those of the person's folder, and the files that are none."""

    bundled: tuple[Lesson, ...] = ()
    own: tuple[Lesson, ...] = ()
    failures: tuple[Message, ...] = ()


class Classroom(QObject):
    """One scene at a time. Files are read on the photo thread, values are worked out on the engine's.

    opened(OpenScene or None): a scene is on screen, or none any more. compared(tuple of Compared) and scored(Scored)
    follow the document. judged(question number, Verdict) answers `ask`, unreadable(question number, Message) where the
    answer is no number. made(path): a challenge was saved. failed(Message): something was not.
    """

    catalog_changed = Signal()
    opened = Signal(object)
    compared = Signal(object)
    scored = Signal(object)
    judged = Signal(object, object)
    unreadable = Signal(object, object)
    made = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        session: Session,
        saves: Worker,
        opening: Opening,
        engine: Worker,
        compute: Compute,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._opening = session, opening
        self._catalog = Catalog()
        self._open: OpenScene | None = None
        failed = self.failed.emit
        self._catalogs = opening.jobs(self, "catalog", _read_catalog, self._show_catalog, failed)
        self._making = Saves(self, saves, "challenge", _make, self.made.emit, failed)
        self._scenes = Saves(self, saves, "scene", _make_scene, self.made.emit, failed)
        self._judging = Ask(self, engine, "answer", partial(_judge, compute), self._tell_verdict, failed)
        self._comparing = Ask(self, engine, "compare", partial(_compare, compute), self.compared.emit, failed)
        self._measuring = Ask(self, engine, "measure", partial(_measure, compute), self.scored.emit, failed)
        session.document_changed.connect(self._follow)
        session.view_changed.connect(self._view_changed)

    @property
    def catalog(self) -> Catalog:
        """The lessons there are."""
        return self._catalog

    @property
    def open_scene(self) -> OpenScene | None:
        """The scene on screen."""
        return self._open

    def read_catalog(self, own: Path) -> None:
        """Read the bundled lessons and those in the folder `own`; catalog_changed() follows."""
        self._catalogs.add(own)

    def open_file(self, path: str) -> None:
        """Open a lesson file at its first scene."""

        def read(reader: Reader) -> OpenScene:
            return opened_scene(read_lesson(Path(path), reader), 0, reader)

        self._opening.open(read, Path(path).name, self._show, self.failed.emit)

    def open(self, lesson: Lesson, index: int = 0) -> None:
        """Show a scene of a lesson; also to start it over."""

        def read(reader: Reader) -> OpenScene:
            return opened_scene(lesson, index, reader)

        self._opening.open(read, lesson.title, self._show, self.failed.emit)

    def leave(self) -> None:
        """End the lesson; its state stays, to be explored."""
        if self._open is not None:
            self._close()
            self._session.set_locks(frozenset())
            self._session.set_view(then=(), offered=None)
            self.opened.emit(None)

    def ask(self, number: int, text: str) -> None:
        """Judge the answer to the scene's question `number`."""
        if self._open is None:
            return
        self._judging.ask(_Answer(number, self._open.scene.questions[number], self._open.start, text))

    def can_make_challenge(self) -> bool:
        """Whether a challenge can hold the present state; where it cannot, failed(Message) says why."""
        return self._can(check_challenge)

    def can_make_scene(self) -> bool:
        """Whether a lesson can hold the present state; where it cannot, failed(Message) says why."""
        return self._can(check_scene)

    def _can(self, check: Callable[[Document], None]) -> bool:
        try:
            check(self._session.document)
        except ConvLabError as error:
            self.failed.emit(error.message)
            return False
        return True

    def make_scene(self, folder: Path, title: str, text: str, lesson: Lesson | None) -> None:
        """Save the present state as the last scene of a lesson of one's own, or as the first one of a new lesson in
        `folder`; made(path) or failed(Message) follows."""
        self._scenes.add(_Scene(self._session.document, self._session.view, folder, title, text, lesson))

    def make_challenge(self, folder: Path, title: str, text: str, locks: Collection[str], start: str) -> None:
        """Save the present state as a challenge in `folder`; made(path) or failed(Message) follows."""
        self._making.add(_Challenge(self._session.document, self._session.view, folder, title, text, locks, start))

    def _show_catalog(self, found: Catalog | None) -> None:
        if found is None:
            return
        self._catalog = found
        self.catalog_changed.emit()
        for failure in found.failures:
            self.failed.emit(failure)

    def _close(self) -> None:
        """The scene is left: what is still worked out for it is for nobody."""
        self._open = None
        for each in (self._judging, self._comparing, self._measuring):
            each.forget()

    def _show(self, found: OpenScene) -> None:
        session, view = self._session, found.scene.view
        self._close()  # what follows is no edit of the student's
        session.set_locks(frozenset())
        label = message(QT_TRANSLATE_NOOP("model", "open {name}"), name=found.lesson.title)
        session.apply(lambda _: found.start, label)
        session.seal()
        self._open = found
        self.opened.emit(found)
        session.set_view(
            viewport=None,
            cursor=None,
            chosen_output=view.output,
            chosen_input=0,
            watched_layer=session.document.activation_place if found.scene.layers is None else view.watched,
            depth=view.depth,
            display=view.display,
            explaining=view.explain or view.step,
            pinned=view.pin or (0, 0) if view.step else None,
            pinned_input=None,
            offered=None if view.step else view.pin,
            stepping=view.step,
            then=chain(ConvSpec(1, 1, padding=(0, 0)), view.then),
        )
        if found.scene.challenge is not None:
            session.set_locks(found.scene.challenge.locks)
        self._work()

    # Live

    @Slot(object, object)
    def _follow(self, _old: Document, _new: Document) -> None:
        self._work()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if old.chosen_output != new.chosen_output:
            self._work()

    def _work(self) -> None:
        """Ask for what the scene shows of the present document."""
        if self._open is None:
            return
        opened, document = self._open, self._session.document
        comparison, challenge, target = opened.scene.comparison, opened.scene.challenge, opened.target
        if comparison.variants:
            self._comparing.ask(_Compare(document, comparison))
        if challenge is not None and target is not None:
            self._measuring.ask(_Measure(document, target, challenge, self._session.view.chosen_output))

    def _tell_verdict(self, found: tuple[int, Verdict | Message]) -> None:
        number, verdict = found
        (self.unreadable if isinstance(verdict, Message) else self.judged).emit(number, verdict)


# What is asked of the worker


@dataclass(frozen=True, slots=True)
class _Compare:
    """All variants of the document."""

    document: Document
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class _Measure:
    """How far the document's maps are from the target's."""

    document: Document
    target: Document
    challenge: Challenge
    chosen: int


@dataclass(frozen=True, slots=True)
class _Answer:
    """Whether a person's answer to the question `number` is right."""

    number: int
    question: Question
    start: Document
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class _Challenge:
    """A state to be saved as a challenge."""

    document: Document
    view: ViewState
    folder: Path
    title: str
    text: str
    locks: Collection[str]
    start: str


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """A state to be saved as a scene, of this lesson or of a new one."""

    document: Document
    view: ViewState
    folder: Path
    title: str
    text: str
    lesson: Lesson | None


def _make_scene(asked: _Scene, _checkpoint: Checkpoint) -> Path:
    check_scene(asked.document)
    folder = asked.folder if asked.lesson is None else Path(asked.lesson.path).parent
    about = save_input(asked.document.input, folder)
    scene = scene_data(asked.document, asked.view, about, asked.title, asked.text)
    if asked.lesson is None:
        return save_lesson(folder, asked.title, lesson_data(asked.title, [scene]))
    return add_scene(Path(asked.lesson.path), scene)


def _compare(compute: Compute, asked: _Compare, checkpoint: Checkpoint) -> tuple[Compared, ...]:
    return compare(asked.document, asked.comparison, compute.evaluator(), checkpoint)


def _measure(compute: Compute, asked: _Measure, checkpoint: Checkpoint) -> Scored:
    return measure(asked.document, asked.target, asked.challenge, asked.chosen, compute.evaluator(), checkpoint)


def _judge(compute: Compute, asked: _Answer, _checkpoint: Checkpoint) -> tuple[int, Verdict | Message]:
    try:
        return asked.number, answer(asked.question, asked.start, asked.text, compute.evaluator())
    except ConvLabError as error:
        return asked.number, error.message


def _make(asked: _Challenge, _checkpoint: Checkpoint) -> Path:
    check_challenge(asked.document)
    about = save_input(asked.document.input, asked.folder)
    data = challenge_data(asked.document, asked.view, about, asked.title, asked.text, asked.locks, asked.start)
    return save_lesson(asked.folder, asked.title, data)


def _read_catalog(own: Path, reader: Reader) -> Catalog:
    bundled, broken = read_lessons(bundled_lessons())
    found, failures = read_lessons(own, reader)
    return Catalog(bundled, found, broken + failures)


def opened_scene(lesson: Lesson, index: int, reader: Reader = HERE) -> OpenScene:
    """Open the scene's input and build its state and target."""
    scene = lesson.scenes[index]
    source = open_input(scene.input, Path(lesson.path).parent, reader=reader)
    start = scene_document(scene, source)
    target = target_document(scene, start)
    if target is not None:
        refuse_problems(target)
    return OpenScene(lesson, index, start, target)
