"""Maps behind other layers are torch's own, in any region; shapes and refusals are torch's too."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from random_layers import torch_input
from random_stacks import stacks, stacks_of_axes, torch_stack

from convlab.engine.evaluate import Evaluator
from convlab.engine.filters import map_filters
from convlab.model.document import Document
from convlab.model.layers.pad import Pad
from convlab.model.maps import LayerMaps, edited
from convlab.model.region import Region, whole
from convlab.model.stack import chain_problem, shape_after

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself


def expected(document: Document, place: int, dtype: torch.dtype = torch.float64) -> np.ndarray:
    with torch.no_grad():
        return torch_stack(document, document.layers[: place + 1], dtype)(torch_input(document, dtype))[0].numpy()


@given(stacks(), st.data())
def test_every_layers_maps_are_those_of_torch(document: Document, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(document.layers) - 1))
    shown = LayerMaps(document, place)
    if shown.problems():
        return
    wanted = expected(document, place)
    assert (shown.count, *shown.output_size) == wanted.shape
    maps = Evaluator().maps(shown, whole(*shown.output_size), range(shown.count))
    np.testing.assert_allclose(maps, wanted, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(wanted).max()))


def refused_though_torch_takes_it(document: Document, place: int) -> bool:
    """Whether the first layer at fault is a pad that leaves nothing, or goes round a second time: of these torch makes
    maps without values, or with values that it has not set."""
    found = chain_problem(document.layers[: place + 1], document.source_shape, None)
    assert found is not None
    pad, shape = document.layers[found[0]].layer, shape_after(document.layers[: found[0]], document.source_shape)
    return isinstance(pad, Pad) and (pad.mode == "circular" or min(pad.output_size(shape.size)) < 1)


@pytest.mark.parametrize("dims", [1, 3])
@settings(max_examples=150)
@given(data=st.data())
def test_of_signals_and_volumes_too(dims: int, data: st.DataObject) -> None:
    document = data.draw(stacks_of_axes(dims))
    place = data.draw(st.integers(0, len(document.layers) - 1))
    if LayerMaps(document, place).problems():
        assume(not refused_though_torch_takes_it(document, place))
        with torch.no_grad(), pytest.raises((RuntimeError, ValueError)):
            torch_stack(document, document.layers[: place + 1])(torch_input(document))
        return
    wanted = expected(document, place)
    wanted = wanted.reshape(len(wanted), *(1,) * (3 - dims), *wanted.shape[1:])
    for depth in range(wanted.shape[1]):
        shown = LayerMaps(document, place, depth)
        assert (shown.count, shown.depth, *shown.output_size) == wanted.shape
        region = Region(0, 0, -(-wanted.shape[2] // 2), -(-wanted.shape[3] // 2), 2)
        evaluator = Evaluator()
        maps = evaluator.maps(shown, whole(*shown.output_size), range(shown.count))
        scale = max(1.0, np.abs(wanted).max())
        np.testing.assert_allclose(maps, wanted[:, depth], rtol=1e-9, atol=1e-9 * scale)
        live = evaluator.live(shown, region, map_filters(shown, range(shown.count)))
        sampled = np.stack([each.values for each in live])
        np.testing.assert_allclose(sampled, wanted[:, depth, ::2, ::2], rtol=1e-9, atol=1e-9 * scale)


@given(stacks(), st.data())
def test_any_region_is_cut_out_of_the_whole(document: Document, data: st.DataObject) -> None:
    height, width = document.output_size
    step = data.draw(st.integers(1, 4))
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    rows = data.draw(st.integers(1, -(-(height - top) // step)))
    cols = data.draw(st.integers(1, -(-(width - left) // step)))
    region = Region(top, left, rows, cols, step)
    evaluator = Evaluator()
    wanted = evaluator.maps(edited(document), whole(height, width), [0])[:, top::step, left::step][:, :rows, :cols]
    scale = max(1.0, np.abs(wanted).max())
    np.testing.assert_allclose(evaluator.maps(edited(document), region, [0]), wanted, rtol=1e-9, atol=1e-9 * scale)
