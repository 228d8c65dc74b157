"""Does what a lesson says to try, by the window's own controls, and looks whether what the lesson says then holds."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QInputDialog, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model.document import Document
from convlab.model.figures import Layers, figure
from convlab.model.kernel_actions import ACTIONS
from convlab.model.layer import changed_layer
from convlab.model.message import message
from convlab.model.presets import PRESETS
from convlab.model.shape import unreached
from convlab.model.tries import Try
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.matrix_dialog import MatrixDialog
from convlab.ui.theme import shown
from convlab.ui.tile_grid import TileGrid
from convlab.ui.tile_painter import draw_numbers

LEFT = Qt.MouseButton.LeftButton
KEYS = {
    "space": Qt.Key.Key_Space,
    "left": Qt.Key.Key_Left,
    "right": Qt.Key.Key_Right,
    "home": Qt.Key.Key_Home,
    "end": Qt.Key.Key_End,
}


class Trying:
    """One try in an open scene: `do` its steps, then `check` what must hold. maps: of a document, by torch."""

    def __init__(
        self,
        window: MainWindow,
        qtbot: QtBot,
        settle: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
        folder: Path,
        maps: Callable[[Document], np.ndarray],
    ) -> None:
        self.window, self.qtbot, self.settle = window, qtbot, settle
        self._monkeypatch, self._folder, self._maps = monkeypatch, folder, maps
        self._numbers: tuple[tuple[float, ...], ...] = ()

    @property
    def document(self) -> Document:
        return self.window.workbench.session.document

    def do(self, wanted: Try) -> None:
        for step in wanted.steps:
            getattr(self, f"_do_{step.kind}")(step.value)
            self.settle()

    def check(self, wanted: Try) -> None:
        for name, value in wanted.then.items():
            getattr(self, f"_check_{name}")(value)

    # The layer panel

    def _control(self, name: str, kind: type[QWidget]) -> QWidget:
        found = [w for w in self.window.layer_form.findChildren(kind) if w.accessibleName() == name]
        assert found, name
        return found[0]

    def _type(self, name: str, number: int) -> None:
        box = self._control(name, QSpinBox)
        if not box.isVisible():
            return
        box.setFocus()
        box.selectAll()
        self.qtbot.keyClicks(box, str(number))
        self.qtbot.keyClick(box, Qt.Key.Key_Return)

    def _choose(self, name: str, text: str) -> None:
        box = self._control(name, QComboBox)
        assert isinstance(box, QComboBox)
        box.setFocus()
        steps = box.findText(text) - box.currentIndex()
        for _ in range(abs(steps)):
            self.qtbot.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)

    def _do_set(self, changes: dict[str, object]) -> None:
        for name, value in changes.items():
            if isinstance(value, tuple):
                if name == "padding" and isinstance(self.document.conv.spec.padding, str):
                    self._choose("padding", "numbers")
                self._type(f"{name} height", value[0])
                self._type(f"{name} width", value[1])
            elif isinstance(value, str):
                self._choose(name, value)
            else:
                self._type(name, int(str(value)))

    def _do_set_depth(self, changes: dict[str, int]) -> None:
        for name, value in changes.items():
            self._type(f"{name} depth", value)

    def _do_bias(self, on: bool) -> None:
        box = self._control("bias", QCheckBox)
        assert isinstance(box, QCheckBox)
        if box.isChecked() != on:
            self.qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))

    # Kernels

    def _do_weights(self, rows: tuple[tuple[float, ...], ...]) -> None:
        table = self.window.kernels.table
        for output, column, row, col, value in rows:
            self._do_kernel((int(output), int(column)))
            index = table.model().index(int(row), int(col))
            table.setFocus()
            self.qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())
            self.qtbot.keyClick(table, Qt.Key.Key_F2)
            editor = next(each for each in table.findChildren(QLineEdit) if each.isVisible())
            self.qtbot.keyClicks(editor, f"{value:g}")
            self.qtbot.keyClick(editor, Qt.Key.Key_Return)
            self.qtbot.waitUntil(lambda: not table.findChildren(QLineEdit))

    def _do_kernel(self, place: tuple[int, int]) -> None:
        view, grid = self.window.workbench.session.view, self.window.kernels.grid
        if (view.chosen_output, view.chosen_input) == place:
            return
        grid.verticalScrollBar().setValue(
            grid.verticalScrollBar().value() + grid.cell_rect(*place).center().y() - grid.viewport().height() // 2
        )
        self.qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(*place).center())

    def _do_scope(self, name: str) -> None:
        box = self.window.kernels.scope
        box.setCurrentIndex(box.findData(name))

    def _act(self, title: str) -> None:
        actions = self.window.kernels.action_button.menu().actions()
        next(action for action in actions if action.text() == title).trigger()

    def _do_action(self, name: str) -> None:
        self._act(shown(message(next(each.title for each in ACTIONS if each.name == name))))

    def _do_scale(self, factor: float) -> None:
        self._monkeypatch.setattr(QInputDialog, "getDouble", lambda *_: (factor, True))
        self._act("Scale…")

    def _do_preset(self, name: str) -> None:
        title = shown(message(PRESETS[name].title))
        menus = [action.menu() for action in self.window.kernels.preset_button.menu().actions()]
        actions = [action for menu in menus for action in menu.actions()]
        next(action for action in actions if action.text().removesuffix("…") == title).trigger()

    def _do_sigma(self, number: float) -> None:
        box = self.window.kernels.strip._values["sigma"]
        box.setFocus()
        box.selectAll()
        self.qtbot.keyClicks(box, f"{number:g}")

    # Maps and the input

    def _point(self, grid: TileGrid, key: TileKey, position: tuple[int, int]) -> QPoint:
        tile = grid.tile(key)
        assert tile is not None
        middle = tile.geometry.to_input(position[0] + 0.5, position[1] + 0.5)
        point: QPointF = grid.place_of(key).to_point(*middle)
        self.qtbot.mouseMove(grid.viewport(), QPoint(1, 1))
        self.qtbot.mouseMove(grid.viewport(), point.toPoint())
        self.qtbot.waitUntil(lambda: self.window.workbench.session.view.cursor is not None)
        return point.toPoint()

    def _do_point(self, position: tuple[int, int]) -> None:
        output = self.window.workbench.session.view.chosen_output
        self._point(self.window.maps.maps, TileKey("map", output), position)

    def _do_point_input(self, position: tuple[int, int]) -> None:
        self._point(self.window.inputs.photo, TileKey("photo"), position)

    def _do_click(self, position: tuple[int, int]) -> None:
        output, grid = self.window.workbench.session.view.chosen_output, self.window.maps.maps
        self.qtbot.mouseClick(grid.viewport(), LEFT, pos=self._point(grid, TileKey("map", output), position))

    def _do_map(self, output: int) -> None:
        grid = self.window.maps.maps
        rect = grid.place_of(TileKey("map", output)).rect
        self.qtbot.mouseClick(grid.viewport(), LEFT, pos=rect.center().toPoint())

    def _do_leave_out(self, channel: int) -> None:
        row = self.window.inputs.row(channel)
        self.qtbot.mouseClick(row._use, LEFT, pos=QPoint(8, row._use.height() // 2))

    def _do_negatives(self, name: str) -> None:
        box = self.window.maps.display._negatives
        box.setFocus()
        for _ in range(abs(box.findData(name) - box.currentIndex())):
            self.qtbot.keyClick(box, Qt.Key.Key_Down)
        box.activated.emit(box.currentIndex())

    def _do_slice(self, number: int) -> None:
        box = self.window.maps.slices.number
        box.setFocus()
        box.selectAll()
        self.qtbot.keyClicks(box, str(number))

    def _do_choose(self, place: int) -> None:
        view = self.window.stack.list
        self.qtbot.mouseClick(view.viewport(), LEFT, pos=view.visualRect(view.model().index(place, 0)).center())

    # Explaining

    def _do_key(self, name: str) -> None:
        bar = self.window.explain.steps
        self.window.activateWindow()
        self.window.maps.maps.setFocus()
        shortcut = next(each for each in bar.shortcuts if each.key() == KEYS[name])
        assert shortcut.isEnabled()
        shortcut.activated.emit()

    def _do_step(self, on: bool) -> None:
        button = self.window.explain.steps.on
        if button.isChecked() != on:
            self.qtbot.mouseClick(button, LEFT)

    def _do_column(self, number: int) -> None:
        table = self.window.explain.columns.table
        index = table.model().index(0, number + 1)
        table.scrollTo(index)
        self.qtbot.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())

    # Files

    def _do_open(self, what: str) -> None:
        path = self._folder / {"stripes": "stripes.png", "sound": "sound.wav", "clip": "clip.gif"}[what]
        if what == "stripes":
            stripes = np.tile(np.array([[40, 200]], np.uint8), (16, 8))
            Image.fromarray(stripes).save(path)
        elif what == "sound":
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, 8000, 40, "NONE", ""))
                file.writeframes((np.arange(40, dtype="<i2") * 700).tobytes())
        else:
            frames = [Image.fromarray(np.full((6, 7), 60 * n, np.uint8)) for n in range(4)]
            frames[0].save(path, save_all=True, append_images=frames[1:])
        with self.qtbot.waitSignal(self.window.workbench.session.document_changed, timeout=20_000):
            self.window.open_path(str(path))

    def _do_numbers(self, _open: bool) -> None:
        def read(dialog: QDialog) -> int:
            assert isinstance(dialog, MatrixDialog)
            lines = dialog.text.toPlainText().splitlines()
            self._numbers = tuple(tuple(map(float, line.split())) for line in lines if line.strip())
            return QDialog.DialogCode.Rejected

        self._monkeypatch.setattr(MatrixDialog, "exec", read)
        self.window.menus.matrix.trigger()

    # What holds

    def _of_torch(self) -> np.ndarray:
        """[maps, rows, columns] of the slice that is looked at."""
        return self._maps(self.document)

    def _check_layer(self, fields: dict[str, object]) -> None:
        assert changed_layer(self.document.conv.spec, **fields) == self.document.conv.spec

    def _check_in_channels(self, count: int) -> None:
        assert self.document.conv.spec.in_channels == count
        assert not self.document.problems()

    def _check_size(self, size: tuple[int, int]) -> None:
        assert self.document.output_size == size
        assert self._of_torch().shape[1:] == size

    def _check_slices(self, count: int) -> None:
        assert self.document.output_shape.size[0] == count

    def _check_values(self, rows: tuple[tuple[float, ...], ...]) -> None:
        output = self.window.workbench.session.view.chosen_output
        maps = self.window.workbench.session.edited
        for row, col, value in rows:
            found = self._of_torch()[output, int(row), int(col)]
            assert found == pytest.approx(value, abs=1e-4)
            told = explain(Evaluator(), maps, output, int(row), int(col))
            assert told.value == pytest.approx(value, abs=1e-4)

    def _check_explained(self, value: float) -> None:
        panel = self.window.explain
        self.qtbot.waitUntil(
            lambda: panel.explanation is not None and abs(panel.explanation.value - value) < 1e-4, timeout=3000
        )
        found = panel.explanation
        assert self._of_torch()[found.output][found.position] == pytest.approx(value, abs=1e-4)

    def _check_outside(self, count: int) -> None:
        found = self.window.explain.explanation
        assert found is not None
        rows, cols = found.source_rows, found.source_cols
        assert sum(int(r) < 0 or int(c) < 0 for r in rows for c in cols) == count

    def _check_input_pixel(self, position: tuple[int, int]) -> None:
        marks = self.window.inputs.photo.marks(TileKey("photo"))
        assert marks.source == position

    def _check_stamp(self, count: int) -> None:
        assert len(self.window.maps.maps.marks(TileKey("map", 0)).fed) == count

    def _check_seen(self, size: tuple[int, int]) -> None:
        photo = self.window.inputs.photo
        self.qtbot.waitUntil(lambda: photo.marks(TileKey("photo")).field is not None)
        top, left, bottom, right = photo.marks(TileKey("photo")).field
        assert (bottom - top, right - left) == size

    def _check_refused(self, field: str) -> None:
        assert [problem.field for problem in self.document.problems()] == [field]
        with pytest.raises((RuntimeError, ValueError)):
            self._of_torch()

    def _check_unreached(self, counts: tuple[int, int]) -> None:
        assert self.window.inputs.photo.marks(TileKey("photo")).unreached == counts
        assert unreached(self.document.conv.spec, self.document.source_shape.size) == (0, *counts)

    def _check_cells(self, counts: tuple[int, int]) -> None:
        assert self.document.conv.kernel_slices.shape[:2] == counts

    def _check_channels(self, names: tuple[str, ...]) -> None:
        view = self.window.workbench.session.view
        inputs = self.document.conv.spec.group_inputs(view.chosen_output)
        assert tuple(self.document.input_names[n] for n in inputs) == names
        shown = [self.window.maps.contributions.tile(TileKey("contribution", n)) is not None for n in range(3)]
        assert sum(shown) == len(names)

    def _check_contributions(self, sums: tuple[float, ...]) -> None:
        found = self.window.explain.explanation
        assert found is not None
        assert found.subtotals.tolist() == pytest.approx(list(sums))

    def _parts(self) -> list[np.ndarray]:
        return [part.map.values for part in self.window.lesson.comparison.parts]

    def _check_compared(self, rows: tuple[tuple[float, ...], ...]) -> None:
        for number, row, col, value in rows:
            self.qtbot.waitUntil(
                lambda n=int(number), at=(int(row), int(col)), v=value: abs(float(self._parts()[n][at]) - v) < 1e-4,
                timeout=3000,
            )

    def _check_compared_sizes(self, sizes: tuple[tuple[float, ...], ...]) -> None:
        self.qtbot.waitUntil(lambda: [each.shape for each in self._parts()] == [tuple(map(int, s)) for s in sizes])

    def _check_alike(self, alike: bool) -> None:
        self.qtbot.waitUntil(lambda: np.array_equal(*self._parts()[:2]) == alike, timeout=3000)

    def _check_figures(self, figures: dict[str, float]) -> None:
        document = self.document
        for name, value in figures.items():
            if name == "weight_sum":
                assert document.conv.kernel_slices[0].sum() == pytest.approx(value, abs=1e-6)
            else:
                layers = Layers((document.conv.spec,), document.picture.size, ())
                assert figure(name, layers) == (value,)

    def _check_map(self, output: int) -> None:
        assert self.window.workbench.session.view.chosen_output == output

    def _check_stepped(self, position: tuple[int, int]) -> None:
        view = self.window.workbench.session.view
        assert view.stepping
        assert view.pinned == position

    def _check_playing(self, playing: bool) -> None:
        stepper = self.window.workbench.stepper
        assert stepper.playing == playing
        stepper.pause()

    def _check_legible(self, legible: bool) -> None:
        grid, key = self.window.maps.maps, TileKey("map", 0)
        tile, place = grid.tile(key), grid.place_of(key)
        plain, written = QImage(500, 400, QImage.Format.Format_RGB32), QImage(500, 400, QImage.Format.Format_RGB32)
        for image in (plain, written):
            image.fill(0)
        painter = QPainter(written)
        draw_numbers(painter, place, tile, grid.font(), 1.0)
        painter.end()
        assert (written != plain) == legible

    def _check_numbers(self, rows: tuple[tuple[float, ...], ...]) -> None:
        assert self._numbers[: len(rows)] == rows

    def _check_negatives(self, name: str) -> None:
        assert self.window.workbench.session.view.display.negatives == name

    def _check_reads(self, text: str) -> None:
        labels = [label.text() for label in self.window.layer_info.findChildren(QWidget) if hasattr(label, "text")]
        labels = [each.replace("\xa0", " ") for each in labels if isinstance(each, str)]
        assert any(text in each for each in labels), labels

    def _check_code(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: text in self.window.layer_info.code.view.toPlainText(), timeout=5000)
