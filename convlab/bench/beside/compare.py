"""Measures every figure on all sides in turns, and makes the rows."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from convlab.bench.beside.busy import one_core_busy
from convlab.bench.beside.figures import FIGURES, Figure
from convlab.bench.beside.ratios import Comparison, Measured, comparison, comparison_table
from convlab.bench.beside.sides import Pair, Side, in_turns
from convlab.bench.beside.timed import NotMeasuredError, Stopwatch
from convlab.bench.stopwatch.turn import Turn

Rows = dict[Pair, list[Comparison]]


def compare(sections: Sequence[str], pairs: Sequence[Pair]) -> Rows:
    """The sections' figures, a row for each pair."""
    rows: Rows = {pair: [] for pair in pairs}
    with TemporaryDirectory() as folder, tqdm(unit="figure", disable=not sys.stderr.isatty()) as bar:
        for section in sections:
            for figure in FIGURES[section](Path(folder)):
                bar.set_description(figure.what)
                for pair, row in zip(pairs, compared(figure, pairs), strict=True):
                    rows[pair].append(row)
                bar.update()
    return rows


def told(rows: Rows) -> str:
    """A table for each pair."""
    programs = dict.fromkeys(side.program for pair in rows for side in pair.sides)
    tables = ["\n".join(program.describe() for program in programs)]
    for pair, found in rows.items():
        tables.append((f"{pair.title}\n" if pair.title else "") + comparison_table(pair.names, found))
    return "\n\n".join(tables)


def compared(figure: Figure, pairs: Sequence[Pair]) -> list[Comparison]:
    """A row for each pair; where a side fails, rows that say why."""
    sides = list(dict.fromkeys(side for pair in pairs for side in pair.sides))
    about = figure.section, figure.what, figure.unit
    try:
        found = measured(figure, sides)
    except NotMeasuredError as error:
        return [Comparison(*about, note=f"not measured: {error}") for _ in pairs]
    return [comparison(*about, *(found[side] for side in pair.sides)) for pair in pairs]


def measured(figure: Figure, sides: Sequence[Side]) -> dict[Side, Measured]:
    """All sides in turns, in several starts."""
    turns: dict[Side, list[Turn]] = {side: [] for side in sides}
    for start in range(figure.starts):
        for side, turn in _one_start(figure, sides if start % 2 == 0 else sides[::-1]):
            turns[side].append(turn)
    return {side: _together(found) for side, found in turns.items()}


def _one_start(figure: Figure, sides: Sequence[Side]) -> Iterator[tuple[Side, Turn]]:
    """A program has one process for its turns, and rests while it is another's."""
    with ExitStack() as stack:
        watches = {
            program: stack.enter_context(Stopwatch(program, figure.section, figure.argument))
            for program in dict.fromkeys(side.program for side in sides)
        }
        for side in in_turns(sides, figure.rounds):
            with one_core_busy() if side.busy else nullcontext():
                turn = watches[side.program].turn()
            yield side, turn


def _together(turns: Sequence[Turn]) -> Measured:
    """Of sizes the largest that was seen: of painted pixels some may be the same by chance."""
    sizes: dict[str, list[tuple[int, ...]]] = {}
    for turn in turns:
        for name, made in turn.made.items():
            sizes.setdefault(name, []).append(made)
    largest = {name: tuple(map(max, zip(*found, strict=True))) for name, found in sizes.items()}
    later = dict.fromkeys(name for turn in turns for name in turn.later)
    return Measured(tuple(turn.seconds for turn in turns), largest, tuple(later))
