"""Answers as a student types them."""

from __future__ import annotations

import numpy as np
import pytest

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import LayerSetup
from convlab.model.lesson import Question
from convlab.model.matrix import matrix_source
from convlab.model.message import ConvLabError
from convlab.model.question import Verdict, judge, read_answer


@pytest.fixture
def document() -> Document:
    layer = ConvSpec(1, 1, padding=(0, 0), bias=False)
    return new_document(matrix_source(np.arange(42.0).reshape(1, 6, 7)), layer, np.full((1, 1, 3, 3), 1 / 9))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3", (3,)),
        (" 3 × 4 ", (3, 4)),
        ("3x4", (3, 4)),
        ("3*4", (3, 4)),
        ("(1, 6, 32, 32)", (1, 6, 32, 32)),
        ("[3 4]", (3, 4)),
        ("−0.5", (-0.5,)),
        ("1/4", (0.25,)),
        ("1\u202f728", (1728,)),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str, numbers: tuple[float, ...]) -> None:
    assert read_answer(text) == numbers


@pytest.mark.parametrize("text", ["", "three", "3 × ", "×", "1 2 3 4 5 6 7 8 9", "()"])
def test_what_is_no_number_is_refused_or_has_no_number_missing(text: str) -> None:
    if text == "3 × ":
        assert read_answer(text) == (3,)
        return
    with pytest.raises(ConvLabError):
        read_answer(text)


def verdict(document: Document, text: str, kind: str = "size") -> Verdict:
    question = Question("?", kind, LayerSetup())
    explanation = explain(Evaluator(), document, 0, 1, 1) if kind == "value" else None
    return judge(question, document, text, explanation)


def test_a_size_must_be_in_the_right_order(document: Document) -> None:
    assert verdict(document, "4 × 5").right
    assert not verdict(document, "5 × 4").right
    assert not verdict(document, "4").right
    assert verdict(document, "5 × 4").why == (
        "⌊(6 + 0 + 0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 4, ⌊(7 + 0 + 0 − 1·(3 − 1) − 1) / 1⌋ + 1 = 5"
    )


def test_a_square_size_may_be_one_number(document: Document) -> None:
    question = Question("?", "size", LayerSetup(), input_size=(9, 9))
    assert judge(question, document, "7").right
    assert not judge(question, document, "7 × 7 × 7").right


def test_a_value_is_right_as_far_as_its_digits_go(document: Document) -> None:
    """The mean of 8…10, 15…17, 22…24 is 16."""
    assert verdict(document, "16", "value").right
    assert verdict(document, "16.0", "value").right
    assert not verdict(document, "16.1", "value").right
    assert not verdict(document, "17", "value").right
    assert not verdict(document, "16 16", "value").right
