"""Everything behind one window: session, threads, opener, saver, settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from convlab.app.classroom import Classroom
from convlab.app.collector import Collector
from convlab.app.compute import Compute
from convlab.app.faults import Faults
from convlab.app.keeping import Keeper
from convlab.app.opening import Opening
from convlab.app.photos import PhotoOpener
from convlab.app.saving import MapSaver, StepSaver
from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.sessions import SessionFiles
from convlab.app.settings import Settings
from convlab.app.stepper import Stepper
from convlab.app.worker import Worker
from convlab.io.samples import assets_folder, open_sample
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.presets import PRESETS

__all__ = ["Workbench", "assets_folder", "first_document"]

FIRST_PHOTO = "astronaut"
FIRST_LAYER = "sobel-bank"


class Workbench(QObject):
    """Starts the threads; `close` ends them. all_saved(): nothing is waiting to be saved, or under way."""

    all_saved = Signal()

    def __init__(self, document: Document | None = None, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings(parent=self)
        self.session = Session(document or first_document(), self)
        compute = Compute(self.settings.cache_bytes)
        self._engine_thread = Worker("engine", self, compute.rest)
        self._photo_thread = Worker("photos", self)
        self._save_thread = Worker("saves", self)
        self.faults = Faults(self)
        self.collector = Collector(self)
        self.scheduler = RenderScheduler(self.session, self._engine_thread, compute, self)
        self.stepper = Stepper(self.session, self)
        self.opening = Opening(self._photo_thread, self)
        self.opener = PhotoOpener(self.session, self.opening, self)
        if self.settings.memory_budget:
            self.opener.budget_bytes = self.settings.memory_budget
        files = self._save_thread, self.opening
        self.classroom = Classroom(self.session, *files, self._engine_thread, compute, self)
        self.saver = MapSaver(self._engine_thread, compute, self)
        self.step_saver = StepSaver(self._engine_thread, compute, self)
        self.sessions = SessionFiles(self.session, *files, self.opener, self)
        self.keeper = Keeper(self.session, self.sessions, *files, self.opener, self)
        self.scheduler.ready.connect(self.opening.warm_up)  # not before: torch's import has the machine until then
        self.opener.opened.connect(self._remember)
        self.opener.missing.connect(self.settings.set_vanished)
        self.sessions.opened.connect(self._remember_session)
        self.sessions.saved.connect(self._remember_session)
        self.session.document_changed.connect(self.collector.postpone)
        self.session.view_changed.connect(self.collector.postpone)
        for worker in self._workers:
            worker.broke.connect(self.faults.keep)
            worker.done.connect(self._look_for_saves)
            worker.start()

    @property
    def _workers(self) -> tuple[Worker, ...]:
        return self._engine_thread, self._photo_thread, self._save_thread

    @property
    def saves(self) -> int:
        """What a person asked to be saved and is not yet, and the state that is being kept."""
        return sum(worker.saves for worker in self._workers)

    def stop_saves(self) -> None:
        """Drop them; a file that is being written stays as it was before."""
        for worker in self._workers:
            worker.cancel_saves()

    @Slot()
    def _look_for_saves(self) -> None:
        if not self.saves:
            self.all_saved.emit()

    def close(self) -> None:
        """End the threads; what they were doing is dropped."""
        self.stepper.pause()
        self.scheduler.close()
        for worker in self._workers:
            worker.stop()
        self.opening.close()
        self.keeper.close()
        self.collector.close()

    def _remember_session(self, path: Path) -> None:
        self.settings.add_recent(str(path))

    def _remember(self, path: str | None) -> None:
        if path:
            self.settings.add_recent(path)


def first_document() -> Document:
    """What the first start shows: a photo, and Sobel x and y of its luminance."""
    source = open_sample(FIRST_PHOTO)
    bank = PRESETS[FIRST_LAYER].make(3)
    weight = bank.weight
    layer = ConvSpec(
        in_channels=weight.shape[1] * bank.groups,
        out_channels=weight.shape[0],
        kernel_size=weight.shape[2:],
        groups=bank.groups,
    )
    return new_document(source, layer, weight, bank.bias)
