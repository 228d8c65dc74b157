"""A stopwatch in the measured program's own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from types import TracebackType
from typing import Any, Self

from convlab.bench.beside.sides import Program
from convlab.bench.stopwatch.turn import Turn
from convlab.bench.stopwatch.worker import MARK
from convlab.model.message import ConvLabError

LIMIT_S = 600
RUN = Path(__file__).parents[1] / "stopwatch" / "run.py"


class NotMeasuredError(ConvLabError):
    """Why a program could not be measured."""


class Stopwatch:
    """Prepares a task in a process of its own, and measures it turn by turn; it rests between turns."""

    def __init__(self, program: Program, task: str, argument: str) -> None:
        self._errors = TemporaryFile()  # noqa: SIM115  (`close` closes it)
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(RUN), task, argument],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            env={
                **os.environ,
                "PYTHONPATH": str(program.folder),
                "QT_QPA_PLATFORM": "offscreen",
                "PYTHONHASHSEED": "0",
            },
        )
        try:
            found = self._answer()["ready"]
            if Path(found) != program.folder:
                raise NotMeasuredError(f"{program.folder} was asked for, {found} was started")
        except BaseException:
            self.close()
            raise

    def turn(self) -> Turn:
        """Measure once more."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
        except OSError as error:
            raise NotMeasuredError(self._last_words()) from error
        found = self._answer()
        made = {name: tuple(sizes) for name, sizes in found["made"].items()}
        return Turn(tuple(found["seconds"]), made, tuple(found["later"]))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        limit = Timer(LIMIT_S, self._process.kill)
        limit.start()
        try:
            lines = iter(self._process.stdout.readline, "")
            line = next((line for line in lines if line.startswith(MARK)), None)
        finally:
            limit.cancel()
        if line is None:
            raise NotMeasuredError(self._last_words())
        found: dict[str, Any] = json.loads(line.removeprefix(MARK))
        if "error" in found:
            raise NotMeasuredError(found["error"])
        return found

    def _last_words(self) -> str:
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"ended with status {self._process.returncode}: {lines[-1] if lines else 'no message'}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.close()
