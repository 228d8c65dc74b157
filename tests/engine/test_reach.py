"""What maps can reach, judged without the pixels, against torch's values; and the exact percentile of whole maps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_layers import documents, torch_input, torch_result
from random_stacks import stacks, torch_stack

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.engine.largest import Largest
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.pool import Pool
from convlab.model.maps import LayerMaps, activated, edited
from convlab.model.reach import maps_reach
from convlab.model.reading import Input
from convlab.model.source import Source
from convlab.model.stack import Entry

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself

ROOM = 1e-9


@given(stacks(), st.data())
def test_torchs_values_lie_within_the_reach_of_any_layer(document: Document, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(document.layers) - 1))
    shown = LayerMaps(document, place)
    if shown.problems():
        return
    found = [of_torch(document, each) for each in range(place + 1)]
    if not all(np.isfinite(each).all() for each in found):  # max pooling of nothing but padding is −∞
        return
    values = found[-1]
    reach = maps_reach(shown)
    assert len(reach.low) == len(values)
    room = ROOM * max(1.0, reach.most)
    assert (values.min((1, 2)) >= reach.low - room).all()
    assert (values.max((1, 2)) <= reach.high + room).all()


def of_torch(document: Document, place: int) -> np.ndarray:
    with torch.no_grad():
        return torch_stack(document, document.layers[: place + 1])(torch_input(document))[0].numpy()


@given(documents())
def test_a_white_picture_gives_the_most_where_values_only_rise(document: Document) -> None:
    size, channels = document.source.size, document.source.channel_count
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (*size, channels), dtype=np.uint8)
    source = Source("x", pixels, document.source.channel_names, 255.0)
    risen = replace(document, input=Input(source)).with_conv(weight=np.abs(document.conv.weight))
    reach = maps_reach(edited(risen))
    assert reach.rising.all()
    room = ROOM * max(1.0, reach.most)
    assert (torch_result(risen).max((1, 2)) <= reach.white + room).all()
    white = Source("white", np.full_like(pixels, 255), source.channel_names, 255.0)
    assert (torch_result(replace(risen, input=Input(white))).max((1, 2)) <= reach.white + room).all()
    assert not maps_reach(edited(risen.with_conv(weight=-risen.conv.weight))).rising.any()


def on_gray(weights: list[float], *before: Entry, activation: str = "none", low: float = 0.0) -> Document:
    pixels = np.linspace(low, 1, 12, dtype=np.float32).reshape(3, 4, 1)
    source = Source("x", pixels, ("gray",), 1.0, shown_range=(low, 1.0))
    layer = ConvSpec(1, 1, (1, len(weights)))
    document = new_document(source, layer, np.array(weights).reshape(1, 1, 1, -1))
    document = edits.set_activation(document, activation)
    return document.with_layers((*before, *document.layers), len(before))


@pytest.mark.parametrize(
    ("document", "signed"),
    [
        (on_gray([0.25, 0.5, 0.25]), False),
        (on_gray([-1.0, 0.0, 1.0]), True),
        (on_gray([-1.0, 0.0, 1.0], activation="relu"), False),
        (on_gray([-1.0, 0.0, 1.0], activation="sigmoid"), False),
        (on_gray([-1.0, 0.0, 1.0], activation="tanh"), True),
        (on_gray([1.0], activation="tanh"), False),
        (on_gray([1.0], low=-1.0), True),
        (on_gray([1.0], Entry(Pool("max")), low=-1.0), True),
        (on_gray([1.0], Entry(Pool("avg"))), False),
        (on_gray([1.0], Entry(Pointwise("relu")), low=-1.0), False),
        (on_gray([1.0], Entry(Pointwise("square")), low=-1.0), False),
        (on_gray([1.0], Entry(Pointwise("sigmoid")), low=-1.0), False),
        (on_gray([1.0], Entry(Pointwise("tanh")), low=-1.0), True),
        (on_gray([-1.0], Entry(Pointwise("relu"), on=False)), True),
    ],
)
def test_signed_where_the_layer_can_give_negatives(document: Document, signed: bool) -> None:
    assert maps_reach(activated(document)).signed == signed


def test_the_sign_does_not_depend_on_the_pixels_of_a_photo() -> None:
    black = Source("black", np.zeros((3, 4, 1), np.uint8), ("gray",), 255.0)
    assert maps_reach(edited(replace(on_gray([1.0, -0.1]), input=Input(black)))).signed
    assert not maps_reach(edited(replace(on_gray([1.0, 0.1]), input=Input(black)))).signed


def test_taps_that_never_meet_are_not_added_up() -> None:
    """Stride 2 and a kernel of 2: each value of the transposed layer is one product."""
    layer = ConvSpec(1, 1, (2, 2), (2, 2), (0, 0), transposed=True)
    source = Source("x", np.zeros((3, 4, 1), np.uint8), ("gray",), 255.0)
    reach = maps_reach(edited(new_document(source, layer, np.ones((1, 1, 2, 2)))))
    assert reach.high == reach.white == 1


@given(
    st.lists(st.integers(1, 5000), min_size=1, max_size=6),
    st.integers(0, 2**31),
    st.sampled_from(["normal", "few levels", "zeros"]),
)
def test_the_magnitude_of_bands_is_numpys_percentile_of_the_whole(counts: list[int], seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=sum(counts))
    if kind != "normal":
        values = np.round(values) * (kind == "few levels")
    found = Largest(len(values))
    for band in np.split(values, np.cumsum(counts)[:-1]):
        found.add(torch.from_numpy(band))
    assert found.percentile(len(values)) == pytest.approx(np.percentile(np.abs(values), 99.6), rel=1e-12)


def test_a_refined_map_knows_the_percentile_of_every_finite_value() -> None:
    pixels = np.random.default_rng(0).normal(size=(700, 900, 1)).astype(np.float32)
    pixels[300, 400] = np.nan
    pixels[10, 10] = 1e5
    source = Source("x", pixels, ("gray",), 1.0)
    document = new_document(source, ConvSpec(1, 1, (1, 1)), np.full((1, 1, 1, 1), 2.0))
    evaluator, filters = Evaluator(), map_filters(edited(document), [0])
    evaluator.refine(edited(document), None, filters, measured=True)
    found = evaluator.statistics(edited(document), filters[0], measured=True)
    assert found is not None
    expected = np.percentile(np.abs(2 * pixels[np.isfinite(pixels)].astype(np.float64)), 99.6)
    assert found.magnitude == pytest.approx(expected, rel=1e-6)
