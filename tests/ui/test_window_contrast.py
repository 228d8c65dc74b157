"""Contrast in the real window: what zero, a hot pixel, a border and another photo do to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)

from convlab.app.tiles import RenderResult
from convlab.model import edits, opening
from convlab.model.document import Document
from convlab.model.message import message
from convlab.model.source import Source
from convlab.model.view import Display, TileKey
from convlab.ui.main_window import MainWindow

LABEL = message("test")
Wait = Callable[[], None]


def photo(seed: int, most: int = 256, size: tuple[int, int] = (900, 1200)) -> Source:
    pixels = np.random.default_rng(seed).integers(0, most, (*size, 3), dtype=np.uint8)
    return Source(f"photo {seed}", pixels, ("R", "G", "B"), 255.0)


def torch_maps(document: Document) -> np.ndarray:
    layer = document.conv.spec
    x = torch.from_numpy(document.source.pixels.astype(np.float64) / 255).permute(2, 0, 1)[None]
    bias = torch.from_numpy(document.conv.bias.copy()) if layer.bias else None
    maps = F.conv2d(x, torch.from_numpy(document.conv.kernel_slices.copy()), bias, padding="same", groups=layer.groups)
    return maps[0].numpy()


def of_each_channel(window: MainWindow, kernel: np.ndarray) -> None:
    """One kernel for each of three channels by itself."""
    weight = np.repeat(kernel[None, None], 3, axis=0).astype(np.float64)
    window.workbench.session.apply(
        lambda d: edits.set_weights(edits.set_layer(d, out_channels=3, groups=3), weight), LABEL
    )


def show(window: MainWindow, source: Source) -> None:
    window.workbench.session.apply(lambda d: opening.set_source(d, source), LABEL)


def test_signed_maps_have_zero_in_one_gray_and_the_magnitudes_percentile_as_ends(
    window: MainWindow, settle: Wait, rest: Wait
) -> None:
    show(window, photo(1))
    settle()
    previews = [window.maps.maps.tile(TileKey("map", o)).limits for o in range(2)]
    rest()
    maps = torch_maps(window.workbench.session.document)
    for output in range(2):
        low, high = window.maps.maps.tile(TileKey("map", output)).limits
        assert high == pytest.approx(np.percentile(np.abs(maps[output]), 99.6), rel=1e-5)
        assert low == -high
        assert previews[output][1] == pytest.approx(high, rel=0.05)  # a sample of it


def test_a_hot_pixel_does_not_decide_the_contrast(window: MainWindow, rest: Wait) -> None:
    pixels = np.random.default_rng(1).integers(100, 104, (300, 400, 1), dtype=np.uint16)
    plain = Source("plain", pixels, ("gray",), 65535.0)
    hot = pixels.copy()
    hot[150, 200] = 65535
    limits = []
    for source in (plain, Source("hot", hot, ("gray",), 65535.0)):
        show(window, source)
        rest()
        limits.append(window.maps.maps.tile(TileKey("map", 0)).limits)
    assert limits[1] == pytest.approx(limits[0], rel=0.02)


@pytest.mark.parametrize("size", [(200, 300), (901, 1201)])
def test_an_identity_looks_like_its_photo(window: MainWindow, rest: Wait, size: tuple[int, int]) -> None:
    source = photo(3, 200, size)
    show(window, source)
    of_each_channel(window, np.array([[0, 0, 0], [0, 1.0, 0], [0, 0, 0]]))
    rest()
    for channel in range(3):
        tile = window.maps.maps.tile(TileKey("map", channel))
        assert tile.limits == (0.0, 1.0)
        assert np.abs(tile.pixels[:20, :20] - averages(source, tile.region.step)[:, :, channel]).max() <= 1
    tile = window.maps.maps.tile(TileKey("composite"))
    assert np.abs(tile.pixels[:20, :20] - averages(source, tile.region.step)).max() <= 1


def averages(source: Source, step: int) -> np.ndarray:
    """Of 20 × 20 blocks of the photo's pixels."""
    return source.pixels[: 20 * step, : 20 * step].reshape(20, step, 20, step, 3).mean((1, 3))


