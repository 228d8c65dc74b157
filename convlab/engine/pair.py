"""Works out a convolution and its transpose on the whole of a small input."""

from __future__ import annotations

import numpy as np

from convlab.engine.evaluate import Checkpoint, Evaluator
from convlab.model.document import Document
from convlab.model.pair import Pair, bare, random_output, transposed_document
from convlab.model.region import whole
from convlab.model.stack_view import identity_of_input
from convlab.model.unfold import hit_counts


def pair(document: Document, seed: int, checkpoint: Checkpoint | None = None) -> Pair:
    """The pair of the document's layer, which `pair_refusal` does not refuse, for y drawn from `seed`."""
    evaluator = Evaluator()  # not the window's: y would take the photo's place in its memory
    linear = bare(document)
    x = _maps(evaluator, identity_of_input(linear), checkpoint)
    gathered = _maps(evaluator, linear, checkpoint)
    y = random_output(document, seed)
    back = transposed_document(linear, y)
    scattered = _maps(evaluator, back, checkpoint)[:, : x.shape[1], : x.shape[2]]
    conv = back if document.layer.transposed else document
    return Pair(
        x=x,
        gathered=gathered,
        y=y,
        scattered=scattered,
        counts=hit_counts(conv),
        left=float((gathered * y).sum()),
        right=float((x * scattered).sum()),
    )


def _maps(evaluator: Evaluator, document: Document, checkpoint: Checkpoint | None) -> np.ndarray:
    outputs = range(document.layer.out_channels)
    return evaluator.maps(document, whole(*document.output_size), outputs, checkpoint).astype(np.float64)
