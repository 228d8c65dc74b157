"""What a kind of layer has of its own: numbers that files and tables hold, and what torch would refuse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from convlab.model.document import Document, new_document
from convlab.model.edits import set_kind
from convlab.model.layer import ConvSpec
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.base import Layer, Shape
from convlab.model.layers.norm import InstanceNorm
from convlab.model.layers.normalize import PRESETS, Normalize
from convlab.model.layers.pad import Pad
from convlab.model.layers.parameters import ChannelNumbers
from convlab.model.layers.pointwise import Dropout, Pointwise, PReLU
from convlab.model.layers.upsample import Upsample
from convlab.model.message import ConvLabError
from convlab.model.source import Source
from convlab.model.stack import Entry
from convlab.model.stack_code import network_code
from convlab.model.stack_file import entries_data, read_entry

SHAPE = Shape(3, (1, 4, 5))


def on_black() -> Document:
    spec = ConvSpec(3, 3)
    source = Source("x", np.zeros((4, 5, 3), np.uint8), ("R", "G", "B"), 255.0)
    return new_document(source, spec, np.ones(spec.weight_shape))


@pytest.mark.parametrize(
    ("layer", "field", "works"),
    [
        (Pointwise("hardtanh", min_val=2.0, max_val=1.0), "max_val", 3.0),
        (PReLU(2), "num_parameters", 3),
        (Dropout(1.5), "p", 1.0),
    ],
)
def test_what_torch_refuses_is_said_with_a_value_that_works(layer: Layer, field: str, works: object) -> None:
    (problem,) = layer.problems(SHAPE)
    assert (problem.field, problem.value) == (field, works)
    with pytest.raises((AssertionError, RuntimeError, ValueError)):
        made_by_torch(layer)(torch.ones(1, 3, 4, 5))


def made_by_torch(layer: Layer) -> nn.Module:
    (step,) = layer.steps(3, ConvSpec())
    made: nn.Module = eval(step.code, {"nn": nn})
    return made


def test_a_map_of_one_value_has_no_variance_for_instance_norm() -> None:
    (problem,) = InstanceNorm().problems(Shape(3, (1, 1, 1)))
    assert "no variance" in str(problem)
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        nn.InstanceNorm2d(3).eval()(torch.ones(1, 3, 1, 1))
    assert InstanceNorm().problems(Shape(3, (1, 1, 2))) == ()


def test_channels_for_which_there_is_no_number_get_what_numbers_begin_with() -> None:
    weight = next(each for each in PReLU.PARAMETERS if isinstance(each, ChannelNumbers))
    assert PReLU(4, 0.1, (0.5, -1.0)).channel_numbers(weight, 4) == (0.5, -1.0, 0.1, 0.1)
    mean, factor = Normalize(mean=(0.5,), std=(0.25, 0.5)).numbers(3)
    assert mean.tolist() == [0.5, 0.5, 0.5]
    assert factor.tolist() == [4, 2, 2]


def test_numbers_of_channels_come_back_from_a_file() -> None:
    for layer in (
        PReLU(3, 0.1, (0.5, -1.0, 2.0)),
        InstanceNorm(True, (1.0, 2.0), (0.5,), 1e-3),
        Normalize("bgr", (0.1, 0.2), (2.0,)),
        Pad("constant", (1, -2, 0, 3), 7.0),
    ):
        base = on_black()
        document = base.with_layers((*base.layers, Entry(layer)), 0)
        assert read_entry(*entries_data(document, [1]), "here").layer == layer


def test_a_file_may_give_one_number_for_all_sides() -> None:
    assert read_entry({"pad": "reflect", "padding": 2}, "here").layer == Pad("reflect", (2, 2, 2, 2))
    for wrong in ([1, 2], [1, 2, 3, "4"], 5000, True):
        with pytest.raises(ConvLabError, match="padding"):
            read_entry({"pad": "reflect", "padding": wrong}, "here")


@pytest.mark.parametrize(
    ("item", "layer"),
    [
        ({"pad": "zeros", "padding": [1, 2, 3, 4], "value": 0.0}, Pad("zeros", (1, 2, 3, 4))),
        ({"upsample": "bilinear", "scale_factor": [3, 2]}, Upsample("bilinear", (3, 2))),
        ({"adaptive_avg_pool": {"output_size": [5, 3]}}, AdaptiveAvgPool((5, 3))),
        ({"pad": "circular", "padding": [1, 2], "dims": 1}, Pad("circular", (1, 2), dims=1)),
        ({"pad": "circular", "padding": 2, "dims": 3}, Pad("circular", (2,) * 6, dims=3)),
        ({"pad": "circular", "dims": 3}, Pad("circular", (1,) * 6, dims=3)),
        ({"upsample": "linear", "scale_factor": [3], "dims": 1}, Upsample("linear", (3,), 1)),
        ({"upsample": "trilinear", "dims": 3}, Upsample("trilinear", (2, 2, 2), 3)),
        ({"adaptive_avg_pool": {"output_size": [2, 5, 3]}, "dims": 3}, AdaptiveAvgPool((2, 5, 3), 3)),
    ],
)
def test_files_have_torchs_words_and_sizes_and_of_pictures_no_dims(item: dict[str, object], layer: Layer) -> None:
    assert read_entry(dict(item), "here").layer == layer
    base = on_black()
    (data,) = entries_data(base.with_layers((*base.layers, Entry(layer)), 0), [1])
    assert ("dims" in data) == (layer.dims != 2)
    assert read_entry(data, "here").layer == layer


@pytest.mark.parametrize(
    "item",
    [
        {"pad": "zeros", "padding": [1, 2, 3, 4], "dims": 1},
        {"pad": "zeros", "padding": [1, 2, 3, 4], "dims": 3},
        {"upsample": "nearest", "scale_factor": [2, 2], "dims": 3},
        {"adaptive_avg_pool": {"output_size": [3]}, "dims": 2},
        {"upsample": "nearest", "dims": 4},
    ],
)
def test_a_file_that_has_no_number_for_each_axis_is_refused(item: dict[str, object]) -> None:
    with pytest.raises(ConvLabError):
        read_entry(item, "here")


def test_a_deviation_of_0_divides_nothing() -> None:
    with pytest.raises(ConvLabError, match="std"):
        read_entry({"normalize": {"order": "rgb", "mean": [0.0], "std": [0.0]}}, "here")


def test_what_networks_were_trained_with_is_that_of_torchvision() -> None:
    """Its documentation of torchvision.models: mean and std of RGB from 0 to 1."""
    assert PRESETS["ImageNet"].mean == (0.485, 0.456, 0.406)
    assert PRESETS["ImageNet"].std == (0.229, 0.224, 0.225)
    names: dict[str, nn.Module] = {}
    base = on_black()
    document = base.with_layers((Entry(PRESETS["BGR"]), Entry(base.conv, on=False)), 1)
    exec(network_code(document), names)
    x = torch.arange(12.0).reshape(1, 3, 2, 2)
    with torch.no_grad():
        assert torch.equal(names["model"](x), x[:, [2, 1, 0]])


@pytest.mark.parametrize(
    ("layer", "signal", "volume"),
    [
        (Pad("reflect"), "nn.ReflectionPad1d(1)", "nn.ReflectionPad3d(1)"),
        (Pad("zeros", (1, 2, 3, 4)), "nn.ZeroPad1d((1, 2))", "nn.ZeroPad3d((1, 2, 3, 4, 3, 4))"),
        (Upsample(), "nn.Upsample(scale_factor=2)", "nn.Upsample(scale_factor=2)"),
        (
            Upsample("bilinear", (3, 2)),
            "nn.Upsample(scale_factor=2, mode='linear')",
            "nn.Upsample(scale_factor=(3, 3, 2), mode='trilinear')",
        ),
        (AdaptiveAvgPool(), "nn.AdaptiveAvgPool1d(7)", "nn.AdaptiveAvgPool3d(7)"),
        (AdaptiveAvgPool((5, 3)), "nn.AdaptiveAvgPool1d(3)", "nn.AdaptiveAvgPool3d((5, 5, 3))"),
    ],
    ids=lambda each: each.kind if isinstance(each, Layer) else "",
)
def test_a_layer_of_pictures_has_torchs_name_and_sizes_among_signals_and_volumes(
    layer: Layer, signal: str, volume: str
) -> None:
    base = on_black()
    document = base.with_layers((*base.layers, Entry(layer)), 0)
    for kind, code in (("Conv1d", signal), ("Conv3d", volume)):
        changed = set_kind(document, kind)
        made = changed.layers[1].layer
        assert [step.code for step in made.steps(3, changed.conv.spec)] == [code]
        assert read_entry(*entries_data(changed, [1]), "here").layer == made
    volumes = set_kind(document, "Conv3d")
    assert set_kind(volumes, "Conv2d").layers[1] == document.layers[1]


def test_norms_take_the_axes_of_the_stack() -> None:
    base = on_black()
    document = base.with_layers((*base.layers, Entry(InstanceNorm()), Entry(PRESETS["BGR"])), 0)
    signal = set_kind(document, "Conv1d")
    assert [entry.layer.kind for entry in signal.layers[1:]] == ["InstanceNorm1d", "Normalize"]
    assert "nn.BatchNorm1d(3, eps=0.0)" in network_code(signal)
