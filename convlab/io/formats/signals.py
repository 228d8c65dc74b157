"""Signals: sound, and columns of numbers. Their files are told by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from convlab.io.formats.format import MOST_CHANNELS, MOST_SAMPLES, InputFormat

if TYPE_CHECKING:
    from convlab.io.formats.decoded import Decoded, Request

_MOST = f"{MOST_CHANNELS} channels and {MOST_SAMPLES // 1_000_000} million samples at most"


def _wav(stream: BinaryIO, request: Request) -> Decoded:
    from convlab.io.formats.wav_reader import read_wav

    return read_wav(stream, request)


def _wav_channels(stream: BinaryIO) -> int | None:
    from convlab.io.formats.wav_reader import sound_channels

    return sound_channels(stream)


def _csv(stream: BinaryIO, request: Request) -> Decoded:
    from convlab.io.formats.csv_reader import read_csv

    return read_csv(stream, request)


WAV = InputFormat(
    name="WAV",
    suffixes=(".wav",),
    holds="signal",
    about=f"8 to 32 bit whole numbers as −1…1; {_MOST}",
    decode=_wav,
    count=_wav_channels,
)
CSV = InputFormat(
    name="CSV",
    suffixes=(".csv", ".tsv"),
    holds="signal",
    about=f"a column a channel, with or without a row of names; {_MOST}",
    decode=_csv,
)
