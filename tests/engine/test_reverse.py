"""The way back agrees with torch's gradients: which outputs a pixel feeds, which pixels a weight touches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_layers import documents, torch_layer

from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.matrix import matrix_source
from convlab.model.message import Message
from convlab.model.reverse import feeding, feeding_message, feeding_table, touched, touched_message

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")


def without_bias(document: Document) -> torch.nn.Module:
    return torch_layer(document.with_conv(spec=replace(document.conv.spec, bias=False)))


@given(documents(), st.data())
def test_a_pixel_feeds_the_outputs_that_have_a_gradient_for_it(document: Document, data: st.DataObject) -> None:
    """d out[o, r, c] / d x[i, y, x] is the sum of the weights of the taps listed for (r, c)."""
    height, width = document.source.size
    row, col = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    output = data.draw(st.integers(0, document.conv.spec.out_channels - 1))
    found = feeding(edited(document), output, row, col)
    one_hot = torch.zeros(1, document.conv.spec.in_channels, height, width, dtype=torch.float64)
    for number, channel in enumerate(document.conv.spec.group_inputs(output)):
        one_hot.zero_()
        one_hot[0, channel, row, col] = 1
        expected = without_bias(document)(one_hot)[0, output].detach().numpy()
        added = np.zeros(document.output_size)
        np.add.at(added, tuple(found.places[:, :2].T), found.weights[:, number])
        np.testing.assert_allclose(added, expected, atol=1e-12)
    ones = without_bias(document)
    ones.weight.data.fill_(1)
    one_hot.fill_(0)
    one_hot[0, :, row, col] = 1
    reached = torch.nonzero(ones(one_hot)[0, output]).tolist()
    assert sorted(map(list, found.outputs)) == reached


@given(documents(), st.data())
def test_a_weight_touches_the_pixels_that_have_a_gradient_through_it(document: Document, data: st.DataObject) -> None:
    kernel = document.conv.spec.kernel_size[1:]
    tap = data.draw(st.integers(0, kernel[0] - 1)), data.draw(st.integers(0, kernel[1] - 1))
    layer = without_bias(document)
    layer.weight.data.zero_()
    layer.weight.data[0, 0, tap[0], tap[1]] = 1
    x = torch.zeros(1, document.conv.spec.in_channels, *document.source.size, dtype=torch.float64, requires_grad=True)
    layer(x).sum().backward()
    expected = x.grad[0, 0].numpy()
    found = touched(edited(document), tap)
    seen = np.zeros(document.source.size, dtype=bool)
    seen[np.ix_(found.rows, found.cols)] = True
    np.testing.assert_array_equal(seen, expected != 0)
    assert found.positions == np.prod(document.output_size)
    if document.conv.spec.padding_mode == "zeros":
        assert found.positions - found.padded == expected.sum()


def dot(**layer: object) -> Document:
    spec = ConvSpec(1, 1, **{"padding": (1, 1), "bias": False, **layer})
    kernel = np.array([[[[1.0, 2, 1], [0, 1, 0], [2, 1, 0]]]])
    return new_document(matrix_source(np.arange(25.0).reshape(1, 5, 5)), spec, kernel)


def test_an_inner_pixel_feeds_nine_outputs_by_the_kernel_turned() -> None:
    found = feeding(edited(dot()), 0, 2, 2)
    assert found.weights[:, 0].tolist() == [0, 1, 2, 0, 1, 0, 1, 2, 1]
    assert found.products[:, 0].tolist() == [0, 12, 24, 0, 12, 0, 12, 24, 12]
    assert text(feeding_message(found)) == (
        "The input pixel at row 2, column 2 (gray 12) feeds 9 pixels of out 0 by 9 taps."
    )
    table = feeding_table(found)
    assert table[0] == ["output row", "output column", "kernel row", "kernel column", "gray: weight", "gray: product"]
    assert table[1] == ["1", "1", "2", "2", "0.0", "0.0"]


def test_a_pixel_that_padding_repeats_feeds_an_output_by_several_taps() -> None:
    found = feeding(edited(dot(padding_mode="replicate")), 0, 0, 0)
    corner = found.places[(found.places[:, 0] == 0) & (found.places[:, 1] == 0)]
    assert corner[:, 2:].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_what_a_weight_touches_in_words() -> None:
    def said(document: Document, row: int, col: int) -> str:
        return text(touched_message(touched(edited(document), (row, col)), 0, "gray"))

    assert said(dot(), 0, 0).endswith("reads rows 0 … 3, columns 0 … 3: 25 places, 9 of them on no pixel.")
    assert said(dot(stride=(2, 2)), 1, 1).endswith(
        "reads rows 0, 2 … 4, columns 0, 2 … 4: 9 places, 0 of them on no pixel."
    )
    assert said(dot(padding=(5, 5), stride=(10, 10)), 0, 0).endswith("reads no pixel.")


def text(sentence: Message) -> str:
    return str(sentence)
