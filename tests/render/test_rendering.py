"""Floats to pixels: limits, colours, and nothing lost on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convlab.model.message import ConvLabError
from convlab.model.reach import Reach
from convlab.model.region import Region
from convlab.model.robust import robust_magnitude
from convlab.model.source import Source
from convlab.model.view import COLORMAPS, Display, Negatives
from convlab.render.colormaps import INF_COLOR, NAN_COLOR, color_table
from convlab.render.contrast import Scale, composite_limits, contrast_limits, scale_of, shown_values
from convlab.render.pixels import composite, tinted, to_pixels, to_pixels16
from convlab.render.source import channel_pixels, channel_values, photo_pixels

A = np.array([[-2.0, 0.0], [1.0, 4.0]], np.float32)
B = np.array([[0.0, 1.0], [2.0, 10.0]], np.float32)


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        (Display("per-map"), [(-2, 4), (0, 10)]),
        (Display("shared"), [(-2, 10), (-2, 10)]),
        (Display("symmetric"), [(-4, 4), (-10, 10)]),
        (Display("fixed", low=-1, high=3), [(-1, 3), (-1, 3)]),
        (Display("percentile", percentiles=(0, 50)), [(-2, 0.5), (0, 1.5)]),
    ],
)
def test_contrast_limits(display: Display, expected: list[tuple[float, float]]) -> None:
    assert contrast_limits([A, B], display) == expected


def test_negatives_are_kept_clipped_or_made_positive_as_asked() -> None:
    assert shown_values(A, Display(negatives="keep")).min() == -2
    assert shown_values(A, Display(negatives="clip")).tolist() == [[0, 0], [1, 4]]
    assert shown_values(A, Display(negatives="absolute")).tolist() == [[2, 0], [1, 4]]


def test_limits_are_black_and_white_and_beyond_is_the_same() -> None:
    assert to_pixels(A, (0.0, 4.0)).tolist() == [[0, 0], [64, 255]]


def test_nan_and_infinity_have_colours_of_their_own_and_do_not_move_the_limits() -> None:
    values = A.copy()
    values[0, 0], values[0, 1] = np.nan, -np.inf
    limits = contrast_limits([values], Display("per-map"))[0]
    assert limits == (1, 4)
    pixels = to_pixels(values, limits)
    assert tuple(pixels[0, 0]) == NAN_COLOR
    assert tuple(pixels[0, 1]) == INF_COLOR
    assert pixels[1].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_a_flat_map_is_mid_gray_not_black() -> None:
    flat = np.full((3, 3), 7.0, np.float32)
    assert np.abs(to_pixels(flat, contrast_limits([flat], Display("per-map"))[0]).astype(int) - 127.5).max() <= 0.5


def test_only_nan_is_no_error() -> None:
    nothing = np.full((2, 2), np.nan, np.float32)
    assert to_pixels(nothing, contrast_limits([nothing], Display("percentile"))[0]).shape == (2, 2, 3)


@given(arrays(np.float32, (4, 5), elements=st.floats(-1e6, 1e6, width=32)))
def test_brighter_is_never_darker(values: np.ndarray) -> None:
    levels = to_pixels(values, contrast_limits([values], Display("per-map"))[0]).ravel()
    order = np.argsort(values, axis=None, kind="stable")
    assert (np.diff(levels[order].astype(int)) >= 0).all()


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_colour_map_has_256_colours(name: str) -> None:
    table = color_table(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert not np.array_equal(table[0], table[255])


def test_viridis_is_matplotlibs() -> None:
    assert color_table("viridis")[[0, 255]].tolist() == [[68, 1, 84], [253, 231, 37]]


def test_an_unknown_colour_map_is_said() -> None:
    with pytest.raises(ConvLabError, match="no colour map 'jet2'"):
        color_table("jet2")


def test_16_bits_are_16_bits() -> None:
    ramp = np.linspace(0, 1, 65536, dtype=np.float32).reshape(256, 256)
    assert len(np.unique(to_pixels16(ramp, (0.0, 1.0)))) == 65536


def test_a_composite_is_red_green_and_blue() -> None:
    zero, one = np.zeros((1, 1), np.float32), np.ones((1, 1), np.float32)
    assert composite((one, zero, zero), (0.0, 1.0)).tolist() == [[[255, 0, 0]]]


def test_what_is_no_number_has_its_colour_in_the_photo_and_its_channels_too() -> None:
    pixels = np.full((1, 4, 3), 0.5, np.float32)
    pixels[0, 1, 0], pixels[0, 2, 1], pixels[0, 3, 2] = np.nan, np.inf, -np.inf
    whole, photo = Region(0, 0, 1, 4), source(pixels, ("R", "G", "B"), 1.0)
    assert photo_pixels(photo, whole).tolist() == [[[128] * 3, [*NAN_COLOR], [*INF_COLOR], [*INF_COLOR]]]
    assert channel_pixels(photo, 0, whole)[0, 1].tolist() == [*NAN_COLOR]
    tinted_red = channel_pixels(photo, 0, whole, tint=True)
    assert tinted_red.tolist() == [[[128, 0, 0], [*NAN_COLOR], [128, 0, 0], [128, 0, 0]]]
    gray = source(pixels[:, :, :1], ("gray",), 1.0)
    assert photo_pixels(gray, whole).tolist() == [[[128] * 3, [*NAN_COLOR], [128] * 3, [128] * 3]]


@given(st.floats(1e-20, 1e20), st.sampled_from([np.float32, np.float64]))
def test_zero_is_the_same_gray_for_all_limits_about_it(most: float, dtype: type) -> None:
    assert to_pixels(np.zeros((1, 1), dtype), (-most, most)).tolist() == [[128]]


REACH = Reach(np.array([-1.0, 0.0]), np.ones(2), np.array([0.0, 1.0]), np.array([False, True]))


def test_robust_limits_are_the_percentile_about_zero_where_the_layer_can_be_negative() -> None:
    values = np.random.default_rng(0).normal(size=(400, 300)).astype(np.float32)
    values[200, 100] = 1e6
    scale = scale_of(REACH, Display())
    first, second = contrast_limits([values, np.abs(values)], Display(), scale)
    most = np.percentile(np.abs(values), 99.6)
    assert first == second == pytest.approx((-most, most))


@pytest.mark.parametrize(
    ("factor", "white"),
    [(0.9, 1.0), (0.6, 1.0), (0.1, None), (3.0, None)],
)
def test_maps_that_are_never_negative_are_drawn_like_a_photo(factor: float, white: float | None) -> None:
    """Up to a photo's white where there is about so much; a dim map twice as bright; what exceeds white is seen."""
    values = np.random.default_rng(0).random((300, 300)).astype(np.float32) * factor
    reach = Reach(np.zeros(1), np.ones(1), np.ones(1), np.ones(1, bool))
    ((low, high),) = contrast_limits([values], Display(), scale_of(reach, Display()))
    most = float(np.percentile(values, 99.6))
    assert low == 0
    assert high == pytest.approx(white or (2 * most if factor < 1 else most))


