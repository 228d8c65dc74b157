"""One value of any layer, explained as data: what it says it is made of gives torch's value."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layers import torch_input
from random_stacks import stacks, stacks_of_axes, torch_stack

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explained
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Layer
from convlab.model.layers.explained import (
    Copy,
    Explained,
    FunctionOfValue,
    LargestOfWindow,
    MeanOfWindow,
    Normalised,
    ShareOfChannels,
    SumOfProducts,
)
from convlab.model.layers.norm import BatchNorm
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.pool import Pool
from convlab.model.maps import LayerMaps
from convlab.model.region import Region, whole
from convlab.model.signals import volume_source
from convlab.model.source import Source
from convlab.model.stack import Entry

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself
RELATIVE = {"float64": 1e-12, "float32": 2e-5}


def made_by_torch(document: Document, place: int) -> np.ndarray:
    """What leaves each layer, in float64: torch's own modules."""
    with torch.no_grad():
        return torch_stack(document, document.layers[: place + 1])(torch_input(document))[0].numpy()


@pytest.mark.parametrize("dtype", RELATIVE)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_explained_value_is_torchs(dtype: str, data: st.DataObject) -> None:
    document = data.draw(stacks(dtype))
    place = data.draw(st.integers(-1, len(document.layers) - 1))
    maps = LayerMaps(document, place)
    if maps.problems():
        return
    wanted = made_by_torch(document, place)
    at = tuple(data.draw(st.integers(0, n - 1)) for n in wanted.shape)
    evaluator = Evaluator()
    found = explained(evaluator, maps, *at)
    own = float(evaluator.maps(maps, Region(*at[1:], 1, 1), [at[0]])[0, 0, 0])
    assert_equal(found.value, own, scale_of(found), RELATIVE[dtype])
    if dtype == "float64":
        assert_equal(found.value, float(wanted[at]), np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0), 1e-12)
    if place >= 0 and not document.layers[place].on:
        assert isinstance(found, Copy)


@pytest.mark.parametrize("dims", [1, 3])
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_of_signals_and_volumes_too(dims: int, data: st.DataObject) -> None:
    document = data.draw(stacks_of_axes(dims))
    place = data.draw(st.integers(0, len(document.layers) - 1))
    if LayerMaps(document, place).problems():
        return
    wanted = made_by_torch(document, place)
    wanted = wanted.reshape(len(wanted), *(1,) * (3 - dims), *wanted.shape[1:])
    output, depth, row, col = (data.draw(st.integers(0, n - 1)) for n in wanted.shape)
    found = explained(Evaluator(), LayerMaps(document, place, depth), output, row, col)
    largest = np.abs(wanted[np.isfinite(wanted)]).max(initial=scale_of(found))
    assert_equal(found.value, float(wanted[output, depth, row, col]), largest, 1e-12)


def assert_equal(value: float, expected: float, scale: float, relative: float) -> None:
    assert value == expected or abs(value - expected) <= relative * max(1.0, scale) or np.isnan([value, expected]).all()


def scale_of(found: Explained) -> float:
    """Of the numbers that were added: what sums of either order differ by is small beside these."""
    match found:
        case SumOfProducts():
            return float(np.abs(found.values * found.weights).sum())
        case Normalised():
            factor = found.weight / np.sqrt(found.var + found.eps)
            return float(max(abs(found.x * factor), abs(found.mean * factor), abs(found.bias)))
        case MeanOfWindow():
            return float(np.abs(found.values).sum())
    return abs(found.value) if np.isfinite(found.value) else 1.0


def stacked(*layers: Layer) -> Document:
    """On a picture of one channel, behind a convolution that passes it on: rows 1 2 3 4, 5 6 7 8, 9 10 11 12."""
    pixels = np.arange(1, 13, dtype=np.uint8).reshape(3, 4, 1)
    spec = ConvSpec(1, 1, (1, 1), padding=(0, 0), bias=False, dtype="float64")
    document = new_document(Source("x", pixels, ("x",), 1.0), spec, np.ones(spec.weight_shape))
    return document.with_layers((*document.layers, *map(Entry, layers)), 0)


def last_explained(row: int, col: int, *layers: Layer) -> Explained:
    document = stacked(*layers)
    return explained(Evaluator(), LayerMaps(document, len(layers)), 0, row, col)


def test_the_largest_of_a_window_has_its_place() -> None:
    found = last_explained(1, 1, Pool("max", (2, 2), (2, 2), (1, 1)))
    assert isinstance(found, LargestOfWindow)
    assert (found.value, found.place, found.tap) == (11.0, (0, 2, 2), (0, 1, 1))
    corner = last_explained(0, 0, Pool("max", (2, 2), (2, 2), (1, 1)))
    assert isinstance(corner, LargestOfWindow)
    assert (corner.place, corner.rows.tolist(), corner.values[0, 0, 0]) == ((0, 0, 0), [-1, 0], -np.inf)


