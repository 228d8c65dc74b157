"""What an input format is: how people call it, how its files are told from others, how they are decoded.

The open dialog's filter, folders of frames, the command line's help, what is said of other files and README's list are
made from the register of these. Nothing else is ever decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

if TYPE_CHECKING:
    from convlab.io.formats.decoded import Decoded, Request  # bring numpy

Holds = Literal["picture", "signal"]
Decode = Callable[[BinaryIO, "Request"], "Decoded"]
Count = Callable[[BinaryIO], int | None]

MOST_SAMPLES = 16_000_000
"""Of all channels of a signal together. What a picture may take is a person's to say."""
MOST_CHANNELS = 64
"""Of a signal."""


def _unknown(_stream: BinaryIO) -> int | None:
    return None


@dataclass(frozen=True, slots=True)
class InputFormat:
    """A description, which never changes.

    name: as people write it. suffixes: of its files' names, lower case, the usual one first. about: which of its files
    are read, a phrase. start: how its files begin, by which they are told whatever their name; without it they are told
    by their suffix. frames: whether a file can hold several pictures.
    decode: one frame of a stream. Checks sizes in the header before anything else is read; raises ConvLabError with the
    reason of a refusal, and of damaged files ValueError, of pictures whatever it likes.
    count: how many channels but alpha there are, by the header; None where that does not tell.
    """

    name: str
    suffixes: tuple[str, ...]
    holds: Holds
    about: str
    decode: Decode
    start: re.Pattern[bytes] | None = None
    frames: bool = False
    count: Count = _unknown
