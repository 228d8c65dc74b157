"""Texts from outside are shown and written so that they do nothing."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlab.model.names import with_ending, without_ending
from convlab.model.plain_text import csv_line, csv_table, escaped, quotes_shortened, shortened


@given(st.text())
def test_what_is_shown_is_one_line_without_controls_and_direction_marks(text: str) -> None:
    shown = escaped(text)
    assert len(f"{shown}.".splitlines()) == 1
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown)
    assert not any(
        unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI") for c in shown
    )


def test_it_says_what_was_there() -> None:
    assert escaped("é 写 \x1b[1m\n\t\x85\u202e\udce9") == r"é 写 \x1b[1m\n\t\x85\u202e\xe9"


def test_long_names_are_shortened_in_the_middle() -> None:
    assert shortened("x" * 80) == "x" * 80
    assert len(shortened("a" + "x" * 500 + "z.png")) == 80
    assert shortened("/home/" + "x" * 500 + "/z.png").endswith("/z.png")
    said = quotes_shortened(f"“{'n' * 300}” was not saved: “{'f' * 300}” is not there.")
    assert len(said) < 220
    assert said.endswith("” is not there.")


RUN_BY_SPREADSHEETS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=",
    " =1+1",
    "＝1",
    "-x",
    "+",
    "-1,5",
]
NUMBERS = ["-1.5", "+3", "0", "1e-9", "-inf", "nan", "-0.0"]


@pytest.mark.parametrize("text", RUN_BY_SPREADSHEETS)
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    (cell,) = next(csv.reader([csv_line([text])], strict=True)) if "\r" not in text else (csv_line([text])[1:-3],)
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_stay_numbers(text: str) -> None:
    assert csv_line([text]) == f"{text}\r\n"
    assert np.array_equal(float(csv_line([float(text)])), float(text), equal_nan=True)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=3)))
def test_a_table_reads_back_as_it_was_but_for_the_apostrophe(rows: list[list[str]]) -> None:
    read = list(csv.reader(csv_table(rows).splitlines(keepends=True)))
    for before, after in zip(rows, read, strict=True):
        assert all(b in (a, a[1:]) for a, b in zip(after, before, strict=True))


def test_an_ending_is_added_unless_it_is_there() -> None:
    for name in ("result.v2", "blur_s1.5", "scan.001", "a"):
        assert with_ending(Path("x") / name, ".gif") == Path("x") / f"{name}.gif"
    assert with_ending(Path("A.GIF"), ".gif") == Path("A.GIF")
    assert with_ending(Path(), ".gif") == Path()
    assert without_ending(Path("blur_s1.5.gif"), ".gif") == Path("blur_s1.5")
    assert without_ending(Path("blur_s1.5"), ".gif") == Path("blur_s1.5")
    assert without_ending(Path(".gif"), ".gif") == Path(".gif")
