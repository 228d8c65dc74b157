"""Windows as columns are torch's Unfold; put back they are its Fold; weights times columns are the layer."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from random_layers import documents, torch_result

from convlab.engine.evaluate import Evaluator
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import LayerMaps, edited
from convlab.model.matrix import matrix_source
from convlab.model.region import whole
from convlab.model.source import Source
from convlab.model.stack_presets import STACK_PRESETS, apply_preset
from convlab.model.unfold import MOST_COLUMNS, MOST_ROWS, hit_counts, unfold

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")


def sixteen() -> Document:
    """1 … 16 under a 2 × 2 kernel."""
    spec = ConvSpec(1, 1, (2, 2), padding=(0, 0), bias=False)
    return new_document(matrix_source(np.arange(1.0, 17).reshape(1, 4, 4)), spec, np.ones(spec.weight_shape))


def test_the_figures_of_the_issue() -> None:
    found = unfold(edited(sixteen()), 0)
    assert found is not None
    assert found.values.shape == (4, 9)
    assert found.values[0].tolist() == [1, 2, 3, 5, 6, 7, 9, 10, 11]
    folded = sixteen().source.pixels[:, :, 0] * hit_counts(edited(sixteen()))
    assert folded.tolist() == [[1, 4, 6, 4], [10, 24, 28, 16], [18, 40, 44, 24], [13, 28, 30, 16]]


@given(documents(), st.data())
def test_columns_are_torchs_and_their_product_is_the_layers(document: Document, data: st.DataObject) -> None:
    assume(not document.conv.spec.transposed)
    layer, shape = document.conv.spec, (document.conv.spec.out_channels, *document.output_size)
    output, row, col = (data.draw(st.integers(0, n - 1)) for n in shape)
    found = unfold(edited(document), output, (row, col))
    assert found is not None
    assert (row, col) in found.positions
    expected = torch_result(document)[output].ravel()[found.first : found.first + len(found.positions)]
    np.testing.assert_allclose(found.sums, expected, atol=1e-9)
    if layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
        used = [document.input_channels[i].index for i in layer.group_inputs(output)]
        photo = torch.from_numpy(document.source.pixels[:, :, used].astype(np.float64)) / document.source.max_value
        sizes = [layer.torch_sizes(each) for each in (layer.kernel_size, layer.dilation, layer.padding, layer.stride)]
        columns = torch.nn.Unfold(*sizes)(photo.permute(2, 0, 1)[None])[0].numpy()
        part = columns[:, found.first : found.first + len(found.positions)]
        np.testing.assert_array_equal(found.values, part)
        ones = torch.ones(1, math.prod(layer.kernel_size), found.total)
        fold = torch.nn.Fold(document.source.size, *sizes)
        np.testing.assert_array_equal(hit_counts(edited(document)), fold(ones)[0, 0].numpy())


def test_of_a_photo_the_columns_around_the_chosen_pixel() -> None:
    spec = ConvSpec(1, 1, bias=False)
    document = new_document(matrix_source(np.arange(10_000.0).reshape(1, 100, 100)), spec, np.ones((1, 1, 3, 3)))
    found = unfold(edited(document), 0, (99, 99))
    assert found is not None
    assert (len(found.positions), found.total, found.positions[-1]) == (MOST_COLUMNS, 10_000, (99, 99))


def test_a_kernel_of_too_many_taps_is_not_looked_at() -> None:
    spec = ConvSpec(1, 1, (33, 33), bias=False)
    assert MOST_ROWS < 33 * 33
    document = new_document(matrix_source(np.ones((1, 40, 40))), spec, np.ones(spec.weight_shape))
    assert unfold(edited(document), 0) is None


def test_unfold_as_a_layer_gives_torchs_rows_and_fold_after_it_the_counts() -> None:
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 256, (7, 9, 3)).astype(np.uint8)
    source = Source("x", pixels, ("R", "G", "B"), 255.0)
    base = new_document(source, ConvSpec(3, 1, dtype="float64"), np.zeros((1, 3, 3, 3)))
    x = torch.from_numpy(pixels / 255.0).permute(2, 0, 1)[None]
    stack = apply_preset(base, STACK_PRESETS["unfold-fold"])
    rows = LayerMaps(stack, 0)
    maps = Evaluator().maps(rows, whole(*rows.output_size), range(27))
    torch.testing.assert_close(torch.from_numpy(maps).reshape(1, 27, -1), torch.nn.Unfold(3)(x))
    folded = Evaluator().maps(LayerMaps(stack, 1), whole(7, 9), range(3))
    fold = torch.nn.Fold((7, 9), 3)
    torch.testing.assert_close(torch.from_numpy(folded)[None], fold(torch.nn.Unfold(3)(x)))
    counts = fold(torch.nn.Unfold(3)(torch.ones_like(x)))
    torch.testing.assert_close(torch.from_numpy(folded)[None] / counts, x)
