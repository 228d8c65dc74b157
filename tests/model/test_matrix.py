"""Numbers as input are taken as they are, or refused with one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convlab.model.matrix import FILLS, cut, format_matrix, matrix_source, one_hot, parse_matrix, ramp
from convlab.model.message import ConvLabError
from convlab.model.region import Region
from convlab.model.source import Source

SHAPES = st.tuples(st.integers(1, 8), st.integers(1, 6), st.integers(1, 6))


@given(SHAPES.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(-1e6, 1e6))))
def test_what_is_written_reads_back_exactly(channels: np.ndarray) -> None:
    assert np.array_equal(parse_matrix(format_matrix(channels)), channels)


@pytest.mark.parametrize(
    "text",
    [
        "1 2\n3 4\n\n5 6\n7 8",
        "1\t2\n3\t4\n\n\n5\t6\n7\t8\n",
        "[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]",
        "torch.tensor([[[[1., 2.], [3., 4.]], [[5., 6.], [7., 8.]]]])",
    ],
)
def test_channels_apart_by_an_empty_line_or_as_nested_lists(text: str) -> None:
    assert parse_matrix(text).tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no numbers"),
        ("1 2\n3", "Row 2 has 1 cells"),
        ("1 2\n\n3", "Channel 1 has 1 × 1 numbers, channel 0 has 1 × 2"),
        ("1 x", "'x' is not a number"),
        ("[1, 2]", "2 dimensions, or 3 with its channels; this has 1"),
        ("\n\n".join("1" * 9), "9 channels are too many: 8 at most"),
        (" ".join(["1"] * 257), "256 × 256 at most"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ConvLabError, match=reason):
        parse_matrix(text)


def test_the_layer_reads_the_numbers_themselves_and_the_screen_their_range() -> None:
    source = matrix_source(np.array([[[1.0, -2.0], [5.0, 0.0]]]))
    assert source.channel_names == ("gray",)
    assert source.pixels[:, :, 0].tolist() == [[1, -2], [5, 0]]
    assert (source.max_value, source.shown_range) == (1.0, (-2.0, 5.0))
    assert matrix_source(np.ones((3, 2, 2))).channel_names == ("R", "G", "B")
    assert matrix_source(np.zeros((2, 2, 2))).shown_range == (0.0, 1.0)


def test_a_cut_keeps_type_scale_and_channels_and_stops_at_64() -> None:
    pixels = np.random.default_rng(0).integers(0, 65536, (90, 100, 3)).astype(np.uint16)
    photo = Source("photo.png", pixels, ("R", "G", "B"), 65535)
    part = cut(photo, Region(80, 30, 5, 7))
    assert np.array_equal(part.pixels, pixels[80:85, 30:37])
    assert (part.max_value, part.channel_names, part.name) == (65535, ("R", "G", "B"), "photo.png [80:85, 30:37]")
    assert cut(photo, Region(0, 0, 90, 100)).size == (64, 64)
    with pytest.raises(ConvLabError, match="no pixels"):
        cut(photo, Region(90, 100, 3, 3))


def test_fills() -> None:
    assert ramp((2, 2, 3)).tolist() == [[[0, 1, 2], [3, 4, 5]], [[6, 7, 8], [9, 10, 11]]]
    assert one_hot((1, 4, 5))[0].tolist()[1] == [0, 0, 1, 0, 0]
    for _, make in FILLS.values():
        assert make((8, 64, 64)).shape == (8, 64, 64)
        assert matrix_source(make((3, 5, 5))).size == (5, 5)
