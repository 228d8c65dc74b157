"""Random stacks of layers on random photos, and what torch itself makes of them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import assume
from hypothesis import strategies as st
from random_layers import documents, torch_layer
from torch import nn

from convlab.model.document import Document, new_document
from convlab.model.layer import PADDING_MODES, ConvSpec
from convlab.model.layers.adaptive import AdaptiveAvgPool
from convlab.model.layers.norm import BatchNorm, GroupNorm, InstanceNorm
from convlab.model.layers.normalize import Normalize
from convlab.model.layers.pad import MODES, Pad
from convlab.model.layers.pointwise import FUNCTIONS, Dropout, Pointwise, PReLU
from convlab.model.layers.pool import Pool
from convlab.model.layers.softmax import Softmax
from convlab.model.layers.upsample import BETWEEN, Upsample
from convlab.model.signals import volume_source
from convlab.model.source import Source
from convlab.model.stack import ConvLayer, Entry, Layer, channels_after


@st.composite
def stacks(draw: st.DrawFn, dtype: str = "float64") -> Document:
    """A document of `random_layers` with up to four further layers around its own, all of which fit."""
    document = draw(documents(dtype))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(document.layers)))
        channels = channels_after(document.layers[:at], len(document.used_channels))
        entry = Entry(draw(layers(channels, dtype)), draw(st.sampled_from([True, True, True, False])))
        entries = (*document.layers[:at], entry, *document.layers[at:])
        document = document.with_layers(entries, document.place + (at <= document.place))
    document = document.with_layers(
        document.layers, max(n for n, e in enumerate(document.layers) if isinstance(e.layer, ConvLayer))
    )
    assume(not document.problems())
    return document


@st.composite
def stacks_of_axes(draw: st.DrawFn, dims: int) -> Document:
    """Up to four layers of signals (dims 1) or volumes (3) on a small source of noise, in float64; not all may fit."""
    channels, rng = draw(st.integers(1, 3)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = tuple(draw(st.integers(1, 7)) if axis >= 3 - dims else 1 for axis in range(3))
    pixels = rng.normal(size=(*size, channels)).astype(np.float32)
    source = Source("x", pixels[0].copy(), tuple(f"c{n}" for n in range(channels)), 1.0, signal=dims == 1)
    first = draw(layers(channels, "float64", dims, ("conv",)))
    assert isinstance(first, ConvLayer)
    given = volume_source(pixels, source) if dims == 3 else source
    document = new_document(given, first.spec, first.weight, first.bias)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(document.layers)))
        entry = Entry(draw(layers(channels, "float64", dims)), draw(st.sampled_from([True, True, True, False])))
        document = document.with_layers((*document.layers[:at], entry, *document.layers[at:]), 0)
    place = draw(st.sampled_from([n for n, e in enumerate(document.layers) if isinstance(e.layer, ConvLayer)]))
    return document.with_layers(document.layers, place)


KINDS = (
    "conv",
    "pointwise",
    "prelu",
    "pool",
    "norm",
    "group_norm",
    "instance_norm",
    "softmax",
    "dropout",
    "normalize",
    "pad",
    "adaptive",
    "upsample",
)


@st.composite
def layers(draw: st.DrawFn, channels: int, dtype: str, dims: int = 2, kinds: tuple[str, ...] = ()) -> Layer:
    """Any kind of layer on so many channels; a convolution gives as many again, so that the next one fits."""
    kind = draw(st.sampled_from(kinds or KINDS))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    small = st.tuples(*[st.integers(1, 3)] * dims)
    if kind == "pointwise":
        name = draw(st.sampled_from([name for name in FUNCTIONS if name != "sqrt"]))
        return Pointwise(name, 0.2, min_val=-0.4, max_val=0.7)
    if kind == "prelu":
        count = draw(st.sampled_from([1, channels]))
        return PReLU(count, 0.3, tuple(rng.normal(size=draw(st.integers(0, count))).tolist()))
    if kind == "dropout":
        return Dropout(0.3)
    if kind == "norm":
        numbers = rng.normal(size=(3, channels)).tolist()
        return BatchNorm(*map(tuple, numbers), tuple(rng.uniform(0.1, 2, channels).tolist()), 1e-3, dims)
    if kind == "group_norm":
        groups = draw(st.sampled_from([n for n in range(1, channels + 1) if channels % n == 0]))
        return GroupNorm(groups, *map(tuple, rng.normal(size=(2, channels)).tolist()), 1e-3)
    if kind == "instance_norm":
        return InstanceNorm(draw(st.booleans()), *map(tuple, rng.normal(size=(2, channels)).tolist()), 1e-3, dims)
    if kind == "normalize":
        mean, std = rng.normal(size=channels), rng.uniform(0.1, 2, draw(st.integers(0, channels)))
        return Normalize(draw(st.sampled_from(["rgb", "bgr"])), tuple(mean.tolist()), tuple(std.tolist()), dims)
    if kind == "adaptive":
        return AdaptiveAvgPool(draw(st.tuples(*[st.integers(1, 5)] * dims)), dims)
    if kind == "upsample":
        return Upsample(draw(st.sampled_from(["nearest", BETWEEN[dims]])), draw(small), dims)
    if kind == "softmax":
        return Softmax()
    if kind == "pad":
        most = st.integers(-2, 4)
        return Pad(draw(st.sampled_from([*MODES])), draw(st.tuples(*[most] * (2 * dims))), 0.3, dims)
    if kind == "pool":
        kernel = draw(small)
        return Pool(
            draw(st.sampled_from(["max", "avg"])),
            kernel,
            draw(small),
            tuple(draw(st.integers(0, k // 2)) for k in kernel),
            draw(small),
            draw(st.booleans()),
            draw(st.booleans()),
            dims,
        )
    transposed = draw(st.sampled_from([False, False, True]))
    spec = ConvSpec(
        channels,
        channels,
        draw(small),
        draw(small),
        draw(st.tuples(*[st.integers(0, 2)] * dims)),
        draw(small),
        draw(st.sampled_from([1, channels])),
        draw(st.booleans()),
        "zeros" if transposed else draw(st.sampled_from(PADDING_MODES)),
        dtype=dtype,
        transposed=transposed,
        dims=dims,
    )
    weight, bias = rng.normal(size=spec.weight_shape), rng.normal(size=channels)
    return ConvLayer(spec, weight, bias, spec.groups)


class Function(nn.Module):
    """One of torch's functions as a module."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return getattr(torch, self.name)(x)


