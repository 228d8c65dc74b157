"""Whole layers: weights for every (output, input) pair at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model import kernels

FloatArray = NDArray[np.float64]

LUMA = (0.299, 0.587, 0.114)
"""R, G, B parts of luminance, ITU-R Recommendation BT.601."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerPresetResult:
    """weight: float64 [out, in / groups, kH, kW], or with kD before kH; bias: [out] or None for zeros.

    dims: of the class that the layer must be of, then with this padding; None where any will do.
    """

    weight: FloatArray
    bias: FloatArray | None = None
    groups: int = 1
    dims: int | None = None
    padding: Literal["causal", "valid"] = "valid"


def luminance_weights(channels: int) -> FloatArray:
    """The parts of `channels` inputs in their gray: BT.601 for three, equal ones else; [channels], sum 1."""
    return np.array(LUMA) if channels == 3 else np.full(channels, 1 / channels)


def bank(taps: list[FloatArray], channels: int) -> LayerPresetResult:
    """One output for each kernel, applied to the luminance of the inputs."""
    parts = luminance_weights(channels)
    return LayerPresetResult(np.stack([parts[:, None, None] * kernel for kernel in taps]))


def luminance(channels: int) -> LayerPresetResult:
    """One output: the gray picture."""
    return bank([np.ones((1, 1))], channels)


def sobel_bank(channels: int) -> LayerPresetResult:
    """Two outputs: Sobel x and Sobel y of the luminance."""
    return bank([kernels.sobel_x(), kernels.sobel_y()], channels)


def edge_bank(channels: int) -> LayerPresetResult:
    """Eight outputs: Robinson's compass masks of the luminance, 0° to 315°."""
    return bank([kernels.compass(n) for n in range(8)], channels)


def depthwise(kernel: FloatArray, channels: int) -> LayerPresetResult:
    """Each channel by itself: groups = in_channels = out_channels."""
    return LayerPresetResult(np.repeat(kernel[None, None], channels, axis=0), groups=channels)


def depthwise_blur(channels: int, sigma: float = 2.0) -> LayerPresetResult:
    """A Gaussian blur of each channel by itself."""
    return depthwise(kernels.gaussian(sigma), channels)


def depthwise_sharpen(channels: int, amount: float = 1.0) -> LayerPresetResult:
    """Each channel sharpened by itself."""
    return depthwise(kernels.sharpen(amount), channels)


def channel_swap(channels: int) -> LayerPresetResult:
    """The channels in reverse order: R, G, B becomes B, G, R."""
    return LayerPresetResult(np.eye(channels)[::-1, :, None, None].copy())


def each_channel(channels: int) -> LayerPresetResult:
    """Every channel as it is."""
    return LayerPresetResult(np.eye(channels)[:, :, None, None].copy())


def opponent(channels: int) -> LayerPresetResult:
    """Light–dark, red–green and blue–yellow, as cells behind the retina answer; on three channels.

    J. van de Weijer, T. Gevers, A. D. Bagdanov: Boosting color saliency (2006): (R+G+B)/√3, (R−G)/√2, and
    (R+G−2B)/√6 with its sign changed, so that blue is positive. With another number of channels: the mean and
    differences of neighbours.
    """
    if channels == 3:
        rows = np.array([[1, 1, 1], [1, -1, 0], [-1, -1, 2]]) / np.sqrt([[3], [2], [6]])
    else:
        rows = np.vstack([np.full(channels, 1 / channels), np.eye(channels)[:-1] - np.eye(channels)[1:]])
    return LayerPresetResult(rows[:, :, None, None].astype(np.float64))


def causal_average(channels: int, size: int = 4) -> LayerPresetResult:
    """Conv1d, the mean of the present sample and those before it: padding on the left only (causal).

    As in the causal convolutions of A. van den Oord et al.: WaveNet (2016), no output depends on what comes after it.
    """
    weight = np.full((channels, 1, 1, size), 1 / size)
    return LayerPresetResult(weight, groups=channels, dims=1, padding="causal")


def temporal_difference(channels: int) -> LayerPresetResult:
    """Conv3d, each frame minus the one before it: what has moved in a clip. Kernels of 2 × 1 × 1, no padding."""
    weight = np.tile(np.array([-1.0, 1.0])[None, None, :, None, None], (channels, 1, 1, 1, 1))
    return LayerPresetResult(weight, groups=channels, dims=3)


def unfold(channels: int, size: int = 3) -> LayerPresetResult:
    """One map for each tap of a window: nn.Unfold's rows, (N, C·size², L), each laid out as a picture again."""
    return LayerPresetResult(one_hot_taps(channels, size))


def one_hot_taps(channels: int, size: int) -> FloatArray:
    """[C·size², C, size, size]: kernel (c, r, k) is 1 at its own channel and tap, in torch.nn.Unfold's order."""
    count = channels * size * size
    return np.eye(count).reshape(count, channels, size, size)
