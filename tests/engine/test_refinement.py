"""When the hand rests: area averages, true limits and histogram are the full-resolution map's."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layers import close, documents, torch_result

from convlab.engine import bands, evaluate
from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import contribution_filters, map_filters
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.region import Region, whole
from convlab.model.source import Source
from convlab.model.view import NEGATIVES, Negatives

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself
PROPERTY = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SHOWN: dict[Negatives, Callable[[np.ndarray], np.ndarray]] = {
    "keep": lambda values: values,
    "clip": lambda values: np.maximum(values, 0),
    "absolute": np.abs,
}


def block_means(values: np.ndarray, region: Region) -> np.ndarray:
    """The mean of each step × step block of values [H, W] at the region's positions, by numpy one by one."""
    step = region.step
    tops = region.top + step * np.arange(region.rows)
    lefts = region.left + step * np.arange(region.cols)
    return np.array([[values[y : y + step, x : x + step].mean() for x in lefts] for y in tops])


@st.composite
def views(draw: st.DrawFn, size: tuple[int, int]) -> Region:
    """Part of a map, sampled, as the window asks for it: positions are multiples of the step."""
    step = draw(st.integers(2, 9))
    rows, cols = whole(*size, step).rows, whole(*size, step).cols
    top, left = draw(st.integers(0, rows - 1)), draw(st.integers(0, cols - 1))
    return Region(top * step, left * step, draw(st.integers(1, rows - top)), draw(st.integers(1, cols - left)), step)


@PROPERTY
@given(documents(), st.data())
def test_a_refined_tile_is_the_area_average_of_the_full_map(document: Document, data: st.DataObject) -> None:
    region = data.draw(views(document.output_size))
    negatives = data.draw(st.sampled_from(NEGATIVES))
    full = SHOWN[negatives](torch_result(document))
    filters = map_filters(edited(document), range(document.conv.spec.out_channels))
    evaluator = Evaluator()
    band_rows = data.draw(st.integers(1, 30))
    with patch.object(evaluate, "band_rows", lambda *_: band_rows):
        evaluator.refine(edited(document), region, filters, negatives, filters)
    for values, each in zip(full, filters, strict=True):
        average = evaluator.averages(edited(document), region, each, negatives)
        assert average is not None
        assert close(average.values, block_means(values, region), 1e-12)
        statistics = evaluator.statistics(edited(document), each, negatives, counted=True)
        assert statistics is not None
        assert close(np.array(statistics.range), np.array([values.min(), values.max()]), 1e-12)
        assert statistics.count == values.size


@PROPERTY
@given(documents("float32"), st.data())
def test_in_float32_to_its_rounding(document: Document, data: st.DataObject) -> None:
    region = data.draw(views(document.output_size))
    filters = map_filters(edited(document), range(document.conv.spec.out_channels))
    evaluator = Evaluator()
    evaluator.refine(edited(document), region, filters)
    for values, each in zip(torch_result(document), filters, strict=True):
        average = evaluator.averages(edited(document), region, each)
        assert average is not None
        assert close(average.values, block_means(values, region), 1e-5)


@PROPERTY
@given(documents(), st.data())
def test_refined_contributions_and_bias_add_up_to_the_refined_map(document: Document, data: st.DataObject) -> None:
    region = data.draw(views(document.output_size))
    output = data.draw(st.integers(0, document.conv.spec.out_channels - 1))
    parts = contribution_filters(edited(document), output)
    evaluator = Evaluator()
    evaluator.refine(edited(document), region, parts)
    averages = [evaluator.averages(edited(document), region, part) for part in parts]
    total = sum(each.values for each in averages if each is not None)
    bias = document.conv.bias[output] if document.conv.spec.bias else 0
    assert close(total + bias, block_means(torch_result(document)[output], region), 1e-12)


def photo(height: int, width: int, seed: int = 5) -> Source:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Source("photo", pixels, ("R", "G", "B"), 255)


def layer(out_channels: int = 2, **changes: object) -> ConvSpec:
    return ConvSpec(out_channels=out_channels, **changes)  # type: ignore[arg-type]


