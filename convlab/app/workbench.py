"""Everything behind one window: session, threads, opener, saver, settings."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from convlab.app.classroom import Classroom
from convlab.app.compute import Compute
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
    """Starts the threads; `close` ends them."""

    def __init__(self, document: Document | None = None, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings(parent=self)
        self.session = Session(document or first_document(), self)
        self._engine_thread = Worker("engine", self)
        self._photo_thread = Worker("photos", self)
        compute = Compute()
        self.scheduler = RenderScheduler(self.session, self._engine_thread, compute, self)
        self.stepper = Stepper(self.session, self)
        self.opener = PhotoOpener(self.session, self._photo_thread, self)
        if self.settings.memory_budget:
            self.opener.budget_bytes = self.settings.memory_budget
        self.classroom = Classroom(self.session, self._photo_thread, self._engine_thread, compute, self)
        self.saver = MapSaver(self._engine_thread, compute, self)
        self.step_saver = StepSaver(self._engine_thread, compute, self)
        self.sessions = SessionFiles(self.session, self._photo_thread, self.opener, self)
        self.opener.opened.connect(self._remember)
        self.sessions.opened.connect(self._remember_session)
        self.sessions.saved.connect(self._remember_session)
        self._engine_thread.start()
        self._photo_thread.start()

    def close(self) -> None:
        """End the threads; what they were doing is dropped."""
        self.stepper.pause()
        self.scheduler.close()
        self._engine_thread.stop()
        self._photo_thread.stop()

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
