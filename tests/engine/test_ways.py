"""Filters as sums of shifted planes: the same numbers as torch, and far fewer taps where a kernel is separable."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layers import close, documents, torch_result

from convlab.engine.bank import FilterBank
from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import Rounded, contribution_filters, map_filters
from convlab.engine.shifted import shifts_of
from convlab.model import kernels
from convlab.model.document import Document, new_document
from convlab.model.edits import set_weight
from convlab.model.layer import PADDING_MODES, ConvSpec
from convlab.model.maps import edited
from convlab.model.region import whole
from convlab.model.source import Source

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself


def passes(kernel: np.ndarray, dtype: torch.dtype = torch.float32) -> int:
    rounded = torch.tensor(kernel).to(dtype).double().numpy()
    return shifts_of(0, rounded, dtype, finite=True).passes


def photo(height: int, width: int, channels: int = 3) -> Source:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, channels), np.uint8)
    return Source("photo", pixels, ("R", "G", "B")[:channels], 255)


@pytest.mark.parametrize(
    ("kernel", "most"),
    [
        (kernels.sobel_x(), 5),
        (kernels.identity(3), 1),
        (kernels.gaussian(4.0), 2 * 25),
        (kernels.box(9), 18),
        (kernels.gaussian(4.0) - 0.5 * kernels.gaussian(2.5, 25), 4 * 25),
    ],
)
def test_separable_kernels_take_columns_and_rows(kernel: np.ndarray, most: int) -> None:
    assert passes(kernel) <= most


def test_a_kernel_of_full_rank_is_taken_tap_by_tap() -> None:
    assert passes(np.random.default_rng(0).normal(size=(7, 7))) == 49
    assert passes(np.diag([1.0, 2.0, 3.0, 4.0, 5.0])) == 5


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_separable_layer_is_torchs(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    size = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    rank = data.draw(st.integers(1, 3))
    groups = data.draw(st.sampled_from([1, 3]))
    dtype = data.draw(st.sampled_from(["float32", "float64"]))
    spec = ConvSpec(
        3,
        6,
        size,
        stride=data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        padding=(data.draw(st.integers(0, 5)), data.draw(st.integers(0, 5))),
        dilation=data.draw(st.tuples(st.integers(1, 2), st.integers(1, 2))),
        groups=groups,
        padding_mode=data.draw(st.sampled_from(PADDING_MODES)),
        dtype=dtype,
    )
    columns, rows = rng.normal(size=(6, 3 // groups, rank, size[0])), rng.normal(size=(6, 3 // groups, rank, size[1]))
    weight = np.einsum("oirh,oirw->oihw", columns, rows)
    document = new_document(photo(21, 24), spec, weight, rng.normal(size=6))
    if document.problems():
        return
    values = Evaluator().maps(edited(document), whole(*document.output_size), range(6))
    expected = torch_result(document, torch.float64)
    assert close(values, expected, 1e-12 if dtype == "float64" else 1e-5)


@pytest.mark.parametrize("way", ["dense", "shifted", "spectral"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents(), data=st.data())
def test_every_way_gives_torchs_numbers(
    way: str, document: Document, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(bank: FilterBank, each: Rounded) -> str:
        bank._shifts[each.number] = bank._shifts_of(each)
        return way if way != "spectral" or bank._finite else "dense"

    monkeypatch.setattr(FilterBank, "_way", choose)
    expected = torch_result(document)
    step = data.draw(st.integers(1, 4))
    region = whole(*document.output_size, step)
    outputs = range(document.conv.spec.out_channels)
    assert close(Evaluator().maps(edited(document), region, outputs), expected[:, ::step, ::step], 1e-12)
    live = Evaluator().live(edited(document), region, map_filters(edited(document), outputs))
    assert close(np.stack([each.values for each in live]), expected[:, ::step, ::step], 1e-12)


def test_tiles_of_a_large_photo_join_without_a_seam() -> None:
    kernel = np.random.default_rng(0).normal(size=(2, 3, 33, 29))
    spec = ConvSpec(3, 2, (33, 29), stride=(2, 1), padding=(7, 40), padding_mode="circular")
    document = new_document(photo(1400, 2300), spec, kernel, np.array([0.5, -1.0]))
    assert FilterBank(map_filters(edited(document), [0, 1]), spec, finite=True).tile_rows == 240
    values = Evaluator().maps(edited(document), whole(*document.output_size), [0, 1])
    expected = torch_result(document, torch.float32)
    assert np.abs(values - expected).max() <= 2e-5 * np.ptp(expected)


def test_which_way_is_taken() -> None:
    def way(kernel: np.ndarray, outputs: int = 3, groups: int = 3) -> str:
        spec = ConvSpec(3, outputs, kernel.shape, groups=groups)
        weight = np.broadcast_to(kernel, (outputs, 3 // groups, *kernel.shape)).copy()
        filters = map_filters(edited(new_document(photo(8, 8), spec, weight)), range(outputs))
        bank = FilterBank(filters, spec, finite=True)
        return "spectral" if bank.tile_rows else "shifted" if bank.planar else "dense"

    full_rank = np.random.default_rng(0).normal(size=(31, 31))
    assert way(kernels.sobel_x()) == "shifted"
    assert way(np.random.default_rng(0).normal(size=(3, 3)), 6, 1) == "dense"
    assert way(full_rank) == way(full_rank, 6, 1) == "spectral"


@pytest.mark.parametrize("step", [1, 3, 40])
@pytest.mark.parametrize(
    "kernel",
    [kernels.gaussian(5.0), kernels.motion_blur(25, 30), kernels.laplacian_of_gaussian(4.0), kernels.gabor(12, 30, 5)],
)
def test_large_kernels_live_and_whole_are_torchs(kernel: np.ndarray, step: int) -> None:
    spec = ConvSpec(3, 3, kernel.shape, groups=3, bias=False, padding_mode="reflect")
    document = new_document(photo(180, 220), spec, np.stack([kernel[None]] * 3))
    expected = torch_result(document)[:, ::step, ::step]
    region = whole(180, 220, step)
    live = [each.values for each in Evaluator().live(edited(document), region, map_filters(edited(document), range(3)))]
    span = np.ptp(expected)
    assert np.abs(np.stack(live) - expected).max() <= 1e-5 * span
    assert np.abs(Evaluator().maps(edited(document), region, range(3)) - expected).max() <= 1e-5 * span


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_maps_put_in_given_memory_are_the_same(dtype: str) -> None:
    spec = ConvSpec(3, 4, (3, 3), dtype=dtype)
    weight = np.random.default_rng(1).normal(size=spec.weight_shape)
    shown = edited(new_document(photo(60, 50), spec, weight))
    region, evaluator = whole(*shown.output_size), Evaluator()
    wanted = evaluator.maps(shown, region, range(4))
    out = np.full_like(wanted, np.nan)
    assert evaluator.maps(shown, region, range(4), out=out) is out
    np.testing.assert_array_equal(out, wanted)


@pytest.mark.parametrize("step", [1, 30])
def test_live_parts_of_a_larger_kernel_are_torchs_and_have_a_fresh_engines_bits(step: int) -> None:
    """Each reads its own channel's samples, which are kept by themselves."""
    spec, region = ConvSpec(3, 2, (11, 11), padding="same", bias=False), whole(180, 220, step)
    weight = np.random.default_rng(2).normal(size=spec.weight_shape)
    document = new_document(photo(180, 220), spec, weight)
    changed = set_weight(document, (1, 2, 5, 5), 3.0)
    evaluator = Evaluator()
    evaluator.live(edited(document), region, contribution_filters(edited(document), 1))
    parts = contribution_filters(edited(changed), 1)
    found = [each.values for each in evaluator.live(edited(changed), region, parts)]
    fresh = [each.values for each in Evaluator().live(edited(changed), region, parts)]
    expected = torch_result(changed)[1, ::step, ::step]
    np.testing.assert_array_equal(found, fresh)
    np.testing.assert_allclose(np.sum(found, axis=0), expected, rtol=0, atol=1e-5 * np.ptp(expected))


def test_samples_of_single_channels_count_as_memory_at_once() -> None:
    spec, region = ConvSpec(3, 2, (11, 11), padding="same"), whole(180, 220)
    shown, evaluator = edited(new_document(photo(180, 220), spec, np.ones(spec.weight_shape))), Evaluator()
    evaluator.live(shown, region, map_filters(shown, [0]))
    before = evaluator.kept.total
    evaluator.live(shown, region, contribution_filters(shown, 0))
    samples, maps = 3 * 190 * 230 * 4, 3 * 180 * 220 * 4
    assert evaluator.kept.total - before == samples + maps
