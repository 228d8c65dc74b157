"""Runs the sections, each in a process of its own, and prints the table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tqdm import tqdm

from convlab.bench.rows import Row, table
from convlab.io.exports import save_text
from convlab.model.message import ConvLabError

SECTIONS = {
    "live": "edits, zoom and pan in the window",
    "drag": "200 edits in 2 seconds",
    "full": "whole maps of 12 megapixels, beside torch, OpenCV, libvips and SciPy where they are installed",
    "batch": "six photos of 12 megapixels from file to file, beside libvips where it is installed",
    "start": "a cold start",
    "memory": "a photo of 100 megapixels",
    "cuda": "live and refined at 100 megapixels on a CUDA device",
}
LIBRARIES = ("convlab", "torch", "numpy", "PySide6-Essentials", "opencv-python-headless", "opencv-python", "pyvips")
SECTION_LIMIT_S = 900


def main(arguments: Sequence[str]) -> int:
    """`convlab bench`: 0 when all was measured, 1 when a section failed, 2 on bad arguments, 130 on Ctrl-C."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    try:
        return _run(options)
    except KeyboardInterrupt:
        return 130
    except ConvLabError as error:
        print(f"convlab bench: {error}", file=sys.stderr)
        return 2


def _run(options: argparse.Namespace) -> int:
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
    about = _machine()
    print(f"{about['processor']}, {about['cores']} cores, {about['system']}")
    print(", ".join(f"{name} {number}" for name, number in about["versions"].items()))
    print()
    print(table(rows))
    if options.json:
        text = json.dumps({"machine": about, "rows": [row.as_dict() for row in rows]}, indent=1, ensure_ascii=False)
        save_text(Path(options.json), text + "\n")
    return 1 if failed else 0


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


def _machine() -> dict[str, Any]:
    versions = {"Python": platform.python_version()}
    for name in (*LIBRARIES, "scipy"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "versions": versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convlab bench",
        description="Measure this machine: the live window (drawn offscreen), whole maps beside other libraries "
        "(pip install 'convlab[peers]' brings them), start and memory. Takes some minutes; leave the machine alone.",
        epilog="Sections: " + "; ".join(f"{name}: {what}" for name, what in SECTIONS.items()) + ".",
    )
    parser.add_argument("--json", metavar="FILE", help="save the figures, with machine and versions")
    parser.add_argument("--only", nargs="+", choices=tuple(SECTIONS), metavar="SECTION", help="these sections alone")
    return parser
