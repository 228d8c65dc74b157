"""Reading signals: a file of samples to a `Source` of one row, or one sentence that says why not."""

from __future__ import annotations

from pathlib import Path

from convlab.io.formats.decoded import Request, source_of
from convlab.io.formats.format import InputFormat
from convlab.io.formats.register import told_by_name
from convlab.io.regular import open_regular
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.source import Source

NO_BUDGET = 0
"""Signals have bounds of their own."""


def signal_format(path: str) -> InputFormat | None:
    """The format of a file of samples, which its name tells; None of other files."""
    return told_by_name(path, "signal")


def read_signal(path: str) -> Source:
    """A signal as a source of one row, float32; ConvLabError names the file and why it was not opened."""
    name, found = Path(path).name, signal_format(path)
    reason: object = message(QT_TRANSLATE_NOOP("model", "it is no file of samples that ConvLab reads"))
    try:
        if found is not None:
            request = Request(name, 0, NO_BUDGET)
            with open_regular(path) as stream:
                return source_of(found.decode(stream, request), request, path, signal=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except ConvLabError as error:
        reason = error.message
    except ValueError:  # a path with a zero byte, or a file that is damaged
        pass
    raise ConvLabError(
        message(QT_TRANSLATE_NOOP("model", "“{name}” was not opened: {reason}."), name=name, reason=reason)
    )
