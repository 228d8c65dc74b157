"""The layer that the options describe: a preset, or weights from .npy files."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convlab.io.sessions import read_session
from convlab.model.document import Channel, Document
from convlab.model.edits import set_layer
from convlab.model.layer import ConvSpec, flat
from convlab.model.message import ConvLabError
from convlab.model.opening import channels_wanted
from convlab.model.presets import Preset, preset
from convlab.model.session_file import session_layer
from convlab.model.source import Source
from convlab.model.stack import ConvLayer
from convlab.model.weights import fit_kernel, from_torch

FloatArray = NDArray[np.float64]

MAX_FILE_BYTES = 1 << 30


def base_layer(options: argparse.Namespace) -> ConvSpec:
    """The parameters that do not depend on the weights."""
    return ConvSpec(
        stride=options.stride,
        padding=options.padding,
        dilation=options.dilation,
        padding_mode=options.padding_mode,
        device=options.device,
        dtype=options.dtype,
        transposed=options.transposed,
        output_padding=options.output_padding,
    )


def read_array(path: str, name: str, ndim: int) -> FloatArray:
    """A .npy file of real finite numbers with `ndim` axes, as float64. ConvLabError names the file and why not."""
    try:
        if Path(path).stat().st_size > MAX_FILE_BYTES:
            raise ConvLabError(f"{path} is larger than 1 GB")
        array = np.load(path, allow_pickle=False)
    except OSError as error:
        raise ConvLabError(f"{path} cannot be read: {error.strerror or 'it is no .npy file'}") from error
    except (ValueError, EOFError) as error:
        raise ConvLabError(f"{path} is no .npy file of numbers") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
        raise ConvLabError(f"{path} does not hold real numbers")
    if array.ndim != ndim or not array.size:
        raise ConvLabError(f"{path} has shape {list(array.shape)}; --{name} needs {ndim} axes")
    values = array.astype(np.float64)
    if not np.isfinite(values).all():
        raise ConvLabError(f"{path} holds NaN or infinity")
    return values


class LayerSource:
    """Gives the layer for a number of input channels; files are read and options checked once, at the start."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._weights = read_array(options.weights, "weights", 4) if options.weights else None
        self._bias = read_array(options.bias, "bias", 1) if options.bias else None
        self._preset: Preset | None = None
        self._causal = False
        self._parameters: dict[str, float] = {}
        self._session = _session_layers(options) if options.session else None
        if self._session is not None:
            return
        if self._weights is not None:
            self._weights = self._own_layout(self._weights)
            self._check_weights(self._weights)
        else:
            self._preset, self._parameters = _parse_preset(options.kernel)
            self.layer(3)

    @property
    def deep(self) -> bool:
        """Whether all frames of a file are wanted."""
        return self._session is not None and self._session.layer.dims == 3

    @property
    def inputs(self) -> int | None:
        """How many channels the layers read; None where any number will do."""
        if self._session is not None:
            return channels_wanted(self._session)
        return None if self._weights is None else self._weights.shape[1] * (self._options.groups or 1)

    def document(self, source: Source, channels: tuple[Channel, ...]) -> Document:
        """The layers on a photo; ConvLabError when the first does not read as many channels as are used."""
        used = sum(channel.used for channel in channels)
        if self._session is not None:
            document = replace(self._session, source=source, channels=channels)
            if source.volume is None and self._session.layer.dims == 3:
                raise ConvLabError(f"{source.name} has one frame, {document.layer.kind} reads several")
        else:
            spec, weight, bias = self.layer(used)
            activation = self._options.activation
            document = Document(source, channels, spec, weight.copy(), bias.copy(), spec.groups, True, activation)
        first = next((entry.layer for entry in document.entries if entry.on), None)
        if isinstance(first, ConvLayer) and first.spec.in_channels != used:
            raise ConvLabError(f"{source.name} has {used} channels, the weights read {first.spec.in_channels}")
        return document

    def layer(self, channels: int) -> tuple[ConvSpec, FloatArray, FloatArray]:
        """Spec, weight and bias for `channels` inputs; ConvLabError when they do not fit each other."""
        weight, groups = self._weight(channels)
        spec = replace(
            base_layer(self._options),
            in_channels=weight.shape[1] * groups,
            out_channels=weight.shape[0],
            kernel_size=weight.shape[2:],
            groups=groups,
            bias=self._bias is not None,
        )
        if self._causal:
            spec = replace(flat(spec), padding="causal")
        bias = np.zeros(len(weight)) if self._bias is None else self._bias
        if len(bias) != len(weight):
            raise ConvLabError(f"{self._options.bias} has {len(bias)} values for {len(weight)} output channels")
        return spec, weight, bias

    def _weight(self, channels: int) -> tuple[FloatArray, int]:
        if self._weights is not None:
            return self._weights, self._options.groups or 1
        assert self._preset is not None
        if self._preset.kind == "layer":
            result = self._preset.layer(channels, **self._parameters)
            if result.depth:
                raise ConvLabError(
                    f"{self._preset.name} is of volumes: save a session in the window, and use --session"
                )
            self._causal = result.causal
            return result.weight, result.groups
        kernel = self._kernel(self._preset)
        if self._options.groups is None and self._options.out_channels is None:
            return np.repeat(kernel[None, None], channels, axis=0), channels
        groups, outputs = self._options.groups or 1, self._options.out_channels or channels
        if channels % groups or outputs % groups:
            raise ConvLabError(f"--groups {groups} must divide {channels} input and {outputs} output channels")
        return np.tile(kernel, (outputs, channels // groups, 1, 1)), groups

    def _own_layout(self, weights: FloatArray) -> FloatArray:
        """Of a transposed layer from torch's axes to ours."""
        options, groups = self._options, self._options.groups or 1
        if not options.transposed:
            return weights
        if weights.shape[0] % groups:
            raise ConvLabError(f"--groups {groups} does not divide the {weights.shape[0]} input channels")
        spec = replace(
            base_layer(options), in_channels=weights.shape[0], out_channels=weights.shape[1] * groups, groups=groups
        )
        return from_torch(spec, weights)

    def _kernel(self, chosen: Preset) -> FloatArray:
        kernel = chosen.kernel(**self._parameters)
        size = self._options.kernel_size
        if size is None:
            return kernel
        if min(size) < 1 or any(n < k for n, k in zip(size, kernel.shape, strict=True)):
            has = "×".join(map(str, kernel.shape))
            raise ConvLabError(f"--kernel-size {size[0]},{size[1]} is smaller than the preset's {has}")
        return fit_kernel(kernel, size)

    def _check_weights(self, weights: FloatArray) -> None:
        options = self._options
        if options.out_channels not in (None, weights.shape[0]):
            raise ConvLabError(f"--out-channels {options.out_channels}, but {options.weights} has {weights.shape[0]}")
        if options.kernel_size not in (None, weights.shape[2:]):
            raise ConvLabError(f"--kernel-size differs from {options.weights}, which has {list(weights.shape[2:])}")
        if weights.shape[0] % (options.groups or 1):
            raise ConvLabError(f"--groups {options.groups} does not divide the {weights.shape[0]} output channels")


def _session_layers(options: argparse.Namespace) -> Document:
    """A session's layers on the device asked for; ConvLabError when options of a layer are given beside it."""
    plain = ConvSpec(padding=(0, 0), device=options.device)
    if base_layer(options) != plain or any((options.bias, options.groups, options.out_channels, options.kernel_size)):
        raise ConvLabError("--session has the whole layer: leave out --stride, --padding and the like")
    return set_layer(session_layer(read_session(options.session)), device=options.device)


def _parse_preset(text: str) -> tuple[Preset, dict[str, float]]:
    name, _, rest = text.partition(":")
    parameters: dict[str, float] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        try:
            parameters[key.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise ConvLabError(f"--kernel {text}: '{part}' is not PARAMETER=NUMBER")
    return preset(name), parameters
