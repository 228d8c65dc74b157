"""What the readers of signals share: how many samples there may be, and a row of them as a decoded frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convlab.io.formats.decoded import Decoded
from convlab.io.formats.format import MOST_CHANNELS, MOST_SAMPLES
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message


def check_samples(count: int, channels: int) -> None:
    """Refuse a signal of `count` samples a channel that is larger than those that are read."""
    if channels > MOST_CHANNELS:
        raise refusal(
            QT_TRANSLATE_NOOP("model", "it has {n} channels, more than {most}"), n=channels, most=MOST_CHANNELS
        )
    if count * channels > MOST_SAMPLES:
        text = QT_TRANSLATE_NOOP("model", "it has more than {most} million samples")
        raise refusal(text, most=MOST_SAMPLES // 1_000_000)


def signal(samples: NDArray[np.float32], names: tuple[str, ...], about: str, shown: tuple[float, float]) -> Decoded:
    """samples [L, C] as a picture of one row; shown: what is drawn as the lowest and the highest value."""
    pixels = np.ascontiguousarray(samples[None], dtype=np.float32)
    return Decoded(pixels, names, 1.0, about, shown_range=shown)


def no_samples() -> ConvLabError:
    """The refusal of a file without any."""
    return refusal(QT_TRANSLATE_NOOP("model", "it holds no samples"))


def refusal(template: str, **values: object) -> ConvLabError:
    """A reason, which stands in a sentence that names the file."""
    return ConvLabError(message(template, **values))
