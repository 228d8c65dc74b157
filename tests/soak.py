"""The window used for a long time, with Python's collector as busy as it can be: `python tests/soak.py --saves 2000`.

Says how many saves of each format it made, and ends with 1 where a collection or a Qt object's end was on another
thread than the window's, or a part file was left. A crash ends it by itself.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from time import perf_counter

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from scripted import Person, until

from convlab.ui.application import Start, opened

STEP = 50


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faulthandler.enable()
    threads: Counter[str] = Counter()
    gc.callbacks.append(lambda phase, _: threads.update([threading.current_thread().name] if phase == "start" else []))
    gc.set_threshold(1, 1, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _, bench, window = opened(Start(size=(1280, 800)), str(folder / "settings.ini"))
        until(lambda: bench.scheduler.settled)
        bench.keeper.start(folder / "states", go_on=False)
        begin, person = perf_counter(), Person(window, folder, options.seed)
        while sum(person.saved.values()) < options.saves:
            person.do(STEP)
            bench.keeper.keep_now()
            print(f"\r{sum(person.saved.values())} saves, {perf_counter() - begin:.0f} s", end="", flush=True)
        window.closing.close_without_questions()
        until(lambda: not window.isVisible())
        parts = list(folder.rglob("*.convlab-part"))
    print(f"\nsaves: {person.saved}\nthings: {person.counts}\ncollections by thread: {dict(threads)}\nparts: {parts}")
    return 1 if parts or set(threads) != {"MainThread"} else 0


if __name__ == "__main__":
    sys.exit(main())
