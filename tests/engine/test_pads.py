"""Padding on each side by itself: TensorFlow's SAME at stride 2, and what torch would refuse."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layers.base import Shape
from convlab.model.layers.pad import MODES, Pad, PadMode
from convlab.model.layers.pointwise import Pointwise
from convlab.model.maps import LayerMaps, last
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.stack import Entry, seen_through

SAME = (0, 1, 0, 1)
"""TensorFlow's, of a kernel of 3 and stride 2 on an even size."""


def numbers(rows: int, cols: int) -> Source:
    """1, 2, 3 … row by row."""
    values = np.arange(1, rows * cols + 1, dtype=np.float32).reshape(rows, cols, 1)
    return Source("x", values, ("gray",), 1.0)


def padded(*before: Pad, rows: int = 4, cols: int = 6) -> Document:
    """A sum of 3 × 3 values at stride 2, without padding of its own, behind these pads."""
    spec = ConvSpec(1, 1, (3, 3), (2, 2), (0, 0), bias=False, dtype="float64")
    start = new_document(numbers(rows, cols), spec, np.ones(spec.weight_shape))
    return start.with_layers((*map(Entry, before), *start.layers), len(before))


def values(document: Document) -> np.ndarray:
    maps = last(document)
    return Evaluator().maps(maps, whole(*maps.output_size), [0])[0]


def test_same_at_stride_2_pads_below_and_right_only() -> None:
    """By hand: on 1 … 24 in rows of 6 the first window is 1 + 2 + 3 + 7 + 8 + 9 + 13 + 14 + 15 = 72, and the last
    one has four values, 17 + 18 + 23 + 24 = 82. Conv2d's padding of 1 begins with 1 + 2 + 7 + 8 = 18 instead."""
    found = values(padded(Pad("zeros", SAME)))
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found, [[72, 90, 69], [102, 114, 82]])
    symmetric = ConvSpec(1, 1, (3, 3), (2, 2), (1, 1), bias=False, dtype="float64")
    assert values(new_document(numbers(4, 6), symmetric, np.ones(symmetric.weight_shape)))[0, 0] == 18


def test_maps_behind_a_pad_lie_where_their_windows_do() -> None:
    behind, layers = last(padded(Pad("zeros", (2, 1, 3, 0)))), padded(Pad("zeros", (2, 1, 3, 0))).layers
    assert LayerMaps(behind.document, 0).geometry.origin == (-3, -2)
    assert behind.geometry.origin == (-3 + 1.5 - 1, -2 + 1.5 - 1)  # the window's middle, less half a step
    assert seen_through(layers, (1, 1, 2, 2), behind.document.source_shape) == (-1, 0, 2, 3)


def test_a_function_behind_a_pad_of_nothing_leaves_what_was_kept() -> None:
    """A function writes over what the layer before has made; what is kept of the source must not be that."""
    spec = ConvSpec(1, 1, (1, 1), padding=(0, 0), bias=False, dtype="float64")
    source = Source("x", np.array([[[-3.0], [5.0]]], np.float32), ("gray",), 1.0)
    start = new_document(source, spec, np.ones(spec.weight_shape))
    document = start.with_layers((Entry(Pad("zeros", (0, 0, 0, 0))), Entry(Pointwise("square")), *start.layers), 2)
    evaluator = Evaluator()
    for place, expected in ((2, [9, 25]), (0, [-3, 5]), (2, [9, 25])):
        maps = LayerMaps(document, place)
        (found,) = evaluator.live(maps, whole(1, 2), map_filters(maps, [0]))
        assert found.values.ravel().tolist() == expected


@pytest.mark.parametrize("mode", MODES)
def test_what_torch_refuses_is_said_and_what_is_offered_instead_works(mode: PadMode) -> None:
    """Left and right from −5 to 6, on widths of 1, 2, 3 and 5.

    Circular padding of more than is left of what was cut goes round more than once, which torch takes with values that
    it has not set: we do not.
    """
    for width, left, right in itertools.product((1, 2, 3, 5), range(-5, 7), range(-5, 7)):
        layer, shape = Pad(mode, (left, right, 0, 0), 0.5), Shape(1, (1, 3, width))
        problems = layer.problems(shape)
        cut = max(0, -left) + max(0, -right)
        if mode == "circular" and (cut >= width or max(left, right) > width - cut):
            assert problems
        else:
            assert bool(problems) == (not torch_takes(layer, (3, width))), (layer, width)
        for problem in problems:
            fixed = Pad(mode, problem.value, 0.5)  # type: ignore[arg-type]
            assert fixed.problems(shape) == ()
            assert torch_takes(fixed, (3, width))


@pytest.mark.parametrize("dims", [1, 3])
@pytest.mark.parametrize("mode", MODES)
def test_along_the_other_axes_too(mode: PadMode, dims: int) -> None:
    """The last two sides, of the first axis that torch's class has: of signals the columns, of volumes the slices."""
    for size, before, after in itertools.product((1, 2, 3), range(-4, 5), range(-4, 5)):
        sides = (0,) * (2 * dims - 2) + (before, after)
        sizes = (size, 3, 4) if dims == 3 else (1, 1, size)
        layer, shape = Pad(mode, sides, 0.5, dims), Shape(1, sizes)
        problems = layer.problems(shape)
        cut = max(0, -before) + max(0, -after)
        if mode == "circular" and (cut >= size or max(before, after) > size - cut):
            assert problems
        else:
            assert bool(problems) == (not torch_takes(layer, sizes[-dims:])), (layer, size)
        for problem in problems:
            fixed = replace(layer, padding=problem.value)
            assert fixed.problems(shape) == ()
            assert torch_takes(fixed, sizes[-dims:])


def torch_takes(layer: Pad, size: tuple[int, ...]) -> bool:
    more = [layer.constant] if layer.mode == "constant" else []
    try:
        made = getattr(nn, layer.kind)(layer.padding, *more)(torch.ones(1, 1, *size))
    except (RuntimeError, ValueError):
        return False
    return bool(made.numel() > 0)