class Normalized(nn.Module):
    """What torchvision.transforms.Normalize does, after the channels are turned round where that is wanted."""

    def __init__(self, layer: Normalize) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flip(1) if self.layer.order == "bgr" else x
        last = self.layer.std[-1:] or (1.0,)
        std = (*self.layer.std, *last * (x.shape[1] - len(self.layer.std)))
        mean, std = (torch.tensor(each, dtype=x.dtype).view(-1, *[1] * (x.ndim - 2)) for each in (self.layer.mean, std))
        return (x - mean) / std


def torch_stack(document: Document, entries: tuple[Entry, ...], dtype: torch.dtype = torch.float64) -> nn.Module:
    """torch's own modules for these layers, one after another."""
    modules = [_module(document, entry.layer, dtype) for entry in entries if entry.on]
    return nn.Sequential(*modules).to(dtype).eval()


def _module(document: Document, layer: Layer, dtype: torch.dtype) -> nn.Module:
    if isinstance(layer, ConvLayer):
        alone = document.with_layers((Entry(layer),), 0)
        return torch_layer(alone, dtype)
    if isinstance(layer, Pointwise):
        known = {
            "relu": nn.ReLU(),
            "leaky_relu": nn.LeakyReLU(layer.negative_slope),
            "sigmoid": nn.Sigmoid(),
            "gelu": nn.GELU(),
            "relu6": nn.ReLU6(),
            "hardtanh": nn.Hardtanh(layer.min_val, layer.max_val),
            "silu": nn.SiLU(),
        }
        return known.get(layer.function) or Function(layer.function)
    if isinstance(layer, PReLU):
        made = nn.PReLU(layer.num_parameters)
        given = (*layer.weight, *[layer.init] * layer.num_parameters)[: layer.num_parameters]
        made.weight.data = torch.tensor([layer.init] if layer.num_parameters == 1 else given, dtype=dtype)
        return made
    if isinstance(layer, Normalize):
        return Normalized(layer)
    if isinstance(layer, AdaptiveAvgPool):
        return getattr(nn, layer.kind)(layer.output_size_wanted[-layer.dims :])
    if isinstance(layer, Upsample):
        return nn.Upsample(scale_factor=layer.scale_factor[-layer.dims :], mode=layer.mode)
    if isinstance(layer, Softmax):
        return nn.Softmax(dim=1)
    if isinstance(layer, Pad):
        more = [layer.constant] if layer.mode == "constant" else []
        return getattr(nn, layer.kind)(layer.padding, *more)
    if isinstance(layer, Dropout):
        return nn.Dropout(layer.p)
    if isinstance(layer, Pool):
        sizes = [each[-layer.dims :] for each in (layer.kernel_size, layer.stride, layer.padding)]
        made = getattr(nn, f"{layer.pooling.title()}Pool{layer.dims}d")
        if layer.pooling == "max":
            return made(*sizes, layer.dilation[-layer.dims :], ceil_mode=layer.ceil_mode)
        return made(*sizes, layer.ceil_mode, layer.count_include_pad)
    names: tuple[str, ...] = ("weight", "bias", "running_mean", "running_var")
    if isinstance(layer, GroupNorm):
        norm, names = nn.GroupNorm(layer.num_groups, len(layer.weight), layer.eps), names[:2]
    elif isinstance(layer, InstanceNorm):
        norm = getattr(nn, layer.kind)(len(layer.weight), layer.eps, affine=layer.affine)
        names = names[: 2 * layer.affine]
    else:
        norm = getattr(nn, f"BatchNorm{layer.dims}d")(len(layer.weight), layer.eps)
    for name in names:
        getattr(norm, name).data = torch.tensor(getattr(layer, name), dtype=dtype)
    return norm
