"""The numbers in a typed answer, in every usual spelling; where one can be read in several ways, all of them."""

from __future__ import annotations

import re
import unicodedata

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.numbers import parse_number

Reading = tuple[str, ...]
"""Numbers as parse_number takes them, with a decimal point."""

MOST_NUMBERS, MOST_CHARACTERS = 8, 200
_SAME = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "‐": "-",
        "‑": "-",
        "⁄": "/",
        "∕": "/",
        "’": "'",
        "ʼ": "'",
        "✕": "×",
        "⨯": "×",
        "✖": "×",
        "∗": "×",
    }
)
_UNITS = (
    r"px|pix|pixels?|params?|parameters?|weights?|values?|numbers?|kernels?|filters?|channels?|maps?|macs?|"
    r"multiplications?|rows?|columns?|cols?|high|wide|samples?"
)
_UNIT = re.compile(rf"(?<=[\d.)\]\s])\s*(?:{_UNITS})\b\.?", re.IGNORECASE)
_SQUARED = re.compile(r"(\d+)\s*(?:²|\^\s*2)(?!\d)")
_BETWEEN = re.compile(r"\s*(?:[×x*·;]|\bby\b|\n)\s*", re.IGNORECASE)
_LEAD = re.compile(r"^(?:(?:[A-Za-z_][\w.]*\s*)?[=:≈~]\s*|about\s+)", re.IGNORECASE)
_WRAPPER = re.compile(r"(?:[A-Za-z_]+\.)*(?:size|shape|tuple|list|tensor|array)\s*(?=[(\[{])", re.IGNORECASE)
_GROUPED = re.compile(r"([-+]?)(\d{1,3})((?:([ ,._'])\d{3})(?:\4\d{3})*)([.,]\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:e[-+]?\d+)?", re.IGNORECASE)


def readings(text: str) -> tuple[Reading, ...]:
    """Every way to read an answer, the likeliest first: '1,792' is 1792, (1, 792) and 1.792.

    ConvLabError where there is none.
    """
    inner, listed = _bare(text)
    parts = [part for part in _BETWEEN.split(inner) if part]
    found: list[Reading] = []
    if len(parts) > 1:
        found.append(tuple(_one(part)[0] for part in parts))
    elif parts:
        found += _single(parts[0], listed)
    right = tuple(dict.fromkeys(each for each in found if 0 < len(each) <= MOST_NUMBERS))
    if not right:
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "Type a number, or several like 3 × 3.")))
    return right


def numbers_in(reading: Reading) -> tuple[float, ...]:
    """A reading's numbers."""
    return tuple(parse_number(part) for part in reading)


def decimals_in(number: str) -> int | None:
    """Digits typed after the point; None for a whole number, a fraction or a power of ten."""
    found = re.fullmatch(r"[-+]?\d*\.(\d+)", number)
    return len(found[1]) if found else None


def _bare(text: str) -> tuple[str, bool]:
    """The answer without brackets, names and units, and whether it had brackets."""
    squared = _SQUARED.sub(r"\1×\1", text[:MOST_CHARACTERS])
    same = unicodedata.normalize("NFKC", squared.translate(_SAME)).translate(_SAME)
    inner = _LEAD.sub("", same.strip().rstrip("!?").strip())
    inner = _WRAPPER.sub("", inner)
    listed = bool(re.search(r"[(\[{]", inner))
    inner = re.sub(r"[()\[\]{}]", " ", inner)
    inner = re.sub(r"\s*\n\s*", "\n", _UNIT.sub(" ", inner).strip())
    return re.sub(r"[ \t]+", " ", inner).strip().rstrip(".,").rstrip(), listed


def _single(text: str, listed: bool) -> list[Reading]:
    """The readings of a text without ×: as a list or as one number."""
    as_list: list[Reading] = []
    for separator in (r"\s*,\s+|\s*,\s*$", r"\s*,\s*|\s+"):
        parts = [part for part in re.split(separator, text) if part]
        if len(parts) > 1 or separator != r"\s*,\s+|\s*,\s*$":
            try:
                as_list.append(tuple(_one(part)[0] for part in parts))
            except ConvLabError:
                continue
    try:
        as_one = [(number,) for number in _one(text)]
    except ConvLabError:
        as_one = []
    likelier_one = bool(_GROUPED.fullmatch(text)) or re.match(r"[-+]?0?,", text) is not None
    found = [*as_one, *as_list] if likelier_one and not listed else [*as_list, *as_one]
    if not found:
        parse_number(text)  # says that it is none
    return found


def _one(text: str) -> list[str]:
    """The ways to read one number, the likeliest first; ConvLabError for none."""
    compact = re.sub(r"\s*/\s*", "/", text.strip())
    by_point, by_other = _ungrouped(compact, "."), _ungrouped(compact, " ,_'")
    if _DECIMAL_COMMA.fullmatch(compact):
        plain = [compact.replace(",", ".")]
    else:
        plain = [] if re.search(r"[\s,'_]", compact) else [compact]
    found = [*by_other, *plain, *by_point]  # 1.792 is one thousand in many countries, but first of all a fraction
    parse_number(found[0] if found else compact)  # says what is wrong where it is none
    if not found:
        raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "'{text}' is not a number."), text=text[:40]))
    return found


def _ungrouped(text: str, separators: str) -> list[str]:
    """The number in groups of three digits, without what is between them; [] where it is not written so."""
    found = _GROUPED.fullmatch(text)
    if found is None or found[4] not in separators or found[2] == "0":
        return []
    if found[5] is not None and found[5][0] == found[4]:
        return []
    whole = found[2] + re.sub(r"\D", "", found[3])
    return [f"{found[1]}{whole}{(found[5] or '').replace(',', '.')}"]
