"""A random walk through everything a person can do: no exception, and the maps at the end are a fresh engine's.

CONVLAB_WALKS=20 walks twenty times as often (a soak; see the README's development section).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convlab.app.tiles import Tile
from convlab.engine.evaluate import Evaluator
from convlab.model import edits, opening, stack_edits
from convlab.model.layer import ACTIVATIONS, KINDS, PADDING_MODES
from convlab.model.layers.norm import BatchNorm, GroupNorm
from convlab.model.layers.pointwise import FUNCTIONS, Pointwise
from convlab.model.layers.pool import Pool
from convlab.model.matrix import matrix_source
from convlab.model.message import message
from convlab.model.signals import volume_source
from convlab.model.source import Line, Source
from convlab.model.stack import Entry
from convlab.model.stack_presets import STACK_PRESETS
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow
from convlab.ui.stack_commands import ADDED

LABEL = message("walk")
STEPS = 250


class Walker:
    """Chooses what to do next; everything goes through the session, as the widgets' intents do."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.random, self.window = Random(seed), window
        self.bench, self.session = window.workbench, window.workbench.session
        menus = window.menus
        self.actions: list[Callable[[], object]] = [
            *[self.change_layer] * 3,
            *[self.point] * 3,
            self.open_lesson,
            self.change_kind,
            self.change_input,
            *[self.change_reading] * 2,
            self.change_channel,
            self.change_weight,
            self.step,
            self.change_activation,
            *[self.change_stack] * 2,
            *[self.choose_layer] * 2,
            self.change_plain_layer,
            menus.explain.trigger,
            menus.present.trigger,
            menus.undo.trigger,
            menus.redo.trigger,
            lambda: window.explain.tabs.setCurrentIndex(self.random.randrange(4)),
            lambda: window.docks.lesson.setVisible(self.random.random() < 0.5),
        ]

    def go(self) -> None:
        self.random.choice(self.actions)()

    def open_lesson(self) -> None:
        lesson = self.random.choice(self.bench.classroom.catalog.bundled)
        self.bench.classroom.open(lesson, self.random.randrange(len(lesson.scenes)))

    def change_layer(self) -> None:
        pick = self.random.choice
        values: dict[str, object] = {
            "kernel_size": (pick([1, 2, 3, 5, 9]), pick([1, 2, 3, 9])),
            "stride": (pick([1, 2, 3]), pick([1, 2, 3])),
            "padding": pick(["same", "valid", (0, 0), (1, 2), (4, 4)]),
            "dilation": (pick([1, 2, 3]),) * 2,
            "groups": pick([1, 1, 2, 3]),
            "out_channels": pick([1, 2, 3, 6, 17]),
            "padding_mode": pick(PADDING_MODES),
            "output_padding": (pick([0, 1, 2]), pick([0, 1])),
            "bias": pick([True, False]),
            "dtype": pick(["float32", "float64", "float16", "bfloat16"]),
        }
        name = pick(list(values))
        self.session.apply(lambda d: edits.set_layer(d, **{name: values[name]}), LABEL)

    def change_kind(self) -> None:
        kind = self.random.choice(list(KINDS))
        self.session.apply(lambda d: edits.set_kind(d, kind), LABEL)

    def change_input(self) -> None:
        size = self.random.choice([1, 2, 3, 5]), self.random.randint(1, 12), self.random.randint(1, 12)
        numbers = np.random.default_rng(sum(size)).integers(-5, 9, size).astype(float)
        self.session.apply(lambda d: opening.follow_source(d, matrix_source(numbers)), LABEL)

    def change_reading(self) -> None:
        number, along = self.random.randrange(9), self.random.choice(["row", "column"])
        slices = np.random.default_rng(number).integers(0, 256, (number % 4 + 1, 6, 7, 3)).astype(np.uint8)
        clip = volume_source(slices, Source("clip", slices[0], ("R", "G", "B"), 255.0))
        moves: list[edits.Edit] = [
            lambda d: edits.set_line(d, Line(along, number)),
            lambda d: edits.set_frame(d, number),
            lambda d: opening.set_source(d, clip),
            opening.read_as_it_is,
        ]
        self.session.apply(self.random.choice(moves), LABEL)

    def change_channel(self) -> None:
        index = self.random.randrange(self.session.document.picture.channel_count)
        switch = self.random.choice(["used", "muted", "solo"])
        on = self.random.random() < 0.5
        self.session.apply(lambda d: edits.change_channel(d, index, **{switch: on}), LABEL)

    def change_weight(self) -> None:
        value = self.random.uniform(-3, 3)
        self.session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), value), LABEL)

    def change_activation(self) -> None:
        name = self.random.choice(ACTIVATIONS)
        self.session.apply(lambda d: edits.set_activation(d, name), LABEL)

    def change_stack(self) -> None:
        commands, pick = self.window.stack_commands, self.random.choice
        moves: list[Callable[[], object]] = [
            lambda: commands.add(pick(ADDED)),
            lambda: commands.add(pick(ADDED)),
            commands.remove.trigger,
            commands.switch.trigger,
            commands.watch.trigger,
            commands.left.trigger,
            lambda: commands.move(0, len(self.session.document.layers) - 1),
            lambda: commands.use(pick(list(STACK_PRESETS.values()))),
        ]
        pick(moves)()

    def choose_layer(self) -> None:
        self.session.choose_layer(self.random.randrange(len(self.session.document.layers)))
        self.session.choose_map(self.random.randrange(9))

    def change_plain_layer(self) -> None:
        entries, place, pick = self.session.document.layers, self.session.document.focus, self.random.choice
        layer = entries[place].layer
        changes: dict[str, object] = {}
        if isinstance(layer, Pool):
            name = pick(["kernel_size", "stride", "padding", "ceil_mode"])
            changes[name] = {"padding": (pick([0, 1, 3]), 1), "ceil_mode": True}.get(name, (pick([1, 2, 5]), 2))
        elif isinstance(layer, BatchNorm):
            changes["running_mean"] = (0.5, -1.0)
        elif isinstance(layer, GroupNorm):
            changes["num_groups"] = pick([1, 2, 3])
        elif isinstance(layer, Pointwise):
            changes["function"] = pick(list(FUNCTIONS))
            changes["approximate"] = pick(["none", "tanh"])
        if changes:
            self.session.apply(lambda d: stack_edits.change_layer(d, place, **changes), LABEL)

    def step(self) -> None:
        stepper = self.bench.stepper
        moves = [stepper.toggle, stepper.stop, lambda: stepper.step(1), lambda: stepper.step_row(-1)]
        self.random.choice(moves)()

    def point(self) -> None:
        document, pick = self.session.document, self.random.choice
        place = self.pixel(document.picture.size)
        views: list[dict[str, object]] = [
            {"pinned": self.pixel(document.output_size)},
            {"pinned_input": place},
            {"depth": pick([0, 1, 2, 5])},
            {"tap": (pick([0, 1, 2]), pick([0, 1, 2]))},
            {"cursor": (float(place[0]), float(place[1])), "cursor_on": pick(["photo", "input", "map"])},
            {"chosen_output": self.random.randrange(20), "chosen_input": self.random.randrange(4)},
            {"pinned": None, "pinned_input": None, "tap": None, "cursor": None, "cursor_on": None},
        ]
        zooms = [self.window.fit, self.window.actual_size, self.window.zoom_to_numbers]
        if self.random.random() < 0.2:
            pick(zooms)()
        else:
            self.session.set_view(**pick(views))

    def pixel(self, size: tuple[int, int]) -> tuple[int, int]:
        """A pixel, at times one just beyond."""
        return self.random.randrange(max(1, size[0]) + 1), self.random.randrange(max(1, size[1]) + 1)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(int(os.environ.get("CONVLAB_WALKS", "1"))))
