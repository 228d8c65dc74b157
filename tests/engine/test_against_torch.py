"""The engine's numbers are torch's: any layer, any region, any sampling."""

from __future__ import annotations

from collections.abc import Sequence
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layers import NAMES, close, documents, torch_result

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model import edits, opening
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import activated, edited
from convlab.model.region import Region, whole
from convlab.model.source import Source

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself
PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def live_maps(
    evaluator: Evaluator, document: Document, region: Region, outputs: Sequence[int]
) -> dict[int, np.ndarray]:
    maps = evaluator.live(activated(document), region, map_filters(activated(document), outputs))
    return {output: each.values for output, each in zip(outputs, maps, strict=True)}


@PROPERTY
@given(documents())
def test_whole_maps_equal_torch_in_float64(document: Document) -> None:
    expected = torch_result(document)
    assert document.output_size == expected.shape[1:]
    values = Evaluator().maps(edited(document), whole(*document.output_size), range(document.conv.spec.out_channels))
    assert values.dtype == np.float64
    assert close(values, expected, 1e-12)


@PROPERTY
@given(documents("float32"))
def test_whole_maps_equal_torch_in_float32(document: Document) -> None:
    values = Evaluator().maps(edited(document), whole(*document.output_size), range(document.conv.spec.out_channels))
    assert values.dtype == np.float32
    assert close(values, torch_result(document, torch.float32), 1e-5)


@PROPERTY
@given(documents(), st.data())
def test_regions_too_large_to_keep_their_samples_are_the_same(document: Document, data: st.DataObject) -> None:
    step = data.draw(st.integers(1, 4))
    region = whole(*document.output_size, step)
    outputs = range(document.conv.spec.out_channels)
    with patch("convlab.engine.evaluate.GATHERED_BYTES", 0):
        live = live_maps(Evaluator(), document, region, outputs)
        part = Evaluator().contributions(edited(document), region, 0)
    assert close(np.stack([live[output] for output in outputs]), torch_result(document)[:, ::step, ::step], 1e-12)
    assert close(part, Evaluator().contributions(edited(document), region, 0), 1e-12)


