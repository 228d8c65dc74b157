"""What is handed to a format to be written: feature maps as they are evaluated, and how the window would draw them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convlab.model.view import Display
from convlab.render.contrast import Limits, Scale, contrast_limits, shown_values

Map = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Shading:
    """How maps become pictures. scale: has a white for each; shared: the limits of all maps, where they have them."""

    display: Display
    scale: Scale
    shared: Limits | None = None

    def of(self, number: int) -> Shading:
        """For one of the maps alone."""
        return Shading(self.display, self.scale.of([number]), self.shared)

    def limits(self, number: int, shown: Map) -> Limits:
        """What is black and white in a map, given as `shown_values` returns it."""
        return self.shared or contrast_limits([shown], self.display, self.scale.of([number]))[0]

    def shown(self, values: Map) -> Map:
        """A map's values as they are drawn: negative ones may be clipped, or have lost their sign."""
        return shown_values(values, self.display)


@dataclass(frozen=True, slots=True)
class Pages:
    """The content of one file.

    pages: in their order, evaluated as they are taken: maps [H, W], slices [H, W] of one volume after another, or
    signals [L]. names: of each, 'out 0' or 'out 0 z3'. size: of a page. shape: of all of them as one array, maps first.
    dtype: 'float64' of a float64 layer, else 'float32'. title: what they are of, for a person.
    """

    pages: Iterable[Map]
    names: tuple[str, ...]
    size: tuple[int, ...]
    shape: tuple[int, ...]
    dtype: str
    title: str
    shading: Shading
