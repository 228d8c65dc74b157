"""What torch refuses of pooling is refused, what it takes is taken; windows that find nothing but padding."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Shape
from convlab.model.layers.pool import Pool
from convlab.model.maps import last
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.stack import Entry, with_changes


def torch_pool(pool: Pool) -> nn.Module:
    sizes = [each[-pool.dims :] for each in (pool.kernel_size, pool.stride, pool.padding)]
    made = getattr(nn, pool.kind)
    if pool.pooling == "max":
        return made(*sizes, pool.dilation[-pool.dims :], ceil_mode=pool.ceil_mode)
    return made(*sizes, pool.ceil_mode)


def made_by_torch(pool: Pool, size: int) -> tuple[int, ...] | None:
    """The output's size; None where torch refuses."""
    try:
        return tuple(torch_pool(pool)(torch.zeros(1, 1, *(size,) * pool.dims)).shape[2:])
    except RuntimeError:
        return None


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("pooling", ["max", "avg"])
def test_pooling_is_refused_where_torch_refuses_it_and_what_is_proposed_works(pooling: str, dims: int) -> None:
    kernels = (1, 2, 3, 4) if dims == 2 else (1, 3, 4)
    for kernel, stride, padding, dilation in product(kernels, (1, 3), (0, 1, 2, 3), (1, 2, 3)):
        for ceil_mode, size in product((False, True), (1, 2, 3, 6)):
            sizes = ((n,) * dims for n in (kernel, stride, padding, dilation))
            pool = Pool(pooling, *sizes, ceil_mode, dims=dims)  # type: ignore[arg-type]
            shape = Shape(1, (1,) * (3 - dims) + (size,) * dims)
            found, expected = pool.problems(shape), made_by_torch(pool, size)
            assert bool(found) == (expected is None), pool
            if not found:
                assert pool.output_size(shape.size)[-dims:] == expected, pool
            elif found[0].field == "padding":
                mended = with_changes(pool, padding=found[0].value)
                assert "padding" not in [problem.field for problem in mended.problems(shape)], pool


def test_the_infinity_of_a_window_in_padding_alone_stays_in_its_channel() -> None:
    """Taps at −1, 1 and 3 of an input of one pixel; a weight of 0 times −∞ would be NaN."""
    pixels = np.array([[[10, 20, 30]]], np.uint8)
    spec = ConvSpec(3, 3, (1, 1), padding=(0, 0), groups=3, bias=False)
    weight = np.array([1.0, 2.0, -3.0]).reshape(spec.weight_shape)
    document = new_document(Source("x", pixels, ("R", "G", "B"), 255.0), spec, weight)
    pool = Pool("max", (3, 3), (3, 3), (1, 1), (2, 2), ceil_mode=True)
    maps = last(document.with_layers((Entry(pool), *document.layers), 1))
    assert maps.problems() == ()
    found = Evaluator().live(maps, whole(*maps.output_size), map_filters(maps, [0, 1, 2]))
    pooled = torch_pool(pool)(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float())[0]
    expected = pooled * torch.from_numpy(weight.reshape(3, 1, 1)).float()
    for one, plane in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.values, plane.numpy())
