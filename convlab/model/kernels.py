"""Kernels as pure functions of their parameters: float64 [kH, kW], to be applied as torch does.

torch cross-correlates: out(y, x) = Σ kernel[r, c] · in(y + r − centre, x + c − centre), so a kernel is seen
as it is applied, not flipped. The y axis points down; angles are in degrees, counter-clockwise from the x axis
as a viewer sees them. Sizes are odd unless said otherwise.
"""

from __future__ import annotations

from math import ceil, cos, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

Kernel = NDArray[np.float64]


def identity(size: int = 3) -> Kernel:
    """1 at the centre: the picture itself."""
    kernel = np.zeros((size, size))
    kernel[(size - 1) // 2, (size - 1) // 2] = 1
    return kernel


def shift(right: int = 1, down: int = 0) -> Kernel:
    """Moves the picture by whole pixels: the value comes from `right` pixels to the left, `down` above."""
    size = 2 * max(abs(right), abs(down), 1) + 1
    kernel = np.zeros((size, size))
    kernel[size // 2 - down, size // 2 - right] = 1
    return kernel


def box(size: int = 3) -> Kernel:
    """The mean of size × size pixels; sums to 1."""
    return np.full((size, size), 1 / size**2)


def gaussian(sigma: float = 1.0, size: int = 0) -> Kernel:
    """exp(−(x² + y²) / 2σ²) at whole pixels, divided by its sum. size 0 means 2⌈3σ⌉ + 1.

    R. C. Gonzalez, R. E. Woods: Digital Image Processing, 4th ed., section 3.5.
    """
    x = _offsets(size or 2 * ceil(3 * sigma) + 1)
    line = np.exp(-(x**2) / (2 * sigma**2))
    kernel = np.outer(line, line)
    return np.asarray(kernel / kernel.sum())


def motion_blur(length: float = 9.0, angle: float = 0.0) -> Kernel:
    """The mean along a line of `length` pixels at `angle`; sums to 1.

    kernel[pixel] = (length of the line inside that pixel) / length, the line centred on the middle pixel: uniform
    motion during the exposure (Gonzalez and Woods, section 5.6). At 0° it is a row of 1 / length.
    """
    reach = ceil((length - 1) / 2)
    right, down = cos(radians(angle)), -sin(radians(angle))
    borders = np.arange(-reach - 0.5, reach + 1)
    crossings = [borders / step for step in (right, down) if abs(step) > 1e-9]
    ends = np.unique(np.clip(np.concatenate([[-length / 2, length / 2], *crossings]), -length / 2, length / 2))
    middles = (ends[1:] + ends[:-1]) / 2
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    places = tuple(np.rint(middles * step).astype(int) + reach for step in (down, right))
    np.add.at(kernel, places, np.diff(ends))
    return np.asarray(kernel / kernel.sum())


def sharpen(amount: float = 1.0) -> Kernel:
    """The picture minus `amount` times its 4-neighbour Laplacian; sums to 1 (Gonzalez and Woods, section 3.6)."""
    return identity(3) - amount * laplacian4()


def unsharp_mask(sigma: float = 1.0, amount: float = 1.0) -> Kernel:
    """picture + amount · (picture − its Gaussian blur), as one kernel; sums to 1 (Gonzalez and Woods, section 3.6)."""
    blur = gaussian(sigma)
    return identity(blur.shape[0]) * (1 + amount) - amount * blur


def emboss(angle: float = 135.0) -> Kernel:
    """The derivative along the light's way plus the picture: sides that face it get bright; 135° is from top left.

    At 135° this is the usual [[−2, −1, 0], [−1, 1, 1], [0, 1, 2]]; sums to 1.
    """
    x, y = _offsets(3)[None, :], _offsets(3)[:, None]
    towards = x * cos(radians(angle)) - y * sin(radians(angle))
    slope = -np.rint(towards / cos(pi / 4) * 1e9) / 1e9
    return slope + identity(3)


def sobel_x() -> Kernel:
    """∂/∂x smoothed along y: positive where the picture gets brighter to the right.

    I. Sobel, G. Feldman: A 3×3 isotropic gradient operator for image processing (1968).
    """
    return np.outer([1.0, 2, 1], [-1.0, 0, 1])


def sobel_y() -> Kernel:
    """∂/∂y: positive where the picture gets brighter downwards. The transpose of `sobel_x`."""
    return sobel_x().T


def scharr_x() -> Kernel:
    """A 3×3 derivative with less error of direction: [3, 10, 3]ᵀ [−1, 0, 1].

    H. Scharr: Optimale Operatoren in der digitalen Bildverarbeitung (2000); the whole-number form of OpenCV.
    """
    return np.outer([3.0, 10, 3], [-1.0, 0, 1])


def scharr_y() -> Kernel:
    """The transpose of `scharr_x`."""
    return scharr_x().T


def prewitt_x() -> Kernel:
    """J. M. S. Prewitt: Object enhancement and extraction (1970): [1, 1, 1]ᵀ [−1, 0, 1]."""
    return np.outer([1.0, 1, 1], [-1.0, 0, 1])


def prewitt_y() -> Kernel:
    """The transpose of `prewitt_x`."""
    return prewitt_x().T


def roberts_1() -> Kernel:
    """2×2 diagonal difference [[1, 0], [0, −1]]. L. G. Roberts: Machine perception of 3-D solids (1963)."""
    return np.array([[1.0, 0], [0, -1]])


def roberts_2() -> Kernel:
    """The other diagonal, [[0, 1], [−1, 0]]."""
    return np.array([[0.0, 1], [-1, 0]])


def laplacian4() -> Kernel:
    """Second derivative by the 4 neighbours; sums to 0 (Gonzalez and Woods, section 3.6)."""
    return np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])


