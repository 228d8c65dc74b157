"""The code shown for a stack is a whole program: pasted into a fresh interpreter it gives the same maps, either way."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from random_layers import torch_input
from random_stacks import stacks, stacks_of_axes

from convlab.engine.evaluate import Evaluator
from convlab.model import edits, stack_edits
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.base import Layer
from convlab.model.layers.norm import BatchNorm
from convlab.model.layers.pad import Pad
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.pool import Pool
from convlab.model.layers.upsample import Upsample
from convlab.model.maps import last
from convlab.model.reading import Input
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.stack import Entry
from convlab.model.stack_code import CODE_STYLES, CodeStyle, layer_code, network_code
from convlab.model.stack_presets import STACK_PRESETS, apply_preset

RUN = """
import contextlib, io, numpy, sys
folder = sys.argv[1]
for number in range(int(sys.argv[2])):
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(open(f"{folder}/{number}.py").read(), f"{number}.py", "exec"), names)
    torch = names["torch"]
    model = names.get("model", names.get("layer"))
    assert not model.training or "model" not in names
    open(f"{folder}/{number}.txt", "w").write(printed.getvalue())
    x = torch.from_numpy(numpy.load(f"{folder}/{number}-in.npy"))
    with torch.no_grad():
        numpy.save(f"{folder}/{number}-out.npy", model(x)[0].double().numpy())
"""


def photo(size: tuple[int, int] = (40, 53), channels: int = 3) -> Source:
    pixels = np.random.default_rng(7).integers(0, 256, (*size, channels)).astype(np.uint8)
    return Source("x", pixels, ("R", "G", "B")[:channels], 255.0)


def on_photo(dtype: str = "float32") -> Document:
    spec = ConvSpec(3, 1, dtype=dtype)
    return new_document(photo(), spec, np.ones(spec.weight_shape))


def check(documents: list[Document], folder: Path, relative: float) -> None:
    """Run each one's code of each style in one fresh interpreter and compare the last layer's maps, and their shape
    with the one printed."""
    styled = [(document, style) for document in documents for style in CODE_STYLES]
    for number, (document, style) in enumerate(styled):
        (folder / f"{number}.py").write_text(network_code(document, style))
        np.save(folder / f"{number}-in.npy", input_of(document).numpy())
    subprocess.run([sys.executable, "-c", RUN, str(folder), str(len(styled))], check=True)
    for number, (document, _) in enumerate(styled):
        slices = [last(document, depth) for depth in range(last(document).depth)]
        found = [Evaluator().maps(each, whole(*each.output_size), range(each.count)) for each in slices]
        maps = np.stack(found, 1)
        run = np.load(folder / f"{number}-out.npy")
        printed = (folder / f"{number}.txt").read_text()
        if "print" in (folder / f"{number}.py").read_text():
            assert printed == f"torch.Size([{', '.join(map(str, (1, *run.shape)))}])\n"
        atol = relative * max(1.0, float(np.abs(run).max()))
        np.testing.assert_allclose(maps.reshape(run.shape), run, rtol=0, atol=atol)


def input_of(document: Document) -> torch.Tensor:
    """As torch takes it."""
    return torch_input(document, getattr(torch, document.conv.spec.dtype))


def test_every_presets_code_gives_its_maps(tmp_path: Path) -> None:
    check([apply_preset(on_photo(), preset) for preset in STACK_PRESETS.values()], tmp_path, 1e-5)


def test_lazy_layers_and_switched_off_ones(tmp_path: Path) -> None:
    small = apply_preset(on_photo("float64"), STACK_PRESETS["simple-cnn"])
    lazy = edits.set_kind(small, "LazyConv2d")
    off = stack_edits.switch_layer(stack_edits.switch_layer(small, small.place, False), 2, False)
    check([lazy, off], tmp_path, 1e-12)


def behind(document: Document, *layers: Layer) -> Document:
    """With these layers after its convolution."""
    return document.with_layers((*document.layers, *map(Entry, layers)), document.focus)


def test_a_lazy_layer_before_one_that_refuses_to_train_on_a_single_value(tmp_path: Path) -> None:
    """BatchNorm2d does, of 1 × 1 maps; the first call is made in eval mode."""
    spec = ConvSpec(3, 2, (5, 4), padding="valid", dtype="float64")
    base = new_document(photo((5, 4)), spec, np.random.default_rng(1).normal(size=spec.weight_shape))
    check([behind(edits.set_kind(base, "LazyConv2d"), BatchNorm(), Pointwise("square"))], tmp_path, 1e-12)


@pytest.mark.parametrize("kind", ["Conv1d", "LazyConv1d", "causal"])
def test_a_stack_on_a_signal(kind: str, tmp_path: Path) -> None:
    """Of its causal padding, which is no module of the layer's own, only one layer's code knew."""
    pixels = np.random.default_rng(1).normal(size=(1, 20, 2)).astype(np.float32)
    signal = Source("x", pixels, ("left", "right"), 1.0, signal=True)
    spec = ConvSpec(2, 3, (1, 3), dtype="float64", dims=1)
    base = new_document(signal, spec, np.random.default_rng(2).normal(size=spec.weight_shape))
    base = edits.set_kind(base, "Conv1d" if kind == "causal" else kind)
    if kind == "causal":
        base = edits.set_layer(base, padding="causal", dilation=(1, 2))
    check([behind(base, Pointwise("square")), behind(base, Pointwise("relu"))], tmp_path, 1e-12)


@pytest.mark.parametrize(
    ("kind", "kinds"), [("Conv1d", "AvgPool1d, BatchNorm1d"), ("Conv3d", "AvgPool3d, BatchNorm3d")]
)
def test_other_axes_take_torchs_classes_of_them(kind: str, kinds: str, tmp_path: Path) -> None:
    base = behind(on_photo("float64"), Pointwise("relu"), Pool("avg", padding=(1, 1)), BatchNorm((2.0,), (1.0,)))
    document = edits.set_kind(base, kind)
    assert ", ".join(entry.layer.kind for entry in document.layers[2:]) == kinds
    check([document, edits.set_kind(document, f"Lazy{kind}")], tmp_path, 1e-12)


def test_the_class_is_as_people_write_it() -> None:
    program = network_code(
        behind(on_photo(), Pointwise("relu"), Pool(), Pointwise("relu"), Pool("avg"), BatchNorm(), Pointwise("square")),
        "class",
    )
    assert program.startswith("""import torch
