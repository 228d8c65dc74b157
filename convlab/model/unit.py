"""The unit that input values are shown in: as the layer reads them, or 0…255 for photos of whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convlab.model.maps import LayerMaps
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.numbers import value_text
from convlab.model.source import Source
from convlab.model.view import ViewState

BYTES = 255.0
_NOISE = 1e-4
"""What float32 leaves of a whole number: it is taken off."""


def unit_refusal(source: Source) -> Message | None:
    """Why the values of this source are not shown as 0…255; None where they can be."""
    if source.signal:
        return message(QT_TRANSLATE_NOOP("model", "Only photos are shown as 0…255: this is a signal."))
    if not np.issubdtype(source.pixels.dtype, np.integer) or source.max_value <= 1:
        return message(
            QT_TRANSLATE_NOOP("model", "Only photos of whole numbers are shown as 0…255: these values are as they are.")
        )
    return None


def shown_unit(source: Source, view: ViewState) -> float:
    """What input values are multiplied by to be shown: 255 where the person wants it and the source allows it."""
    return BYTES if view.byte_units and unit_refusal(source) is None else 1.0


def explained_unit(maps: LayerMaps, view: ViewState) -> float:
    """The same for the values that the edited layer reads, where these are the source's."""
    return shown_unit(maps.picture, view) if maps.reads_source else 1.0


def in_unit(values: NDArray[np.floating], unit: float) -> NDArray[np.float64]:
    """Values in the unit, whole numbers as such."""
    found = np.asarray(values, dtype=np.float64) * unit
    if unit == 1.0:
        return found
    whole = np.rint(found)
    return np.where(np.abs(found - whole) < _NOISE, whole, found)


def shown_value(value: float, unit: float) -> str:
    """The digits of one input value in the unit."""
    return value_text(float(in_unit(np.array(value), unit)))
