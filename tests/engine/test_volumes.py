"""Conv3d and ConvTranspose3d: every slice of every map is torch's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from pasted import layer_output, network_output
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model import edits, opening
from convlab.model.code import torch_repr
from convlab.model.document import Document, new_document
from convlab.model.layer import PADDING_MODES, ConvSpec
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.base import Layer
from convlab.model.layers.pad import Pad
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.pool import Pool
from convlab.model.layers.upsample import Upsample
from convlab.model.maps import LayerMaps, edited, last
from convlab.model.reading import Input
from convlab.model.region import whole
from convlab.model.signals import volume_source
from convlab.model.source import Source
from convlab.model.stack import ConvLayer, Entry, Shape
from convlab.model.stack_code import CODE_STYLES, CodeStyle
from convlab.model.volumes import receptive_size
from convlab.model.weights import from_torch, to_torch

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself


def volume(rng: np.random.Generator, shape: tuple[int, int, int, int]) -> Source:
    """[D, H, W, C] of noise."""
    slices = rng.normal(size=shape).astype(np.float32)
    names = tuple(f"c{n}" for n in range(shape[3]))
    return volume_source(slices, Source("v", slices[0].copy(), names, 1.0))


@st.composite
def volumes(draw: st.DrawFn) -> Document:
    """A valid Conv3d or ConvTranspose3d in float64 on a small volume."""
    groups, transposed = draw(st.integers(1, 2)), draw(st.booleans())
    inputs, outputs = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    small = st.integers(1, 3)
    numbers = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
    padding = draw(numbers if transposed else st.one_of(numbers, st.sampled_from(["same", "valid"])))
    stride = st.just(1) if padding == "same" else small
    extra = st.integers(0, 2) if transposed else st.just(0)
    spec = ConvSpec(
        inputs,
        outputs,
        (draw(small), draw(small), draw(small)),
        (draw(stride), draw(stride), draw(stride)),
        padding,
        (draw(small), draw(small), draw(small)),
        groups,
        draw(st.booleans()),
        "zeros" if transposed else draw(st.sampled_from(PADDING_MODES)),
        dtype="float64",
        transposed=transposed,
        output_padding=(draw(extra), draw(extra), draw(extra)),
        dims=3,
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    source = volume(rng, (draw(st.integers(1, 6)), draw(st.integers(1, 7)), draw(st.integers(1, 7)), inputs))
    document = new_document(source, spec, rng.normal(size=spec.weight_shape), rng.normal(size=outputs))
    assume(not document.problems())
    return document


def torch_volume(document: Document) -> np.ndarray:
    """torch's own layer: [C_out, D, H, W]."""
    spec = document.conv.spec
    arguments = {name: getattr(spec, name) for name in ("stride", "padding", "dilation")}
    if spec.transposed:
        arguments["output_padding"] = spec.output_padding
    kind = nn.ConvTranspose3d if spec.transposed else nn.Conv3d
    layer = kind(
        spec.in_channels,
        spec.out_channels,
        spec.kernel_size,
        groups=spec.groups,
        bias=spec.bias,
        padding_mode=spec.padding_mode,
        dtype=torch.float64,
        **arguments,
    )
    assert repr(layer) == torch_repr(spec)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(to_torch(spec, document.conv.weight).copy()))
        if spec.bias:
            layer.bias.copy_(torch.from_numpy(document.conv.bias.copy()))
        assert document.source.volume is not None
        x = torch.from_numpy(document.source.volume.astype(np.float64)).permute(3, 0, 1, 2)[None]
        return layer(x)[0].numpy()


@given(volumes())
def test_every_slice_is_torchs(document: Document) -> None:
    wanted = torch_volume(document)
    assert document.output_shape.size[0] == wanted.shape[1]
    for depth in range(wanted.shape[1]):
        flat = edited(document, depth)
        assert flat.problems() == ()
        maps = Evaluator().maps(flat, whole(*flat.output_size), range(document.conv.spec.out_channels))
        np.testing.assert_allclose(maps, wanted[:, depth], rtol=1e-9, atol=1e-9 * max(1.0, np.abs(wanted).max()))
    assert np.array_equal(
        from_torch(document.conv.spec, to_torch(document.conv.spec, document.conv.weight)), document.conv.weight
    )


