"""Pasted text is read as the person meant it, or refused with one sentence."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from convlab.model.message import ConvLabError
from convlab.model.numbers import format_numbers, format_weight, parse_array, parse_number, parse_numbers

FINITE = st.floats(-1e30, 1e30, allow_nan=False)


@given(arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=8), elements=FINITE))
def test_what_is_copied_reads_back_exactly(values: np.ndarray) -> None:
    assert np.array_equal(parse_numbers(format_numbers(values)), values)


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=4, max_side=4), elements=st.floats(-100, 100, width=32)))
def test_what_numpy_and_torch_print_is_read(values: np.ndarray) -> None:
    for text in (repr(values.tolist()), repr(values), str(values.astype(np.float64))):
        assert np.allclose(parse_array(text), values, rtol=1e-5, atol=1e-6)
    assert np.allclose(parse_array(repr(torch.tensor(values))), values, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize(
    "text",
    [
        "1\t2\n3\t4\n",
        "1;2\n3;4",
        "1,2\n3,4",
        "1 2\n3 4",
        "[[1, 2], [3, 4]]",
        "np.array([[1., 2.],\n [3., 4.]])",
        "1 2\r\n3 4",
        "1,2,\n3,4,",
        "\ufeff1 2\n3 4",
        "{{1, 2}, {3, 4}}",
        "weight = torch.tensor([[1., 2.], [3., 4.]], dtype=torch.float32)",
        "Parameter containing:\ntensor([[1., 2.],\n        [3., 4.]], requires_grad=True)",
    ],
)
def test_spreadsheets_and_python(text: str) -> None:
    assert parse_numbers(text).tolist() == [[1, 2], [3, 4]]


def test_decimal_commas_minus_signs_and_fractions() -> None:
    assert parse_numbers("0,5\t−1,25").tolist() == [[0.5, -1.25]]
    assert parse_numbers("0,5;1/4").tolist() == [[0.5, 0.25]]
    assert parse_number("−1/8") == -0.125


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 2\n3", "Row 2 has 1 cells"),
        ("", "no numbers"),
        ("1\t\n3\t4", "Row 1, cell 2 is empty"),
        ("[[1,, 2]]", "missing before a comma"),
        ("a\tb", "'a' is not a number"),
        ("1\tnan", "'nan' is not a number"),
        ("1 inf", "'inf' is not a number"),
        ("1/0", "divides by 0"),
        ("1e39", "larger than float32"),
        ("[[1, 2], [3]]", "not equally long"),
        ("[[1, 2", "not closed"),
        ("[]", "empty list"),
        ("__import__('os')", "not a number"),
        ("[[[1]]]", "3 dimensions"),
    ],
)
def test_what_is_no_matrix_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ConvLabError, match=reason):
        parse_numbers(text)


@given(st.text(alphabet="0123456789.,-+eE[]()\t\n ;/naif−torchenspy=", max_size=60))
def test_any_text_is_a_matrix_or_a_refusal(text: str) -> None:
    try:
        values = parse_numbers(text)
    except ConvLabError:
        return
    assert values.ndim == 2
    assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (-0.0, "0"), (1.0, "1"), (-0.125, "−0.125"), (1 / 9, "0.1111"), (123456, "123456")]
)
def test_weights_for_a_person(value: float, text: str) -> None:
    assert format_weight(value) == text
