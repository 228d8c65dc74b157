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
from convlab.model.maps import edited
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
        ("1 792", (1792,)),
        ("1\u00a0792", (1792,)),
        ("1\u2009792", (1792,)),
        ("1,792", (1792,)),
        ("1'792", (1792,)),
        ("1’792", (1792,)),
        ("1_792", (1792,)),
        ("1,234,567", (1234567,)),
        ("1 234 567", (1234567,)),
        ("1 792 parameters", (1792,)),
        ("7X7", (7, 7)),
        ("7x7", (7, 7)),
        ("7 by 7", (7, 7)),
        ("9 By 9", (9, 9)),
        ("7 px × 7 px", (7, 7)),
        ("7×7 pixels", (7, 7)),
        ("7²", (7, 7)),
        ("7^2", (7, 7)),
        ("1,024 × 1,024", (1024, 1024)),
        ("1 024 x 768", (1024, 768)),
        ("1, 6, 32, 32", (1, 6, 32, 32)),
        ("1,6,32,32", (1, 6, 32, 32)),
        ("torch.Size([1, 6, 32, 32])", (1, 6, 32, 32)),
        ("Size([1, 6, 32, 32])", (1, 6, 32, 32)),
        ("shape = (1, 6, 32, 32)", (1, 6, 32, 32)),
        ("{1; 6; 32; 32}", (1, 6, 32, 32)),
        ("= 18", (18,)),
        ("18.", (18,)),
        ("18 px", (18,)),
        ("+18", (18,)),
        ("-0.5", (-0.5,)),
        ("–0.5", (-0.5,)),
        ("0,25", (0.25,)),
        ("-0,25", (-0.25,)),
        (",5", (0.5,)),
        ("0,125", (0.125,)),
        ("1 / 4", (0.25,)),
        ("½", (0.5,)),
        ("1.5e3", (1500,)),
        ("１７", (17,)),
        ("0,5; 0,25", (0.5, 0.25)),
    ],
)
def test_numbers_are_read_as_people_type_them(text: str, numbers: tuple[float, ...]) -> None:
    assert read_answer(text) == numbers


@pytest.mark.parametrize(
    "text", ["", "three", "3 × ", "×", "1 2 3 4 5 6 7 8 9", "()", "px", "torch.Size([])", "3 or 4", "1/0"]
)
def test_what_is_no_number_is_refused_or_has_no_number_missing(text: str) -> None:
    if text == "3 × ":
        assert read_answer(text) == (3,)
        return
    with pytest.raises(ConvLabError):
        read_answer(text)


def verdict(document: Document, text: str, kind: str = "size") -> Verdict:
    question = Question("?", kind, LayerSetup())
    explanation = explain(Evaluator(), edited(document), 0, 1, 1) if kind == "value" else None
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


def test_an_answer_that_can_be_read_in_several_ways_is_right_in_each(document: Document) -> None:
    counts = Question("?", "parameters", LayerSetup())
    wide = new_document(
        matrix_source(np.arange(42.0).reshape(1, 6, 7)), ConvSpec(1, 64, padding=(0, 0)), np.ones((64, 1, 3, 3))
    )
    for text in ("640", "640 parameters"):
        assert judge(counts, wide, text).right
    large = new_document(
        matrix_source(np.arange(126.0).reshape(3, 6, 7)), ConvSpec(3, 64, padding=(0, 0)), np.ones((64, 3, 3, 3))
    )
    for text in ("1792", "1 792", "1,792", "1.792", "1'792", "1_792", "1\u202f792", "1792 weights"):
        assert judge(counts, large, text).right, text
    for text in ("1793", "17,92", "1 79", "179.2"):
        assert not judge(counts, large, text).right, text
    for text in ("4 5", "4,5", "4, 5", "(4, 5)", "4;5", "4X5", "4 by 5", "4 × 5 px", "torch.Size([4, 5])"):
        assert verdict(document, text).right, text
    for text in ("16", "16,0", "16.0", "16,00", "= 16", "16 px", "32/2"):
        assert verdict(document, text, "value").right, text
    for text in ("16,1", "1,6", "1 6"):
        assert not verdict(document, text, "value").right, text
