"""Running torch, so that nothing of it is seen but values and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from convlab.model.maps import LayerMaps
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message


@contextmanager
def computing(maps: LayerMaps) -> Iterator[None]:
    """Without autograd; running out of memory becomes a sentence."""
    try:
        with torch.inference_mode():
            yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _out_of_memory(maps) from error
    except RuntimeError as error:
        if "memory" not in str(error):
            raise
        raise _out_of_memory(maps) from error


def _out_of_memory(maps: LayerMaps) -> ConvLabError:
    text = QT_TRANSLATE_NOOP(
        "model", "Out of memory on {device}: use fewer channels, a smaller kernel or a smaller photo."
    )
    return ConvLabError(message(text, device=maps.window.device))
