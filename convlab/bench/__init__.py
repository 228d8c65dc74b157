"""`convlab bench`: how fast this machine is, beside what else convolves photos."""

from __future__ import annotations

from convlab.bench.command import main

__all__ = ["main"]