@given(volumes(), st.data())
def test_an_explained_sum_is_the_volumes_value(document: Document, data: st.DataObject) -> None:
    wanted = torch_volume(document)
    depth, row, col = (data.draw(st.integers(0, n - 1)) for n in wanted.shape[1:])
    found = explain(Evaluator(), edited(document, depth), 0, row, col)
    total = float((found.values * found.weights).sum()) + (found.bias or 0.0)
    assert total == pytest.approx(wanted[0, depth, row, col], rel=1e-9, abs=1e-9)


def test_the_issues_figures() -> None:
    rng = np.random.default_rng(0)
    conv = ConvSpec(2, 3, (3, 3, 3), (2, 2, 2), (0, 0, 0), dims=3)
    document = new_document(volume(rng, (4, 5, 6, 2)), conv, np.zeros(conv.weight_shape))
    assert (document.output_shape.size[0], *document.output_size) == (1, 2, 2)
    assert nn.Conv3d(2, 3, 3, stride=2)(torch.zeros(20, 2, 4, 5, 6)).shape == (20, 3, 1, 2, 2)
    back = replace(conv, stride=(1, 1, 1), transposed=True)
    document = new_document(volume(rng, (2, 2, 2, 2)), back, np.zeros(back.weight_shape))
    assert (document.output_shape.size[0], *document.output_size) == (4, 4, 4)
    assert nn.ConvTranspose3d(2, 3, 3)(torch.zeros(20, 2, 2, 2, 2)).shape == (20, 3, 4, 4, 4)


def test_what_torch_refuses_along_depth_is_said_and_mended() -> None:
    rng = np.random.default_rng(0)
    spec = ConvSpec(1, 1, (9, 3, 3), (1, 1, 1), (1, 1, 1), dims=3)
    document = new_document(volume(rng, (4, 6, 6, 1)), spec, np.zeros(spec.weight_shape))
    (problem,) = document.problems()
    assert problem.field == "kernel_size"
    assert "9 × 3 × 3, more than the padded input of 6 × 8 × 8: kernel_size 6 × 3 × 3 fits" in str(problem)
    mended = edits.set_layer(document, kernel_size=problem.value)
    assert mended.problems() == ()
    assert mended.conv.weight.shape == mended.conv.spec.weight_shape
    with pytest.raises(RuntimeError, match="can't be greater"):
        nn.Conv3d(1, 1, (9, 3, 3), padding=1)(torch.zeros(1, 1, 4, 6, 6))


def test_between_pictures_and_volumes_the_middle_slice_is_kept() -> None:
    rng = np.random.default_rng(5)
    photo = Source("p", rng.integers(0, 256, (9, 12, 3)).astype(np.uint8), ("R", "G", "B"), 255.0)
    document = new_document(photo, ConvSpec(3, 2), rng.normal(size=(2, 3, 3, 3)))
    deep = edits.set_kind(document, "Conv3d")
    assert deep.problems() == ()
    assert deep.picture.volume is not None
    assert deep.picture.volume.shape == (3, 9, 12, 1)
    assert deep.conv.spec.in_channels == 1
    np.testing.assert_array_equal(deep.conv.weight[:, 0, 1], document.conv.weight[:, 0, 0])
    assert not deep.conv.weight[:, 0, ::2].any()
    wider = edits.set_layer(deep, depth={"kernel_size": 5, "padding": 2})
    np.testing.assert_array_equal(wider.conv.weight[:, :, 1:4], deep.conv.weight)
    back = edits.set_kind(wider, "Conv2d")
    assert back.picture is photo
    np.testing.assert_array_equal(back.conv.weight[:, 0], document.conv.weight[:, 0])


def deep(*layers: Layer, slices: int = 6) -> Document:
    """These layers of volumes behind the identity, on a volume of noise."""
    spec = ConvSpec(1, 1, (1, 1, 1), padding=(0, 0, 0), bias=False, dtype="float64", dims=3)
    document = new_document(volume(np.random.default_rng(4), (slices, 5, 4, 1)), spec, np.ones(spec.weight_shape))
    return document.with_layers((*document.layers, *map(Entry, layers)), 0)


