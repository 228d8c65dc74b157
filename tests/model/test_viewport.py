"""What is in sight is asked for, all of it, at positions that a pan does not change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlab.model.layer import ConvSpec
from convlab.model.region import Region, whole
from convlab.model.shape import output_size
from convlab.model.viewport import MAX_ZOOM, MapGeometry, Viewport, fitted, output_geometry, visible_region

VIEWS = st.builds(Viewport, st.floats(0, 300), st.floats(0, 400), st.floats(1 / 64, 64))
TILES = st.tuples(st.integers(10, 300), st.integers(10, 300))


@given(VIEWS, TILES, st.floats(0, 300), st.floats(0, 300))
def test_to_device_and_back(view: Viewport, tile: tuple[int, int], y: float, x: float) -> None:
    assert view.to_input(*view.to_device(y, x, tile), tile) == pytest.approx((y, x), abs=1e-6)


@given(VIEWS, TILES)
def test_every_pixel_in_sight_is_sampled_within_a_step(view: Viewport, tile: tuple[int, int]) -> None:
    geometry = MapGeometry((300, 400))
    region = visible_region(view, geometry, tile)
    for dy in (0.5, tile[0] / 2, tile[0] - 0.5):
        for dx in (0.5, tile[1] / 2, tile[1] - 0.5):
            row, col = geometry.from_input(*view.to_input(dy, dx, tile))
            if 0 <= row < 300 and 0 <= col < 400:
                assert region is not None
                assert region.top <= row < region.top + region.rows * region.step
                assert region.left <= col < region.left + region.cols * region.step


@given(VIEWS, TILES)
def test_samples_are_inside_the_map_at_multiples_of_the_step_and_no_more_than_needed(
    view: Viewport, tile: tuple[int, int]
) -> None:
    region = visible_region(view, MapGeometry((300, 400)), tile)
    if region is None:
        return
    assert region.top % region.step == region.left % region.step == 0
    assert region.top + (region.rows - 1) * region.step < 300
    assert region.left + (region.cols - 1) * region.step < 400
    assert region.rows <= 2 * tile[0] + 2
    assert region.cols <= 2 * tile[1] + 2


@given(st.floats(0.2, 5), st.floats(-100, 100), st.floats(-100, 100))
def test_zooming_keeps_the_anchor_in_place(factor: float, dy: float, dx: float) -> None:
    view, tile = Viewport(50, 60, 2.0), (200, 200)
    before = view.to_input(100 + dy, 100 + dx, tile)
    after = view.zoomed(factor, dy, dx).to_input(100 + dy, 100 + dx, tile)
    assert after == pytest.approx(before, abs=1e-6)


def test_fit_shows_the_whole_picture_and_zoom_has_an_end() -> None:
    view = fitted(300, 400, (150, 150))
    assert view.to_device(0, 0, (150, 150))[1] == pytest.approx(0)
    assert view.to_device(300, 400, (150, 150))[1] == pytest.approx(150)
    assert view.zoomed(1e9).zoom == MAX_ZOOM


@pytest.mark.parametrize(
    ("spec", "origin"),
    [
        (ConvSpec(), (0.0, 0.0)),
        (ConvSpec(padding=(0, 0)), (1.0, 1.0)),
        (ConvSpec(padding=(0, 0), stride=(2, 2)), (0.5, 0.5)),
        (ConvSpec(kernel_size=(5, 3), padding="valid"), (2.0, 1.0)),
    ],
)
def test_a_map_pixel_lies_where_its_window_is_centred(spec: ConvSpec, origin: tuple[float, float]) -> None:
    geometry = output_geometry(spec, (1, 10, 10))
    assert geometry.origin == origin
    row, col = 3, 4
    window_top = row * spec.stride[1] - spec.pads[1][0]
    centre = geometry.to_input(row + 0.5, col + 0.5)[0]
    assert centre == window_top + spec.extent[1] / 2


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 9), st.integers(1, 60))
def test_bands_are_the_region_from_top_to_bottom(rows: int, cols: int, step: int, at_once: int) -> None:
    region = Region(3, 4, rows, cols, step)
    bands = region.bands(at_once)
    tops = [band.top + r * band.step for band in bands for r in range(band.rows)]
    assert tops == [3 + r * step for r in range(rows)]
    assert all(band.rows <= at_once for band in bands)


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 20))
def test_the_whole_map_sampled_is_numpys_slice(height: int, width: int, step: int) -> None:
    region = whole(height, width, step)
    assert (region.rows, region.cols) == np.zeros((height, width))[::step, ::step].shape


def test_geometry_and_shape_agree_on_size() -> None:
    spec = ConvSpec(stride=(3, 2), padding=(1, 0))
    assert output_geometry(spec, output_size(spec, (1, 50, 60))).size == (17, 29)
