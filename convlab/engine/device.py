"""The machine under torch: its devices, memory and thread count."""

from __future__ import annotations

import os
from functools import cache

import torch

from convlab.engine.threads import use_all_cores
from convlab.model.problems import Limits

CPU_SHARE = 0.6
"""Part of the machine's memory that a layer may take; the rest is for photos, window and system."""


@cache
def limits() -> Limits:
    """The devices present and the memory a layer may take, found once. Sets torch's thread count first."""
    use_all_cores()
    torch.backends.cudnn.allow_tf32 = False  # torch's default rounds operands to 10 bits on a GPU
    cuda = tuple(f"cuda:{n}" for n in range(torch.cuda.device_count())) if torch.cuda.is_available() else ()
    return Limits(devices=("cpu", *cuda), memory_bytes=int(_physical_memory() * CPU_SHARE))


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not on Windows
        return 8 << 30