@PROPERTY
@given(documents(), st.data())
def test_any_region_at_any_sampling_is_that_part_of_the_whole(document: Document, data: st.DataObject) -> None:
    expected = torch_result(document)
    height, width = document.output_size
    step = data.draw(st.integers(1, 6))
    top = data.draw(st.integers(0, height - 1))
    left = data.draw(st.integers(0, width - 1))
    rows = data.draw(st.integers(1, (height - 1 - top) // step + 1))
    cols = data.draw(st.integers(1, (width - 1 - left) // step + 1))
    outputs = data.draw(st.lists(st.integers(0, document.conv.spec.out_channels - 1), min_size=1, unique=True))
    values = Evaluator().maps(edited(document), Region(top, left, rows, cols, step), outputs)
    part = expected[outputs, top : top + rows * step : step, left : left + cols * step : step][:, :rows, :cols]
    assert close(values, part, 1e-12)
    live = live_maps(Evaluator(), document, Region(top, left, rows, cols, step), outputs)
    assert close(np.stack([live[output] for output in outputs]), part, 1e-12)


@PROPERTY
@given(documents("float32"), st.data())
def test_a_sampled_tile_is_torchs_in_float32_to_its_rounding(document: Document, data: st.DataObject) -> None:
    expected, step = torch_result(document), data.draw(st.integers(1, 9))
    region, outputs = whole(*document.output_size, step), range(document.conv.spec.out_channels)
    live = live_maps(Evaluator(), document, region, outputs)
    assert close(np.stack([live[output] for output in outputs]), expected[:, ::step, ::step], 1e-5)


@PROPERTY
@given(documents(), st.data())
def test_contributions_and_bias_add_up_to_the_map(document: Document, data: st.DataObject) -> None:
    output = data.draw(st.integers(0, document.conv.spec.out_channels - 1))
    region = whole(*document.output_size)
    parts = Evaluator().contributions(edited(document), region, output)
    assert len(parts) == document.conv.spec.in_channels // document.conv.spec.groups
    bias = document.conv.bias[output] if document.conv.spec.bias else 0
    assert close(parts.sum(axis=0) + bias, torch_result(document)[output], 1e-12)


@settings(max_examples=25, deadline=None)
@given(documents(), st.data())
def test_live_maps_after_a_walk_of_edits_are_a_fresh_start(document: Document, data: st.DataObject) -> None:
    evaluator = Evaluator()
    region = whole(*document.output_size, 2)
    for _ in range(12):
        kind = data.draw(st.sampled_from(["weight", "bias", "mute", "activation", "region", "outputs"]))
        output = data.draw(st.integers(0, document.conv.spec.out_channels - 1))
        value = data.draw(st.floats(-3, 3))
        if kind == "weight":
            document = edits.set_weight(document, (output, 0, 0, 0), value)
        elif kind == "bias":
            document = edits.set_bias(document, output, value)
        elif kind == "mute":
            document = edits.change_channel(document, 0, muted=value > 0)
        elif kind == "activation":
            document = edits.set_activation(document, data.draw(st.sampled_from(["none", "relu", "tanh", "sigmoid"])))
        elif kind == "region":
            region = whole(*document.output_size, data.draw(st.integers(1, 3)))
        outputs = range(document.conv.spec.out_channels) if kind == "outputs" else [output]
        live = live_maps(evaluator, document, region, outputs)
        fresh = Evaluator().maps(activated(document), region, list(outputs))
        for place, number in enumerate(outputs):
            assert close(live[number], fresh[place], 1e-12)


def photo(height: int, width: int, channels: int = 3) -> Source:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, channels), np.uint8)
    return Source("photo", pixels, NAMES[:channels], 255)


def test_a_photo_larger_than_a_band_equals_torch() -> None:
    spec = ConvSpec(out_channels=4, kernel_size=(5, 5), padding_mode="reflect")
    document = new_document(photo(1500, 2000), spec, np.random.default_rng(1).normal(size=spec.weight_shape))
    values = Evaluator().maps(edited(document), whole(1500, 2000), range(4))
    assert close(values, torch_result(document, torch.float32), 1e-5)


def test_muted_soloed_and_reordered_channels() -> None:
    document = new_document(photo(9, 9), ConvSpec(dtype="float64"), np.random.default_rng(1).normal(size=(2, 3, 3, 3)))
    planes = document.source.pixels / 255.0

    def expected(order: list[int], silent: set[int]) -> np.ndarray:
        stack = np.stack([planes[:, :, c] * (c not in silent) for c in order])
        return torch.conv2d(torch.tensor(stack)[None], torch.tensor(document.conv.kernel_slices), padding="same")[
            0
        ].numpy()

    region = whole(9, 9)
    muted = edits.change_channel(document, 1, muted=True)
    assert close(Evaluator().maps(edited(muted), region, [0, 1]), expected([0, 1, 2], {1}), 1e-12)
    solo = edits.change_channel(document, 2, solo=True)
    assert close(Evaluator().maps(edited(solo), region, [0, 1]), expected([0, 1, 2], {0, 1}), 1e-12)
    moved = edits.move_channel(document, 2, -2)
    assert close(Evaluator().maps(edited(moved), region, [0, 1]), expected([2, 0, 1], set()), 1e-12)


@pytest.mark.parametrize(
    ("activation", "function"), [("relu", torch.relu), ("sigmoid", torch.sigmoid), ("tanh", torch.tanh)]
)
def test_the_activation_follows_the_bias(activation: str, function: object) -> None:
    document = new_document(photo(9, 9), ConvSpec(dtype="float64"), np.random.default_rng(1).normal(size=(2, 3, 3, 3)))
    document = edits.set_bias(edits.set_activation(document, activation), 0, -0.5)
    values = Evaluator().maps(activated(document), whole(9, 9), [0, 1])
    assert close(values, function(torch.tensor(torch_result(document))).numpy(), 1e-12)


@pytest.mark.parametrize(("dtype", "relative"), [("float16", 2e-3), ("bfloat16", 2e-2)])
def test_half_types_are_torchs_to_their_rounding(dtype: str, relative: float) -> None:
    document = new_document(photo(12, 12), ConvSpec(dtype=dtype), np.random.default_rng(1).normal(size=(2, 3, 3, 3)))
    values = Evaluator().maps(edited(document), whole(12, 12), [0, 1])
    assert close(values, torch_result(document), relative)
    as_half = torch.from_numpy(values).to(getattr(torch, dtype)).float().numpy()
    assert np.array_equal(values, as_half)


def test_the_kernel_shown_is_the_kernel_applied_not_its_flip() -> None:
    pixels = np.zeros((5, 5, 1), np.uint8)
    pixels[2, 2] = 255
    kernel = np.arange(9.0).reshape(1, 1, 3, 3)
    document = new_document(Source("impulse", pixels, ("gray",), 255), ConvSpec(1, 1), kernel)
    values = Evaluator().maps(edited(document), whole(5, 5), [0])[0]
    assert values[1:4, 1:4].tolist() == kernel[0, 0, ::-1, ::-1].tolist()


def test_nan_and_infinity_pass_through_as_torch_passes_them() -> None:
    pixels = np.ones((6, 6, 1), np.float32)
    pixels[1, 1], pixels[4, 4] = np.nan, np.inf
    document = new_document(Source("x", pixels, ("gray",), 1.0), ConvSpec(1, 1), np.ones((1, 1, 3, 3)))
    values = Evaluator().maps(edited(document), whole(6, 6), [0])
    assert np.array_equal(values, torch_result(document, torch.float32), equal_nan=True)


def test_a_checkpoint_that_raises_stops_between_bands() -> None:
    class StopError(Exception):
        pass

    calls = []

    def checkpoint() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise StopError

    document = new_document(photo(1500, 2000), ConvSpec(), np.zeros((2, 3, 3, 3)))
    with pytest.raises(StopError):
        Evaluator().maps(edited(document), whole(1500, 2000), [0, 1], checkpoint)
    assert len(calls) == 2


def test_another_photo_at_the_same_address_is_not_mistaken_for_the_old_one() -> None:
    evaluator = Evaluator()
    document = new_document(photo(8, 8), ConvSpec(), np.ones((2, 3, 3, 3)))
    for level in range(20):
        pixels = np.full((8, 8, 3), level * 10, np.uint8)
        document = opening.set_source(document, Source("new", pixels, ("R", "G", "B"), 255))
        live = live_maps(evaluator, document, whole(8, 8), [0])
        assert close(live[0], torch_result(document)[0], 1e-6)
