"""How many colour channels a file has, without decoding it."""

from __future__ import annotations

import warnings

from convlab.io.formats.register import HEAD, told
from convlab.io.regular import open_regular


def channel_count(path: str) -> int | None:
    """Of a picture without alpha, or of a sound; None where only reading it would tell, or nothing would."""
    try:
        with open_regular(path) as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = told(path, stream.read(HEAD))
            stream.seek(0)
            return None if found is None else found.count(stream)
    except Exception:  # whatever is wrong with the file is said when it is read
        return None
