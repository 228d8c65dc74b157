"""Lessons and challenges: opens their scenes, answers their questions, keeps comparisons and scores live."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.compute import Compute
from convlab.app.lesson_work import answer, compare, measure, refuse_problems
from convlab.app.opening import Opening
from convlab.app.session import Session
from convlab.app.worker import Outcome, Task, Worker
from convlab.io.lessons import bundled_lessons, open_input, read_lesson, read_lessons, save_input, save_lesson
from convlab.io.reader import HERE, Reader
from convlab.model.challenge import challenge_data, check_challenge
from convlab.model.document import Document
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import chain, set_up
from convlab.model.lesson import Lesson, Scene, scene_document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
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
        files: Worker,
        saves: Worker,
        opening: Opening,
        engine: Worker,
        compute: Compute,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._saves, self._opening, self._engine = session, saves, opening, engine
        self._compute = compute
        self._catalog = Catalog()
        self._open: OpenScene | None = None
        self._mine = object()
        files.done.connect(self._file_done)
        saves.done.connect(self._file_done)
        engine.done.connect(self._worked)
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

        def read(reader: Reader) -> Catalog:
            bundled, broken = read_lessons(bundled_lessons())
            found, failures = read_lessons(own, reader)
            return Catalog(bundled, found, broken + failures)

        self._opening.enqueue("catalog", read)

    def open_file(self, path: str) -> None:
        """Open a lesson file at its first scene."""

        self._opening.submit(
            lambda reader: opened_scene(read_lesson(Path(path), reader), 0, reader), Path(path).name, self._mine
        )

    def open(self, lesson: Lesson, index: int = 0) -> None:
        """Show a scene of a lesson; also to start it over."""
        self._opening.submit(lambda reader: opened_scene(lesson, index, reader), lesson.title, self._mine)

    def leave(self) -> None:
        """End the lesson; its state stays, to be explored."""
        if self._open is not None:
            self._open = None
            self._session.set_locks(frozenset())
            self._session.set_view(then=(), offered=None)
            self.opened.emit(None)

    def ask(self, number: int, text: str) -> None:
        """Judge the answer to the scene's question `number`."""
        if self._open is None:
            return
        question, start = self._open.scene.questions[number], self._open.start
        compute = self._compute

        def work(_checkpoint: object) -> object:
            return answer(question, start, text, compute.evaluator())

        self._engine.submit(Task("answer", work, (self._open, number)))

    def can_make_challenge(self) -> bool:
        """Whether a challenge can hold the present state; where it cannot, failed(Message) says why."""
        try:
            check_challenge(self._session.document)
        except ConvLabError as error:
            self.failed.emit(error.message)
            return False
        return True

    def make_challenge(self, folder: Path, title: str, text: str, locks: Collection[str], start: str) -> None:
        """Save the present state as a challenge in `folder`; made(path) or failed(Message) follows."""
        document, view = self._session.document, self._session.view

        def work(_checkpoint: object) -> Path:
            check_challenge(document)
            about = save_input(document.source, folder)
            return save_lesson(folder, title, challenge_data(document, view, about, title, text, locks, start))

        self._saves.enqueue(Task("challenge", work, saves=True))

    # Files

    @Slot(object)
    def _file_done(self, outcome: Outcome) -> None:
        result = outcome.result
        if outcome.task.kind == "catalog" and isinstance(result, Catalog):
            self._catalog = result
            self.catalog_changed.emit()
            for failure in result.failures:
                self.failed.emit(failure)
        elif isinstance(result, OpenScene):
            self._show(result)
        elif outcome.task.kind == "challenge" and isinstance(result, Path):
            self.made.emit(result)
        elif outcome.failure is not None and (outcome.task.token is self._mine or outcome.task.kind in _KINDS):
            self.failed.emit(outcome.failure)

    def _show(self, found: OpenScene) -> None:
        session, view = self._session, found.scene.view
        self._open = None  # what follows is no edit of the student's
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
        opened, document, evaluator = self._open, self._session.document, self._compute.evaluator
        comparison, challenge, target = opened.scene.comparison, opened.scene.challenge, opened.target
        chosen = self._session.view.chosen_output
        if comparison.variants:
            work = partial(compare, document, comparison)
            self._engine.submit(Task("compare", lambda checkpoint: work(evaluator(), checkpoint), opened))
        if challenge is not None and target is not None:
            aim = partial(measure, document, target, challenge, chosen)
            self._engine.submit(Task("measure", lambda checkpoint: aim(evaluator(), checkpoint), opened))

    @Slot(object)
    def _worked(self, outcome: Outcome) -> None:
        kind, token = outcome.task.kind, outcome.task.token
        if kind == "answer" and isinstance(token, tuple) and token[0] is self._open:
            signal = self.judged if outcome.failure is None else self.unreadable
            signal.emit(token[1], outcome.result if outcome.failure is None else outcome.failure)
        elif kind in ("compare", "measure") and token is self._open and token is not None:
            if outcome.failure is not None:
                self.failed.emit(outcome.failure)
            else:
                (self.compared if kind == "compare" else self.scored).emit(outcome.result)


_KINDS = ("catalog", "challenge")


def opened_scene(lesson: Lesson, index: int, reader: Reader = HERE) -> OpenScene:
    """Open the scene's input and build its state and target."""
    scene = lesson.scenes[index]
    source = open_input(scene.input, Path(lesson.path).parent, reader=reader)
    start = scene_document(scene, source)
    target = None if scene.challenge is None else set_up(start, scene.challenge.target)
    if target is not None:
        refuse_problems(target)
    return OpenScene(lesson, index, start, target)
