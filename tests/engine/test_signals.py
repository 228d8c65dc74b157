"""Conv1d and ConvTranspose1d on signals are torch's own, as are their code and what torch refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from hypothesis import assume, given
from hypothesis import strategies as st
from pasted import layer_output
from random_layers import torch_input
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model import edits
from convlab.model.code import torch_repr
from convlab.model.document import Document, new_document
from convlab.model.layer import PADDING_MODES, ConvSpec
from convlab.model.maps import edited
from convlab.model.region import whole
from convlab.model.shape import output_size
from convlab.model.source import Line, Source
from convlab.model.stack_code import layer_code
from convlab.model.weights import from_torch, to_torch

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself


@st.composite
def signals(draw: st.DrawFn) -> Document:
    """A valid Conv1d or ConvTranspose1d in float64 on a short signal."""
    groups, transposed = draw(st.integers(1, 3)), draw(st.booleans())
    inputs, outputs = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 3))
    numbers = st.integers(0, 6).map(lambda n: (0, n))
    padding = draw(numbers if transposed else st.one_of(numbers, st.sampled_from(["same", "valid", "causal"])))
    mode = "zeros" if transposed or padding == "causal" else draw(st.sampled_from(PADDING_MODES))
    spec = ConvSpec(
        inputs,
        outputs,
        (1, draw(st.integers(1, 6))),
        (1, 1 if padding == "same" else draw(st.integers(1, 4))),
        padding,
        (1, draw(st.integers(1, 3))),
        groups,
        draw(st.booleans()),
        mode,
        dtype="float64",
        transposed=transposed,
        output_padding=(0, draw(st.integers(0, 3))) if transposed else (0, 0),
        dims=1,
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pixels = rng.normal(size=(1, draw(st.integers(1, 30)), inputs)).astype(np.float32)
    source = Source("x", pixels, tuple(f"c{n}" for n in range(inputs)), 1.0, signal=True)
    document = new_document(source, spec, rng.normal(size=spec.weight_shape), rng.normal(size=outputs))
    assume(not document.problems())
    return document


def torch_signal(document: Document) -> np.ndarray:
    """torch's own Conv1d or ConvTranspose1d: [C_out, L_out]; causal padding by F.pad."""
    spec = document.conv.spec
    arguments = {
        "stride": spec.stride[2],
        "padding": spec.padding if isinstance(spec.padding, str) else spec.padding[2],
        "dilation": spec.dilation[2],
        "groups": spec.groups,
        "bias": spec.bias,
        "padding_mode": spec.padding_mode,
        "dtype": torch.float64,
    }
    x = torch_input(document)
    if spec.padding == "causal":
        x, arguments["padding"] = F.pad(x, (spec.dilation[2] * (spec.kernel_size[2] - 1), 0)), 0
    if spec.transposed:
        arguments["output_padding"] = spec.output_padding[2]
    kind = nn.ConvTranspose1d if spec.transposed else nn.Conv1d
    layer = kind(spec.in_channels, spec.out_channels, spec.kernel_size[2], **arguments)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(to_torch(spec, document.conv.weight).copy()))
        if spec.bias:
            layer.bias.copy_(torch.from_numpy(document.conv.bias.copy()))
        if spec.padding != "causal":
            assert repr(layer) == torch_repr(spec)
        return layer(x)[0].numpy()


@given(signals())
def test_maps_are_those_of_torch(document: Document) -> None:
    wanted = torch_signal(document)
    maps = Evaluator().maps(edited(document), whole(*document.output_size), range(document.conv.spec.out_channels))
    assert maps.shape == (len(wanted), 1, wanted.shape[1])
    np.testing.assert_allclose(maps[:, 0], wanted, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(wanted).max()))
    assert np.array_equal(
        from_torch(document.conv.spec, to_torch(document.conv.spec, document.conv.weight)), document.conv.weight
    )


