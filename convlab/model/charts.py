"""Test charts that the app draws: each shows what a kernel does. Gray uint8, most of them 512 × 512."""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import numpy as np
from numpy.typing import NDArray

from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.source import Source

SIZE = 512
_FINE = 4
"""Samples along each side of a pixel, averaged, where edges are not along the grid."""
Plane = NDArray[np.float64]


def impulse() -> Plane:
    """One white pixel in the middle of black: the map is the kernel itself, turned by 180°."""
    plane = np.zeros((65, 65))
    plane[32, 32] = 1
    return plane


def step_edge() -> Plane:
    """Dark on the left, bright on the right: what a derivative answers to."""
    plane = np.full((SIZE, SIZE), 0.2)
    plane[:, SIZE // 2 :] = 0.8
    return plane


def checkerboard() -> Plane:
    """Squares of 32 pixels: edges and corners."""
    y, x = np.indices((SIZE, SIZE)) // 32
    return ((x + y) % 2).astype(np.float64)


def siemens_star() -> Plane:
    """36 spokes: all directions, and finer and finer detail towards the middle."""
    y, x = _coordinates(_FINE)
    return _reduced((np.sin(36 * np.arctan2(y, x)) > 0).astype(np.float64))


def zone_plate() -> Plane:
    """cos of the squared radius: all frequencies up to that of single pixels at the border."""
    y, x = _coordinates(1)
    return np.asarray(0.5 + 0.5 * np.cos(pi * (x**2 + y**2) / SIZE))


def gradient() -> Plane:
    """Black to white from left to right: derivatives are constant, second ones 0.

    One level a column: more columns than levels would be stairs, which second derivatives see.
    """
    return np.repeat(np.linspace(0, 1, 256)[None], 256, axis=0)


CHARTS: dict[str, tuple[str, Callable[[], Plane]]] = {
    "impulse": (QT_TRANSLATE_NOOP("model", "Impulse"), impulse),
    "step-edge": (QT_TRANSLATE_NOOP("model", "Step edge"), step_edge),
    "checkerboard": (QT_TRANSLATE_NOOP("model", "Checkerboard"), checkerboard),
    "siemens-star": (QT_TRANSLATE_NOOP("model", "Siemens star"), siemens_star),
    "zone-plate": (QT_TRANSLATE_NOOP("model", "Zone plate"), zone_plate),
    "gradient": (QT_TRANSLATE_NOOP("model", "Gradient"), gradient),
}
"""By name: title, marked for translation, and the function that draws values 0…1."""


def chart_names() -> tuple[str, ...]:
    """The charts, in the order of the menu."""
    return tuple(CHARTS)


def draw_chart(name: str) -> Source:
    """The chart as an 8-bit gray source; ConvLabError for an unknown name."""
    if name not in CHARTS:
        text = QT_TRANSLATE_NOOP("model", "There is no chart '{name}'; there are {names}.")
        raise ConvLabError(message(text, name=name, names=", ".join(CHARTS)))
    pixels = np.rint(CHARTS[name][1]() * 255).astype(np.uint8)[:, :, None]
    return Source(name, np.ascontiguousarray(pixels), ("gray",), 255, "8-bit gray chart")


def _coordinates(fine: int) -> tuple[Plane, Plane]:
    """y, x in pixels from the middle, `fine` samples a pixel."""
    line = (np.arange(SIZE * fine) + 0.5) / fine - SIZE / 2
    return line[:, None], line[None, :]


def _reduced(plane: Plane) -> Plane:
    return np.asarray(plane.reshape(SIZE, _FINE, SIZE, _FINE).mean(axis=(1, 3)))
