"""README's tables of formats, made from the registers: `python tests/make_readme.py` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from convlab.cli.format_texts import read_formats, written_formats

README = Path(__file__).resolve().parents[1] / "README.md"


def with_tables(text: str) -> str:
    """The page with what stands between its marks as the registers say; ValueError where a mark is missing."""
    for mark, title, rows in (("read", "input", read_formats()), ("written", "`--format`", written_formats())):
        between = re.compile(rf"(<!-- formats:{mark} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not between.search(text):
            raise ValueError(f"README.md has no table marked formats:{mark}")
        table = _table(title, rows)
        text = between.sub(lambda found, table=table: found[1] + table + found[2], text)
    return text


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = (f"| {name} | {what} |" for name, what in rows)
    return "\n".join(("", f"| {title} | |", "| --- | --- |", *lines, "", ""))


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
