"""Several photos become one input without losing a value."""

import numpy as np
import pytest
from numpy.typing import NDArray

from convlab.io.stacking import stack_sources
from convlab.model.message import ConvLabError
from convlab.model.source import Source

NAMES = {1: ("gray",), 2: ("gray", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def source(pixels: NDArray, top: float = 255, name: str = "a") -> Source:
    return Source(name, np.ascontiguousarray(pixels), NAMES[pixels.shape[2]], top, "test")


def noise(shape: tuple[int, ...], dtype: str) -> NDArray:
    return np.random.default_rng(3).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def test_channels_of_the_same_size_are_kept_as_they_are() -> None:
    first, second = noise((5, 7, 3), "uint16"), noise((5, 7, 3), "uint16") // 3
    stacked = stack_sources([source(first, 65535, "cat"), source(second, 65535, "dog")])
    np.testing.assert_array_equal(stacked.pixels, np.concatenate([first, second], axis=2))
    assert stacked.channel_names == ("R", "G", "B", "R 2", "G 2", "B 2")
    assert (stacked.pixels.dtype, stacked.max_value, stacked.name) == (np.uint16, 65535, "cat + dog")
    assert stacked.pixels.flags.c_contiguous


def test_alpha_is_left_out_and_gray_is_numbered_by_photo() -> None:
    stacked = stack_sources([source(noise((4, 4, 4), "uint8")), source(noise((4, 4, 2), "uint8"))])
    assert stacked.channel_names == ("R", "G", "B", "gray 2")


def test_a_stack_can_be_stacked_again() -> None:
    photo = source(noise((4, 4, 3), "uint8"))
    stacked = stack_sources([stack_sources([photo, photo]), photo])
    assert stacked.channel_names == ("R", "G", "B", "R 2", "G 2", "B 2", "R 3", "G 3", "B 3")


def test_different_types_become_float_in_0_to_1() -> None:
    eight, sixteen = noise((4, 5, 1), "uint8"), noise((4, 5, 1), "uint16")
    stacked = stack_sources([source(eight), source(sixteen, 65535)])
    assert (stacked.pixels.dtype, stacked.max_value) == (np.float32, 1.0)
    np.testing.assert_allclose(stacked.pixels[:, :, 0], eight[:, :, 0] / 255, rtol=1e-6)
    np.testing.assert_allclose(stacked.pixels[:, :, 1], sixteen[:, :, 0] / 65535, rtol=1e-6)


def test_other_sizes_are_scaled_to_the_first() -> None:
    """A linear ramp halves to the ramp of its pairs' means, away from the border, with all 16 bits."""
    ramp = np.tile(np.arange(64, dtype=np.uint16) * 1001, (32, 1))[:, :, None]
    stacked = stack_sources([source(np.zeros((16, 32, 1), np.uint16), 65535), source(ramp, 65535)])
    assert stacked.pixels.shape == (16, 32, 2)
    means = (2 * np.arange(32) + 0.5) * 1001
    np.testing.assert_allclose(stacked.pixels[:, 4:-4, 1], np.tile(means[4:-4], (16, 1)), atol=1)


def test_scaling_neither_wraps_nor_leaves_the_range() -> None:
    edge = np.zeros((8, 8, 1), np.uint8)
    edge[:, 4:] = 255
    stacked = stack_sources([source(np.zeros((31, 31, 1), np.uint8)), source(edge)])
    columns = stacked.pixels[:, :, 1].astype(int)
    assert (np.diff(columns, axis=1) > -30).all()
    assert set(columns[:, 0]) == {0}
    assert set(columns[:, -1]) == {255}
    floats = (edge / 255).astype(np.float32)
    floats[0, 0] = np.nan
    wide = stack_sources([source(np.zeros((31, 31, 1), np.float32), 1), source(floats, 1)]).pixels[:, :, 1]
    assert np.nanmin(wide) >= 0
    assert np.nanmax(wide) <= 1
    assert np.isnan(wide[0, 0])


@pytest.mark.parametrize("sources", [[], [Source("a", np.zeros((2, 2, 1), np.uint8), ("A",), 255)]])
def test_nothing_to_stack(sources: list[Source]) -> None:
    with pytest.raises(ConvLabError, match="no colour channel"):
        stack_sources(sources)