def test_equal_values_the_first_is_the_largest_as_torch_finds_it() -> None:
    square = Pointwise("leaky_relu", 0.0), BatchNorm((0.0,), (3.0,))
    found = last_explained(0, 1, *square, Pool("max", (2, 2), (1, 1)))
    assert isinstance(found, LargestOfWindow)
    with torch.no_grad():
        _, index = torch.nn.functional.max_pool2d(torch.full((1, 1, 3, 4), 3.0), 2, 1, return_indices=True)
    assert found.place == (0, *divmod(int(index[0, 0, 0, 1]), 4))


def test_a_window_with_gaps_finds_its_taps() -> None:
    found = last_explained(0, 1, Pool("max", (2, 2), (1, 1), (0, 0), (2, 1)))
    assert isinstance(found, LargestOfWindow)
    assert found.values.tolist() == [[[2, 3], [10, 11]]]
    assert (found.rows.tolist(), found.cols.tolist()) == ([0, 2], [1, 2])


@pytest.mark.parametrize(("counted", "count"), [(True, 4), (False, 1)])
def test_a_mean_says_how_many_count(counted: bool, count: int) -> None:
    found = last_explained(0, 0, Pool("avg", (2, 2), (2, 2), (1, 1), count_include_pad=counted))
    assert isinstance(found, MeanOfWindow)
    assert (found.count, found.values.tolist(), found.value) == (count, [[[0, 0], [0, 1]]], 1 / count)


def test_what_lies_beyond_the_padding_never_counts() -> None:
    found = last_explained(1, 0, Pool("avg", (2, 2), (2, 2), ceil_mode=True))
    assert isinstance(found, MeanOfWindow)
    assert (found.count, found.values.tolist(), found.value) == (2, [[[9, 10], [0, 0]]], 9.5)


def test_a_function_says_its_one_value() -> None:
    found = last_explained(2, 3, Pointwise("square"))
    assert found == FunctionOfValue("square", "x²", 12.0, 144.0)


def test_a_root_of_a_negative_value_is_no_number() -> None:
    found = last_explained(0, 0, BatchNorm((-1.0,)), Pointwise("sqrt"))
    assert isinstance(found, FunctionOfValue)
    assert found.x < 0
    assert np.isnan(found.value)


def test_a_normalisation_has_the_channels_numbers() -> None:
    found = last_explained(0, 1, BatchNorm((3.0,), (1.0,), (1.0,), (4.0,), 0.25))
    assert found == Normalised(2.0, 1.0, 4.0, 0.25, 3.0, 1.0)


def test_a_sum_has_the_input_and_the_kernel() -> None:
    weight = np.array([1.0, -2.0]).reshape(1, 1, 1, 1, 2)
    spec = ConvSpec(1, 1, (1, 2), padding=(0, 1), padding_mode="reflect", dtype="float64")
    document = stacked()
    conv = new_document(document.source, spec, weight, np.array([0.5])).layers[0]
    found = explained(Evaluator(), LayerMaps(document.with_layers((*document.layers, conv), 0), 1), 0, 1, 0)
    assert isinstance(found, SumOfProducts)
    assert (found.values.tolist(), found.weights.tolist(), found.bias) == ([[[6, 5]]], [[[1, -2]]], 0.5)
    assert (found.rows.tolist(), found.cols.tolist(), found.value) == ([1], [1, 0], -3.5)


def test_what_is_off_and_the_source_are_copies() -> None:
    document = stacked(Pointwise("square"))
    off = document.with_layers((document.layers[0], Entry(Pointwise("square"), on=False)), 0)
    assert explained(Evaluator(), LayerMaps(off, 1), 0, 2, 0) == Copy(9.0)
    assert explained(Evaluator(), LayerMaps(off, 1, acting=True), 0, 2, 0).value == 81.0
    assert explained(Evaluator(), LayerMaps(off, -1), 0, 2, 0) == Copy(9.0)


def test_a_share_of_channels_is_torchs_softmax() -> None:
    values = np.array([1.0, 900.0, 899.0])
    for channel, expected in enumerate(torch.softmax(torch.from_numpy(values), 0).tolist()):
        assert ShareOfChannels(values, channel).value == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("transposed", [False, True])
def test_a_slice_of_a_volume_is_explained_like_a_picture(transposed: bool) -> None:
    rng = np.random.default_rng(6)
    slices = rng.normal(size=(4, 6, 5, 2)).astype(np.float32)
    source = volume_source(slices, Source("v", slices[0].copy(), ("a", "b"), 1.0))
    spec = ConvSpec(2, 3, (2, 3, 2), (1, 2, 1), (1, 1, 1), dtype="float64", transposed=transposed, dims=3)
    document = new_document(source, spec, rng.normal(size=spec.weight_shape), rng.normal(size=3))
    document = document.with_layers((*document.layers, Entry(Pointwise("square"))), 0)
    evaluator = Evaluator()
    for place, at in ((0, 0), (0, 3), (1, 2)):
        maps = LayerMaps(document, place, at)
        every = evaluator.maps(maps, whole(*maps.output_size), range(maps.count))
        for where in ((0, 0, 0), (2, 1, 1), (1, maps.output_size[0] - 1, maps.output_size[1] - 1)):
            found = explained(evaluator, maps, *where)
            assert_equal(found.value, float(every[where]), scale_of(found), 1e-12)
