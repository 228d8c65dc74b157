"""The flow of a value: what is shown adds up to what torch gives, padding and dilation are shown as they are."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_layers import documents

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model.document import Document, new_document
from convlab.model.flow import Flow, flow_of
from convlab.model.layer import ConvSpec
from convlab.model.maps import edited
from convlab.model.matrix import matrix_source
from convlab.model.numbers import value_text
from convlab.model.region import whole

DOT = [[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]]


def dot_product(**layer: object) -> Document:
    spec = ConvSpec(1, 1, **{"padding": (0, 0), "bias": False, **layer})
    kernel = np.array([[[[1.0, 2, 1], [0, 1, 0], [2, 1, 0]]]])
    return new_document(matrix_source(np.array([DOT], float)), spec, kernel)


def flow(document: Document, row: int, col: int, output: int = 0, stepping: bool = False) -> Flow:
    return flow_of(explain(Evaluator(), edited(document), output, row, col), edited(document), stepping)


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


def test_the_dot_product_flows_from_input_to_output() -> None:
    found = flow(dot_product(), 1, 1, stepping=True)
    (row,) = found.rows
    assert [list(line) for line in row.kernel.texts] == [["1", "2", "1"], ["0", "1", "0"], ["2", "1", "0"]]
    assert row.window.values.tolist() == DOT  # a margin of one around the window at row 1, column 1
    assert np.argwhere(row.window.taps).tolist() == [[r, c] for r in (1, 2, 3) for c in (1, 2, 3)]
    assert (row.subtotal, found.total, found.value, found.bias) == ("16", "16", "16", "")
    assert [list(line) for line in found.near.texts] == [["10", "12", "12"], ["18", "16", "16"], ["13", "9", "3"]]
    assert found.near.empty.tolist() == [[False] * 3, [False, False, True], [True] * 3]
    assert found.sentence == "out 0 [1, 1] = 1·1 + 2·2 + 3·1 + 2·0 + 1·1 + 0·0 + 2·2 + 3·1 + 1·0 = 16"


def test_padding_is_outside_the_picture_and_dilation_has_gaps() -> None:
    row = flow(dot_product(padding=(2, 2), dilation=(2, 2)), 0, 0).rows[0]
    assert row.window.values.shape == (6, 6)  # from −2 to 2, and a margin on the side where there is a picture
    assert np.argwhere(row.window.taps).tolist() == [[r, c] for r in (0, 2, 4) for c in (0, 2, 4)]
    assert np.argwhere(row.window.padded).tolist() == [[0, 0], [0, 2], [0, 4], [2, 0], [4, 0]]
    assert row.window.empty[1, 1]  # neither a tap nor a pixel of the picture
    assert not row.window.empty[3, 3]
    assert row.window.values[3, 3] == DOT[1][1]


def test_many_channels_and_large_kernels_fold_and_still_add_up() -> None:
    generator = np.random.default_rng(3)
    spec = ConvSpec(8, 1, (9, 9), padding=(0, 0))
    source = matrix_source(generator.integers(0, 9, (8, 12, 12)).astype(float))
    document = new_document(source, spec, generator.integers(-5, 5, spec.weight_shape).astype(float), np.array([7.0]))
    found = flow(document, 1, 2)
    assert len(found.rows) == 3
    assert found.more.startswith("5: ")
    added = sum(number(row.subtotal) for row in found.rows) + number(found.more.split(": ")[1]) + number(found.bias)
    assert added == number(found.total)
    for row in found.rows:
        assert sum(number(line.split("= ")[-1].split(": ")[-1]) for line in row.listed) == number(row.subtotal)


@given(documents(), st.data())
def test_what_flows_adds_up_to_the_maps_value(document: Document, data: st.DataObject) -> None:
    shape = (document.conv.spec.out_channels, *document.output_size)
    output, row, col = (data.draw(st.integers(0, n - 1)) for n in shape)
    maps = Evaluator().maps(edited(document), whole(*document.output_size), [output])[0]
    found = flow(document, row, col, output)
    total = sum((number(each.subtotal) for each in found.rows), number(found.bias or "0"))
    if found.more:
        total += number(found.more.split(": ")[1])
    assert float(total) == pytest.approx(float(number(found.total)), rel=1e-3, abs=1e-8)
    assert found.total == found.value == value_text(float(maps[row, col]))
    assert found.near.values[found.near_position] == pytest.approx(maps[row, col], rel=1e-5, abs=1e-6)
    top, left = found.near_corner
    rows, cols = found.near.values.shape
    np.testing.assert_allclose(found.near.values, maps[top : top + rows, left : left + cols], rtol=1e-4, atol=1e-5)
    for each, source in zip(found.rows, explain(Evaluator(), edited(document), output, row, col).values, strict=False):
        if not found.more:
            np.testing.assert_array_equal(each.window.values[each.window.taps], source.ravel())
