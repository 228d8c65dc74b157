"""What a person sees on a terminal: one line a sentence, nothing that a file's name could do to it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from convlab.model.plain_text import escaped, quotes_shortened, shortened


def line(text: object) -> str:
    """A sentence on one line, names and paths in it shortened, unseen characters written as Python writes them."""
    return quotes_shortened(escaped(str(text)))


def quoted(path: object) -> str:
    """A name or path for a sentence."""
    return f"“{shortened(escaped(str(path)))}”"


class Parser(argparse.ArgumentParser):
    """Its errors are such lines; the arguments that they repeat are from outside."""

    def error(self, message: str) -> NoReturn:
        """Usage, the mistake, exit status 2."""
        super().error(line(message))


class Screen:
    """Stderr of a run over many photos: lines, and on a terminal a bar below them."""

    def __init__(self, total: int) -> None:
        self._bar: Any = _bar(total) if total > 1 and sys.stderr.isatty() else None

    def say(self, text: object) -> None:
        """A line, above the bar."""
        if self._bar is None:
            print(line(text), file=sys.stderr, flush=True)
        else:
            self._bar.write(line(text), file=sys.stderr)

    def advance(self) -> None:
        """One photo more is done."""
        if self._bar is not None:
            self._bar.update()

    def close(self) -> None:
        """Leave the bar as it is, on a line of its own."""
        if self._bar is not None:
            self._bar.close()


def _bar(total: int) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=total, unit="photo")


@contextmanager
def own_stderr() -> Iterator[None]:
    """Only Python's own lines reach stderr: libtiff writes to descriptor 2 whatever it does not like about a file."""
    try:
        ours = sys.stderr.fileno() == 2
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # stderr is no file, or closed
        yield
        return
    before = sys.stderr
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        before.flush()
        os.dup2(nowhere, 2)
        if ours:
            sys.stderr = os.fdopen(os.dup(kept), "w", buffering=1, encoding=before.encoding, errors="backslashreplace")
        yield
    finally:
        if sys.stderr is not before:
            sys.stderr.close()
            sys.stderr = before
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
