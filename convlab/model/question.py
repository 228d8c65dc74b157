"""Answers to a lesson's questions: what is right, and why, with the layer's own figures."""

from __future__ import annotations

from dataclasses import dataclass

from convlab.model.answer import Reading, decimals_in, numbers_in, readings
from convlab.model.document import Document
from convlab.model.explanation import Explanation
from convlab.model.figures import arithmetic, figure, figure_text, layers_of
from convlab.model.formula import algebra
from convlab.model.layer_setup import set_up
from convlab.model.lesson import Question
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.numbers import parse_number, value_text
from convlab.model.shown_sums import shown_sums

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
    """The numbers in '3', '3 × 3', '(1, 6, 32, 32)', '−0.5', '1 728', likeliest reading; ConvLabError for none."""
    return numbers_in(readings(text)[0])


def question_document(question: Question, scene: Document) -> Document:
    """The state that the question is about."""
    return set_up(scene, question.setup)


def judge(question: Question, scene: Document, text: str, explanation: Explanation | None = None) -> Verdict:
    """Compare an answer with the right one. explanation: of the asked value, for a question of kind "value".

    ConvLabError when the answer is no number. A size may be answered by one number where height and width are equal.
    """
    read = readings(text)
    if explanation is not None:
        return _judge_value(read, explanation, question.why)
    document = question_document(question, scene)
    of = layers_of(document, question.layers, question.output, question.input_size)
    right = figure(question.kind, of)
    square = len(right) == 2 and right[0] == right[1]
    given = [numbers_in(reading) for reading in read]
    same = right in given or (square and right[:1] in given)
    return Verdict(same, figure_text(question.kind, of), _joined(arithmetic(question.kind, of), question.why))


def _judge_value(read: tuple[Reading, ...], explanation: Explanation, more: str) -> Verdict:
    value = explanation.value
    right = any(len(reading) == 1 and _near(reading[0], value) for reading in read)
    return Verdict(right, value_text(value), _joined(algebra(shown_sums(explanation)), more))


def _near(typed: str, value: float) -> bool:
    """Whether the number is the value, as far as its digits go."""
    decimals = decimals_in(typed)
    half_unit = 0.5 if decimals is None else 10.0**-decimals / 2
    return abs(parse_number(typed) - value) <= min(half_unit, VALUE_SHARE * abs(value))


def _joined(*parts: str) -> str:
    return "  ".join(part for part in parts if part)