@pytest.mark.parametrize(
    ("layers", "slice", "read", "middle"),
    [
        ((Pad("zeros", (0, 0, 0, 0, 2, 1), dims=3),), 1, (-1,), 0),
        ((Pad("replicate", (0, 0, 0, 0, 2, 1), dims=3),), 8, (5,), 5),
        ((Pad("zeros", (0, 0, 0, 0, -2, 1), dims=3),), 1, (3,), 3),
        ((Upsample("nearest", (3, 1, 1), 3),), 7, (2,), 2),
        ((Upsample("trilinear", (2, 1, 1), 3),), 7, (3, 4), 3),
        ((AdaptiveAvgPool((2, 5, 4), 3),), 1, (3, 4, 5), 4),
        ((AdaptiveAvgPool((1, 1, 1), 3),), 0, (0, 1, 2, 3, 4, 5), 2),
        ((Upsample("nearest", (2, 1, 1), 3), Pointwise("relu")), 11, (5,), 5),
    ],
)
def test_a_slice_says_which_slices_it_is_made_of(
    layers: tuple[Layer, ...], slice: int, read: tuple[int, ...], middle: int
) -> None:
    """What else the slices hold makes no difference to it."""
    document = deep(*layers)
    maps = LayerMaps(document, len(layers), slice)
    assert maps.slices_read == (read, 6)
    assert maps.source_slices == (middle,)
    changed = document.source.volume.copy()  # type: ignore[union-attr]
    changed[[n for n in range(6) if n not in read]] += 1
    other = replace(document, input=Input(volume_source(changed, document.source)))
    region = whole(*maps.output_size)
    found = [Evaluator().maps(each, region, [0]) for each in (maps, LayerMaps(other, len(layers), slice))]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("kind", ["Conv3d", "ConvTranspose3d", "LazyConv3d", "LazyConvTranspose3d"])
