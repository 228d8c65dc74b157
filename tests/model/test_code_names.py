"""Modules of a network have the names that people give them."""

from __future__ import annotations

import inspect

import pytest
from torch import nn

from convlab.model.code_names import named, usual_name
from convlab.model.layers.base import Step


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("nn.Conv2d(3, 8, kernel_size=3)", "conv"),
        ("nn.LazyConv1d(8, kernel_size=3)", "conv"),
        ("nn.LazyConvTranspose3d(8, kernel_size=3)", "conv_transpose"),
        ("nn.ReLU()", "relu"),
        ("nn.ReLU6()", "relu6"),
        ("nn.PReLU(3)", "prelu"),
        ("nn.LeakyReLU(0.01)", "leaky_relu"),
        ("nn.SiLU()", "silu"),
        ("nn.GELU('none')", "gelu"),
        ("nn.MaxPool2d(2)", "pool"),
        ("nn.AdaptiveAvgPool2d(1)", "pool"),
        ("nn.ReflectionPad2d(1)", "pad"),
        ("nn.BatchNorm2d(8)", "bn"),
        ("nn.GroupNorm(2, 8)", "group_norm"),
        ("nn.Linear(9, 10)", "fc"),
    ],
)
def test_names_are_the_usual_ones(code: str, name: str) -> None:
    assert usual_name(code) == name


def test_every_module_of_torch_has_a_name_of_its_own_and_hides_none_of_modules() -> None:
    kinds = [name for name, kind in vars(nn).items() if inspect.isclass(kind) and issubclass(kind, nn.Module)]
    assert len(kinds) > 100
    names = [step.name for step in named(Step("", f"nn.{kind}()") for kind in [*kinds, *kinds])]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and not hasattr(nn.Module(), name) for name in names)


def test_each_kind_is_counted_by_itself_and_a_method_keeps_its_name() -> None:
    codes = ("nn.Conv2d(1, 1, 3)", "nn.ReLU6()", "", "nn.Conv2d(1, 1, 3)", "nn.ReLU6()")
    assert [step.name for step in named(Step("sqrt", code) for code in codes)] == [
        "conv1",
        "relu6_1",
        "sqrt",
        "conv2",
        "relu6_2",
    ]
