"""An explained value is the map's value, tap by tap."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layers import close, documents, torch_result

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.explanation import Explanation, largest_products, ledger, ledger_csv
from convlab.model.formula import algebra
from convlab.model.layer import ConvSpec
from convlab.model.maps import activated, edited
from convlab.model.shown_sums import shown_sums
from convlab.model.source import Source

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself

DOT = [[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]]
KERNEL = [[1, 2, 1], [0, 1, 0], [2, 1, 0]]


def dot_product(**layer: object) -> Document:
    pixels = np.array(DOT, np.uint8)[:, :, None]
    spec = ConvSpec(1, 1, (3, 3), bias=False, **{"padding": (0, 0), **layer})  # type: ignore[arg-type]
    return new_document(Source("matrix", pixels, ("gray",), 1.0), spec, np.array(KERNEL, float)[None, None])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.data())
def test_the_explained_sum_is_torchs_value(document: Document, data: st.DataObject) -> None:
    expected = torch_result(document)
    output, row, col = (data.draw(st.integers(0, n - 1)) for n in expected.shape)
    found = explain(Evaluator(), edited(document), output, row, col)
    assert close(np.array(found.total), expected[output, row, col], 1e-12)
    assert close(np.array(found.value), expected[output, row, col], 1e-12)
    planes = document.source.pixels.astype(np.float64) / document.source.max_value
    inputs = document.conv.spec.group_inputs(output)
    pixels = set(np.ndindex(*planes.shape[:2]))
    for channel, i in enumerate(inputs):
        for r, y in enumerate(found.source_rows):
            for c, x in enumerate(found.source_cols):
                sample = 0.0 if -1 in (y, x) else planes[y, x, document.input_channels[i].index]
                assert found.values[channel, r, c] == sample
                assert found.padded(r, c) == ((row_of(found, r), column_of(found, c)) not in pixels)


def row_of(found: Explanation, tap: int) -> float:
    """The tap's place in input pixels, a fraction between the pixels of a transposed layer."""
    return found.rows[tap] / found.spread[0]


def column_of(found: Explanation, tap: int) -> float:
    return found.cols[tap] / found.spread[1]


def test_the_dot_product_lesson() -> None:
    expected = [[10, 12, 12], [18, 16, 16], [13, 9, 3]]
    document = dot_product()
    for row in range(3):
        for col in range(3):
            assert explain(Evaluator(), edited(document), 0, row, col).total == expected[row][col]
    first = explain(Evaluator(), edited(document), 0, 0, 0)
    assert first.products[0].tolist() == [[1, 4, 0], [0, 1, 0], [2, 2, 0]]


@pytest.mark.parametrize(
    ("mode", "source", "note"),
    [
        ("zeros", ("", ""), "padding: zero"),
        ("reflect", ("1", "1"), "padding: reflect of (1, 1)"),
        ("replicate", ("0", "0"), "padding: replicate of (0, 0)"),
        ("circular", ("4", "4"), "padding: circular of (4, 4)"),
    ],
)
def test_a_tap_in_the_padding_names_what_it_repeats(mode: str, source: tuple[str, str], note: str) -> None:
    found = explain(Evaluator(), edited(dot_product(padding=(1, 1), padding_mode=mode)), 0, 0, 0)
    assert found.place_text(0, 0) == (*source, note)
    assert found.place_text(1, 1) == ("0", "0", "")


def test_half_types_are_explained_with_their_own_operands() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 6, 3), np.uint8)
    document = new_document(
        Source("x", pixels, ("R", "G", "B"), 255), ConvSpec(dtype="bfloat16"), np.full((2, 3, 3, 3), 1 / 3)
    )
    found = explain(Evaluator(), edited(document), 1, 2, 2)
    third = torch.tensor(1 / 3, dtype=torch.bfloat16).double().item()
    assert set(found.weights.ravel()) == {third}
    assert found.value == torch.tensor(found.total, dtype=torch.bfloat16).item()


def test_the_activation_is_named_beside_torchs_value() -> None:
    document = edits.set_activation(dot_product(), "relu")
    document = edits.set_weight(document, (0, 0, 1, 1), -50.0)
    found = explain(Evaluator(), activated(document), 0, 0, 0)
    assert found.total < 0
    assert found.value == 0
    assert ledger(found)[-1][0] == "torch after relu"


def test_the_ledger_adds_up_and_reads_back_exactly() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 9, 3), np.uint8)
    spec = ConvSpec(3, 2, (3, 3), dilation=(2, 1), padding=(2, 1))
    document = new_document(
        Source("x", pixels, ("R", "G", "B"), 255), spec, np.random.default_rng(2).normal(size=(2, 3, 3, 3)), [0.5, -1]
    )
    found = explain(Evaluator(), edited(document), 1, 0, 4)
    rows = list(csv.DictReader(io.StringIO(ledger_csv(found), newline="")))
    taps = [row for row in rows if row["weight"]]
    assert len(taps) == 27
    assert all(float(row["value"]) * float(row["weight"]) == float(row["product"]) for row in taps)
    sums = {row["channel"]: float(row["product"]) for row in rows if not row["weight"]}
    assert sum(sums[f"{name}: sum"] for name in "RGB") + sums["bias"] == pytest.approx(sums["total"], abs=1e-12)
    assert sums["torch"] == pytest.approx(sums["total"], abs=1e-5)


def test_whole_numbers_stay_whole() -> None:
    found = explain(Evaluator(), edited(dot_product()), 0, 0, 0)
    assert shown_sums(found).decimals == 0
    assert algebra(shown_sums(found)) == "gray: (1·1 + 2·2 + 0·1 + 0·0 + 1·1 + 2·0 + 1·2 + 2·1 + 1·0) = 10"


def test_a_large_kernel_is_folded_and_still_adds_up() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (30, 30, 1), np.uint8)
    kernel = np.random.default_rng(2).normal(size=(1, 1, 11, 11))
    document = new_document(Source("x", pixels, ("gray",), 255), ConvSpec(1, 1, (11, 11)), kernel)
    found = explain(Evaluator(), edited(document), 0, 15, 15)
    line = algebra(shown_sums(found), most=10)
    assert "[111 more: " in line
    assert line.count("·") == 10


def test_the_largest_products_come_first() -> None:
    found = explain(Evaluator(), edited(dot_product()), 0, 0, 0)
    assert largest_products(found, 0, 3) == [(0, 1), (2, 0), (2, 1)]