def noise(spec: ConvSpec) -> np.ndarray:
    return np.random.default_rng(1).normal(size=spec.weight_shape)


def test_the_histogram_counts_every_pixel_also_far_outside_the_sample() -> None:
    pixels = np.full((900, 1100, 1), 100, np.uint8)
    pixels[1::7, 1::5] = 130
    pixels[1, 1], pixels[3, 7] = 255, 0  # between the samples
    document = new_document(Source("x", pixels, ("gray",), 255), ConvSpec(1, 1, (1, 1)), np.ones((1, 1, 1, 1)))
    (each,) = map_filters(edited(document), [0])
    evaluator = Evaluator()
    evaluator.refine(edited(document), None, [each], counted=[each])
    statistics = evaluator.statistics(edited(document), each, counted=True)
    assert statistics is not None
    assert statistics.range == pytest.approx((0, 1))
    counts, edges = statistics.histogram(128)
    values = pixels[:, :, 0].astype(np.float32) / np.float32(255)
    assert counts.sum() == values.size
    assert (edges[0], edges[-1]) == pytest.approx((0, 1))
    expected, _ = np.histogram(values, edges)
    assert np.array_equal(counts, expected)


def test_the_histogram_ends_at_the_smallest_and_the_largest_value() -> None:
    document = new_document(photo(300, 400), layer(), noise(layer()))
    (each,) = map_filters(edited(document), [1])
    evaluator = Evaluator()
    evaluator.refine(edited(document), None, [each], counted=[each])
    found = evaluator.statistics(edited(document), each, counted=True)
    assert found is not None
    _, edges = found.histogram(128)
    full = torch_result(document)[1]
    assert (edges[0], edges[-1]) == pytest.approx((full.min(), full.max()))
    assert (np.diff(edges) >= 0).all()


@pytest.mark.parametrize("percentiles", [(0.0, 100.0), (1.0, 99.0), (10.0, 50.0)])
def test_percentiles_are_the_whole_maps(percentiles: tuple[float, float]) -> None:
    document = new_document(photo(700, 900), layer(), noise(layer()))
    filters = map_filters(edited(document), [0, 1])
    evaluator = Evaluator()
    evaluator.refine(edited(document), None, filters, counted=filters)
    for values, each in zip(torch_result(document), filters, strict=True):
        statistics = evaluator.statistics(edited(document), each, counted=True)
        assert statistics is not None
        expected = np.percentile(values, percentiles)
        assert np.abs(np.array(statistics.percentiles(percentiles)) - expected).max() < np.ptp(values) / 1000


def test_nan_and_infinity_stay_where_they_are_and_count_for_nothing() -> None:
    pixels = np.random.default_rng(0).random((40, 40, 1)).astype(np.float32)
    pixels[3, 3], pixels[30, 33] = np.nan, np.inf
    document = new_document(Source("x", pixels, ("gray",), 1.0), ConvSpec(1, 1, (1, 1)), np.ones((1, 1, 1, 1)))
    (each,) = map_filters(edited(document), [0])
    evaluator, region = Evaluator(), whole(40, 40, 4)
    evaluator.refine(edited(document), region, [each], counted=[each])
    average = evaluator.averages(edited(document), region, each)
    statistics = evaluator.statistics(edited(document), each, counted=True)
    assert average is not None
    assert statistics is not None
    assert np.argwhere(np.isnan(average.values)).tolist() == [[0, 0]]
    assert np.argwhere(np.isinf(average.values)).tolist() == [[7, 8]]
    finite = pixels[np.isfinite(pixels)]
    assert statistics.range == (finite.min(), finite.max())
    assert statistics.count == 1598


