"""The same work by others: from the stored photo, bytes [H, W, 3], to float32 maps [out, H, W] of pixels 0…1."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

Result = NDArray[np.float32]
PEERS = (
    "torch F.conv2d, tensor ready before the clock",
    "OpenCV filter2D",
    "OpenCV filter2D, float32 planes ready before the clock",
    "libvips conv",
    "scipy.ndimage",
)
MODULES = ("torch", "cv2", "cv2", "pyvips", "scipy")


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """pixels: uint8 [H, W, 3]; weight: float32 [out, 3 / groups, k, k] of a layer with zero padding 'same'."""

    pixels: NDArray[Any]
    weight: NDArray[np.float32]
    groups: int

    @property
    def pairs(self) -> list[list[tuple[int, NDArray[np.float32]]]]:
        """For each output its (input channel, kernel) pairs."""
        each = 3 // self.groups
        outputs = len(self.weight) // self.groups
        return [[(o // outputs * each + i, kernel) for i, kernel in enumerate(w)] for o, w in enumerate(self.weight)]


def contestants(work: Work) -> dict[str, Callable[[], Result]]:
    """By name, what computes [out, H, W], for all that are installed."""
    makers = (_torch, _opencv, _opencv_prepared, _libvips, _scipy)
    found = zip(PEERS, MODULES, makers, strict=True)
    return {name: make(work) for name, module, make in found if find_spec(module) is not None}


def _planes(work: Work) -> Result:
    return np.ascontiguousarray(work.pixels.transpose(2, 0, 1)).astype(np.float32) / np.float32(255)


def _torch(work: Work) -> Callable[[], Result]:
    """F.conv2d alone, on a contiguous tensor that is ready before the clock starts."""
    import torch

    photo, weight = torch.from_numpy(_planes(work))[None], torch.from_numpy(work.weight)

    def run() -> Result:
        with torch.inference_mode():
            result: Result = torch.conv2d(photo, weight, padding="same", groups=work.groups)[0].numpy()
        return result

    return run


def _opencv(work: Work) -> Callable[[], Result]:
    """cv2.filter2D: one kernel over all channels at once where that is the layer, else plane by plane."""
    import cv2

    cv2.setNumThreads(os.cpu_count() or 1)
    size = work.pixels.shape[:2]
    depthwise = work.groups == 3 and all(np.array_equal(w, work.weight[0]) for w in work.weight)

    def filtered(photo: NDArray[Any], kernel: Result) -> Result:
        result: Result = cv2.filter2D(photo, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
        return result

    def run() -> Result:
        maps = np.empty((len(work.weight), *size), np.float32)
        if depthwise:
            cv2.split(filtered(work.pixels, work.weight[0, 0] / np.float32(255)), list(maps))
            return maps
        planes = [plane.astype(np.float32) / np.float32(255) for plane in cv2.split(work.pixels)]
        for out, pairs in zip(maps, work.pairs, strict=True):
            for number, (channel, kernel) in enumerate(pairs):
                part = filtered(planes[channel], kernel)
                if number:
                    cv2.add(out, part, out)
                else:
                    out[:] = part
        return maps

    return run


def _opencv_prepared(work: Work) -> Callable[[], Result]:
    """cv2.filter2D with the planes in float32 before the clock starts: its arithmetic alone."""
    import cv2

    planes = _planes(work)

    def run() -> Result:
        maps = np.empty((len(work.weight), *planes.shape[1:]), np.float32)
        for out, pairs in zip(maps, work.pairs, strict=True):
            for number, (channel, kernel) in enumerate(pairs):
                if number:
                    cv2.add(out, cv2.filter2D(planes[channel], cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT), out)
                else:
                    cv2.filter2D(planes[channel], cv2.CV_32F, kernel, dst=out, borderType=cv2.BORDER_CONSTANT)
        return maps

    return run


def _libvips(work: Work) -> Callable[[], Result]:
    """vips conv with float precision; all maps in one pipeline, one under the other."""
    import pyvips

    photo = pyvips.Image.new_from_array(work.pixels)
    bands = [photo.extract_band(channel) for channel in range(3)]

    def run() -> Result:
        maps = []
        for pairs in work.pairs:
            masks = [pyvips.Image.new_from_array((kernel / 255).tolist()) for _, kernel in pairs]
            parts = [bands[c].conv(m, precision="float") for (c, _), m in zip(pairs, masks, strict=True)]
            maps.append(parts[0] if len(parts) == 1 else pyvips.Image.sum(parts))
        joined = pyvips.Image.arrayjoin(maps, across=1).cast("float")
        result: Result = np.frombuffer(joined.write_to_memory(), np.float32)
        return result.reshape(-1, photo.height, photo.width)

    return run


def _scipy(work: Work) -> Callable[[], Result]:
    """scipy.ndimage.correlate plane by plane."""
    from scipy.ndimage import correlate

    def run() -> Result:
        planes = _planes(work)
        maps = np.zeros((len(work.weight), *planes.shape[1:]), np.float32)
        for out, pairs in zip(maps, work.pairs, strict=True):
            for channel, kernel in pairs:
                out += correlate(planes[channel], kernel, mode="constant")
        return maps

    return run
