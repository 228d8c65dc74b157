"""Upsample and AdaptiveAvgPool: where their maps lie, what they read, and the mean of a large map."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explained
from convlab.engine.filters import map_filters
from convlab.model.document import Document, new_document
from convlab.model.layer import COLUMNS, ROWS, ConvSpec
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.base import Layer, Shape
from convlab.model.layers.explained import MeanOfMap, MeanOfWindow, SumOfProducts
from convlab.model.layers.pad import Pad
from convlab.model.layers.upsample import Upsample
from convlab.model.maps import LayerMaps, last
from convlab.model.problems import Limits
from convlab.model.region import Region, whole
from convlab.model.signals import volume_source
from convlab.model.source import Source
from convlab.model.stack import Entry, seen_through

RNG = np.random.default_rng(3)
LAYERS = st.one_of(
    st.builds(Upsample, st.sampled_from(["nearest", "bilinear"]), st.tuples(*[st.integers(1, 5)] * 2)),
    st.builds(AdaptiveAvgPool, st.tuples(*[st.integers(1, 12)] * 2)),
    st.builds(Pad, st.sampled_from(["zeros", "constant"]), st.tuples(*[st.integers(-2, 4)] * 4)),
)


def behind(*layers: Layer, size: tuple[int, int] = (6, 8), dtype: str = "float64") -> Document:
    """Random values through the identity, which is edited, and these layers."""
    spec = ConvSpec(2, 2, (1, 1), padding=(0, 0), bias=False, dtype=dtype)
    source = Source("x", RNG.normal(size=(*size, 2)).astype(np.float32), ("a", "b"), 1.0)
    start = new_document(source, spec, np.eye(2).reshape(spec.weight_shape))
    return start.with_layers((*start.layers, *map(Entry, layers)), 0)


@given(LAYERS, st.integers(5, 12), st.integers(5, 12), st.data())
def test_a_rectangle_reads_all_that_counts_for_its_outputs_and_no_more_than_is_read(
    layer: Layer, rows: int, cols: int, data: st.DataObject
) -> None:
    made = layer.output_size((1, rows, cols))
    top, left = (data.draw(st.integers(0, n - 1)) for n in made[ROWS:])
    bottom, right = (data.draw(st.integers(first + 1, n)) for first, n in zip((top, left), made[ROWS:], strict=True))
    found = layer.read_by((top, left, bottom, right), (1, rows, cols))
    for axis, size, first, end in ((ROWS, rows, top, bottom), (COLUMNS, cols, left, right)):
        at = np.arange(first, end)
        sources = layer.sources(at, size, axis)
        inside = set(sources[sources >= 0].tolist())
        counts = inside if isinstance(layer, Pad) else set(sources[layer.shares(at, size, axis) > 0].tolist())
        read = set(range(max(found[axis - 1], 0), min(found[axis + 1], size)))
        assert counts <= read <= inside


@given(LAYERS, st.integers(1, 9), st.integers(1, 9))
def test_shares_add_up_to_1(layer: Layer, rows: int, cols: int) -> None:
    if isinstance(layer, Pad):
        return
    for axis, size in ((ROWS, rows), (COLUMNS, cols)):
        at = np.arange(layer.output_size((1, rows, cols))[axis])
        np.testing.assert_allclose(layer.shares(at, size, axis).sum(axis=1), 1)


def test_maps_lie_on_the_input_in_their_own_pixels() -> None:
    up, down = (last(behind(layer)).geometry for layer in (Upsample("bilinear", (2, 4)), AdaptiveAvgPool((3, 2))))
    assert (up.size, up.stride, up.origin) == ((12, 32), (0.5, 0.25), (0, 0))
    assert (down.size, down.stride, down.origin) == ((3, 2), (2, 4), (0, 0))
    assert last(behind(AdaptiveAvgPool((1, 1)))).geometry.stride == (6, 8)
    both = behind(Upsample("nearest", (2, 2)), AdaptiveAvgPool((6, 8)))
    assert last(both).geometry.stride == (1, 1)
    assert seen_through(both.layers, (1, 2, 2, 3), both.source_shape) == (1, 2, 2, 3)
    assert seen_through(behind(AdaptiveAvgPool((1, 1))).layers, (0, 0, 1, 1), both.source_shape) == (0, 0, 6, 8)


def test_a_value_between_four_is_their_sum_by_shares() -> None:
    """By hand: with scale 2 output 3 lies at 1¼, so it has ¾ of position 1 and ¼ of position 2."""
    document = behind(Upsample("bilinear", (2, 2)))
    pixels = document.source.pixels[:, :, 1].astype(np.float64)
    found = explained(Evaluator(), last(document), 1, 3, 0)
    assert isinstance(found, SumOfProducts)
    assert found.rows.tolist() == [1, 2]
    np.testing.assert_allclose(found.weights, [[[0.75, 0], [0.25, 0]]])
    np.testing.assert_allclose(found.value, 0.75 * pixels[1, 0] + 0.25 * pixels[2, 0])


def test_between_eight_they_are_shared_along_depth_too() -> None:
    """By hand: slice 3 of scale 2 has ¾ of slice 1 and ¼ of slice 2; rows and columns as they are."""
    spec = ConvSpec(1, 1, (1, 1, 1), padding=(0, 0, 0), bias=False, dtype="float64", dims=3)
    slices = RNG.normal(size=(4, 3, 5, 1)).astype(np.float32)
    source = volume_source(slices, Source("v", slices[0].copy(), ("x",), 1.0))
    start = new_document(source, spec, np.ones(spec.weight_shape))
    document = start.with_layers((*start.layers, Entry(Upsample("trilinear", (2, 1, 1), 3))), 0)
    found = explained(Evaluator(), LayerMaps(document, 1, 3), 0, 2, 4)
    assert isinstance(found, SumOfProducts)
    np.testing.assert_allclose(found.weights.ravel(), [0.75, 0.25])
    np.testing.assert_allclose(found.value, 0.75 * slices[1, 2, 4, 0] + 0.25 * slices[2, 2, 4, 0], rtol=1e-6)


def test_means_of_parts_and_of_the_map_are_said_as_such() -> None:
    evaluator, pixels = Evaluator(), behind(AdaptiveAvgPool((1, 1)))
    of_map = explained(evaluator, last(pixels), 1, 0, 0)
    assert isinstance(of_map, MeanOfMap)
    assert of_map.count == 48
    np.testing.assert_allclose(of_map.value, pixels.source.pixels[:, :, 1].astype(np.float64).mean())
    of_part = explained(evaluator, last(behind(AdaptiveAvgPool((4, 3)))), 0, 1, 2)
    assert isinstance(of_part, MeanOfWindow)
    assert (of_part.rows.tolist(), of_part.cols.tolist(), of_part.count) == ([1, 2], [5, 6, 7], 6)


def test_the_mean_of_a_large_map_is_a_preview_until_it_is_refined() -> None:
    document = behind(AdaptiveAvgPool((1, 1)), size=(900, 800), dtype="float32")
    maps, evaluator = last(document), Evaluator()
    expected = document.source.pixels.astype(np.float64).mean((0, 1))
    assert not evaluator.is_exact(maps)
    evaluator.refine(maps, None, map_filters(maps, range(2)))
    assert evaluator.is_exact(maps)
    live = evaluator.live(maps, Region(0, 0, 1, 1), map_filters(maps, range(2)))
    np.testing.assert_allclose([each.values[0, 0] for each in live], expected, rtol=1e-6)


def test_every_region_of_a_large_map_has_torchs_values() -> None:
    document = behind(Upsample("bilinear", (3, 2)), AdaptiveAvgPool((50, 7)), size=(120, 300))
    pixels = torch.from_numpy(document.source.pixels.astype(np.float64)).permute(2, 0, 1)[None]
    model = nn.Sequential(nn.Upsample(scale_factor=(3, 2), mode="bilinear"), nn.AdaptiveAvgPool2d((50, 7)))
    for place, expected in ((1, model[0](pixels)[0].numpy()), (2, model(pixels)[0].numpy())):
        maps = LayerMaps(document, place)
        height, width = maps.output_size
        for region in (whole(height, width), Region(3, 1, 9, 2, 5), Region(height - 1, 0, 1, width)):
            rows, cols = (slice(at, at + (n - 1) * region.step + 1, region.step) for at, n in (
                (region.top, region.rows), (region.left, region.cols)
            ))  # fmt: skip
            found = Evaluator().maps(maps, region, range(2))
            np.testing.assert_allclose(found, expected[:, rows, cols], rtol=0, atol=1e-12)


def test_maps_that_do_not_fit_in_memory_are_refused_before_they_are_made() -> None:
    layer, shape = Upsample("nearest", (32, 32)), Shape(3, (1, 3000, 4000))
    (problem,) = layer.problems(shape, Limits(memory_bytes=8 << 30))
    assert (problem.field, problem.value) == ("scale_factor", (1, 1))
    assert layer.problems(Shape(3, (1, 300, 400)), Limits(memory_bytes=8 << 30)) == ()
