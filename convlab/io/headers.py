"""How many colour channels a file has, without decoding it."""

from __future__ import annotations

import os
import stat
import warnings
import wave
from pathlib import Path

from PIL import Image

from convlab.io.pillow_reader import FORMATS
from convlab.model.names import SIGNAL_SUFFIXES

_GRAY = ("1", "L", "LA", "La", "I", "F", "I;16", "I;16B", "I;16L", "I;16N")


def channel_count(path: str) -> int | None:
    """Of a picture without alpha, or of a sound; None where only reading it would tell, or nothing would."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        if Path(path).suffix.lower() in SIGNAL_SUFFIXES:
            if Path(path).suffix.lower() != ".wav":
                return None
            with open(path, "rb") as file, wave.open(file) as sound:
                return int(sound.getnchannels())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=[name for name in FORMATS if name != "TIFF"]) as image:
                return 1 if image.mode in _GRAY else 3
    except Exception:  # whatever is wrong with the file is said when it is read
        return None
