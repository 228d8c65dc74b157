"""Serves turns: prepares its task, then answers each line on stdin with one turn, until stdin ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from .turn import Task

MARK = "stopwatch: "
"""Begins the lines that are answers; the program may print others."""
TASKS = {"live": "live", "drag": "live", "full": "whole", "batch": "whole"}
WITH_WINDOW = ("live", "drag")


def main(arguments: Sequence[str]) -> None:
    """Serve `TASK ARGUMENT`, and end at once: whatever the program's threads do then is nobody's any more."""
    name, argument = arguments
    code = 0
    try:
        if name in WITH_WINDOW:
            import_module(".window", __package__).inside_the_loop(lambda: _serve(name, argument))
        else:
            _serve(name, argument)
    except Exception as error:
        _say({"error": f"{type(error).__name__}: {error}"})
        code = 1
    sys.stdout.flush()
    os._exit(code)


def _serve(name: str, argument: str) -> None:
    import convlab

    make: Callable[[str], Task] = getattr(import_module(f".{TASKS[name]}", __package__), f"{name}_task")
    task = make(argument)
    _say({"ready": str(Path(convlab.__file__).parent.parent)})
    for _ in sys.stdin:
        _say(asdict(task.turn()))


def _say(answer: object) -> None:
    print(MARK + json.dumps(answer), flush=True)
