"""Colour maps as tables of 256 colours, and the colours of values that are no numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.view import COLORMAPS

NAN_COLOR = (255, 0, 255)
INF_COLOR = (0, 220, 220)
Table = NDArray[np.uint8]


@cache
def color_table(name: str) -> Table:
    """uint8 [256, 3], low end first. Colours come from the library cmap, which carries matplotlib's maps.

    ConvLabError for a name that is not in COLORMAPS, or when cmap is not installed (gray works without).
    """
    if name == "gray":
        return np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    if name not in COLORMAPS:
        text = QT_TRANSLATE_NOOP("model", "There is no colour map '{name}'; there are {names}.")
        raise ConvLabError(message(text, name=name, names=", ".join(COLORMAPS)))
    try:
        from cmap import Colormap
    except ImportError as error:
        text = QT_TRANSLATE_NOOP("model", "The colour map '{name}' needs the package cmap: pip install cmap.")
        raise ConvLabError(message(text, name=name)) from error
    table: Table = np.rint(np.asarray(Colormap(name)(np.linspace(0, 1, 256)))[:, :3] * 255).astype(np.uint8)
    return table
