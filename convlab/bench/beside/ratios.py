"""Two sides of one figure, and how many times the first the second is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

LIKE = 0.02
"""Sizes that differ by less than this part are alike: a border's pixel."""
UNITS = {"ms": 1000.0, "s": 1.0}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds in rounds, what was made (sizes by name), and the pictures that were painted only later."""

    rounds: tuple[tuple[float, ...], ...]
    made: Mapping[str, tuple[int, ...]]
    later: tuple[str, ...] = ()

    @property
    def middle(self) -> float:
        """The median of all."""
        return median(seconds for each in self.rounds for seconds in each)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row. first, second: medians in `unit`. ratio: None where the two did not make the same, or not at all.

    low, high: the quartiles of the rounds' ratios, which tell how far to trust it.
    """

    section: str
    what: str
    unit: str
    first: float | None = None
    second: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def comparison(section: str, what: str, unit: str, first: Measured, second: Measured) -> Comparison:
    """The ratio is the median of the rounds' own: what slows both sides of a round leaves it alone."""
    ratios = [median(b) / median(a) for a, b in zip(first.rounds, second.rounds, strict=True)]
    values = first.middle * UNITS[unit], second.middle * UNITS[unit]
    if not alike(first.made, second.made):
        note = f"not the same: {_made(first.made)} and {_made(second.made)}"
        return Comparison(section, what, unit, *values, note=note)
    late = [f"{name} painted later" for name in second.later if name not in first.later]
    note = "; ".join([_made(second.made), *late])
    return Comparison(section, what, unit, *values, median(ratios), *_quartiles(ratios), note)


def alike(first: Mapping[str, tuple[int, ...]], second: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether the same was made on both sides, up to a border's pixels."""
    if {name: len(sizes) for name, sizes in first.items()} != {name: len(sizes) for name, sizes in second.items()}:
        return False
    pairs = [pair for name in first for pair in zip(first[name], second[name], strict=True)]
    return all(abs(a - b) <= LIKE * max(a, b) for a, b in pairs)


def comparison_table(names: tuple[str, str], rows: Sequence[Comparison]) -> str:
    """The rows for a terminal."""
    cells = [("what", *names, f"{names[1]} : {names[0]}", "half of the rounds", "")]
    for row in rows:
        spread = "" if row.low is None or row.high is None else f"{row.low:.2f} … {row.high:.2f}"
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f} ×"
        cells.append((row.what, _number(row.first, row.unit), _number(row.second, row.unit), ratio, spread, row.note))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = []
    for what, *numbers, note in cells:
        columns = [f"{text:>{width}}" for text, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join([f"{what:<{widths[0]}}", *columns, note]).rstrip())
    return "\n".join([lines[0], "─" * (sum(widths) + 8), *lines[1:]])


def _quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Half of the values lie between them."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high


def _made(made: Mapping[str, tuple[int, ...]]) -> str:
    return ", ".join(f"{name} {' × '.join(map(str, sizes))}" for name, sizes in made.items())


def _number(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.3g} {unit}"
