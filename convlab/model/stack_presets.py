"""Stacks to begin with: layers one after another that show an idea of the literature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convlab.model import kernels, layer_presets
from convlab.model.document import Document
from convlab.model.layer import ConvSpec, Sizes
from convlab.model.layers.norm import BatchNorm
from convlab.model.layers.pointwise import Pointwise
from convlab.model.layers.pool import Pool
from convlab.model.message import QT_TRANSLATE_NOOP
from convlab.model.stack import ConvLayer, Entry
from convlab.model.stack_edits import use_stack
from convlab.model.weights import default_weight, in_five_axes

FloatArray = NDArray[np.float64]
Entries = tuple[Entry, ...]

BINOMIAL = np.array([1.0, 2.0, 1.0]) / 4
BURT = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
"""The generating kernel with a = 3/8 of P. Burt, E. Adelson: The Laplacian Pyramid as a Compact Image Code (1983)."""


@dataclass(frozen=True, slots=True)
class StackPreset:
    """title is marked for translation; make(channels) gives float32 layers on the CPU for that many channels."""

    name: str
    title: str
    make: Callable[[int], Entries]

    @property
    def description(self) -> str:
        """What it shows, and where it comes from."""
        return " ".join((self.make.__doc__ or "").split())


def apply_preset(document: Document, preset: StackPreset) -> Document:
    """The preset's layers instead of the present ones, on the same device, of the same dtype."""
    present = document.conv.spec

    def placed(entry: Entry) -> Entry:
        return replace(entry, layer=entry.layer.with_shared(device=present.device, dtype=present.dtype))

    entries = preset.make(max(1, len(document.used_channels)))
    return use_stack(document, tuple(map(placed, entries)))


def two_small(channels: int) -> Entries:
    """Two 3 × 3 kernels see as far as one 5 × 5 and have 18 weights where that has 25 (K. Simonyan, A. Zisserman: Very
    Deep Convolutional Networks, 2014). Here both are binomial: their stack is the 5 × 5 binomial kernel."""
    small = np.outer(BINOMIAL, BINOMIAL)
    return _depthwise(small, channels, "valid"), _depthwise(small, channels, "valid")


def one_large(channels: int) -> Entries:
    """One 5 × 5 binomial kernel: the same maps as of two 3 × 3 ones, from 25 weights instead of 18."""
    line = np.convolve(BINOMIAL, BINOMIAL)
    return (_depthwise(np.outer(line, line), channels, "valid"),)


def separable(channels: int) -> Entries:
    """A depthwise 3 × 3 layer, each channel by itself, then a pointwise 1 × 1 one that mixes them: the block of
    MobileNets (A. Howard et al., 2017), with 9·C + C·8 weights where a full 3 × 3 layer has 72·C."""
    mixing = default_weight(ConvSpec(channels, 8, (1, 1)), seed=1)
    return (
        _depthwise(kernels.sobel_x(), channels, "same"),
        Entry(BatchNorm()),
        Entry(Pointwise("relu")),
        _conv(mixing, padding="same"),
        Entry(Pointwise("relu")),
    )


def atrous(channels: int) -> Entries:
    """Dilation 1, 2, 4: the receptive field grows to 15 × 15 with 9 weights a layer (F. Yu, V. Koltun: Multi-Scale
    Context Aggregation by Dilated Convolutions, 2016)."""
    box = np.full((3, 3), 1 / 9)
    return tuple(_depthwise(box, channels, "same", dilation=(step, step)) for step in (1, 2, 4))


def gaussian_level(channels: int) -> Entries:
    """One level of a Gaussian pyramid: blur by Burt and Adelson's 5 × 5 kernel, then every second pixel, which is max
    pooling with a window of one pixel and stride 2."""
    blur = _depthwise(np.outer(BURT, BURT), channels, "same", padding_mode="reflect")
    return blur, Entry(Pool("max", (1, 1), (2, 2)))


def sobel_magnitude(channels: int) -> Entries:
    """The length of the gradient: Sobel x and y of the luminance, squared, added up by a 1 × 1 layer, square root."""
    edges = layer_presets.sobel_bank(channels)
    return (
        _conv(edges.weight, padding="same"),
        Entry(Pointwise("square")),
        _conv(np.ones((1, 2, 1, 1)), padding="same"),
        Entry(Pointwise("sqrt")),
    )


def unfold_fold(channels: int) -> Entries:
    """nn.Unfold and nn.Fold as layers: windows of 3 × 3 taken apart, a map for each tap, and added up again where they
    came from. What comes out is the input times how often each pixel is in a window: inside 9 times."""
    taps = layer_presets.one_hot_taps(channels, 3)
    back = ConvSpec(len(taps), channels, (3, 3), padding=(0, 0), transposed=True)
    weight = np.ascontiguousarray(taps.swapaxes(0, 1))  # ours is [out, in, …]: each map goes back to its own tap
    return _conv(taps, padding=(0, 0)), Entry(ConvLayer(back, in_five_axes(weight), np.zeros(channels)))


def simple_cnn(channels: int) -> Entries:
    """The start of a small classifier: convolution, ReLU, pooling, twice. The first layer finds edges in eight
    directions, the second has weights as PyTorch draws them."""
    second = default_weight(ConvSpec(8, 16), seed=2)
    return (
        _conv(layer_presets.edge_bank(channels).weight, padding="same"),
        Entry(Pointwise("relu")),
        Entry(Pool()),
        _conv(second, padding="same"),
        Entry(Pointwise("relu")),
        Entry(Pool()),
    )


STACK_PRESETS = {
    preset.name: preset
    for preset in (
        StackPreset("two-3x3", QT_TRANSLATE_NOOP("model", "Two 3 × 3 …"), two_small),
        StackPreset("one-5x5", QT_TRANSLATE_NOOP("model", "… against one 5 × 5"), one_large),
        StackPreset("separable", QT_TRANSLATE_NOOP("model", "Depthwise and pointwise (MobileNet)"), separable),
        StackPreset("atrous", QT_TRANSLATE_NOOP("model", "Atrous pyramid: dilation 1, 2, 4"), atrous),
        StackPreset("gaussian-pyramid", QT_TRANSLATE_NOOP("model", "Gaussian pyramid level"), gaussian_level),
        StackPreset("sobel-magnitude", QT_TRANSLATE_NOOP("model", "Sobel magnitude"), sobel_magnitude),
        StackPreset("unfold-fold", QT_TRANSLATE_NOOP("model", "Unfold, then Fold"), unfold_fold),
        StackPreset("simple-cnn", QT_TRANSLATE_NOOP("model", "Small CNN"), simple_cnn),
    )
}
"""By name, in the order of the menu."""


def _conv(weight: FloatArray, groups: int = 1, **parameters: object) -> Entry:
    weight = in_five_axes(weight)
    outputs, inputs, *size = weight.shape
    spec = ConvSpec(inputs * groups, outputs, tuple(size), groups=groups)
    spec = replace(spec, **parameters)  # type: ignore[arg-type]  # ConvSpec's own fields
    return Entry(ConvLayer(spec, weight, np.zeros(outputs), groups))


def _depthwise(kernel: FloatArray, channels: int, padding: str, **parameters: Sizes | str) -> Entry:
    weight = layer_presets.depthwise(kernel, channels).weight
    return _conv(weight, groups=channels, padding=padding, **parameters)
