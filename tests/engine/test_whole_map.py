"""Mean and variance of whole maps: band by band, and kept."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convlab.engine.kinds.base import Moments
from convlab.engine.whole_map import AT_ONCE, SAMPLE_SIDE, WholeMaps, is_large, moments
from convlab.model.stack import Shape


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 9), min_size=1, max_size=5), st.floats(-1e6, 1e6))
def test_bands_together_have_the_moments_of_all_their_values(seed: int, rows: list[int], around: float) -> None:
    values = np.random.default_rng(seed).normal(around, 1.0, (3, 2, sum(rows), 4))
    found = moments(torch.from_numpy(band.copy()) for band in np.split(values, np.cumsum(rows)[:-1], axis=2))
    exact = values.astype(np.longdouble)
    np.testing.assert_allclose(found.mean, exact.mean((1, 2, 3)).astype(float), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(found.var, exact.var((1, 2, 3)).astype(float), rtol=1e-9, atol=1e-13 * abs(around))


def test_what_was_measured_is_not_measured_again() -> None:
    whole, asked = WholeMaps(), []

    def evaluated(at: tuple[np.ndarray, ...]) -> torch.Tensor:
        asked.append(at)
        return torch.ones(2, *map(len, at))

    first = whole.measured(Shape(2, (1, 5, 7)), evaluated, ("a",))
    assert whole.measured(Shape(2, (1, 5, 7)), evaluated, ("a",)) is first
    assert len(asked) == 1
    whole.measured(Shape(2, (1, 5, 7)), evaluated, ("b",))
    assert len(asked) == 2


def test_of_a_large_map_a_preview_reads_a_sample_and_the_rest_every_row_once() -> None:
    shape = Shape(4, (1, 700, 600))
    assert is_large(shape)
    assert not is_large(Shape(1, (1, AT_ONCE, 1)))
    read: list[tuple[np.ndarray, ...]] = []

    def evaluated(at: tuple[np.ndarray, ...]) -> torch.Tensor:
        read.append(at)
        return torch.zeros(4, *map(len, at))

    WholeMaps(preview=True).measured(shape, evaluated, ())
    assert sum(len(rows) for _, rows, _ in read) <= SAMPLE_SIDE
    assert all(len(cols) <= SAMPLE_SIDE for _, _, cols in read)
    read.clear()
    WholeMaps().measured(shape, evaluated, ())
    assert np.concatenate([rows for _, rows, _ in read]).tolist() == list(range(700))
    assert {len(cols) for _, _, cols in read} == {600}


def test_a_newer_request_stops_it_between_bands_and_nothing_half_measured_is_kept() -> None:
    class NewerError(Exception):
        pass

    looks: list[None] = []

    def checkpoint() -> None:
        looks.append(None)
        if len(looks) == 2:
            raise NewerError

    whole = WholeMaps(checkpoint=checkpoint)
    with pytest.raises(NewerError):
        whole.measured(Shape(4, (1, 700, 600)), lambda at: torch.zeros(4, *map(len, at)), ("a",))
    assert whole.known.get(("a",)) is None
    assert isinstance(
        WholeMaps(whole.known).measured(Shape(1, (1, 1, 1)), lambda _: torch.ones(1, 1, 1, 1), ()), Moments
    )
