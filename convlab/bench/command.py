"""Runs the sections, each in a process of its own, and prints the table."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from convlab.bench.beside.busy import BUSY
from convlab.bench.beside.sides import pairs_of
from convlab.bench.machine import machine, machine_text
from convlab.bench.rows import Row, table
from convlab.io.exports import save_text
from convlab.model.message import ConvLabError, message

SECTIONS = {
    "live": "edits, zoom and pan in the window",
    "drag": "200 edits in 2 seconds",
    "full": "whole maps of 12 megapixels, beside torch, OpenCV, libvips and SciPy where they are installed",
    "batch": "six photos of 12 megapixels from file to file, beside libvips where it is installed",
    "start": "a cold start",
    "memory": "a photo of 100 megapixels",
    "cuda": "live and refined at 100 megapixels on a CUDA device",
}
COMPARED = ("live", "drag", "full", "batch")
"""What --against and --busy measure."""
SECTION_LIMIT_S = 900


def main(arguments: Sequence[str]) -> int:
    """`convlab bench`: 0 when all was measured, 1 when a section failed, 2 on bad arguments, 130 on Ctrl-C."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    try:
        return _run_compared(options) if options.against is not None or options.busy else _run_alone(options)
    except KeyboardInterrupt:
        return 130
    except ConvLabError as error:
        print(f"convlab bench: {error}", file=sys.stderr)
        return 2


def _run_compared(options: argparse.Namespace) -> int:
    """Each figure on both sides, in turns."""
    others = [name for name in options.only or () if name not in COMPARED]
    if others:
        text = "--against and --busy measure {known}, but not {others}."
        raise ConvLabError(message(text, known=", ".join(COMPARED), others=", ".join(others)))
    pairs = pairs_of(options.against, options.busy)
    from convlab.bench.beside.compare import compare, told  # brings torch

    rows = compare(options.only or COMPARED, pairs)
    about = machine()
    print(f"{machine_text(about)}\n{told(rows)}")
    if options.json:
        found = [{"pair": pair.described(), "rows": [row.as_dict() for row in rows[pair]]} for pair in pairs]
        _save(options.json, {"machine": about, "pairs": found})
    return 1 if any(row.ratio is None for found in rows.values() for row in found) else 0


def _run_alone(options: argparse.Namespace) -> int:
    rows: list[Row] = []
    failed = False
    names = options.only or list(SECTIONS)
    with tqdm(total=len(names), unit="section", disable=not sys.stderr.isatty()) as bar:
        for name in names:
            bar.set_description(SECTIONS[name])
            found, reason = _section(name)
            rows += found
            if reason:
                failed = True
                bar.write(f"{name}: {reason}", file=sys.stderr)
            bar.update()
    about = machine()
    print(f"{machine_text(about)}\n\n{table(rows)}")
    if options.json:
        _save(options.json, {"machine": about, "rows": [row.as_dict() for row in rows]})
    return 1 if failed else 0


def _save(path: str, figures: dict[str, object]) -> None:
    save_text(Path(path), json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def _section(name: str) -> tuple[list[Row], str]:
    """A section's rows, and what went wrong."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "convlab.bench.section", name]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", env=environment, timeout=SECTION_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return [], f"not done within {SECTION_LIMIT_S // 60} minutes"
    rows = [Row(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
    last = done.stderr.strip().splitlines()[-1:] or ["no message"]
    return rows, "" if done.returncode == 0 else f"ended with status {done.returncode}: {last[0]}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convlab bench",
        description="Measure this machine: the live window (drawn offscreen), whole maps beside other libraries "
        "(pip install 'convlab[peers]' brings them), start and memory. Takes some minutes; leave the machine alone.",
        epilog="Sections: " + "; ".join(f"{name}: {what}" for name, what in SECTIONS.items()) + ".",
    )
    parser.add_argument("--json", metavar="FILE", help="save the figures, with machine and versions")
    parser.add_argument("--only", nargs="+", choices=tuple(SECTIONS), metavar="SECTION", help="these sections alone")
    parser.add_argument(
        "--against",
        metavar="FOLDER",
        help="measure another checkout's program beside this one: each in a process of its own, in turns, with this "
        f"one's stopwatch and in the same environment ({', '.join(COMPARED)}). Told are both, how many times the old "
        "one's time the new one takes, between which ratios half of the rounds lie, and what was painted",
    )
    parser.add_argument("--busy", action="store_true", help=f"measure beside {BUSY} too, in turns with a quiet machine")
    return parser
