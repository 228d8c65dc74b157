"""Preview while the hand moves, exact when it rests; however one got there, the pixels are the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from convlab.app.compute import Compute
from convlab.app.tiles import RenderResult
from convlab.engine import evaluate, feature_map, largest, statistics, transfer
from convlab.model import edits, opening
from convlab.model.document import Document
from convlab.model.message import message
from convlab.model.source import Source
from convlab.model.view import Display, TileKey
from convlab.model.viewport import Viewport
from convlab.ui.main_window import MainWindow

LABEL = message("edit")
STEPS = 1000


@pytest.fixture
def photo() -> Source:
    pixels = np.random.default_rng(3).integers(0, 256, (900, 1200, 3), np.uint8)
    return Source("noise", pixels, ("R", "G", "B"), 255)


def torch_map(document: Document, output: int) -> NDArray[np.floating]:
    """One map of a layer with zero padding 1 by torch itself, in float64."""
    planes = torch.from_numpy(document.source.pixels.astype(np.float64) / 255).permute(2, 0, 1)[None]
    return torch.conv2d(planes, torch.tensor(document.conv.kernel_slices[output : output + 1]), padding=1)[0, 0].numpy()


def test_the_status_says_preview_then_exact(
    window: MainWindow, settle: Callable[[], None], rest: Callable[[], None], photo: Source
) -> None:
    window.workbench.session.apply(lambda d: opening.set_source(d, photo), LABEL)
    settle()
    assert window.statusBar().what_is_shown.startswith("preview")
    assert window.maps.histogram.histogram.sampled
    rest()
    assert window.statusBar().what_is_shown.startswith("exact")
    assert not window.maps.histogram.histogram.sampled
    assert window.maps.histogram.histogram.counts.sum() == 900 * 1200


def test_a_rested_tile_shows_area_averages_between_the_maps_true_limits(
    window: MainWindow, rest: Callable[[], None], photo: Source
) -> None:
    session = window.workbench.session
    session.apply(lambda d: opening.set_source(d, photo), LABEL)
    rest()
    full = torch_map(session.document, 0)
    tile = window.maps.maps.tile(TileKey("map", 0))
    step = tile.region.step
    assert step > 1
    assert tile.averaged
    most = np.percentile(np.abs(full), 99.6)
    assert tile.limits == pytest.approx((-most, most))
    block = full[: step * 10, : step * 10].reshape(10, step, 10, step).mean(axis=(1, 3))
    levels = (block / most + 1) / 2 * 255
    assert np.abs(tile.pixels[:10, :10] - levels).max() <= 0.51
    photo_tile = window.inputs.photo.tile(TileKey("photo"))
    step = photo_tile.region.step
    expected = photo.pixels[:step, :step].reshape(-1, 3).mean(axis=0)
    assert np.abs(photo_tile.pixels[0, 0] - expected).max() <= 0.51


def test_the_previews_contrast_knows_every_border(
    window: MainWindow, settle: Callable[[], None], rest: Callable[[], None]
) -> None:
    white = Source("white", np.full((901, 1203, 3), 255, np.uint8), ("R", "G", "B"), 255)
    window.workbench.session.apply(lambda d: opening.set_source(d, white), LABEL)
    settle()
    preview = [window.maps.maps.tile(TileKey("map", output)).limits for output in range(2)]
    assert window.statusBar().what_is_shown.startswith("preview")
    rest()
    exact = [window.maps.maps.tile(TileKey("map", output)).limits for output in range(2)]
    assert np.allclose(exact, preview)
    assert exact[0] == pytest.approx((-4, 4))


def test_a_layer_that_becomes_invalid_leaves_the_photo_as_it_was(
    window: MainWindow, settle: Callable[[], None], rest: Callable[[], None], photo: Source
) -> None:
    session = window.workbench.session
    session.apply(lambda d: opening.set_source(d, photo), LABEL)
    rest()
    before = window.inputs.photo.tile(TileKey("photo"))
    for change in ({"groups": 2}, {"device": "cuda:7"}):
        session.apply(lambda d, c=change: edits.set_layer(d, **c), LABEL)
        settle()
        assert session.problems
        assert window.inputs.photo.tile(TileKey("photo")) is before


def step_at_random(window: MainWindow, rng: np.random.Generator) -> None:
    """One edit, zoom, pan or change of display."""
    session = window.workbench.session
    outputs, inputs, rows, cols = session.document.conv.kernel_slices.shape
    kind = rng.choice(["weight", "weight", "bias", "zoom", "pan", "fit", "mute", "display", "choose", "stride"])
    if kind == "weight":
        place = tuple(int(rng.integers(n)) for n in (outputs, inputs, rows, cols))
        session.apply(lambda d: edits.set_weight(d, place, float(rng.normal())), LABEL, "drag")
    elif kind == "bias":
        session.apply(lambda d: edits.set_bias(d, int(rng.integers(outputs)), float(rng.normal())), LABEL)
    elif kind == "zoom":
        session.set_view(viewport=Viewport(450, 600, float(2 ** rng.uniform(-3, 5))))
    elif kind == "pan" and session.view.viewport is not None:
        session.set_view(viewport=session.view.viewport.panned(*rng.normal(0, 60, 2)).kept_inside(900, 1200))
    elif kind == "fit":
        session.set_view(viewport=None)
    elif kind == "mute":
        session.apply(lambda d: edits.change_channel(d, int(rng.integers(3)), muted=bool(rng.integers(2))), LABEL)
    elif kind == "display":
        normalize = str(rng.choice(["per-map", "shared", "symmetric", "percentile", "fixed"]))
        negatives = str(rng.choice(["keep", "clip", "absolute"]))
        session.set_view(display=Display(normalize, negatives, str(rng.choice(["gray", "PuOr"]))))
    elif kind == "choose":
        session.set_view(chosen_output=int(rng.integers(outputs)))
    elif kind == "stride":
        session.apply(lambda d: edits.set_layer(d, padding=(1, 1), stride=(int(rng.integers(1, 3)),) * 2), LABEL)


def test_a_walk_of_1000_steps_ends_on_the_pixels_of_a_fresh_start(
    window: MainWindow, qapp: object, rest: Callable[[], None], settle: Callable[[], None], photo: Source
) -> None:
    answers: list[RenderResult] = []
    window.workbench.scheduler.rendered.connect(answers.append)
    session, rng = window.workbench.session, np.random.default_rng(0)
    session.apply(lambda d: opening.set_source(d, photo), LABEL)
    session.apply(lambda d: edits.set_layer(d, out_channels=4), LABEL)
    for number in range(STEPS):
        step_at_random(window, rng)
        qapp.processEvents()
        if number % 50 == 49:
            rest()
        elif number % 10 == 9:
            settle()
    rest()
    last = answers[-1]
    assert last.exact
    compute = Compute()
    preview = compute.render(last.request, lambda: None)
    assert preview.tiles.keys() == last.tiles.keys()
    fresh = compute.refine(last.request, lambda: None)
    for key, tile in fresh.tiles.items():
        assert np.array_equal(tile.pixels, last.tiles[key].pixels), key
        assert tile.limits == last.tiles[key].limits
    assert np.array_equal(fresh.histogram.counts, last.histogram.counts)


def test_a_device_sends_back_8_bit_pixels_of_the_screen_and_little_else(
    window: MainWindow, rest: Callable[[], None], photo: Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sent: list[NDArray[np.generic]] = []

    def recorded(tensor: object) -> NDArray[np.generic]:
        sent.append(transfer.to_host(tensor))
        return sent[-1]

    for module in (evaluate, feature_map, largest, statistics):
        monkeypatch.setattr(module, "to_host", recorded)
    session = window.workbench.session
    session.apply(lambda d: opening.set_source(d, photo), LABEL)
    session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), 2.5), LABEL)
    rest()
    assert any(array.dtype == np.uint8 for array in sent)
    large = [array for array in sent if array.dtype != np.uint8]
    assert max(array.size for array in large) <= statistics.BINS
    screen = window.maps.maps.tile(TileKey("map", 0)).pixels.size
    pixels = [array for array in sent if array.dtype == np.uint8 and array.ndim == 2]
    assert max(array.size for array in pixels) <= screen
    assert sum(array.nbytes for array in sent) < 40 * screen
