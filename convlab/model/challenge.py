"""Challenges: a target to be reached by editing, made from a present state, and how far the student is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlab.model import edits
from convlab.model.document import Document, default_channels
from convlab.model.fields import refusal
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import MOST_WEIGHTS, layer_data
from convlab.model.lesson import FORMAT, VERSION, display_data
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError
from convlab.model.view import ViewState
from convlab.model.weights import fit_kernel

Maps = NDArray[np.floating]
STARTS = {
    "identity": QT_TRANSLATE_NOOP("model", "identity kernels"),
    "zero": QT_TRANSLATE_NOOP("model", "kernels of zeros"),
    "present": QT_TRANSLATE_NOOP("model", "the target's own kernels"),
}
"""What the student's weights are at first."""


@dataclass(frozen=True, slots=True)
class Score:
    """How far maps are from a target. sizes: (present, target) where they differ; then nothing else is known.

    largest: largest difference; rms: root of the mean squared difference; both in the maps' units. share: the largest
    difference over the target's range.
    """

    reached: bool
    largest: float = 0.0
    rms: float = 0.0
    share: float = 0.0
    sizes: tuple[tuple[int, ...], tuple[int, ...]] | None = None


def score(present: Maps, target: Maps, tolerance: float) -> Score:
    """Compare maps [outputs, rows, cols]; reached when no difference exceeds `tolerance` of the target's range.

    A target of one value throughout has its magnitude for a range, 1 where that is 0.
    """
    if present.shape != target.shape:
        return Score(False, sizes=(present.shape, target.shape))
    with np.errstate(invalid="ignore"):  # infinite less infinite
        difference = np.abs(present.astype(np.float64) - target)
        span = float(target.max() - target.min()) or float(np.abs(target).max()) or 1.0
    largest = float(difference.max())
    if not np.isfinite(largest):
        return Score(bool(np.array_equal(present, target, equal_nan=True)), largest, largest, largest)
    rms = float(np.sqrt(np.mean(difference**2)))
    return Score(largest <= tolerance * span, largest, rms, largest / span)


def starting_document(target: Document, locks: Collection[str], start: str) -> Document:
    """What the student begins with: what is not locked is back at torch's default, the weights as `start` says."""
    plain = ConvSpec(padding=(0, 0))
    free = ("stride", "padding", "dilation", "padding_mode")
    changes = {name: getattr(plain, name) for name in free if name not in locks}
    document = edits.set_layer(target, **changes) if changes else target
    if "activation" not in locks:
        document = edits.set_activation(document, "none")
    if "weight" not in locks and start != "present":
        kernel = fit_kernel(np.full((1, 1, 1), float(start == "identity")), document.conv.weight.shape[2:])
        document = edits.set_weights(document, np.broadcast_to(kernel, document.conv.weight.shape))
    if "bias" not in locks:
        document = document.with_conv(bias=np.zeros_like(document.conv.bias))
    return document


def check_challenge(target: Document) -> None:
    """ConvLabError where the state cannot be a challenge's target."""
    problems = target.problems()
    if problems:
        raise ConvLabError(problems[0].message)
    if not target.is_one_layer:
        stack = QT_TRANSLATE_NOOP("model", "A challenge holds one layer so far, and this is a stack of {count}.")
        raise refusal(stack, count=len(target.layers))
    source = target.source
    if source.signal or target.reading.line is not None:
        sound = QT_TRANSLATE_NOOP("model", "A challenge cannot hold a signal such as “{name}” so far.")
        raise refusal(sound, name=source.name)
    if source.volume is not None or (target.conv.spec.dims == 3 and source.path is not None):
        clip = QT_TRANSLATE_NOOP("model", "A challenge cannot hold the frames of “{name}” so far.")
        raise refusal(clip, name=source.name)
    if target.conv.weight.size > MOST_WEIGHTS:
        most = QT_TRANSLATE_NOOP("model", "A challenge holds {most} weights at most; this layer has {count}.")
        raise refusal(most, most=MOST_WEIGHTS, count=target.conv.weight.size)
    if target.channels != default_channels(target.picture):
        raise refusal(
            QT_TRANSLATE_NOOP("model", "Put the channels back in order, none left out or muted, to make a challenge.")
        )


def challenge_data(
    target: Document,
    view: ViewState,
    input_data: dict[str, object],
    title: str,
    text: str,
    locks: Collection[str],
    start: str,
) -> dict[str, object]:
    """The challenge as a lesson file's JSON value. input_data: the file's "input" object."""
    scene = {
        "title": title,
        "text": text,
        "input": input_data,
        **layer_data(starting_document(target, locks, start)),
        "view": {
            "output": view.chosen_output,
            "display": display_data(view.display),
        },
        "challenge": {"target": layer_data(target), "lock": sorted(locks)},
    }
    return {"convlab": FORMAT, "version": VERSION, "title": title, "scenes": [scene]}
