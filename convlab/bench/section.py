"""One section's process: `python -m convlab.bench.section NAME` prints a line of JSON for each row."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec

from convlab.bench.rows import Row

NEEDS_QT = ("live", "drag", "start", "memory")
MODULES = {
    "live": "live",
    "drag": "live",
    "full": "full_size",
    "batch": "batch",
    "start": "start",
    "memory": "start",
    "cuda": "cuda",
}


def rows_of(name: str) -> Iterator[Row]:
    """Measure a section."""
    if name in NEEDS_QT and find_spec("PySide6") is None:
        yield Row(name, name, None, note="PySide6 is not installed")
        return
    measure: Callable[[], Iterator[Row]] = getattr(import_module(f"convlab.bench.{MODULES[name]}"), f"{name}_rows")
    yield from measure()


if __name__ == "__main__":
    for row in rows_of(sys.argv[1]):
        print(json.dumps(row.as_dict()), flush=True)
