"""Challenges: a target to be reached by editing, made from a present state, and how far the student is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model import edits
from convlab.model.document import Document
from convlab.model.fields import refusal
from convlab.model.layer import ConvSpec
from convlab.model.layer_setup import MOST_WEIGHTS
from convlab.model.lesson import FORMAT, VERSION
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError
from convlab.model.session_file import layers_data
from convlab.model.view import ViewState
from convlab.model.view_file import display_data
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
    check_scene(target)


def check_scene(document: Document) -> None:
    """ConvLabError where the state cannot be a lesson's scene."""
    count = sum(entry.layer.weight_count for entry in document.layers)
    if count > MOST_WEIGHTS:
        most = QT_TRANSLATE_NOOP("model", "A lesson holds {most} weights at most; these layers have {count}.")
        raise refusal(most, most=MOST_WEIGHTS, count=count)


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
    begin = starting_document(target, locks, start)
    watched = None if target.is_one_layer else len(begin.layers) - 1
    begin = replace(begin, focus=begin.place)  # its kernels are what there is to find
    plain = replace(view, explaining=False, pinned=None, watched_layer=watched)
    scene = scene_data(begin, plain, input_data, title, text)
    scene["challenge"] = {"target": layers_data(target), "lock": sorted(locks)}
    return lesson_data(title, [scene])


def scene_data(
    document: Document, view: ViewState, input_data: dict[str, object], title: str, text: str
) -> dict[str, object]:
    """A state as a scene's JSON value. input_data: its "input" object."""
    shown: dict[str, object] = {"output": view.chosen_output, "display": display_data(view.display)}
    shown |= {"explain": True} if view.explaining else {}
    shown |= {"depth": view.depth} if view.depth else {}
    shown |= {} if view.pinned is None else {"pin": list(view.pinned)}
    shown |= {} if view.watched_layer is None else {"watched_layer": view.watched_layer}
    return {"title": title, "text": text, "input": input_data, **layers_data(document), "view": shown}


def lesson_data(title: str, scenes: list[dict[str, object]]) -> dict[str, object]:
    """A lesson file's JSON value."""
    return {"convlab": FORMAT, "version": VERSION, "title": title, "scenes": scenes}
