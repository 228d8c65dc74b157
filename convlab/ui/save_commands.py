"""Saving from the window: maps, steps, an explained value's table; one progress dialog for all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QProgressDialog

from convlab.app.saving import MapSaver, StepPlan, StepSaver, save_ledger
from convlab.model.explanation import Explanation
from convlab.model.message import ConvLabError, Message
from convlab.model.problems import Problem
from convlab.model.unit import explained_unit
from convlab.model.view import TileKey
from convlab.render.pixels import Pixels
from convlab.ui.chosen_name import chosen_path
from convlab.ui.flow_frame import frame_painter
from convlab.ui.plain import one_line
from convlab.ui.save_dialog import SaveDialog
from convlab.ui.steps_dialog import StepsDialog
from convlab.ui.theme import figures_font, shown
from convlab.ui.tile_painter import pixels_image

if TYPE_CHECKING:
    from convlab.ui.main_window import MainWindow


class SaveCommands(QObject):
    """Asks what to save and where, starts it, says how it ended."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._bench = window, window.workbench
        self._progress: QProgressDialog | None = None
        for saver in (self._bench.saver, self._bench.step_saver):
            saver.failed.connect(self._not_saved)
            saver.saved.connect(self._saved)
            saver.cancelled.connect(self._cancelled)
            saver.progress.connect(self._progressed)
        self._bench.saver.copied.connect(self._copied)

    def ask_maps(self) -> None:
        """The save dialog, then the save with its progress."""
        if self._refused(self._bench.session.problems):
            return
        dialog = SaveDialog(self._bench.session, self._bench.settings.folder("save"), self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            plan = dialog.plan()
            self._bench.settings.set_folder("save", str(plan.folder))
            self._show_progress(self.tr("Saving maps…"), self._bench.saver)
            self._bench.saver.save(plan)
        dialog.deleteLater()

    @Slot(object)
    def save_ledger(self, explanation: Explanation) -> None:
        """Ask for a name, then save an explained value's table."""
        row, col = explanation.position
        name = f"out{explanation.output}_row{row}_column{col}.csv"
        start = str(Path(self._bench.settings.folder("save")) / name)
        path, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Save the table"), start, self.tr("CSV files (*.csv)")
        )
        target = chosen_path(self._window, path, ".csv")
        if target is None:
            return
        try:
            save_ledger(str(target), explanation)
        except ConvLabError as error:
            self._window.show_message(shown(error.message))
        else:
            self._window.say_done(self.tr("Saved {name}").format(name=one_line(target.name)))

    def ask_steps(self) -> None:
        """The dialog for the steps in sight, then the save with its progress."""
        if self._refused(self._bench.session.layer_problems):
            return
        bench, stepper = self._bench, self._bench.stepper
        dialog = StepsDialog(stepper.count, stepper.speed, bench.settings.folder("save"), self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted and stepper.region is not None:
            path = dialog.target
            bench.settings.set_folder("save", str(path.parent))
            self._show_progress(self.tr("Saving steps…"), bench.step_saver)
            session, view = bench.session, bench.session.view
            maps = session.maps if session.sees_edited else session.edited
            paint = frame_painter(dialog.frame_size, self._window.palette(), figures_font(self._window))
            frame_ms = round(1000 / dialog.speed.value())
            unit = explained_unit(maps, view)
            plan = StepPlan(maps, view.chosen_output, stepper.region, path, dialog.gif, frame_ms, paint, unit)
            bench.step_saver.save(plan)
        dialog.deleteLater()

    def _refused(self, problems: Sequence[Problem]) -> bool:
        """Say why there are no maps, where there are none."""
        if problems:
            self._window.show_message(shown(problems[0].message))
        return bool(problems)

    def _show_progress(self, text: str, saver: MapSaver | StepSaver) -> None:
        self._progress = QProgressDialog(text, self.tr("Cancel"), 0, 0, self._window)
        self._progress.setWindowTitle(self.tr("Save"))
        self._progress.setMinimumDuration(400)
        self._progress.canceled.connect(saver.cancel)

    @Slot(int, int)
    def _progressed(self, done: int, count: int) -> None:
        if self._progress is not None:
            self._progress.setMaximum(count)
            self._progress.setValue(min(done, count - 1))  # the end closes it

    @Slot(object)
    def _saved(self, paths: tuple[Path, ...]) -> None:
        self.end_progress()
        text = self.tr("Saved {name} in {folder}") if len(paths) == 1 else self.tr("Saved {n} files in {folder}")
        done = text.format(name=one_line(paths[0].name), n=len(paths), folder=one_line(str(paths[0].parent)))
        self._window.say_done(done)

    @Slot(object)
    def _not_saved(self, text: Message) -> None:
        self.end_progress()
        self._window.show_failure(text)

    @Slot()
    def _cancelled(self) -> None:
        self.end_progress()
        self._window.say_done(self.tr("Cancelled"))

    def end_progress(self) -> None:
        """Close the progress dialog."""
        if self._progress is not None:
            self._progress.canceled.disconnect()
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None

    def copy_map(self) -> None:
        """The chosen map, as it is displayed, to the clipboard."""
        if self._refused(self._bench.session.problems):
            return
        key = TileKey("map", self._bench.session.view.chosen_output)
        self._bench.saver.copy(self._bench.session.maps, key.index, self._bench.session.view.display)

    @Slot(object)
    def _copied(self, image: Pixels) -> None:
        QGuiApplication.clipboard().setImage(pixels_image(image))
        self._window.say_done(self.tr("The chosen map is on the clipboard"), 4000)
