"""Text from outside made harmless: for a terminal, and for the cells of a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

UNSEEN = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""Control characters, line breaks, marks of direction, and halves of characters: the inside of a […] pattern."""

_UNSEEN = re.compile(f"[{UNSEEN}]")
_QUOTED = re.compile("“([^”]*)”|'([^']*)'")
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escaped(text: str) -> str:
    """The text on one line, as it is but for unseen characters, which are written as in Python: \\n, \\x1b, \\u202e."""
    return _UNSEEN.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte of a file name that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return repr(character)[1:-1] if code < 0x80 else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def shortened(text: str, most: int = 80) -> str:
    """At most `most` characters, the middle left out: what a path begins and ends with tells most."""
    if len(text) <= most:
        return text
    head = (most - 1) // 3
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def quotes_shortened(text: str, most: int = 80) -> str:
    """A sentence whose quoted names and paths are shortened."""
    return _QUOTED.sub(lambda found: found[0][0] + shortened(found[0][1:-1], most) + found[0][-1], text)


def csv_line(cells: Iterable[object]) -> str:
    """A line of CSV (RFC 4180) with its line break; a text that a spreadsheet would run gets an apostrophe before it.

    Numbers stay numbers, minus signs included (OWASP: CSV injection).
    """
    line = io.StringIO()
    csv.writer(line).writerow([inert(str(cell)) for cell in cells])
    return line.getvalue()


def csv_table(rows: Iterable[Sequence[object]]) -> str:
    """All rows as such lines."""
    return "".join(map(csv_line, rows))


def inert(cell: str) -> str:
    """The cell's text as a spreadsheet takes it for text, or for the number that it is."""
    if not cell.lstrip(" ").startswith(_RUN_BY_SPREADSHEETS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
