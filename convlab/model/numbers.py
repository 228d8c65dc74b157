"""Numbers as text: pasted from spreadsheets and Python, copied back, shown in a table."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message

FloatArray = NDArray[np.float64]

MAX_NUMBERS = 1_000_000
FLOAT32_MAX = float(np.finfo(np.float32).max)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_START = re.compile(r"\s*(?:Parameter containing:|[A-Za-z_][\w.]*\s*=)")
_WRAPPER = re.compile(r"\s*(?:(?:np|numpy|torch|nn)\.)*(?:array|tensor|matrix|asarray|Parameter)\s*\(", re.IGNORECASE)
_MOST_WRAPPERS = 3
_MOST_EXACT, _LARGEST_WHOLE = 7, 1e9
_TAIL = re.compile(r",\s*(?:dtype|device|requires_grad|grad_fn|shape|size)\s*=.*$", re.DOTALL)


def parse_number(text: str) -> float:
    """One number: '−0.5', '1/9', '0,25', '2e-3'. ConvLabError when it is none, not finite, or beyond float32."""
    cleaned = text.strip().replace("−", "-").replace(",", ".")
    parts = cleaned.split("/")
    if len(parts) > 2 or not all(_NUMBER.fullmatch(part.strip()) for part in parts):
        raise _refusal(QT_TRANSLATE_NOOP("model", "'{text}' is not a number."), text=text.strip()[:40])
    value = float(parts[0])
    if len(parts) == 2:
        if float(parts[1]) == 0:
            raise _refusal(QT_TRANSLATE_NOOP("model", "'{text}' divides by 0."), text=text.strip()[:40])
        value /= float(parts[1])
    if not abs(value) <= FLOAT32_MAX:
        raise _refusal(QT_TRANSLATE_NOOP("model", "{text} is larger than float32 can hold."), text=text.strip()[:40])
    return value


def parse_numbers(text: str) -> FloatArray:
    """A matrix from pasted text: float64 [rows, columns].

    Spreadsheet rows (tabs, semicolons, commas or spaces between the cells; a decimal comma where the cells
    are not separated by commas), or nested Python lists as NumPy and torch print them. ConvLabError names what
    is wrong: ragged rows, cells that are empty or no finite numbers, nothing at all, too much.
    """
    text = text.lstrip("\ufeff")
    if any(bracket in text for bracket in "[({"):
        array = parse_array(text)
        if array.ndim > 2:
            raise _refusal(
                QT_TRANSLATE_NOOP("model", "A matrix is wanted; the text holds {ndim} dimensions."), ndim=array.ndim
            )
        return np.atleast_2d(array)
    _check_amount(text)
    rows = [_cells(line) for line in text.strip("\r\n").splitlines() if line.strip()]
    if not rows:
        raise _refusal(QT_TRANSLATE_NOOP("model", "The text holds no numbers."))
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise _refusal(
                QT_TRANSLATE_NOOP("model", "Row {row} has {count} cells, the first row has {first}."),
                row=number,
                count=len(row),
                first=len(rows[0]),
            )
        for place, cell in enumerate(row, 1):
            if not cell.strip():
                raise _refusal(QT_TRANSLATE_NOOP("model", "Row {row}, cell {cell} is empty."), row=number, cell=place)
    return np.array([[parse_number(cell) for cell in row] for row in rows])


def parse_array(text: str) -> FloatArray:
    """Nested lists of up to 4 dimensions, as Python, NumPy or torch print them: float64. ConvLabError as above."""
    _check_amount(text)
    tokens = re.findall(r"[\[\],]|[^\[\],\s]+", _unwrapped(text).translate(str.maketrans("(){}", "[][]")))
    if tokens and tokens[0] not in ("[", "]", ","):
        parse_number(tokens[0])  # says what it is, when it is no number
    position, nested = _nested(tokens, 0, 0)
    if position != len(tokens):
        raise _refusal(QT_TRANSLATE_NOOP("model", "The brackets do not match."))
    return _rectangular(nested)


def parse_channels(text: str, count: int) -> tuple[int, ...]:
    """Output channels from '0-3, 7', each once and in that order. ConvLabError for others than 0 … count − 1."""
    channels: dict[int, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = re.fullmatch(r"(\d+)(?:\s*[-–…]\s*(\d+))?", part)
        first = _channel(found[1], count) if found else count
        last = _channel(found[2] or found[1], count) if found else count
        if last >= count or first > last:
            raise _refusal(
                QT_TRANSLATE_NOOP("model", "'{part}' is not within 0–{last}."), part=part[:40], last=count - 1
            )
        channels.update(dict.fromkeys(range(first, last + 1)))
    if not channels:
        raise _refusal(QT_TRANSLATE_NOOP("model", "No channels are named."))
    return tuple(channels)


def _channel(digits: str, count: int) -> int:
    """The number, or `count` for one of so many digits that Python would not read it."""
    return int(digits) if len(digits) < 100 else count


def format_numbers(values: FloatArray) -> str:
    """Rows of tab-separated numbers that read back exactly."""
    return "\n".join("\t".join(_exact(float(value)) for value in row) for row in np.atleast_2d(values))


def value_text(value: float) -> str:
    """The digits of a value, the same wherever it is shown: the one place that decides them.

    Whole numbers below 10⁹ are whole. Others are exact where 7 significant digits hold them, else rounded to 4; all
    digits before the point are kept.
    """
    if value == round(value, 0) and abs(value) < _LARGEST_WHOLE:
        return format_weight(value, len(f"{abs(value):.0f}"))
    exact = f"{value:.{_MOST_EXACT}g}"
    if isfinite(value) and Decimal(exact) == Decimal(value):
        return format_weight(value, _MOST_EXACT)
    return format_weight(value)


def format_weight(value: float, digits: int = 4) -> str:
    """`digits` significant digits or all before the point, no needless zeros, a real minus, NaN and ∞ as such."""
    if not isfinite(value):
        return "NaN" if value != value else "∞" if value > 0 else "−∞"
    whole = 10**digits - 0.5 <= abs(value) < _LARGEST_WHOLE
    text = f"{value:.0f}" if whole else re.sub(r"e\+?(-?)0*", r"e\1", f"{value:.{digits}g}")
    return ("0" if value == 0 else text).replace("-", "−")


def fixed(value: float, decimals: int) -> str:
    """A number with so many decimals, correctly rounded, a real minus sign, and none before a shown zero."""
    if not isfinite(value):
        return format_weight(value)
    text = f"{value:.{decimals}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")


def trimmed(value: float, decimals: int) -> str:
    """The same without needless zeros."""
    text = fixed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def bracketed(text: str) -> str:
    """A negative number in brackets, to stand after a sign."""
    return f"({text})" if text.startswith("−") else text


def shown_number(text: str) -> Decimal:
    """A shown text back as the number that it says, exactly; NaN and ∞ as such."""
    return Decimal(text.replace("−", "-").replace("∞", "Infinity"))


def _cells(line: str) -> list[str]:
    """The cells of a row; one separator may close it, as some programs write, but a tab leaves an empty cell."""
    if "\t" in line:
        return line.strip(" ").split("\t")
    for separator in (";", ","):
        if separator in line:
            return line.strip().removesuffix(separator).split(separator)
    return line.split()


def _unwrapped(text: str) -> str:
    """The lists in `weight = torch.tensor(…, dtype=…)` and the like."""
    inner = text.lstrip("\ufeff").strip().rstrip(",;")
    if (start := _START.match(inner)) is not None:
        inner = inner[start.end() :]
    for _ in range(_MOST_WRAPPERS):
        if (wrapper := _WRAPPER.match(inner)) is not None:
            inner = _TAIL.sub("", inner[wrapper.end() :].rstrip().removesuffix(")"))
    return inner


def _nested(tokens: list[str], position: int, depth: int) -> tuple[int, object]:
    """The list that begins at tokens[position], and the position after it."""
    if depth > 3 or position >= len(tokens) or tokens[position] != "[":
        raise _refusal(QT_TRANSLATE_NOOP("model", "The brackets do not match, or go deeper than 4 dimensions."))
    items: list[object] = []
    position += 1
    after_number = False
    while position < len(tokens) and tokens[position] != "]":
        if tokens[position] == ",":
            if not after_number:
                raise _refusal(QT_TRANSLATE_NOOP("model", "A number is missing before a comma."))
            position, after_number = position + 1, False
            continue
        after_number = True
        if tokens[position] == "[":
            position, item = _nested(tokens, position, depth + 1)
        else:
            position, item = position + 1, parse_number(tokens[position])
        items.append(item)
    if position >= len(tokens):
        raise _refusal(QT_TRANSLATE_NOOP("model", "A bracket is not closed."))
    return position + 1, items


def _rectangular(nested: object) -> FloatArray:
    shape: list[int] = []
    level = nested
    while isinstance(level, list):
        if not level:
            raise _refusal(QT_TRANSLATE_NOOP("model", "The text holds an empty list."))
        shape.append(len(level))
        level = level[0]
    try:
        array = np.array(nested, dtype=np.float64)
    except (ValueError, TypeError):
        array = np.empty(0)
    if array.shape != tuple(shape) or not 1 <= array.ndim <= 4:
        raise _refusal(QT_TRANSLATE_NOOP("model", "The rows are not equally long."))
    return array


def _exact(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _check_amount(text: str) -> None:
    if len(text) > 40 * MAX_NUMBERS or len(re.findall(r"[^\s,;\[\]]+", text)) > MAX_NUMBERS:
        raise _refusal(QT_TRANSLATE_NOOP("model", "The text holds more than {most} numbers."), most=MAX_NUMBERS)


def _refusal(template: str, **values: object) -> ConvLabError:
    return ConvLabError(message(template, **values))
