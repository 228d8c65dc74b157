"""The one question: the values of these maps, in this output region, at every step-th pixel."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from numpy.typing import NDArray

from convlab.engine.gather import TORCH_DTYPES, Gathered, gather, stored_tensor
from convlab.model.document import Document
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message
from convlab.model.region import Region
from convlab.model.source import Source

Maps = NDArray[np.floating]
Checkpoint = Callable[[], None]

BAND_MACS = 4e8
"""Multiply-accumulates between two looks for a newer request: some 10 ms on two cores."""
BAND_BYTES = 96 << 20
STREAM_BYTES = 6 << 20
"""Input and output bytes of a band at full size: stays in the cache, where a whole photo does not (DESIGN.md)."""
PATCH_BYTES = 192 << 20
"""Up to here the windows of a live region are kept laid out. Measured on 2 cores, 3×3, six tiles of 500 pixels: the
edited map 9 → 2 ms, its three contributions 26 → 1 ms against F.conv2d on the gathered picture."""
CACHE_BYTES = 512 << 20
MAPS_BYTES = 192 << 20


class Evaluator:
    """Evaluates documents; remembers the uploaded photo, the gathered neighbourhoods and the last maps.

    Memory only saves time: every answer is what a new Evaluator gives. Not for use by two threads at once.
    """

    def __init__(self) -> None:
        self._uploaded: tuple[Source, torch.device, torch.Tensor] | None = None
        self._gathered: OrderedDict[tuple[object, ...], Gathered] = OrderedDict()
        self._maps: OrderedDict[tuple[object, ...], Maps] = OrderedDict()

    def maps(
        self, document: Document, region: Region, outputs: Sequence[int], checkpoint: Checkpoint | None = None
    ) -> Maps:
        """Feature maps of `outputs` in `region`: [len(outputs), region.rows, region.cols], float32 or float64.

        The layer's output after bias and activation; half types are computed from operands of that type,
        accumulated in float32 and rounded once. The document must have no problems. `checkpoint` is called
        between bands and may raise to stop. Raises ConvLabError when memory runs out.
        """
        return self._maps_in(document, region, outputs, checkpoint, live=False)

    def _maps_in(
        self, document: Document, region: Region, outputs: Sequence[int], checkpoint: Checkpoint | None, live: bool
    ) -> Maps:
        result = np.empty((len(outputs), region.rows, region.cols), _result_dtype(document))
        weight, bias = self._parameters(document, outputs)

        def convolve(gathered: Gathered) -> torch.Tensor:
            return _activated(_convolved(document, gathered, outputs, weight, bias), document.activation)

        self._banded(document, region, len(outputs), convolve, result, checkpoint, live)
        return result

    def live_maps(
        self, document: Document, region: Region, outputs: Sequence[int], checkpoint: Checkpoint | None = None
    ) -> dict[int, Maps]:
        """The same values by output channel, evaluating only those whose weights or region are new."""
        keys = {o: _map_key(document, region, o) for o in outputs}
        dirty = [o for o in outputs if keys[o] not in self._maps]
        fresh = self._maps_in(document, region, dirty, checkpoint, live=True) if dirty else ()
        self._maps.update({keys[o]: values for o, values in zip(dirty, fresh, strict=True)})
        wanted = {o: self._maps[keys[o]] for o in outputs}
        for key in keys.values():
            self._maps.move_to_end(key)
        while sum(values.nbytes for values in self._maps.values()) > MAPS_BYTES and len(self._maps) > len(keys):
            self._maps.popitem(last=False)
        return wanted

    def contributions(
        self, document: Document, region: Region, output: int, checkpoint: Checkpoint | None = None
    ) -> Maps:
        """x_i ∗ w_oi for each input channel i of the output's group: [inputs, rows, cols].

        Their sum plus bias is the output before the activation.
        """
        inputs = document.layer.group_inputs(output)
        result = np.empty((len(inputs), region.rows, region.cols), _result_dtype(document))
        weight = self._parameters(document, [output])[0].squeeze(0).unsqueeze(1)

        def convolve(gathered: Gathered) -> torch.Tensor:
            if gathered.patches is not None:
                return torch.bmm(weight.flatten(2), gathered.patches[inputs.start : inputs.stop])
            pixels = gathered.pixels[:, inputs.start : inputs.stop].to(weight.dtype)
            return F.conv2d(pixels, weight, None, gathered.stride, 0, gathered.dilation, groups=len(inputs))

        self._banded(document, region, len(inputs), convolve, result, checkpoint, live=True)
        return result

    def _banded(
        self,
        document: Document,
        region: Region,
        count: int,
        convolve: Callable[[Gathered], torch.Tensor],
        result: Maps,
        checkpoint: Checkpoint | None,
        live: bool,
    ) -> None:
        """Fill result band by band, so that work can stop in between and memory stays bounded.

        A live region, which is asked for again at the next edit, is one band where its windows can be kept.
        """
        dtype = TORCH_DTYPES[document.layer.dtype]
        row = 0
        try:
            with torch.inference_mode():
                kept = live and _patch_bytes(document, region) <= PATCH_BYTES
                for band in [region] if kept else _bands(document, region, count):
                    if checkpoint is not None:
                        checkpoint()
                    values = convolve(self._gather(document, band, kept)).to(dtype)
                    values = values if dtype == torch.float64 else values.float()
                    result[:, row : row + band.rows] = values.reshape(-1, band.rows, band.cols).cpu().numpy()
                    row += band.rows
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise _out_of_memory(document) from error
        except RuntimeError as error:
            if "memory" not in str(error):
                raise
            raise _out_of_memory(document) from error

    def _gather(self, document: Document, region: Region, keep: bool) -> Gathered:
        key = _gather_key(document, region)
        found = self._gathered.pop(key, None)
        if found is None:
            found = gather(document, self._pixels(document), region)
            if keep:
                layer = document.layer
                found = found.with_patches(layer.kernel_size, _compute_dtype(layer.dtype))
        if keep:
            self._gathered[key] = found
            while len(self._gathered) > 1 and _bytes(self._gathered.values()) > CACHE_BYTES:
                self._gathered.popitem(last=False)
        return found

    def _pixels(self, document: Document) -> torch.Tensor:
        device = torch.device(document.layer.device)
        if self._uploaded is None or self._uploaded[0] is not document.source or self._uploaded[1] != device:
            self._gathered.clear()
            self._maps.clear()
            self._uploaded = None  # the old photo's memory first
            self._uploaded = (document.source, device, stored_tensor(document.source.pixels, device))
        return self._uploaded[2]

    def _parameters(self, document: Document, outputs: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Weight and bias of `outputs`, rounded to the layer's dtype and ready to compute with."""
        layer = document.layer

        def ready(values: NDArray[np.float64]) -> torch.Tensor:
            rounded = torch.from_numpy(values[list(outputs)]).to(TORCH_DTYPES[layer.dtype])
            return rounded.to(device=layer.device, dtype=_compute_dtype(layer.dtype))

        return ready(document.weight), ready(document.bias) if layer.bias else None


