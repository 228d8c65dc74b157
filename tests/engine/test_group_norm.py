"""GroupNorm, whose values depend on the whole map: against torch, live, refined and saved, at any place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model.document import Document, new_document
from convlab.model.edits import set_weight
from convlab.model.layer import ConvSpec
from convlab.model.layers.norm import GroupNorm
from convlab.model.layers.pointwise import Pointwise
from convlab.model.maps import LayerMaps, last
from convlab.model.region import Region, whole
from convlab.model.source import Source
from convlab.model.stack import Entry, seen_through

CHANNELS = 8
SIZE = 340, 420
NORM = GroupNorm(4, weight=(1.0, -2.0, 0.5), bias=(0.0, 0.25), eps=1e-4)
RNG = np.random.default_rng(8)
PIXELS = RNG.integers(0, 256, (*SIZE, 3)).astype(np.uint8)
PIXELS[:40] = 0  # so that rows differ, and a sample of some tells less than all
WEIGHTS = RNG.normal(size=(CHANNELS, 3, 3, 3)), RNG.normal(size=(2, CHANNELS, 3, 3))
BIASES = RNG.normal(size=CHANNELS), RNG.normal(size=2)


def stack(dtype: str = "float32") -> Document:
    """A convolution, GroupNorm, ReLU, another convolution, which is edited."""
    first = ConvSpec(3, CHANNELS, padding=(1, 1), dtype=dtype)
    second = ConvSpec(CHANNELS, 2, padding=(1, 1), stride=(2, 1), dtype=dtype)
    source = Source("x", PIXELS, ("R", "G", "B"), 255.0)
    start, end = (
        new_document(source, spec, weight, bias)
        for spec, weight, bias in zip((first, second), WEIGHTS, BIASES, strict=True)
    )
    return start.with_layers((*start.layers, Entry(NORM), Entry(Pointwise("relu")), *end.layers), 3)


def by_torch(until: int, dtype: torch.dtype = torch.float64) -> np.ndarray:
    """The maps of layer number `until`, from 0."""
    convs = [nn.Conv2d(3, CHANNELS, 3, padding=1), nn.Conv2d(CHANNELS, 2, 3, padding=1, stride=(2, 1))]
    norm = nn.GroupNorm(NORM.num_groups, CHANNELS, eps=NORM.eps)
    numbers = [(norm.weight, (*NORM.weight, *[1.0] * 5)), (norm.bias, (*NORM.bias, *[0.0] * 6))]
    for conv, weight, bias in zip(convs, WEIGHTS, BIASES, strict=True):
        numbers += [(conv.weight, weight), (conv.bias, bias)]
    model = nn.Sequential(convs[0], norm, nn.ReLU(), convs[1])[: until + 1].to(dtype)
    with torch.no_grad():
        for parameter, values in numbers:
            parameter.data = torch.from_numpy(np.array(values)).to(dtype)
        made: np.ndarray = model(torch.from_numpy(PIXELS.copy()).permute(2, 0, 1)[None].to(dtype) / 255)[0].numpy()
    return made


@pytest.mark.parametrize("place", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_region_has_torchs_values_of_the_whole_map(place: int, dtype: str) -> None:
    maps, expected = LayerMaps(stack(dtype), place), by_torch(place)
    evaluator, atol = Evaluator(), {"float32": 1e-4, "float64": 1e-10}[dtype]
    for region in (Region(3, 5, 7, 9, 11), Region(maps.output_size[0] - 1, 0, 1, 40), whole(*maps.output_size)):
        found = evaluator.maps(maps, region, range(maps.count))
        rows, cols = (slice(at, at + (n - 1) * region.step + 1, region.step) for at, n in zip(
            (region.top, region.left), (region.rows, region.cols), strict=True
        ))  # fmt: skip
        np.testing.assert_allclose(found, expected[:, rows, cols], rtol=0, atol=atol)


def test_the_live_view_is_a_preview_until_it_is_refined_and_then_what_is_saved() -> None:
    maps, region = last(stack("float64")), whole(170, 420, 3)
    evaluator, filters = Evaluator(), map_filters(last(stack("float64")), range(2))
    saved = evaluator.maps(maps, region, range(2))
    evaluator = Evaluator()
    assert not evaluator.is_exact(maps)
    preview = np.stack([each.values for each in evaluator.live(maps, region, filters)])
    assert np.abs(preview - saved).max() > 1e-4
    assert np.abs(preview - saved).max() < 0.1 * np.abs(saved).max()
    evaluator.refine(maps, None, filters)
    assert evaluator.is_exact(maps)
    np.testing.assert_array_equal(np.stack([each.values for each in evaluator.live(maps, region, filters)]), saved)


def test_what_was_measured_stays_while_layers_behind_it_are_edited() -> None:
    document, evaluator = stack(), Evaluator()
    evaluator.refine(last(document), None, map_filters(last(document), [0]))
    behind = set_weight(document, (1, 2, 0, 0), 5.0)
    assert evaluator.is_exact(last(behind))
    before = set_weight(document.with_layers(document.layers, 0), (1, 2, 0, 0), 5.0)
    assert not evaluator.is_exact(last(before))
    assert evaluator.is_exact(LayerMaps(before, 0))  # reads no statistics


def test_a_value_behind_it_depends_on_the_whole_input() -> None:
    layers, shape = stack().layers, stack().source_shape
    assert seen_through(layers, (5, 5, 6, 6), shape) == (0, 0, *SIZE)
    assert seen_through(layers[:1], (5, 5, 6, 6), shape) == (4, 4, 7, 7)