def test_the_photo_is_averaged_in_the_type_it_is_stored_in() -> None:
    for dtype, top in ((np.uint8, 255), (np.uint16, 65535)):
        pixels = np.random.default_rng(2).integers(0, top + 1, (130, 170, 3)).astype(dtype)
        document = new_document(Source("x", pixels, ("R", "G", "B"), top), layer(), noise(layer()))
        evaluator, region = Evaluator(), Region(12, 24, 6, 9, 12)
        evaluator.refine_source(edited(document), region)
        averages = evaluator.source_averages(edited(document), region)
        assert averages is not None
        assert averages.dtype == dtype
        for channel in range(3):
            expected = np.rint(block_means(pixels[:, :, channel].astype(np.float64), region))
            assert np.abs(averages[:, :, channel].astype(np.float64) - expected).max() <= 1


def test_a_refinement_that_is_stopped_leaves_nothing_behind_and_can_be_made_again() -> None:
    class StopError(Exception):
        pass

    document = new_document(photo(1500, 2000), layer(), noise(layer()))
    filters, region = map_filters(edited(document), [0, 1]), whole(1500, 2000, 5)
    calls = []

    def checkpoint() -> None:
        calls.append(1)
        if len(calls) == 9:
            raise StopError

    evaluator = Evaluator()
    with pytest.raises(StopError):
        evaluator.refine(edited(document), region, filters, "keep", filters, checkpoint)
    assert evaluator.averages(edited(document), region, filters[0]) is None
    assert evaluator.statistics(edited(document), filters[0]) is None
    evaluator.refine(edited(document), region, filters)
    average = evaluator.averages(edited(document), region, filters[1])
    assert average is not None
    assert close(average.values, block_means(torch_result(document)[1], region), 1e-5)


def test_only_the_map_whose_weights_changed_is_refined_again() -> None:
    document = new_document(photo(300, 400), layer(3), noise(layer(3)))
    evaluator, region = Evaluator(), whole(300, 400, 3)
    evaluator.refine(edited(document), region, map_filters(edited(document), range(3)))
    before = [evaluator.averages(edited(document), region, each) for each in map_filters(edited(document), range(3))]
    changed = edits.set_weight(document, (1, 0, 0, 0), 5.0)
    after = [evaluator.averages(edited(changed), region, each) for each in map_filters(edited(changed), range(3))]
    assert after[0] is before[0]
    assert after[1] is None
    assert after[2] is before[2]
    live = evaluator.live(edited(changed), region, contribution_filters(edited(changed), 1))
    more = edited(edits.set_weight(changed, (1, 2, 0, 0), 3.0))
    again = evaluator.live(more, region, contribution_filters(edited(changed), 1))
    assert live[0] is again[0]


def test_magnitudes_have_averages_and_limits_of_their_own() -> None:
    document = new_document(photo(120, 160), layer(), noise(layer()))
    (each,) = map_filters(edited(document), [0])
    evaluator, region, full = Evaluator(), whole(120, 160, 4), torch_result(document)[0]
    for negatives in NEGATIVES:
        evaluator.refine(edited(document), region, [each], negatives)
        average = evaluator.averages(edited(document), region, each, negatives)
        found = evaluator.statistics(edited(document), each, negatives)
        values = SHOWN[negatives](full)
        assert average is not None
        assert found is not None
        assert close(average.values, block_means(values, region), 1e-5)
        assert found.range == pytest.approx((values.min(), values.max()), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("band_s", [1e-5, bands.BAND_S])
def test_a_map_refined_alone_has_the_bits_of_one_refined_with_all(
    band_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bands, "BAND_S", band_s)  # bands of one block each, or of many
    document = new_document(photo(300, 400), layer(6), noise(layer(6)))
    region = whole(300, 400, 43)
    filters = map_filters(edited(document), range(6)) + contribution_filters(edited(document), 0)
    together = Evaluator()
    together.refine(edited(document), region, filters[:6], counted=filters)
    together.refine(edited(document), region, filters[6:], counted=filters)
    for each in filters:
        alone = Evaluator()
        alone.refine(edited(document), region, [each], counted=[each])
        one, all_ = alone.averages(edited(document), region, each), together.averages(edited(document), region, each)
        assert one is not None
        assert all_ is not None
        assert np.array_equal(one.values, all_.values)
        counts = [found.statistics(edited(document), each, counted=True).counts for found in (alone, together)]
        assert np.array_equal(counts[0], counts[1])