def laplacian8() -> Kernel:
    """Second derivative by all 8 neighbours; sums to 0."""
    return np.array([[1.0, 1, 1], [1, -8, 1], [1, 1, 1]])


def laplacian_of_gaussian(sigma: float = 1.4) -> Kernel:
    """((x² + y² − 2σ²) / σ⁴) · Gaussian, moved to sum exactly 0; negative at the centre.

    D. Marr, E. Hildreth: Theory of edge detection (1980).
    """
    blur = gaussian(sigma)
    x = _offsets(blur.shape[0])
    kernel = (x[:, None] ** 2 + x[None, :] ** 2 - 2 * sigma**2) / sigma**4 * blur
    return np.asarray(kernel - kernel.mean())


def difference_of_gaussians(sigma: float = 1.0, ratio: float = 1.6) -> Kernel:
    """Gaussian(σ) − Gaussian(ratio·σ): a band of sizes; sums to 0. 1.6 is Marr and Hildreth's ratio (1980)."""
    size = 2 * ceil(3 * sigma * ratio) + 1
    return gaussian(sigma, size) - gaussian(sigma * ratio, size)


def gabor(
    wavelength: float = 6.0, angle: float = 0.0, sigma: float = 2.5, gamma: float = 0.7, phase: float = 0.0
) -> Kernel:
    """exp(−(x'² + γ²y'²) / 2σ²) · cos(2πx'/λ + ψ), the wave running along `angle`; even ones moved to sum 0.

    J. G. Daugman (1985); the form of N. Petkov and P. Kruizinga (1997). phase ψ in degrees.
    """
    half = ceil(3 * sigma / min(gamma, 1.0))
    x, y = _offsets(2 * half + 1)[None, :], -_offsets(2 * half + 1)[:, None]
    along = x * cos(radians(angle)) + y * sin(radians(angle))
    across = -x * sin(radians(angle)) + y * cos(radians(angle))
    envelope = np.exp(-(along**2 + gamma**2 * across**2) / (2 * sigma**2))
    kernel = envelope * np.cos(2 * pi * along / wavelength + radians(phase))
    return np.asarray(kernel - envelope * (kernel.sum() / envelope.sum()))


def line(angle: int = 0) -> Kernel:
    """Answers to bright lines one pixel wide at 0°, 45°, 90° or 135°: 2 on the line, −1 beside it; sums to 0.

    Gonzalez and Woods, section 10.2.
    """
    kernel = np.full((3, 3), -1.0)
    for t in (-1, 0, 1):
        row = {0: 1, 45: 1 - t, 90: 1 + t, 135: 1 + t}[angle]
        kernel[row, 1 if angle == 90 else 1 + t] = 2
    return kernel


def compass(direction: int) -> Kernel:
    """Robinson's edge mask for direction · 45°: `sobel_x` turned counter-clockwise in steps of 45°.

    G. S. Robinson: Edge detection by compass gradient masks (1977). Positive where the picture gets brighter
    towards the direction.
    """
    ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
    start = sobel_x()
    kernel = np.zeros((3, 3))
    for place, (row, col) in enumerate(ring):
        kernel[row, col] = start[ring[(place + direction) % 8]]
    return kernel


def _offsets(size: int) -> Kernel:
    """… −1, 0, 1 … about the centre tap."""
    return np.arange(size, dtype=np.float64) - (size - 1) // 2
