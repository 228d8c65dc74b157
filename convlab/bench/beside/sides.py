"""What is measured beside what: two programs, or one on a quiet and on a busy machine, in turns."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from convlab.bench.beside.busy import BUSY
from convlab.model.message import ConvLabError, message

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Program:
    """A checkout with a package `convlab` in it."""

    name: str
    folder: Path

    def describe(self) -> str:
        """Its folder and, under git, its commit."""
        command = ["git", "-C", str(self.folder), "describe", "--always", "--dirty", "--exclude=*"]
        try:
            done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        except OSError:
            return f"{self.name}: {self.folder}"
        return ", ".join(filter(None, (f"{self.name}: {self.folder}", done.stdout.strip())))


@dataclass(frozen=True, slots=True)
class Side:
    """A program on a quiet machine, or beside a busy process."""

    program: Program
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides whose ratio is told. names: of their columns; title: what is the same on both."""

    title: str
    names: tuple[str, str]
    sides: tuple[Side, Side]

    def described(self) -> list[str]:
        """For JSON: either side."""
        return [f"{side.program.describe()}{', busy' if side.busy else ''}" for side in self.sides]


def this_program(name: str) -> Program:
    """The one that is running."""
    return Program(name, Path(__file__).resolve().parents[3])


def program_at(folder: str, name: str) -> Program:
    """The program of a checkout; ConvLabError where there is none."""
    path = Path(folder).resolve()
    if not (path / "convlab" / "__main__.py").is_file():
        raise ConvLabError(
            message("“{folder}” is no folder with ConvLab in it: it has no convlab/__main__.py.", folder=folder)
        )
    return Program(name, path)


def pairs_of(against: str | None, busy: bool) -> tuple[Pair, ...]:
    """What the options ask for."""
    programs = (this_program("this"),) if against is None else (program_at(against, "old"), this_program("new"))
    pairs = []
    if len(programs) == 2:
        for is_busy in (False, True)[: 1 + busy]:
            old, new = (Side(program, is_busy) for program in programs)
            pairs.append(Pair(f"beside {BUSY}" if is_busy else "", ("old", "new"), (old, new)))
    if busy:
        for program in programs:
            title = f"{program.name} program" if len(programs) == 2 else ""
            pairs.append(Pair(title, ("idle", "busy"), (Side(program), Side(program, busy=True))))
    return tuple(pairs)


def in_turns(sides: Sequence[T], rounds: int) -> Iterator[T]:
    """Every side once a round, forwards and backwards by turns: what drifts meets all sides alike."""
    for number in range(rounds):
        yield from sides if number % 2 == 0 else reversed(sides)
