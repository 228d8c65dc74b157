"""Random layers on random photos, and what torch itself says of them."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import assume
from hypothesis import strategies as st

from convlab.model.document import Document, new_document
from convlab.model.layer import PADDING_MODES, ConvSpec
from convlab.model.source import Source

NAMES = ("R", "G", "B", "R 2", "G 2", "B 2")


@st.composite
def documents(draw: st.DrawFn, dtype: str = "float64") -> Document:
    """A valid layer of small sizes on a small photo of any stored type."""
    groups = draw(st.integers(1, 3))
    inputs, outputs = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 3))
    pair = st.tuples(st.integers(1, 5), st.integers(1, 5))
    stride = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    numbers = st.tuples(st.integers(0, 6), st.integers(0, 6))
    transposed = draw(st.sampled_from([False, False, True]))
    padding = draw(numbers if transposed else st.one_of(numbers, st.sampled_from(["same", "valid"])))
    spec = ConvSpec(
        in_channels=inputs,
        out_channels=outputs,
        kernel_size=draw(pair),
        stride=(1, 1) if padding == "same" else stride,
        padding=padding,
        dilation=draw(st.tuples(st.integers(1, 3), st.integers(1, 3))),
        groups=groups,
        bias=draw(st.booleans()),
        padding_mode="zeros" if transposed else draw(st.sampled_from(PADDING_MODES)),
        dtype=dtype,
        transposed=transposed,
        output_padding=draw(st.tuples(st.integers(0, 3), st.integers(0, 3))) if transposed else (0, 0),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(st.tuples(st.integers(1, 24), st.integers(1, 24)))
    source = draw_source(draw, rng, (*size, inputs))
    document = new_document(source, spec, rng.normal(size=spec.weight_shape), rng.normal(size=outputs))
    assume(not document.problems())
    return document


def draw_source(draw: st.DrawFn, rng: np.random.Generator, shape: tuple[int, int, int]) -> Source:
    kind = draw(st.sampled_from(["uint8", "uint16", "float32", "one bit"]))
    if kind == "float32":
        return Source("x", rng.normal(size=shape).astype(np.float32), NAMES[: shape[2]], 1.0)
    top = {"uint8": 255, "uint16": 65535, "one bit": 1}[kind]
    pixels = rng.integers(0, top + 1, shape).astype(np.uint16 if kind == "uint16" else np.uint8)
    return Source("x", pixels, NAMES[: shape[2]], float(top))


def torch_layer(document: Document, dtype: torch.dtype = torch.float64) -> torch.nn.Module:
    """nn.Conv2d or one of its relatives itself, with the document's weights put where torch has them."""
    layer = document.conv.spec
    arguments = {
        "stride": layer.torch_sizes(layer.stride),
        "padding": layer.padding if isinstance(layer.padding, str) else layer.torch_sizes(layer.padding),
        "dilation": layer.torch_sizes(layer.dilation),
        "groups": layer.groups,
        "bias": layer.bias,
        "padding_mode": layer.padding_mode,
        "dtype": dtype,
    }
    if layer.transposed:
        arguments["output_padding"] = layer.torch_sizes(layer.output_padding)
    kind = f"Conv{'Transpose' if layer.transposed else ''}{layer.dims}d"
    made = getattr(torch.nn, kind)(
        layer.in_channels, layer.out_channels, layer.torch_sizes(layer.kernel_size), **arguments
    )
    reads = layer.in_channels // layer.groups
    with torch.no_grad():
        for o, i in np.ndindex(layer.out_channels, reads):
            group, place = divmod(o, layer.out_channels // layer.groups)
            at = (group * reads + i, place) if layer.transposed else (o, i)
            made.weight[at] = torch.tensor(document.conv.weight[o, i].reshape(made.kernel_size))
        if layer.bias:
            made.bias.copy_(torch.tensor(document.conv.bias))
    return made


def torch_result(document: Document, dtype: torch.dtype = torch.float64) -> np.ndarray:
    """torch's own layer on the photo scaled to 0…1: [C_out, H, W]."""
    with torch.no_grad():
        return torch_layer(document, dtype)(torch_input(document, dtype))[0].numpy()


def torch_input(document: Document, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """What the first layer reads: [1, C_in, H, W], of signals without H, of volumes with D before it."""
    used = [channel.index for channel in document.input_channels]
    picture, dims = document.picture, document.conv.spec.dims
    stored = picture.pixels[None] if picture.volume is None else picture.volume
    volume = torch.from_numpy(stored[..., used].astype(np.float64)) / picture.max_value
    volume = volume.permute(3, 0, 1, 2)[None].to(dtype)
    return volume.reshape(*volume.shape[:2], *volume.shape[-dims:])


def close(values: np.ndarray, expected: np.ndarray, relative: float) -> bool:
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    return bool(np.abs(values - expected).max(initial=0) <= relative * scale)