@given(signals(), st.data())
def test_an_explained_sum_is_the_maps_value(document: Document, data: st.DataObject) -> None:
    col = data.draw(st.integers(0, document.output_size[1] - 1))
    found = explain(Evaluator(), edited(document), 0, 0, col)
    total = float((found.values * found.weights).sum()) + (found.bias or 0.0)
    assert total == pytest.approx(torch_signal(document)[0, col], rel=1e-9, abs=1e-9)


def test_the_issues_figures() -> None:
    conv = ConvSpec(16, 33, (1, 3), (1, 2), (0, 0), dims=1)
    assert (
        output_size(conv, (1, 1, 50))
        == (1, 1, 24)
        == (1, 1, nn.Conv1d(16, 33, 3, stride=2)(torch.zeros(20, 16, 50)).shape[2])
    )
    back = ConvSpec(2, 3, (1, 3), (1, 1), (0, 0), dims=1, transposed=True)
    assert output_size(back, (1, 1, 2)) == (1, 1, 4)
    assert nn.ConvTranspose1d(2, 3, 3)(torch.zeros(20, 2, 2)).shape == (20, 3, 4)


@pytest.mark.parametrize("kind", ["Conv1d", "ConvTranspose1d", "LazyConv1d", "LazyConvTranspose1d", "causal"])
def test_the_code_shown_gives_the_same_numbers(kind: str, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).normal(size=(1, 20, 2)).astype(np.float32)
    source = Source("x", pixels, ("left", "right"), 1.0, signal=True)
    spec = ConvSpec(2, 3, (1, 3), dtype="float64", dims=1)
    document = new_document(source, spec, np.random.default_rng(2).normal(size=spec.weight_shape))
    document = edits.set_kind(document, "Conv1d" if kind == "causal" else kind)
    if kind == "causal":
        document = edits.set_layer(document, padding="causal", dilation=(1, 2))
        assert "left only" in layer_code(document)
    assert not document.problems()
    wanted = layer_output(document, torch_input(document).numpy(), tmp_path)
    maps = Evaluator().maps(edited(document), whole(*document.output_size), range(3))
    np.testing.assert_allclose(maps[:, 0], wanted, rtol=1e-12, atol=1e-12)


def test_between_pictures_and_signals_nothing_is_lost() -> None:
    rng = np.random.default_rng(5)
    photo = Source("p", rng.integers(0, 256, (9, 12, 3)).astype(np.uint8), ("R", "G", "B"), 255.0)
    document = new_document(photo, ConvSpec(3, 2), rng.normal(size=(2, 3, 3, 3)))
    line = edits.set_kind(document, "Conv1d")
    assert line.picture.size == (1, 12)
    np.testing.assert_array_equal(line.picture.pixels[0], photo.pixels[4])
    np.testing.assert_array_equal(line.conv.kernel_slices[:, :, 0], document.conv.kernel_slices[:, :, 1])
    moved = edits.set_line(line, Line("column", 3))
    np.testing.assert_array_equal(moved.picture.pixels[0], photo.pixels[:, 3])
    back = edits.set_kind(moved, "Conv2d")
    assert back.picture is photo
    np.testing.assert_array_equal(back.conv.weight, line.conv.weight)


def test_a_kernel_of_several_rows_acts_on_a_signal_as_on_a_picture_of_equal_rows() -> None:
    rng = np.random.default_rng(6)
    row = rng.normal(size=(1, 20, 1)).astype(np.float32)
    kernel = rng.normal(size=(3, 5))
    signal = Source("x", row, ("c0",), 1.0, signal=True)
    one = new_document(signal, ConvSpec(1, 1, (1, 3), padding=(0, 0), dtype="float64", dims=1), np.ones((1, 1, 1, 3)))
    one = edits.act_on_kernels(one, "all", (0, 0), lambda _: kernel)
    rows = Source("x", np.repeat(row, 3, axis=0), ("c0",), 1.0)
    two = new_document(rows, ConvSpec(1, 1, (3, 5), padding=(0, 0), dtype="float64"), kernel[None, None])
    maps = [Evaluator().maps(edited(d), whole(*d.output_size), [0]) for d in (one, replace(two))]
    np.testing.assert_allclose(*maps, rtol=1e-12, atol=1e-12)
