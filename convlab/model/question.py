"""Answers to a lesson's questions: what is right, and why, with the layer's own figures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from convlab.model.document import Document
from convlab.model.explanation import Explanation
from convlab.model.figures import arithmetic, figure, figure_text, layers_of
from convlab.model.formula import algebra
from convlab.model.layer_setup import set_up
from convlab.model.lesson import Question
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, Message, message
from convlab.model.numbers import parse_number, value_text
from convlab.model.shown_sums import shown_sums

MOST_NUMBERS = 8
VALUE_SHARE = 5e-3
"""A value is right within half a unit of the last decimal typed, as long as that is within this share of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right, what would be, and the figures that it comes from."""

    right: bool
    answer: str
    why: str

    @property
    def sentence(self) -> Message:
        """It for a person."""
        right = QT_TRANSLATE_NOOP("model", "✓ Right: {answer}.  {why}")
        wrong = QT_TRANSLATE_NOOP("model", "✗ Not yet: it is {answer}.  {why}")
        return message(right if self.right else wrong, answer=self.answer, why=self.why)


def read_answer(text: str) -> tuple[float, ...]:
    """The numbers in '3', '3 × 3', '(1, 6, 32, 32)', '−0.5', '1 728'; ConvLabError when there are none."""
    cleaned = re.sub(r"(?<=\d)[\u202f\u00a0](?=\d{3})", "", text.strip().strip("()[]").strip())
    parts = [part for part in re.split(r"\s*[×x*,;]\s*|\s+", cleaned) if part]
    if not parts or len(parts) > MOST_NUMBERS:
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "Type a number, or several like 3 × 3.")))
    return tuple(parse_number(part) for part in parts)


def question_document(question: Question, scene: Document) -> Document:
    """The state that the question is about."""
    return set_up(scene, question.setup)


def judge(question: Question, scene: Document, text: str, explanation: Explanation | None = None) -> Verdict:
    """Compare an answer with the right one. explanation: of the asked value, for a question of kind "value".

    ConvLabError when the answer is no number. A size may be answered by one number where height and width are equal.
    """
    given = read_answer(text)
    if explanation is not None:
        return _judge_value(text, given, explanation, question.why)
    document = question_document(question, scene)
    of = layers_of(document, question.layers, question.output, question.input_size)
    right = figure(question.kind, of)
    square = len(right) == 2 and right[0] == right[1]
    same = given == right or (square and given == right[:1])
    return Verdict(same, figure_text(question.kind, of), _joined(arithmetic(question.kind, of), question.why))


def _judge_value(text: str, given: tuple[float, ...], explanation: Explanation, more: str) -> Verdict:
    value = explanation.value
    decimals = re.search(r"[.,](\d+)\s*$", text.strip())
    half_unit = 10.0 ** -len(decimals[1]) / 2 if decimals else 0.5
    right = len(given) == 1 and abs(given[0] - value) <= min(half_unit, VALUE_SHARE * abs(value))
    return Verdict(right, value_text(value), _joined(algebra(shown_sums(explanation)), more))


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)