def _convolved(
    document: Document,
    gathered: Gathered,
    outputs: Sequence[int],
    weight: torch.Tensor,
    bias: torch.Tensor | None,
) -> torch.Tensor:
    """[1, len(outputs), rows, cols]; each group's convolution where only some of its outputs are asked for."""
    if gathered.patches is not None:
        return _multiplied(document, gathered.patches, outputs, weight, bias)
    layer = document.layer
    pixels = gathered.pixels.to(weight.dtype)

    def conv(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None, groups: int) -> torch.Tensor:
        return F.conv2d(x, w, b, gathered.stride, 0, gathered.dilation, groups)

    if layer.groups == 1 or list(outputs) == list(range(layer.out_channels)):
        return conv(pixels, weight, bias, layer.groups)
    parts = []
    for place, output in enumerate(outputs):
        inputs = layer.group_inputs(output)
        part = slice(place, place + 1)
        x = pixels[:, inputs.start : inputs.stop]
        parts.append(conv(x, weight[part], None if bias is None else bias[part], 1))
    return torch.cat(parts, 1)


def _multiplied(
    document: Document,
    patches: torch.Tensor,
    outputs: Sequence[int],
    weight: torch.Tensor,
    bias: torch.Tensor | None,
) -> torch.Tensor:
    """[len(outputs), positions]: weights times windows, group by group."""
    layer = document.layer
    rows = weight.flatten(1)
    if layer.groups == 1:
        values = rows @ patches.flatten(0, 1)
    else:
        inputs = [layer.group_inputs(output) for output in outputs]
        parts = [patches[i.start : i.stop].flatten(0, 1) for i in inputs]
        values = torch.stack([row @ part for row, part in zip(rows, parts, strict=True)])
    return values if bias is None else values.add_(bias[:, None])


def _activated(values: torch.Tensor, activation: str) -> torch.Tensor:
    functions = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
    return functions[activation](values) if activation in functions else values


def _bands(document: Document, region: Region, count: int) -> Iterator[Region]:
    """The region in bands small enough to stop between, to hold in memory and, when streaming, in the cache."""
    layer = document.layer
    taps = prod(layer.kernel_size)
    macs = max(1, region.cols * count * taps * layer.in_channels // layer.groups)
    row_in = region.cols * layer.in_channels * layer.stride[0] * layer.stride[1]
    if region.step > 1:
        row_in = region.cols * layer.in_channels * taps
    row_bytes = 4 * (row_in + region.cols * count)
    rows = min(BAND_MACS / macs, BAND_BYTES / row_bytes)
    if region.size * 4 * (layer.in_channels + count) > BAND_BYTES // 4:
        rows = min(rows, max(32, STREAM_BYTES / row_bytes))
    yield from region.bands(max(1, int(rows)))


def _gather_key(document: Document, region: Region) -> tuple[object, ...]:
    layer = document.layer
    channels = tuple(channel.index for channel in document.input_channels)
    geometry = (layer.kernel_size, layer.stride, layer.pads, layer.dilation, layer.padding_mode)
    return (id(document.source), channels, document.input_gains, geometry, layer.dtype, layer.device, region)


def _map_key(document: Document, region: Region, output: int) -> tuple[object, ...]:
    bias = float(document.bias[output]) if document.layer.bias else 0.0
    weight = document.weight[output].tobytes()
    return (_gather_key(document, region), document.layer.groups, output, weight, bias, document.activation)


def _bytes(gathered: Iterable[Gathered]) -> int:
    return sum(each.nbytes for each in gathered)


def _patch_bytes(document: Document, region: Region) -> int:
    item = 8 if document.layer.dtype == "float64" else 4
    return region.size * document.layer.in_channels * prod(document.layer.kernel_size) * item


def _compute_dtype(dtype: str) -> torch.dtype:
    return torch.float64 if dtype == "float64" else torch.float32


def _result_dtype(document: Document) -> type[np.floating]:
    return np.float64 if document.layer.dtype == "float64" else np.float32


def _out_of_memory(document: Document) -> ConvLabError:
    text = QT_TRANSLATE_NOOP(
        "model", "Out of memory on {device}: use fewer channels, a smaller kernel or a smaller photo."
    )
    return ConvLabError(message(text, device=document.layer.device))
