"""Maps wait for their writers in bounded memory, and what goes wrong is one map's."""

from __future__ import annotations

import threading
import tracemalloc
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
from convlab.model.reading import Input
from convlab.model.source import Source
from convlab.model.view import Display
from convlab.render.contrast import contrast_limits, shown_values
from convlab.render.pixels import to_pixels, to_pixels16


def noise(seed: int) -> Source:
    pixels = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), np.uint8)
    return Source("a.png", pixels, ("R", "G", "B"), 255)


@pytest.fixture
def plan(tmp_path: Path) -> ExportPlan:
    spec = ConvSpec(out_channels=8)
    document = new_document(noise(0), spec, np.ones(spec.weight_shape))
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


def test_memory_is_used_again_when_its_last_map_is_written_and_not_before() -> None:
    gate = threading.Event()

    def blocked() -> Path:
        gate.wait(30)
        return Path()

    with Writers(2) as writers:
        with writers.batch(800) as first:
            one = first.empty((2, 10, 10), "float32")
            futures = [first.submit(Path), first.submit(blocked)]
        futures[0].result(30)
        with writers.batch(800) as second:
            two = second.empty((2, 10, 10), "float32")
        gate.set()
        futures[1].result(30)
        with writers.batch(760) as third, writers.batch(800) as fourth:
            later = [third.empty((95,), "float64"), fourth.empty((100,), "float64")]
        assert not np.shares_memory(one, two)
        assert not np.shares_memory(*later)
        assert all(any(np.shares_memory(each, old) for old in (one, two)) for each in later)


def test_memory_that_is_kept_counts_as_memory() -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        with Writers(1, waiting_bytes=10 << 20) as writers:
            for megabytes in (8, 4, 40, 4, 4, 6):
                with writers.batch(megabytes << 20) as batch:
                    batch.empty((megabytes << 20,), "uint8")
                    held = tracemalloc.get_traced_memory()[0] - before
                assert held <= (max(10, megabytes) << 20) + 50_000
    finally:
        tracemalloc.stop()


def test_photos_one_after_another_give_the_files_of_each_alone(plan: ExportPlan, tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    other = edited(replace(plan.maps.document, input=Input(noise(1))))
    plans = [replace(plan, name="a"), replace(plan, name="b", maps=other), replace(plan, name="c")]
    with Writers(1) as writers:
        evaluator = Evaluator()
        savings = [maps.start_maps(each, evaluator, writers) for each in plans]
        together = [[path.read_bytes() for path in saving.finish()] for saving in savings]
    for each, found in zip(plans, together, strict=True):
        alone = maps.save_maps(replace(each, folder=tmp_path / "alone"), Evaluator())
        assert [path.read_bytes() for path in alone] == found
    assert together[0] == together[2] != together[1]


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