@pytest.mark.parametrize("negatives", ["clip", "absolute"])
def test_negatives_that_are_not_kept_leave_black_to_zero(negatives: Negatives) -> None:
    display = Display(negatives=negatives)
    values = np.random.default_rng(0).normal(size=(300, 300))
    shown = shown_values(values, display)
    ((low, high),) = contrast_limits([shown], display, scale_of(REACH, display).of([0]))
    assert (low, high) == (0, pytest.approx(np.percentile(np.abs(shown), 99.6)))


def test_a_map_of_rounded_zeros_is_not_noise_and_few_values_are_seen() -> None:
    scale = scale_of(REACH, Display()).of([0])
    noise = np.full((100, 100), 1e-8, np.float32)
    assert contrast_limits([noise], Display(), scale) == [(-1, 1)]
    noise[0, 0] = 0.5
    assert contrast_limits([noise], Display(), scale) == [(-0.5, 0.5)]


@given(
    arrays(np.float32, st.integers(0, 900), elements=st.floats(-1e3, 1e3, width=32) | st.just(np.nan)),
    st.integers(1, 200),
)
def test_the_robust_magnitude_is_numpys_percentile(values: np.ndarray, times: int) -> None:
    many = np.tile(values, times)  # from 65,536 on another way
    finite = np.abs(many[np.isfinite(many)])
    expected = np.percentile(finite, 99.6) if finite.size else 0
    assert robust_magnitude(many) == pytest.approx(expected, rel=1e-6)


def test_three_maps_of_a_photos_range_are_its_colours_and_others_share_a_range() -> None:
    limits = [(0.0, 0.5), (0.0, 1.0), (0.0, 0.8)]
    colors = Scale(signed=False, white=(1.0, 1.0, 1.0))
    assert composite_limits(limits, Display(), colors) == (0, 1)
    assert composite_limits(limits, Display(), Scale(signed=False, white=(None,) * 3)) == (0, 1.0)
    assert composite_limits([(-2.0, 2.0), (-1.0, 1.0), (-3.0, 3.0)], Display(), Scale()) == (-3, 3)
    assert composite_limits([(0.2, 0.5), (0.1, 0.3), (0.3, 0.4)], Display("per-map"), colors) == (0.1, 0.5)


def test_a_tint_is_the_channels_colour() -> None:
    assert tinted(np.array([[200]], np.uint8), "G 2").tolist() == [[[0, 200, 0]]]
    assert tinted(np.array([[200]], np.uint8), "gray").tolist() == [[[200, 200, 200]]]


def source(pixels: np.ndarray, names: tuple[str, ...], top: float) -> Source:
    return Source("x", pixels, names, top)


def test_the_photo_is_shown_in_its_colours_with_alpha_over_gray() -> None:
    pixels = np.zeros((1, 2, 4), np.uint8)
    pixels[0, 0], pixels[0, 1] = (255, 10, 20, 255), (255, 255, 255, 0)
    shown = photo_pixels(source(pixels, ("R", "G", "B", "A"), 255), Region(0, 0, 1, 2))
    assert shown.tolist() == [[[255, 10, 20], [128, 128, 128]]]


def test_16_bit_values_keep_their_bits_and_are_sampled_in_place() -> None:
    pixels = np.arange(64, dtype=np.uint16).reshape(8, 8, 1)
    values = channel_values(source(pixels, ("gray",), 65535), 0, Region(1, 2, 3, 2, 2))
    assert np.array_equal(values, (pixels[1:7:2, 2:6:2, 0] / np.float32(65535)))
    assert channel_pixels(source(pixels * 1000, ("gray",), 65535), 0, Region(0, 0, 8, 8)).max() == 245
