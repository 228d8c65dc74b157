"""A convolution A and its transpose Aᵀ with the same weights: one gathers, the other scatters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model.document import Document, new_document
from convlab.model.layer import AXES, ConvSpec, Sizes
from convlab.model.maps import LayerMaps
from convlab.model.message import QT_TRANSLATE_NOOP, Message, message
from convlab.model.reading import Input
from convlab.model.source import Source
from convlab.model.weights import from_torch, to_torch

FloatArray = NDArray[np.float64]

MOST_VALUES = 2_000_000
"""Of input or output: the whole maps are worked out."""
LARGEST_Y = 2


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """x [C_in, H, W] and A x, y [C_out, H_out, W_out] and Aᵀ y, without bias and activation; float64.

    counts: how many kernels of A lie over each pixel of the larger side's picture, (H, W) of x or for a transposed A
    of A x. left: ⟨A x, y⟩; right: ⟨x, Aᵀ y⟩, which are equal for every x and y: so Aᵀ is defined.
    """

    x: FloatArray
    gathered: FloatArray
    y: FloatArray
    scattered: FloatArray
    counts: NDArray[np.int64]
    left: float
    right: float


def pair_refusal(maps: LayerMaps) -> Message | None:
    """Why the layer has no pair to be seen; None where it has one. It has no problems."""
    layer = maps.window
    if layer.padding_mode != "zeros":
        text = QT_TRANSLATE_NOOP("model", "ConvTranspose2d knows padding_mode 'zeros' only: choose it to see the pair.")
        return message(text)
    if any(before != after for before, after in layer.pads):
        text = QT_TRANSLATE_NOOP(
            "model", "Padding 'same' of an even window is one-sided, which no ConvTranspose2d has: give it in numbers."
        )
        return message(text)
    most = max(layer.in_channels * _area(maps.input_size), layer.out_channels * _area(maps.output_size))
    if most > MOST_VALUES:
        text = QT_TRANSLATE_NOOP(
            "model", "The pair is worked out for small inputs: Shift and drag on the photo explores a part of it."
        )
        return message(text)
    return None


def transpose_of(document: Document) -> ConvSpec:
    """The layer that scatters where the document's gathers, or the reverse, from its output back to its input's size.

    Of the sizes that a strided convolution maps to the same output, output_padding picks this one. Of a transposed
    layer whose output_padding is not below its stride, rows and columns at the end are to be left out.
    """
    layer = document.conv.spec
    padding = tuple(before for before, _ in layer.pads)
    extra = (0,) * AXES if layer.transposed else _output_padding(layer, document.input_shape.size)
    return replace(
        layer,
        in_channels=layer.out_channels,
        out_channels=layer.in_channels,
        padding=padding,
        bias=False,
        transposed=not layer.transposed,
        output_padding=extra,
        lazy=False,
        dtype="float64",
    )


def _output_padding(layer: ConvSpec, size: Sizes) -> Sizes:
    """What the floor of the size formula leaves over, per axis."""
    return tuple(
        (n + 2 * pad[0] - extent) % stride
        for n, pad, extent, stride in zip(size, layer.pads, layer.extent, layer.stride, strict=True)
    )


def same_output_sizes(layer: ConvSpec, output: Sizes) -> tuple[tuple[int, ...], ...]:
    """Per axis the input sizes that the convolution maps to `output`: one for each output_padding 0, 1 … stride − 1."""
    return tuple(
        tuple(n for n in range(first, first + stride) if n > 0)
        for first, stride in (
            ((n - 1) * stride + extent - 2 * pad[0], stride)
            for n, stride, extent, pad in zip(output, layer.stride, layer.extent, layer.pads, strict=True)
        )
    )


def of_pictures(maps: LayerMaps) -> Document:
    """The document, or of volumes the layer of pictures that makes the slice looked at, on what it reads."""
    if not maps.are_volumes:
        return maps.document
    flat = replace(maps.document, input=Input(maps.picture), channels=maps.channels)
    convolution = maps.convolution
    return flat.with_conv(spec=convolution.spec, weight=convolution.weight, in_channels_follows=False)


def bare(document: Document) -> Document:
    """The document's layer as the linear map A: float64, without bias."""
    return document.with_conv(spec=replace(document.conv.spec, bias=False, dtype="float64"))


def transposed_document(document: Document, y: FloatArray) -> Document:
    """Aᵀ on y [C_out, H_out, W_out], with the weights of A: torch's tensor is the same for both."""
    layer = transpose_of(document)
    pixels = np.ascontiguousarray(y.transpose(1, 2, 0), dtype=np.float32)
    source = Source("y", pixels, tuple(f"y{n}" for n in range(len(y))), 1.0)
    weight = from_torch(layer, to_torch(document.conv.spec, document.conv.weight))
    return new_document(source, layer, weight)


def random_output(document: Document, seed: int) -> FloatArray:
    """Whole numbers from −2 to 2, easily read: [C_out, H_out, W_out]."""
    shape = (document.conv.spec.out_channels, *document.output_size)
    return np.random.default_rng(seed).integers(-LARGEST_Y, LARGEST_Y + 1, shape).astype(np.float64)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]
