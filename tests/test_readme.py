"""README tells of every format, in the words of its register."""

from __future__ import annotations

from make_readme import README, with_tables


def test_readmes_tables_of_formats_are_those_of_the_registers() -> None:
    text = README.read_text("utf-8")
    assert with_tables(text) == text, "python tests/make_readme.py writes them"
