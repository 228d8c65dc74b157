"""What torch refuses of pooling is refused, what it takes is taken."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import nn

from convlab.model.layers.base import Shape
from convlab.model.layers.pool import Pool
from convlab.model.stack import with_changes


def torch_pool(pool: Pool) -> nn.Module:
    if pool.pooling == "max":
        return nn.MaxPool2d(pool.kernel_size, pool.stride, pool.padding, pool.dilation, ceil_mode=pool.ceil_mode)
    return nn.AvgPool2d(pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode)


def made_by_torch(pool: Pool, size: int) -> tuple[int, ...] | None:
    """The output's size; None where torch refuses."""
    try:
        return tuple(torch_pool(pool)(torch.zeros(1, 1, size, size)).shape[2:])
    except RuntimeError:
        return None


@pytest.mark.parametrize("pooling", ["max", "avg"])
def test_pooling_is_refused_where_torch_refuses_it_and_what_is_proposed_works(pooling: str) -> None:
    for kernel, stride, padding, dilation in product((1, 2, 3, 4), (1, 3), (0, 1, 2, 3), (1, 2, 3)):
        for ceil_mode, size in product((False, True), (1, 2, 3, 6)):
            pairs = ((n, n) for n in (kernel, stride, padding, dilation))
            pool = Pool(pooling, *pairs, ceil_mode)  # type: ignore[arg-type]
            shape, expected = Shape(1, (1, size, size)), made_by_torch(pool, size)
            found = pool.problems(shape)
            assert bool(found) == (expected is None), pool
            if not found:
                assert pool.output_size(shape.size)[1:] == expected, pool
            elif found[0].field == "padding":
                mended = with_changes(pool, padding=found[0].value)
                assert "padding" not in [problem.field for problem in mended.problems(shape)], pool
