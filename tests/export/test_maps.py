"""Saved maps: limits over all of them, sheets, and bounded memory give the same files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convlab.engine.evaluate import Evaluator
from convlab.export import maps
from convlab.export.plan import ExportPlan, planned_paths
from convlab.export.register import format_of
from convlab.model import edits
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.message import ConvLabError
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.view import Display


@pytest.fixture
def plan(tmp_path: Path) -> ExportPlan:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    spec = ConvSpec(out_channels=5)
    weight = np.random.default_rng(1).normal(size=spec.weight_shape) * np.arange(1, 6)[:, None, None, None, None]
    document = new_document(Source("my photo.png", pixels, ("R", "G", "B"), 255), spec, weight)
    return ExportPlan(edited(document), (0, 1, 2, 3, 4), format_of("png"), tmp_path, "my photo")


def test_shared_limits_are_those_of_all_maps(plan: ExportPlan) -> None:
    values = Evaluator().maps(plan.maps, whole(30, 40), range(5))
    paths = maps.save_maps(replace(plan, display=Display("shared")), Evaluator())
    low, high = values.min(), values.max()
    for path, expected in zip(paths, values, strict=True):
        assert np.abs(np.asarray(Image.open(path)) - np.rint((expected - low) / (high - low) * 255)).max() <= 1


def test_few_maps_at_a_time_give_the_same_file(plan: ExportPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_plan = replace(plan, format=format_of("npy"), target=plan.folder / "whole.npy")
    maps.save_maps(whole_plan, Evaluator())
    monkeypatch.setattr(maps, "HELD_BYTES", 1)
    progress: list[tuple[int, int]] = []
    parts = replace(plan, format=format_of("npy"), target=plan.folder / "parts.npy")
    maps.save_maps(parts, Evaluator(), progress=lambda done, count: progress.append((done, count)))
    assert np.allclose(np.load(plan.folder / "whole.npy"), np.load(plan.folder / "parts.npy"), rtol=1e-5, atol=1e-5)
    assert progress == [(n, 5) for n in range(1, 6)]


@pytest.mark.parametrize("kind", ["png", "png16", "tiff", "npy", "rgb", "sheet"])
def test_what_is_written_is_what_was_planned(plan: ExportPlan, kind: str) -> None:
    planned = replace(plan, format=format_of(kind))
    assert (
        sorted(maps.save_maps(planned, Evaluator())) == sorted(planned_paths(planned)) == sorted(plan.folder.iterdir())
    )


def test_a_sheet_shows_every_map_with_its_label(plan: ExportPlan) -> None:
    (path,) = maps.save_maps(replace(plan, format=format_of("sheet"), display=Display(colormap="viridis")), Evaluator())
    sheet = np.asarray(Image.open(path))
    assert sheet.shape[2] == 3
    assert (sheet == 255).all(axis=2).mean() > 0.2
    assert sheet.shape[0] > 2 * 30


def test_float64_layers_are_saved_as_float64(plan: ExportPlan) -> None:
    document = edits.set_layer(plan.maps.document, dtype="float64")
    (path,) = maps.save_maps(replace(plan, format=format_of("npy"), maps=edited(document)), Evaluator())
    assert np.load(path).dtype == np.float64


@pytest.mark.parametrize("kind", ["png", "tiff", "npy", "sheet"])
def test_a_save_that_cannot_be_leaves_nothing_and_names_the_file(plan: ExportPlan, kind: str) -> None:
    blocked = replace(plan, format=format_of(kind), folder=plan.folder / "a file")
    (plan.folder / "a file").write_text("")
    with pytest.raises(ConvLabError, match=r"my-photo|my photo|a file"):
        maps.save_maps(blocked, Evaluator())
    assert [path.name for path in plan.folder.iterdir()] == ["a file"]


def test_a_cancelled_save_leaves_nothing(plan: ExportPlan) -> None:
    class CancelledError(Exception):
        pass

    def checkpoint() -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        maps.save_maps(replace(plan, format=format_of("npy")), Evaluator(), checkpoint)
    assert not list(plan.folder.iterdir())
