"""A busy process beside what is measured."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BUSY = "a process that spins on one core"
SPIN = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print("spinning", flush=True)
while True:
    pass
"""
"""Python alone, without memory traffic or threads; it ends with who started it."""


@contextmanager
def one_core_busy() -> Iterator[None]:
    """One core is taken while this holds."""
    command = [sys.executable, "-c", SPIN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()
