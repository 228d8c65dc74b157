"""What was measured on: processor, system, versions."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("convlab", "torch", "numpy", "PySide6-Essentials", "opencv-python-headless", "opencv-python", "pyvips")


def machine() -> dict[str, Any]:
    """For JSON."""
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


def machine_text(about: dict[str, Any]) -> str:
    """Two lines for a terminal."""
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return f"{about['processor']}, {about['cores']} cores, {about['system']}\n{versions}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