from torch import nn


class SimpleCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 1, kernel_size=3, padding='same')
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.AvgPool2d(2)
        self.bn1 = nn.BatchNorm2d(1)

    def forward(self, x):
        x = self.conv1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.relu2(x)
        x = self.pool2(x)
        x = self.bn1(x)
        x = x.square()
        return x


model = SimpleCNN()
""")


def test_a_sequential_stays_one_where_torch_has_no_module() -> None:
    program = network_code(behind(on_photo(), Pointwise("square"), Pointwise("square")), "sequential")
    assert program.count("class Square(nn.Module):") == 1
    assert "model = nn.Sequential(\n    nn.Conv2d(" in program
    assert program.count("    Square(),\n") == 2


@pytest.mark.parametrize("style", CODE_STYLES)
def test_one_layers_code_has_no_style(style: CodeStyle) -> None:
    assert network_code(on_photo(), style) == layer_code(on_photo())


def test_a_large_photo_is_not_convolved_as_a_whole_by_who_pastes() -> None:
    large = behind(replace(on_photo(), input=Input(photo((2100, 2000)))), Pool())
    assert "x = torch.zeros(1, 3, 512, 512)  # a corner: the whole input is 2100 × 2000\n" in network_code(large)
    wide = edits.set_layer(large, kernel_size=(1, 601), padding="valid")  # more than a corner
    assert "x = torch.zeros(1, 3, 2100, 2000)\n" in network_code(wide)


def test_the_code_of_random_stacks_gives_their_maps(tmp_path: Path) -> None:
    found: list[Document] = []

    @settings(max_examples=40, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
    @given(stacks())
    def collect(document: Document) -> None:
        if not last(document).problems():
            found.append(document)

    collect()
    assert len(found) > 20
    check(found, tmp_path, 1e-9)


@pytest.mark.parametrize("dims", [1, 3])
def test_of_signals_and_volumes_too(dims: int, tmp_path: Path) -> None:
    found: list[Document] = []

    @settings(max_examples=60, phases=[Phase.generate], suppress_health_check=list(HealthCheck), deadline=None)
    @given(stacks_of_axes(dims))
    def collect(document: Document) -> None:
        if len(document.layers) > 1 and not last(document).problems():
            found.append(document)

    collect()
    assert len(found) > 10
    check(found, tmp_path, 1e-9)


@pytest.mark.parametrize(("kind", "between"), [("Conv1d", "linear"), ("Conv3d", "trilinear")])
def test_pads_means_and_values_between_have_torchs_names_of_the_axes(kind: str, between: str, tmp_path: Path) -> None:
    layers = Pad("reflect", (0, 1, 2, 0)), Upsample("bilinear"), Pad("constant", (1, 0, 0, 1), 0.5), AdaptiveAvgPool()
    document = edits.set_kind(behind(on_photo("float64"), *layers), kind)
    program, axes = network_code(document), kind[-2:]
    for name in (
        f"nn.ReflectionPad{axes}(",
        f"mode='{between}'",
        f"nn.ConstantPad{axes}(",
        f"nn.AdaptiveAvgPool{axes}(",
    ):
        assert name in program
    check([document, edits.set_kind(document, f"Lazy{kind}")], tmp_path, 1e-12)


def test_weights_beyond_what_a_page_holds_are_left_to_the_session() -> None:
    document = apply_preset(on_photo(), STACK_PRESETS["simple-cnn"])
    wide = edits.set_layer(document, out_channels=400)
    assert "weights are too many to print" in network_code(wide)
    assert len(network_code(wide)) < 5000


@pytest.mark.parametrize("size", [(40, 53), (9, 8)])
def test_two_small_kernels_are_one_large(size: tuple[int, int]) -> None:
    base = replace(on_photo("float64"), input=Input(photo(size)))
    small, large = (apply_preset(base, STACK_PRESETS[name]) for name in ("two-3x3", "one-5x5"))
    ends = [last(document) for document in (small, large)]
    maps = [Evaluator().maps(each, whole(*each.output_size), range(3)) for each in ends]
    np.testing.assert_allclose(*maps, rtol=0, atol=1e-14)
