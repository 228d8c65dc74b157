"""The one way from a device to the rest of the program: what passes here is what a GPU has to send."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray


def to_host(tensor: torch.Tensor) -> NDArray[Any]:
    """The tensor's values as an array; its own memory on the CPU."""
    array: NDArray[Any] = tensor.cpu().numpy()
    return array
