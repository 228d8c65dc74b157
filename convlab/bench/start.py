"""A cold start and a large photo, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from convlab.bench.rows import Row, limit_row

STARTS = 3
STARTED_AT = "CONVLAB_BENCH_STARTED_AT"


def start_rows() -> Iterator[Row]:
    """Seconds to the window, and from torch's import to the first maps; the median of some starts."""
    found = [_in_child("first_maps") for _ in range(STARTS)]
    yield limit_row("start", "cold start → window on screen", median(each["window"] for each in found), "s", 0.7)
    yield Row("start", "→ torch imported behind it", median(each["torch"] for each in found), "s")
    after = median(each["maps"] - each["torch"] for each in found)
    yield limit_row("start", "torch imported → first maps", after, "s", 0.7)


def memory_rows() -> Iterator[Row]:
    """Peak memory with a photo of 100 megapixels open, live and refined, above the started app."""
    if not Path("/proc/self/status").exists():
        yield Row("memory", "100-MP JPEG open and live: peak memory", None, note="Linux only")
        return
    found = _in_child("large_photo")
    what = "100-MP JPEG open, live and refined: peak memory above the started app"
    yield limit_row("memory", what, found["peak"] - found["started"], "MB", 1200)


def _in_child(name: str) -> dict[str, float]:
    code = f"from convlab.bench import start; start.{name}()"
    environment = {**os.environ, STARTED_AT: repr(time.time())}
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, encoding="utf-8", env=environment, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def first_maps() -> None:
    """Start as the app starts, print the seconds to window, torch and maps."""
    from PySide6.QtCore import QEventLoop

    from convlab.ui.application import Start, opened

    began = float(os.environ[STARTED_AT])
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        app, workbench, window = opened(Start(scheme="light"), str(Path(folder) / "bench.ini"))
        while not window.isVisible() or not (window.windowHandle() and window.windowHandle().isExposed()):
            app.processEvents()
        app.processEvents()
        seconds["window"] = time.time() - began
        loop = QEventLoop()

        def drawn(result: object) -> None:
            if getattr(result, "with_maps", False):
                seconds.setdefault("maps", time.time() - began)
                loop.quit()

        workbench.scheduler.ready.connect(lambda: seconds.setdefault("torch", time.time() - began))
        workbench.scheduler.rendered.connect(drawn)
        loop.exec()
        window.close()
    print(json.dumps(seconds), flush=True)


def large_photo() -> None:
    """Open a JPEG of 100 megapixels in a started window, print the memory before and the peak, in MB."""
    from PySide6.QtCore import QEventLoop

    from convlab.bench.live import LiveWindow, memory_mb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jpg"
        subprocess.run([sys.executable, "-c", _MAKE_PHOTO, str(path)], check=True)
        live = LiveWindow()
        live.rest()
        started = memory_mb("VmRSS")
        loop = QEventLoop()
        live.bench.opener.opened.connect(loop.quit)
        live.bench.opener.failed.connect(loop.quit)
        live.bench.opener.open_file(str(path))
        loop.exec()
        live.rest()
        for number in range(20):
            live.painted(lambda n=number: live.edit(n / 10))  # type: ignore[misc]  # mypy cannot type a lambda's default
        live.rest()
        assert live.bench.session.document.source.size[0] > 8000
        print(json.dumps({"started": started, "peak": memory_mb("VmHWM")}), flush=True)
        live.close()


_MAKE_PHOTO = """
import sys
import numpy as np
from PIL import Image
tile = np.random.default_rng(0).integers(0, 256, (866, 1154, 3), np.uint8)
Image.fromarray(np.tile(tile, (10, 10, 1))).save(sys.argv[1], quality=85)
"""
