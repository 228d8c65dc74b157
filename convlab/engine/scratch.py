"""Memory that one band leaves to the next: fresh megabytes cost a page fault every 4 KiB, more than their use."""

from __future__ import annotations

from math import prod

import torch


class Scratch:
    """Buffers by name, each handed out again and again; what they hold is undefined."""

    def __init__(self) -> None:
        self._buffers: dict[str, torch.Tensor] = {}

    def empty(self, name: str, size: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> torch.Tensor:
        """A contiguous tensor in the buffer `name`, which grows to the largest that was asked for."""
        needed = prod(size)
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < needed or buffer.dtype != dtype or buffer.device != device:
            buffer = torch.empty(needed, dtype=dtype, device=device)
            self._buffers[name] = buffer
        return buffer[:needed].view(size)