def test_the_colour_picture_of_signed_maps_has_one_range_for_all_three(window: MainWindow, rest: Wait) -> None:
    sepia = photo(4).pixels * np.array([1.0, 0.6, 0.2])
    show(window, Source("sepia", sepia.astype(np.uint8), ("R", "G", "B"), 255.0))
    of_each_channel(window, np.array([[0, 0, 0], [-1.0, 0, 1.0], [0, 0, 0]]))
    rest()
    most = max(window.maps.maps.tile(TileKey("map", channel)).limits[1] for channel in range(3))
    tile = window.maps.maps.tile(TileKey("composite"))
    block = torch_maps(window.workbench.session.document)[:, : tile.region.step, : tile.region.step].mean((1, 2))
    assert np.abs(tile.pixels[0, 0] - (block / most + 1) * 127.5).max() <= 1


def test_contributions_have_the_scale_of_their_sum(window: MainWindow, rest: Wait) -> None:
    session = window.workbench.session
    show(window, photo(5))
    session.apply(lambda d: edits.set_bias(d, 0, 7.0), LABEL)
    session.apply(lambda d: edits.set_activation(d, "relu"), LABEL)
    rest()
    document = session.document
    whole = torch_maps(document)[0] - 7.0
    for channel in range(3):
        limits = window.maps.contributions.tile(TileKey("contribution", channel)).limits
        assert limits[1] == pytest.approx(np.percentile(np.abs(whole), 99.6), rel=1e-5)
        assert limits[0] == -limits[1]


@pytest.mark.parametrize("normalize", ["percentile", "robust"])
def test_the_first_histogram_of_another_photo_is_of_that_photo(
    window: MainWindow, settle: Wait, rest: Wait, normalize: str
) -> None:
    seen: list[RenderResult] = []
    window.workbench.scheduler.rendered.connect(seen.append)
    window.workbench.session.set_view(display=Display(normalize))
    for seed, most in ((6, 20), (7, 200), (8, 60)):
        show(window, photo(seed, most))
        seen.clear()
        settle()
        first = seen[0]
        values = torch_maps(window.workbench.session.document)[0]
        ends = np.percentile(values, (1, 99))
        if normalize == "robust":
            ends = np.percentile(np.abs(values), 99.6) * np.array([-1, 1])
        assert first.request.maps.document.source.name == f"photo {seed}"
        for limits in (first.histogram.limits, first.tiles[TileKey("map", 0)].limits, window.maps.histogram.limits):
            assert np.allclose(limits, ends, rtol=0.05)
        assert first.histogram.edges[0] >= values.min() - 1e-5
        assert first.histogram.edges[-1] <= values.max() + 1e-5
        rest()
        histogram = window.maps.histogram.histogram
        expected = np.histogram(values.astype(np.float32), histogram.edges)[0]
        assert np.abs(histogram.counts - expected).max() <= 20  # values at a bin's edge


def test_a_curve_is_shown_whole_with_zero_in_its_middle(window: MainWindow, rest: Wait) -> None:
    samples = np.sin(np.arange(2000) / 30)
    samples[1000] = 3.0
    pixels = samples.astype(np.float32).reshape(1, -1, 1)
    sound = Source("tone", pixels, ("left",), 1.0, shown_range=(-1.0, 1.0), signal=True)
    window.workbench.session.apply(
        lambda d: edits.set_whole_layer(opening.follow_source(d, sound), np.ones((1, 1, 1, 1))), LABEL
    )
    rest()
    low, high = window.maps.maps.tile(TileKey("map", 0)).limits
    assert high == pytest.approx(3.0, rel=1e-6)
    assert low == -high