def test_a_walk_ends_on_a_fresh_engines_maps(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, rest: Callable[[], None], seed: int
) -> None:
    bench, broken = window.workbench, []
    for worker in bench._workers:
        worker.broke.connect(broken.append)
    bench.settings.set_lessons_folder(str(tmp_path))
    with qtbot.waitSignal(bench.classroom.catalog_changed):
        window.lessons.read()
    walker = Walker(window, seed)
    for number in range(STEPS):
        walker.go()
        if number % 2:
            QApplication.processEvents()
        if number % 25 == 0:
            qtbot.waitUntil(lambda: bench.scheduler.settled, timeout=20_000)
            window.grab()
    bench.stepper.pause()
    assert broken == []
    if window.presentation is not None:
        window.presentation.close()
    compare(window, rest)
    qtbot.waitUntil(lambda: not bench.opening._reading.waiting)  # a lesson may still be on its way
    walker.change_input()
    bench.session.apply(lambda d: d.with_layers((Entry(d.conv),), 0), LABEL)
    bench.session.apply(lambda d: edits.set_kind(d, "Conv2d"), LABEL)
    bench.session.apply(lambda d: edits.set_whole_layer(d, np.ones((1, len(d.used_channels), 1, 1))), LABEL)
    plain = {"stride": (1, 1), "padding": (0, 0), "padding_mode": "zeros", "dtype": "float32", "output_padding": (0, 0)}
    bench.session.apply(lambda d: edits.set_layer(d, **plain), LABEL)
    assert bench.session.problems == ()
    tile = compare(window, rest)
    assert tile is not None
    assert tile.values is not None


def compare(window: MainWindow, rest: Callable[[], None]) -> Tile | None:
    """The tile of the first map, whose numbers, where it carries some, are those of a fresh engine."""
    window.workbench.session.set_view(viewport=None)
    window.maps.maps.verticalScrollBar().setValue(0)  # what is out of sight is not drawn anew
    rest()
    maps, tile = window.workbench.session.maps, window.maps.maps.tile(TileKey("map", 0))
    if window.workbench.session.problems or tile is None or tile.values is None:
        return tile
    expected = Evaluator().maps(maps, tile.region, [0])[0]
    finite = np.isfinite(expected)  # sqrt of what is negative, squares beyond a half type
    scale = max(1.0, float(np.abs(expected[finite]).max(initial=0)))
    np.testing.assert_array_equal(np.isfinite(tile.values), finite)
    np.testing.assert_allclose(tile.values[finite], expected[finite], rtol=1e-5, atol=1e-5 * scale)
    return tile
