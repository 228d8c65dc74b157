"""The rows of the benchmark's table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. holds: whether it meets its bar; None where it has none, or could not be measured.

    value: a median in `unit` (ms, s, MB, ×), None when not measured, for the reason in `note`.
    p95: the 95th percentile in the same unit, where there were many rounds.
    """

    section: str
    what: str
    value: float | None
    unit: str = "ms"
    p95: float | None = None
    bar: str = ""
    holds: bool | None = None
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def timed_row(section: str, what: str, seconds: list[float], most: float | None, most_p95: float | None = None) -> Row:
    """Median and 95th percentile of times, in ms; `most`: the bars, in ms."""
    middle, late = median(seconds) * 1000, percentile(seconds, 95) * 1000
    bars = [] if most is None else [f"≤ {most:g} ms"]
    bars += [] if most_p95 is None else [f"95 % ≤ {most_p95:g} ms"]
    holds = None if not bars else middle <= (most or middle) and late <= (most_p95 or late)
    return Row(section, what, middle, "ms", late, ", ".join(bars), holds)


def limit_row(section: str, what: str, value: float, unit: str, most: float) -> Row:
    """A figure that should be at most `most`."""
    return Row(section, what, value, unit, None, f"≤ {most:g} {unit}".replace(" ×", ""), value <= most)


def percentile(values: list[float], percent: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * (len(ordered) - 1)))]


def table(rows: list[Row]) -> str:
    """The rows for a terminal."""
    cells = [("what", "median", "95 %", "bar", "")]
    for row in rows:
        value = row.note or "not measured" if row.value is None else _number(row.value, row.unit)
        late = row.note if row.value is not None and row.note else ""
        late = late if row.p95 is None else _number(row.p95, row.unit)
        mark = {True: "✓", False: "✗", None: ""}[row.holds]
        cells.append((row.what, value, late, row.bar, mark))
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    lines = []
    for number, line in enumerate(cells):
        what, value, late, bar, mark = line
        text = f"{what:<{widths[0]}}  {value:>{widths[1]}}  {late:>{widths[2]}}  {bar:<{widths[3]}}  {mark}"
        lines.append(text.rstrip())
        if number == 0:
            lines.append("─" * (sum(widths) + 8))
    return "\n".join(lines)


def _number(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}" if abs(value) < 1000 else f"{value:.0f} {unit}"