def test_the_code_shown_gives_the_same_numbers(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    spec = ConvSpec(2, 3, (3, 2), dtype="float64", padding=(1, 1))
    source = volume(rng, (4, 6, 5, 2))
    document = new_document(source, spec, rng.normal(size=spec.weight_shape))
    document = opening.set_source(document, source)
    document = edits.set_kind(document, kind)
    document = edits.set_weights(document, rng.normal(size=document.conv.weight.shape))
    assert not document.problems()
    assert source.volume is not None
    wanted = layer_output(document, source.volume.astype(np.float64).transpose(3, 0, 1, 2)[None], tmp_path)
    for depth in range(wanted.shape[1]):
        flat = edited(document, depth)
        maps = Evaluator().maps(flat, whole(*flat.output_size), range(3))
        np.testing.assert_allclose(maps, wanted[:, depth], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("kind", ["Conv3d", "LazyConv3d"])
@pytest.mark.parametrize("style", CODE_STYLES)
def test_the_code_of_a_stack_gives_the_same_numbers(kind: str, style: CodeStyle, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    source = volume(rng, (4, 6, 5, 2))
    spec = ConvSpec(2, 3, (3, 3, 2), padding=(1, 1, 1), dtype="float64", dims=3)
    alone = edits.set_kind(new_document(source, spec, rng.normal(size=spec.weight_shape)), kind)
    document = alone.with_layers((*alone.layers, Entry(Pointwise("square"))), 0)
    assert source.volume is not None
    x = source.volume.astype(np.float64).transpose(3, 0, 1, 2)[None]
    wanted = network_output(document, style, x, tmp_path)
    for depth in range(wanted.shape[1]):
        maps = Evaluator().maps(last(document, depth), whole(*wanted.shape[2:]), range(3))
        np.testing.assert_allclose(maps, wanted[:, depth], rtol=1e-10, atol=1e-10)


def test_a_value_of_a_volume_behind_a_function_is_explained_slice_by_slice() -> None:
    """Its taps along depth had no names: the window failed."""
    rng = np.random.default_rng(8)
    source, spec = volume(rng, (4, 5, 6, 2)), ConvSpec(2, 1, (3, 3, 3), (1, 1, 1), (1, 1, 1), dims=3, dtype="float64")
    alone = new_document(source, spec, rng.normal(size=spec.weight_shape))
    document = alone.with_layers((Entry(Pointwise("relu")), *alone.layers), 1)
    assert source.volume is not None
    x = torch.from_numpy(source.volume.astype(np.float64)).permute(3, 0, 1, 2)[None].relu()
    wanted = torch.nn.functional.conv3d(x, torch.from_numpy(document.conv.weight.copy()), padding=1)[0, 0]
    for depth in range(4):
        found = explain(Evaluator(), edited(document, depth), 0, 2, 3)
        assert len(found.channel_names) == 2 * 3
        total = float((found.values * found.weights).sum()) + (found.bias or 0.0)
        assert total == pytest.approx(float(wanted[depth, 2, 3]), rel=1e-9)


@pytest.mark.parametrize(
    ("mode", "gate"), [("zeros", [True, True]), ("replicate", [True, True]), ("zeros", [True, False])]
)
def test_padding_along_depth_is_zero_behind_any_function(mode: str, gate: list[bool]) -> None:
    """That of its own input, as torch pads: a sigmoid gives 0.5 for the zeros before it."""
    rng = np.random.default_rng(9)
    spec = ConvSpec(2, 2, (3, 3, 3), padding=(1, 1, 1), padding_mode=mode, dtype="float64", dims=3)
    document = new_document(volume(rng, (4, 6, 5, 2)), spec, rng.normal(size=spec.weight_shape), rng.normal(size=2))
    functions = [Entry(Pointwise(name), on) for name, on in zip(("sigmoid", "square"), gate, strict=True)]
    document = document.with_layers((*functions, *document.layers), 2)
    x = torch.from_numpy(document.source.volume.astype(np.float64)).permute(3, 0, 1, 2)[None]
    for on, function in zip(gate, (torch.sigmoid, torch.square), strict=True):
        x = function(x) if on else x
    conv = nn.Conv3d(2, 2, 3, padding=1, padding_mode=mode).double()
    conv.weight.data, conv.bias.data = (
        torch.from_numpy(each.copy()) for each in (document.conv.weight, document.conv.bias)
    )
    with torch.no_grad():
        expected = conv(x)[0].numpy()
    for at in range(4):
        maps = edited(document, at)
        found = Evaluator().maps(maps, whole(6, 5), range(2))
        np.testing.assert_allclose(found, expected[:, at], rtol=0, atol=1e-12)
        assert explain(Evaluator(), maps, 1, 2, 3).value == pytest.approx(expected[1, at, 2, 3], abs=1e-12)


def test_the_receptive_field_of_a_stack_has_torchs_extent_along_depth_too() -> None:
    """By the gradient of one value in the middle: Conv3d(3), MaxPool3d(2), Conv3d(3, dilation 2)."""
    spec = ConvSpec(1, 1, (3, 3, 3), padding=(0, 0, 0), dims=3)
    last = replace(spec, dilation=(2, 2, 2))
    layers = (ConvLayer(spec, np.ones(spec.weight_shape), np.zeros(1)), Pool(dims=3))
    layers = (*layers, ConvLayer(last, np.ones(last.weight_shape), np.zeros(1)))
    x = torch.rand(1, 1, 24, 24, 24, requires_grad=True)
    made = nn.Sequential(nn.Conv3d(1, 1, 3), nn.AvgPool3d(2), nn.Conv3d(1, 1, 3, dilation=2))(x)
    made[0, 0, 3, 3, 3].backward()
    assert x.grad is not None
    seen = int(np.ptp(torch.nonzero(x.grad[0, 0])[:, 0].numpy())) + 1
    assert receptive_size([Entry(layer) for layer in layers], Shape(1, (24, 24, 24))) == (seen, seen, seen)


def test_the_receptive_field_goes_through_values_between_and_means_of_parts() -> None:
    """By the gradient of one value in the middle, along each axis."""
    pad, up, down = Pad("zeros", (1, 0) * 3, dims=3), Upsample("trilinear", (2, 2, 1), 3), AdaptiveAvgPool((8, 4, 4), 3)
    x = torch.rand(1, 1, 7, 5, 11, requires_grad=True)
    made = nn.Sequential(
        nn.ZeroPad3d((1, 0) * 3), nn.Upsample(scale_factor=(2, 2, 1), mode="trilinear"), nn.AdaptiveAvgPool3d((8, 4, 4))
    )(x)
    made[0, 0, 4, 2, 2].backward()
    assert x.grad is not None
    seen = tuple((np.ptp(torch.nonzero(x.grad[0, 0]).numpy(), axis=0) + 1).tolist())
    assert receptive_size([Entry(each) for each in (pad, up, down)], Shape(1, (7, 5, 11))) == seen
