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
from convlab.model.maps import last
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


def test_kinds_of_pictures_say_so_in_a_stack_of_signals_and_are_back_on_pictures() -> None:
    for layer in (Pad(), Upsample(), AdaptiveAvgPool()):
        base = on_black()
        document = base.with_layers((*base.layers, Entry(layer)), 0)
        (problem,) = last(set_kind(document, "Conv1d")).problems()
        assert "pictures only" in str(problem)
        assert set_kind(set_kind(document, "Conv1d"), "Conv2d").layers[1] == document.layers[1]
    base = on_black()
    document = base.with_layers((*base.layers, Entry(InstanceNorm()), Entry(PRESETS["BGR"])), 0)
    signal = set_kind(document, "Conv1d")
    assert [entry.layer.kind for entry in signal.layers[1:]] == ["InstanceNorm1d", "Normalize"]
    assert "nn.BatchNorm1d(3, eps=0.0)" in network_code(signal)
