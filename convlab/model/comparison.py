"""Variants of the present layer beside each other: the state of each, and its figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlab.model.document import Document
from convlab.model.figures import figure_text, first_problem, layers_of
from convlab.model.layer_setup import set_up
from convlab.model.lesson import Comparison, Variant
from convlab.model.message import Message


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One variant, worked out. map: values [rows, cols], sampled where it is large; problem: why there is none."""

    title: str
    figures: tuple[tuple[str, str], ...] = ()
    map: NDArray[np.floating] | None = None
    problem: Message | None = None


def variant_document(document: Document, variant: Variant) -> Document:
    """The present document with the variant's changes."""
    return set_up(document, variant.setup)


def variant_problem(variant: Variant, document: Document) -> Message | None:
    """Why the variant's layers cannot be worked out; document: the variant's."""
    found = document.problems()[:1]
    if not found and variant.layers:
        chained = first_problem(layers_of(document, variant.layers, 0))
        found = () if chained is None else (chained,)
    return found[0].message if found else None


def variant_figures(comparison: Comparison, variant: Variant, document: Document) -> tuple[tuple[str, str], ...]:
    """(name, text) of each figure asked for; document: the variant's, without problems."""
    of = layers_of(document, variant.layers, comparison.output)
    return tuple((name, figure_text(name, of)) for name in comparison.show if name != "map")
