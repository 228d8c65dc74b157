"""Maps wait for their writers in bounded memory, and what goes wrong is one map's."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convlab.engine.evaluate import Evaluator
from convlab.export import maps
from convlab.export.pictures import ROWS, picture
from convlab.export.plan import ExportPlan, planned_paths
from convlab.export.register import format_of
from convlab.export.writers import Writers
from convlab.io import exports
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.message import ConvLabError
from convlab.model.source import Source
from convlab.model.view import Display
from convlab.render.contrast import contrast_limits, shown_values
from convlab.render.pixels import to_pixels, to_pixels16


@pytest.fixture
def plan(tmp_path: Path) -> ExportPlan:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    spec = ConvSpec(out_channels=8)
    document = new_document(Source("a.png", pixels, ("R", "G", "B"), 255), spec, np.ones(spec.weight_shape))
    return ExportPlan(edited(document), tuple(range(8)), format_of("png"), tmp_path, "a")


def test_a_batch_waits_until_there_is_room() -> None:
    gate, entered = threading.Event(), threading.Event()

    def blocked() -> Path:
        gate.wait(30)
        return Path()

    def second() -> None:
        with writers.batch(600):
            entered.set()

    with Writers(1, waiting_bytes=1000) as writers:
        with writers.batch(500) as batch:
            futures = [batch.submit(blocked), batch.submit(blocked)]
        thread = threading.Thread(target=second)
        thread.start()
        assert not entered.wait(0.1)
        gate.set()
        assert entered.wait(30)
        thread.join()
        assert all(future.result(30) == Path() for future in futures)


def test_a_batch_larger_than_all_room_goes_alone() -> None:
    with Writers(2, waiting_bytes=10) as writers:
        for _ in range(3):
            with writers.batch(1000) as batch:
                assert batch.submit(lambda: Path("x")).result(30) == Path("x")


def test_room_is_free_again_after_a_failed_evaluation() -> None:
    with Writers(1, waiting_bytes=10) as writers:
        with pytest.raises(ZeroDivisionError), writers.batch(10):
            _ = 1 // 0
        with writers.batch(10):
            pass


def test_small_batches_give_the_same_files(plan: ExportPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [path.read_bytes() for path in maps.save_maps(plan, Evaluator())]
    monkeypatch.setattr(maps, "WAITING_BYTES", 1)
    done: list[tuple[int, int]] = []
    parts = maps.save_maps(plan, Evaluator(), progress=lambda n, count: done.append((n, count)))
    assert [path.read_bytes() for path in parts] == whole
    assert done == [(n, 8) for n in range(1, 9)]


def test_one_map_that_cannot_be_written_is_named_and_the_others_are_there(plan: ExportPlan) -> None:
    paths = planned_paths(plan)
    paths[3].mkdir()
    with pytest.raises(ConvLabError, match=r"out3\.png.* there is a folder of that name"):
        maps.save_maps(plan, Evaluator())
    assert [path.is_file() for path in paths] == [n != 3 for n in range(8)]


def test_stopping_while_files_are_written_drops_those_that_wait(
    plan: ExportPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    real = exports.save_png

    def slow(path: Path, pixels: np.ndarray) -> None:
        gate.wait(30)
        real(path, pixels)

    class StoppedError(Exception):
        pass

    waiting = False

    def checkpoint() -> None:
        if waiting:
            gate.set()
            raise StoppedError

    monkeypatch.setattr(exports, "save_png", slow)
    with Writers(1) as writers:
        saving = maps.start_maps(plan, Evaluator(), writers, checkpoint)
        waiting = True
        with pytest.raises(StoppedError):
            saving.finish(checkpoint)
    assert 1 <= len(list(plan.folder.iterdir())) < 8


@pytest.mark.parametrize("special", [None, np.nan, np.inf])
@pytest.mark.parametrize("rows", [1, ROWS, 3 * ROWS + 5])
@pytest.mark.parametrize("colormap", ["gray", "viridis"])
def test_a_picture_in_bands_is_the_picture(special: float | None, rows: int, colormap: str) -> None:
    values = np.random.default_rng(3).normal(size=(rows, 50)).astype(np.float32)
    if special is not None:
        values[-1, 7] = special
    for display in (Display(colormap=colormap), Display("fixed", "clip", colormap), Display("percentile", "absolute")):
        shown = shown_values(values, display)
        limits = contrast_limits([shown], display)[0]
        np.testing.assert_array_equal(picture(values, display, None), to_pixels(shown, limits, display.colormap))
        np.testing.assert_array_equal(picture(values, display, limits, deep=True), to_pixels16(shown, limits))


def test_pictures_that_are_there_can_be_kept(plan: ExportPlan) -> None:
    paths = planned_paths(plan)
    paths[2].write_text("older")
    assert maps.save_maps(replace(plan, keep_existing=True), Evaluator()) == paths
    assert paths[2].read_text() == "older"
    with Image.open(paths[1]) as image:
        assert image.size == (40, 30)
