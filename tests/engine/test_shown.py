"""What is shown of an explained value is true: '=' holds exactly as written, a total is torch's value, rounded."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_layers import documents, torch_result

from convlab.engine.evaluate import Evaluator
from convlab.engine.explain import explain
from convlab.model import edits
from convlab.model.document import Document, new_document
from convlab.model.explanation import Explanation
from convlab.model.flow import Flow, flow_of
from convlab.model.formula import algebra
from convlab.model.layer import ConvSpec
from convlab.model.maps import activated, edited
from convlab.model.numbers import value_text
from convlab.model.shown_ledger import ShownLedger
from convlab.model.shown_sums import ShownSums, shown_sums
from convlab.model.source import Source

pytestmark = pytest.mark.filterwarnings("ignore:Using padding=.same. with even kernel lengths")  # torch of itself

SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
NUMBER = r"−?\d+(?:\.\d+)?(?:e−?\d+)?"


def number(text: str) -> Fraction:
    return Fraction(text.replace("−", "-"))


def worked_out(text: str) -> Fraction:
    """A sum of products, in brackets and over a unit or not, worked out exactly."""
    text = re.sub(r"\[\d+(?: more)?: (.*?)\]", r"\1", text.strip())
    found = re.fullmatch(r"\((.*)\) / (\d+)((?: \+ .*)?)", text)
    if found:
        return worked_out(found[1]) / int(found[2]) + (worked_out(found[3][3:]) if found[3] else 0)
    if text.startswith("(") and text.endswith(")") and "·" in text and ") + (" not in text.replace("·(", ""):
        text = text[1:-1]
    total = Fraction(0)
    for term in text.split(" + "):
        product = Fraction(1)
        for factor in term.split(" / ")[0].split("·"):
            product *= number(factor.strip("()"))
        total += product / (int(term.split(" / ")[1]) if " / " in term else 1)
    return total


def equations(line: str) -> list[tuple[Fraction, str, Fraction]]:
    """Every 'left = right' and 'left ≈ right' between numbers in a line."""
    return [(worked_out(left), sign, worked_out(right)) for left, sign, right in sides_of(line)]


def sides_of(line: str) -> list[tuple[str, str, str]]:
    found = []
    for part in re.split(r";\s|,  ", line):
        sides = re.split(r" ([=≈]) ", re.sub(r"^(?:[A-Za-z]+(?: \d)?|Σ): |^out .*?\] (?=[=≈])", "", part))
        if sides[0].startswith(("= ", "≈ ")):  # the name's own relation is to the value, not to a number
            sides[0] = sides[0][2:]
        for left, sign, right in zip(sides[:-2:2], sides[1::2], sides[2::2], strict=True):
            found.append((left, sign, right))
    return found


def check(line: str) -> None:
    for left, sign, right in sides_of(line):
        made, wanted = worked_out(left), worked_out(right)
        assert (made == wanted) == (sign == "="), line
        size = worked_out(left.replace("−", ""))  # terms of four digits each may cancel out
        digits = len(right.split(" ")[0].strip("()").partition(".")[2])  # the right side is rounded too
        assert abs(made - wanted) <= Fraction(15, 10_000) * size + Fraction(6, 10 * 10**digits), line


def rounded(value: float, text: str) -> Decimal:
    """The value rounded as the text is, from its exact binary digits."""
    shown = Decimal(text.replace("−", "-"))
    return Decimal(value).quantize(shown, ROUND_HALF_EVEN, Context(prec=60))


def texts_of(found: Explanation, document: Document, unit: float) -> tuple[ShownSums, Flow, list[list[str]]]:
    sums = shown_sums(found, unit)
    return sums, flow_of(found, edited(document), False, unit), list(ShownLedger(sums))


@settings(max_examples=120, **SLOW)
@given(documents(), st.sampled_from(["none", "relu", "tanh"]), st.sampled_from([1.0, 255.0]), st.data())
def test_what_is_shown_as_equal_is_equal_as_shown(
    document: Document, activation: str, unit: float, data: st.DataObject
) -> None:
    document = edits.set_activation(document, activation)
    expected = torch_result(document)
    output, row, col = (data.draw(st.integers(0, n - 1)) for n in expected.shape)
    found = explain(Evaluator(), activated(document), output, row, col)
    sums, flow, ledger = texts_of(found, document, unit)
    check(algebra(sums))
    check(flow.sentence)
    for channel, name in enumerate(found.channel_names):
        taps = [line for line in ledger if line[0] == name and line[7]]
        exact = all(number(line[6]) * number(line[7]) == number(line[8]) for line in taps)
        assert exact == (sums.product_sign(channel) == "=")
        added = sum(number(line[8]) for line in taps)
        (subtotal,) = (line[8] for line in ledger if line[0] == f"{name}: sum")
        if sums.decimals is not None:  # each rounded by half a unit at most
            assert abs(added - number(subtotal)) <= Fraction(len(taps) + 1, 2 * 10**sums.decimals)


@settings(max_examples=120, **SLOW)
@given(documents(), st.sampled_from([1.0, 255.0]), st.data())
def test_a_value_has_the_same_digits_everywhere_and_they_are_torchs(
    document: Document, unit: float, data: st.DataObject
) -> None:
    expected = torch_result(document)
    output, row, col = (data.draw(st.integers(0, n - 1)) for n in expected.shape)
    found = explain(Evaluator(), edited(document), output, row, col)
    sums, flow, ledger = texts_of(found, document, unit)
    everywhere = {sums.total_text, flow.total, flow.value, ledger[-1][8], ledger[-2][8], value_text(found.value)}
    everywhere.add(flow.near.texts[flow.near_position[0]][flow.near_position[1]])
    everywhere.add(re.split(r" [=≈] ", flow.sentence)[-1])
    everywhere.add(re.split(r" [=≈] ", algebra(sums))[-1])
    (text,) = everywhere
    assert rounded(found.value, text) == Decimal(text.replace("−", "-"))
    torchs = float(expected[output, row, col])
    unit_in_last = 10.0 ** Decimal(text.replace("−", "-")).as_tuple().exponent
    assert abs(float(text.replace("−", "-")) - torchs) <= unit_in_last * 0.5 * (1 + 1e-6) + 1e-12


@settings(max_examples=80, **SLOW)
@given(documents("float32"), st.data())
def test_rounded_terms_have_digits_enough_for_their_sum_to_round_to_the_total(
    document: Document, data: st.DataObject
) -> None:
    shape = (document.conv.spec.out_channels, *document.output_size)
    found = explain(Evaluator(), edited(document), *(data.draw(st.integers(0, n - 1)) for n in shape))
    sums = shown_sums(found)
    shown = [number(sums.product(*at)) for at in np.ndindex(*sums.products.shape)]
    added, total = sum(shown) + number(sums.bias or "0"), Decimal(sums.total_text.replace("−", "-"))
    places = max(-int(total.as_tuple().exponent), 3 - total.adjusted() if total else 0)  # its last zeros are not shown
    if places <= 7:  # but for what float32 has lost of the sum itself
        lost = abs(Fraction(found.value) - Fraction(found.total))
        assert abs(added - Fraction(total)) <= Fraction(1, 2 * 10 ** max(places, 0)) + Fraction(1, 10**8) + lost


def test_a_total_whose_last_digits_are_zeros_is_rounded_at_its_fourth_all_the_same() -> None:
    """1.281838 − 0.753483 − 0.418369 = 0.109986, shown as 0.11; with three decimals the terms would add up to 0.111."""
    source = Source("x", np.ones((4, 4, 3)), ("R", "G", "B"), 1.0)
    weight = np.array([1.281838, -0.753483, -0.418369]).reshape(1, 3, 1, 1)
    spec = ConvSpec(3, 1, (1, 1), padding=(0, 0), bias=False, dtype="float64")
    sums = shown_sums(explain(Evaluator(), edited(new_document(source, spec, weight)), 0, 1, 1))
    assert sums.total_text == "0.11"
    added = sum(number(sums.subtotal(channel)) for channel in range(3))
    assert abs(added - Fraction("0.11")) <= Fraction("0.00005")


@pytest.mark.parametrize(
    "kernel",
    [
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
        [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    ],
)
def test_an_8_bit_photo_in_its_own_unit_adds_up_and_multiplies_exactly(kernel: list[list[float]]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8)
    weight = np.broadcast_to(np.array(kernel), (1, 3, 3, 3)).copy()
    document = new_document(Source("x", pixels, ("R", "G", "B"), 255.0), ConvSpec(3, 1, bias=False), weight)
    for row, col in np.ndindex(12, 12):
        found = explain(Evaluator(), edited(document), 0, row, col)
        sums = shown_sums(found, 255.0)
        planes = np.pad(pixels.astype(float), ((1, 1), (1, 1), (0, 0)))[row : row + 3, col : col + 3]
        exact = float((planes.transpose(2, 0, 1) * weight[0]).sum())
        assert number(sums.added_text) == exact
        assert [sums.product_sign(channel) for channel in range(3)] == ["="] * 3
        assert "≈" not in algebra(sums).rsplit("; ", 1)[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(218 / 255), "0.8549"),
        (0.0, "0"),
        (-0.0, "0"),
        (3.4375, "3.4375"),
        (139.4375, "139.4375"),
        (np.float32(0.1), "0.1"),
        (123456789.0, "123456789"),
        (12345.678, "12346"),
        (1.5e12, "1.5e12"),
        (-2.25e-7, "−2.25e−7"),
        (float("nan"), "NaN"),
        (float("-inf"), "−∞"),
    ],
)
def test_the_digits_of_a_value(value: float, text: str) -> None:
    assert value_text(float(value)) == text


def test_values_that_are_not_finite_are_shown_as_they_are() -> None:
    pixels = np.full((3, 3, 1), np.nan, np.float32)
    document = new_document(Source("x", pixels, ("gray",), 1.0), ConvSpec(1, 1), np.ones((1, 1, 3, 3)))
    found = explain(Evaluator(), edited(document), 0, 1, 1)
    assert shown_sums(found).total_text == "NaN"
    assert flow_of(found, edited(document), False).total == "NaN"
    assert algebra(shown_sums(found)).endswith("NaN")
