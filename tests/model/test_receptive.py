"""What one value of the last layer sees, against the gradient that torch gives."""

from __future__ import annotations

import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from convlab.model.layer import ConvSpec
from convlab.model.receptive import seen_by
from convlab.model.shape import receptive_field

LAYERS = st.builds(
    lambda k, s, p, d: ConvSpec(1, 1, (k, k), (s, s), (min(p, k // 2),) * 2, (d, d), bias=False),
    st.integers(1, 3),
    st.integers(1, 3),
    st.integers(0, 1),
    st.integers(1, 2),
)


def torch_layer(spec: ConvSpec) -> torch.nn.Conv2d:
    layer = torch.nn.Conv2d(
        1,
        1,
        *(spec.torch_sizes(each) for each in (spec.kernel_size, spec.stride, spec.padding, spec.dilation)),
        bias=False,
        dtype=torch.float64,
    )
    torch.nn.init.ones_(layer.weight)
    return layer


def touched(gradient: torch.Tensor) -> tuple[int, int, int, int]:
    found = gradient[0, 0].nonzero()
    top, left = (int(n) for n in found.min(0).values)
    bottom, right = (int(n) + 1 for n in found.max(0).values)
    return top, left, bottom, right


@given(st.lists(LAYERS, min_size=2, max_size=3))
def test_an_inner_value_sees_what_it_has_a_gradient_for(specs: list[ConvSpec]) -> None:
    """In the middle of 150 × 150, where no window reaches the padding."""
    x = torch.zeros(1, 1, 150, 150, dtype=torch.float64, requires_grad=True)
    maps = [x]
    for spec in specs:
        maps.append(torch_layer(spec)(maps[-1]))
        maps[-1].retain_grad()
    position = (maps[1].shape[2] // 2, maps[1].shape[3] // 2)
    found = seen_by(specs, (1, 150, 150), position)
    sizes = [each.shape[2] for each in maps]
    assume(all(top >= 0 and bottom <= size for (top, _, bottom, _), size in zip(found, sizes, strict=False)))
    row, col = found_last(specs, maps, found)
    maps[-1][0, 0, row, col].backward()
    assert found == tuple(touched(each.grad) for each in maps[:-1])
    field = receptive_field(specs)
    assert (1, found[0][2] - found[0][0], found[0][3] - found[0][1]) == field


def found_last(specs: list[ConvSpec], maps: list[torch.Tensor], found: tuple) -> tuple[int, int]:
    """The last map's pixel, from where its window begins."""
    top, left = found[-1][:2]
    stride, pad = specs[-1].stride[1], specs[-1].pads[1][0]
    assert (top + pad) % stride == 0
    return (top + pad) // stride, (left + pad) // stride


def test_two_3x3_see_5x5_around_the_pixel() -> None:
    specs = [ConvSpec(1, 1, padding=(0, 0)), ConvSpec(1, 1, padding=(0, 0))]
    assert seen_by(specs, (1, 9, 9), (2, 2)) == ((1, 1, 6, 6), (1, 1, 4, 4))
    assert seen_by(specs, (1, 9, 9), (0, 0)) == ((0, 0, 5, 5), (0, 0, 3, 3))  # no window is centred on a corner
    assert seen_by(specs, (1, 3, 3), (0, 0)) == ()
