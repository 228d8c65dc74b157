"""Photos for the command line, and what it leaves in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

Run = Callable[..., int]


def save_photo(path: Path, size: tuple[int, int] = (40, 50), channels: int = 3) -> None:
    """Noise, of RGB or gray."""
    shape = size if channels == 1 else (*size, channels)
    Image.fromarray(np.random.default_rng(2).integers(0, 256, shape, np.uint8)).save(path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
