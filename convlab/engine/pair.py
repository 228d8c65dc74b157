"""Works out a convolution and its transpose on the whole of a small input."""

from __future__ import annotations

import numpy as np

from convlab.engine.evaluate import Checkpoint, Evaluator
from convlab.model.maps import LayerMaps, edited
from convlab.model.pair import Pair, bare, of_pictures, random_output, transposed_document
from convlab.model.region import whole
from convlab.model.unfold import hit_counts


def pair(maps: LayerMaps, seed: int, checkpoint: Checkpoint | None = None) -> Pair:
    """The pair of the maps' layer, which `pair_refusal` does not refuse, for y drawn from `seed`."""
    evaluator = Evaluator()  # not the window's: y would take the photo's place in its memory
    document = of_pictures(maps)
    linear = bare(document)
    x = _maps(evaluator, LayerMaps(linear, linear.place - 1), checkpoint)[: linear.conv.spec.in_channels]
    gathered = _maps(evaluator, edited(linear), checkpoint)
    y = random_output(document, seed)
    back = transposed_document(linear, y)
    scattered = _maps(evaluator, edited(back), checkpoint)[:, : x.shape[1], : x.shape[2]]
    conv = back if document.conv.spec.transposed else document
    return Pair(
        x=x,
        gathered=gathered,
        y=y,
        scattered=scattered,
        counts=hit_counts(edited(conv)),
        left=float((gathered * y).sum()),
        right=float((x * scattered).sum()),
    )


def _maps(evaluator: Evaluator, maps: LayerMaps, checkpoint: Checkpoint | None) -> np.ndarray:
    return evaluator.maps(maps, whole(*maps.output_size), range(maps.count), checkpoint).astype(np.float64)
