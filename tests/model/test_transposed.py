"""The transposed layer: torch's sizes, weights, refusals and output_padding; to and fro nothing that fits is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convlab.engine.evaluate import Evaluator
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.matrix import matrix_source
from convlab.model.problems import problems
from convlab.model.region import whole
from convlab.model.shape import multiply_accumulates, output_size, parameter_count, torch_weight_shape
from convlab.model.weights import default_weight, from_torch, to_torch

SPECS = st.builds(
    lambda g, i, o, k, s, p, d, x: ConvSpec(
        g * i, g * o, k, s, p, d, groups=g, transposed=True, output_padding=x, bias=False
    ),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 3),
    *[st.tuples(st.integers(least, most), st.integers(least, most)) for least, most in ((1, 4), (1, 4), (0, 3))],
    st.tuples(st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
)


def torch_layer(spec: ConvSpec) -> torch.nn.ConvTranspose2d:
    return torch.nn.ConvTranspose2d(
        spec.in_channels,
        spec.out_channels,
        spec.torch_sizes(spec.kernel_size),
        spec.torch_sizes(spec.stride),
        spec.torch_sizes(spec.padding),
        spec.torch_sizes(spec.output_padding),
        spec.groups,
        spec.bias,
        spec.torch_sizes(spec.dilation),
        dtype=torch.float64,
    )


@given(SPECS, st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_sizes_and_refusals_are_torchs(spec: ConvSpec, size: tuple[int, int]) -> None:
    found = problems(spec, spec.in_channels, (1, *size))
    try:
        result = torch_layer(spec)(torch.zeros(1, spec.in_channels, *size, dtype=torch.float64))
    except RuntimeError:
        assert found
    else:
        if result.numel():
            assert found == ()
            assert (1, *result.shape[2:]) == output_size(spec, (1, *size))
        else:
            assert found


@given(SPECS, st.tuples(st.integers(1, 6), st.integers(1, 6)))
def test_what_is_offered_instead_works(spec: ConvSpec, size: tuple[int, int]) -> None:
    for _ in range(6):
        found = problems(spec, spec.in_channels, (1, *size))
        if not found:
            break
        spec = replace(spec, **{found[0].field: found[0].value})
    assert found == ()


@given(SPECS)
def test_weights_go_to_torch_and_back(spec: ConvSpec) -> None:
    weight = np.random.default_rng(1).normal(size=spec.weight_shape)
    there = to_torch(spec, weight)
    assert there.shape == torch_weight_shape(spec) == tuple(torch_layer(spec).weight.shape)
    np.testing.assert_array_equal(from_torch(spec, there), weight)


def test_the_figures_of_the_documentation() -> None:
    spec = ConvSpec(2, 3, padding=(0, 0), transposed=True)
    assert output_size(spec, (1, 2, 2)) == (1, 4, 4)
    assert parameter_count(spec) == sum(p.numel() for p in torch.nn.ConvTranspose2d(2, 3, 3).parameters())
    assert multiply_accumulates(spec, (1, 2, 2)) == 4 * 2 * 3 * 9


def test_default_weights_have_torchs_spread() -> None:
    """Uniform within ±1/√(out_channels / groups · k²), as torch's own initialisation of a large layer is."""
    spec = ConvSpec(64, 8, transposed=True)
    torch.manual_seed(0)
    largest = float(torch.nn.ConvTranspose2d(64, 8, 3).weight.detach().abs().max())
    assert np.abs(default_weight(spec, 1)).max() == pytest.approx(largest, rel=0.02)


@pytest.mark.parametrize("extra", [0, 1])
def test_output_padding_picks_among_the_sizes_that_a_strided_convolution_maps_here(extra: int) -> None:
    back = ConvSpec(1, 1, stride=(2, 2), padding=(1, 1), transposed=True, output_padding=(extra, extra))
    picked = output_size(back, (1, 4, 4))
    assert picked == (1, 7 + extra, 7 + extra)
    assert output_size(ConvSpec(1, 1, stride=(2, 2), padding=(1, 1)), picked) == (1, 4, 4)


def document(**layer: object) -> Document:
    spec = ConvSpec(1, 1, **{"padding": (0, 0), "bias": False, **layer})
    return new_document(matrix_source(np.ones((1, 3, 3))), spec, np.ones(spec.weight_shape))


def test_overlaps_add_up_to_a_checkerboard() -> None:
    """Ones scattered by a 3 × 3 kernel of ones with stride 2: places are hit once, twice or four times."""
    found = Evaluator().maps(edited(document(stride=(2, 2), transposed=True)), whole(7, 7), [0])[0]
    line = np.array([1, 1, 2, 1, 2, 1, 1])
    np.testing.assert_array_equal(found, np.outer(line, line))


@given(st.data())
def test_it_is_the_adjoint_of_the_convolution_with_the_same_weights(data: st.DataObject) -> None:
    """⟨A x, y⟩ = ⟨x, Aᵀ y⟩, both sides by our engine."""
    stride, pad = data.draw(st.integers(1, 3)), data.draw(st.integers(0, 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    weight = rng.normal(size=(1, 1, 3, 3))
    conv = ConvSpec(1, 1, stride=(stride, stride), padding=(pad, pad), bias=False, dtype="float64")
    x = rng.normal(size=(1, 8, 9)).astype(np.float32)
    forward = new_document(matrix_source(x), conv, weight)
    size = forward.output_size
    extra = tuple((n + 2 * pad - 3) % stride for n in (8, 9))
    back = replace(conv, transposed=True, output_padding=extra)
    y = rng.normal(size=(1, *size)).astype(np.float32)
    backward = new_document(matrix_source(y), back, weight)
    assert backward.output_size == (8, 9)
    ax = Evaluator().maps(edited(forward), whole(*size), [0])[0]
    aty = Evaluator().maps(edited(backward), whole(8, 9), [0])[0]
    assert float((ax * y[0]).sum()) == pytest.approx(float((aty * x[0]).sum()), rel=1e-9, abs=1e-9)


def test_to_and_fro_keeps_weights_and_leaves_what_cannot_be() -> None:
    start = document(padding="same", padding_mode="reflect")
    there = edits.set_layer(start, transposed=True)
    assert there.problems() == ()
    assert (there.conv.spec.padding, there.conv.spec.padding_mode) == ((0, 1, 1), "zeros")
    back = edits.set_layer(edits.set_layer(there, output_padding=(0, 0)), transposed=False)
    assert back.problems() == ()
    np.testing.assert_array_equal(back.conv.weight, start.conv.weight)
