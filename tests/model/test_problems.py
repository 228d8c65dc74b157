"""A layer is refused, with a sentence, exactly where torch refuses it; what is offered instead works."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convlab.model.layer import PADDING_MODES, ConvSpec
from convlab.model.problems import Limits, bytes_text, problems
from convlab.model.shape import multiply_accumulates, output_size, parameter_count, unused_input

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")
SIZE = st.tuples(st.integers(1, 12), st.integers(1, 12))


def pairs(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high))


SPECS = st.builds(
    ConvSpec,
    in_channels=st.integers(1, 6),
    out_channels=st.integers(1, 6),
    kernel_size=pairs(1, 7),
    stride=pairs(1, 3),
    padding=st.one_of(pairs(0, 14), st.sampled_from(["same", "valid"])),
    dilation=pairs(1, 4),
    groups=st.integers(1, 6),
    bias=st.booleans(),
    padding_mode=st.sampled_from(PADDING_MODES),
)


def torch_shape(spec: ConvSpec, channels: int, size: tuple[int, int]) -> tuple[int, ...] | None:
    """The output's spatial size by torch, None where it raises."""
    try:
        conv = torch.nn.Conv2d(
            spec.in_channels,
            spec.out_channels,
            spec.torch_sizes(spec.kernel_size),
            spec.torch_sizes(spec.stride),
            spec.padding if isinstance(spec.padding, str) else spec.torch_sizes(spec.padding),
            spec.torch_sizes(spec.dilation),
            spec.groups,
            spec.bias,
            spec.padding_mode,
        )
        with torch.no_grad():
            return tuple(conv(torch.zeros(1, channels, *size)).shape[2:])
    except (ValueError, RuntimeError):
        return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SPECS, SIZE)
def test_refused_exactly_where_torch_refuses(spec: ConvSpec, size: tuple[int, int]) -> None:
    found = problems(spec, spec.in_channels, (1, *size))
    expected = torch_shape(spec, spec.in_channels, size)
    assert bool(found) == (expected is None), [str(problem) for problem in found]
    if expected is not None:
        assert output_size(spec, (1, *size)) == (1, *expected)


@settings(max_examples=300, deadline=None)
@given(SPECS, SIZE)
def test_taking_what_is_offered_ends_at_a_layer_that_torch_accepts(spec: ConvSpec, size: tuple[int, int]) -> None:
    for _ in range(6):
        found = problems(spec, 3, (1, *size))
        if not found:
            break
        assert str(found[0]).endswith(".")
        assert "{" not in str(found[0])
        spec = replace(spec, **{found[0].field: found[0].value})
    assert torch_shape(replace(spec), spec.in_channels, size) is not None
    assert spec.in_channels <= 3


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"groups": 2}, "groups", 1),
        ({"in_channels": 5}, "in_channels", 3),
        ({"padding": "same", "stride": (2, 2)}, "padding", (0, 1, 1)),
        ({"padding": (32, 1), "padding_mode": "reflect"}, "padding", (0, 31, 1)),
        ({"padding": (33, 1), "padding_mode": "circular"}, "padding", (0, 32, 1)),
        ({"kernel_size": (40, 3), "padding": (0, 0)}, "kernel_size", (1, 32, 3)),
        ({"kernel_size": (3, 3), "dilation": (20, 1), "padding": "valid"}, "kernel_size", (1, 2, 3)),
        ({"padding_mode": "mirror"}, "padding_mode", "zeros"),
        ({"device": "cuda:7"}, "device", "cpu"),
        ({"stride": (0, 1), "padding": (0, 0)}, "stride", (1, 1, 1)),
    ],
)
def test_the_nearest_value_that_works(changes: dict[str, object], field: str, value: object) -> None:
    found = problems(ConvSpec(**changes), 3, (1, 32, 48))
    assert (found[0].field, found[0].value) == (field, value)


def test_a_layer_beyond_the_memory_is_refused_with_the_figure() -> None:
    found = problems(ConvSpec(padding=(1_000_000, 1_000_000)), 3, (1, 512, 512), Limits(memory_bytes=16 << 30))
    assert found[0].field == "padding"
    assert "16 TB" in str(found[0])
    assert "17.2 GB" in str(found[0])
    assert not problems(replace(ConvSpec(), padding=found[0].value), 3, (1, 512, 512), Limits(memory_bytes=16 << 30))


def test_replicate_has_no_limit() -> None:
    assert not problems(ConvSpec(padding=(50, 50), padding_mode="replicate"), 3, (1, 4, 4))


def test_figures_of_the_documentation() -> None:
    """nn.Conv2d(3, 6, 5, padding=2) on 32×32: 6×32×32; 456 parameters; 460,800 multiply-accumulates."""
    spec = ConvSpec(3, 6, (5, 5), padding=(2, 2))
    assert output_size(spec, (1, 32, 32)) == (1, 32, 32)
    assert parameter_count(spec) == sum(p.numel() for p in torch.nn.Conv2d(3, 6, 5).parameters()) == 456
    assert multiply_accumulates(spec, (1, 32, 32)) == 460_800


def test_torch_floors_the_size_and_so_do_we() -> None:
    spec = ConvSpec(kernel_size=(3, 3), stride=(2, 2), padding=(0, 0))
    assert output_size(spec, (1, 8, 7)) == (1, *torch_shape(spec, 3, (8, 7))) == (1, 3, 3)
    assert unused_input(spec, (1, 8, 7)) == (0, 1, 0)


@pytest.mark.parametrize(("count", "text"), [(999, "999 B"), (1500, "1.5 kB"), (12_345_678_901, "12.3 GB")])
def test_bytes_for_a_person(count: int, text: str) -> None:
    assert bytes_text(count) == text
