"""The layer that the options describe: a preset, weights from .npy files, or a session's."""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convlab.cli.ignored import refuse_beside
from convlab.cli.layer_options import check_count, layer_spec, numbers_text, refuse_impossible, size
from convlab.cli.terminal import quoted
from convlab.io.arrays import MOST_NUMBERS, read_array
from convlab.io.names import stem_of
from convlab.io.sessions import read_session
from convlab.model.document import Channel, Document
from convlab.model.edits import set_activation, set_layer
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError
from convlab.model.opening import channels_wanted
from convlab.model.presets import Preset, preset
from convlab.model.reading import Input
from convlab.model.session_file import session_layer
from convlab.model.stack import ConvLayer, Entry, channels_after, with_kernels
from convlab.model.weights import fit_kernel, from_torch, in_five_axes

FloatArray = NDArray[np.float64]
Layer = tuple[ConvSpec, FloatArray, FloatArray]

DIMS = {2: 2, 3: 1, 4: 2, 5: 3}
"""Of the layer that weights of so many axes are of; two are those of a kernel alone."""
USUAL_CHANNELS = (3, 1, 2, 4)
"""Of photos, the most usual first."""


class LayerSource:
    """Gives the layer for a number of input channels; files are read and options checked once, at the start."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._bias = read_array(options.bias, (1,)) if options.bias else None
        self._weights: FloatArray | None = None
        self._kernel: FloatArray | None = None
        self._preset: Preset | None = None
        self._parameters: dict[str, float] = {}
        self._session: Document | None = None
        self._made: dict[int, Layer] = {}
        self.dims, self.label = 2, ""
        if options.session is not None:
            self._take_session(options.session)
        elif options.weights is not None:
            self._take_weights(read_array(options.weights, tuple(DIMS)), options.weights)
        else:
            self._take_preset(options.kernel)
        if self._session is None:
            self._check_some_layer()

    @property
    def deep(self) -> bool:
        """Whether all frames of a file are wanted."""
        return self.dims == 3

    @property
    def inputs(self) -> int | None:
        """How many channels the layers read; None where any number will do."""
        if self._session is not None:
            return channels_wanted(self._session)
        return None if self._weights is None else self.layer(0)[0].in_channels

    def maps(self, channels: int) -> int:
        """How many maps they make of a photo of so many channels."""
        if self._session is not None:
            return max(1, channels_after(self._session.layers, channels))
        return self.layer(channels)[0].out_channels

    def document(self, input: Input, channels: tuple[Channel, ...]) -> Document:
        """The layers on a photo; ConvLabError when the first does not read as many channels as are used."""
        used = sum(channel.used for channel in channels)
        if self.deep and input.source.volume is None:
            raise ConvLabError(f"{quoted(input.source.name)} has one frame, Conv3d reads several")
        if self._session is not None:
            document = replace(self._session, input=input, channels=channels)
        else:
            spec, weight, bias = self.layer(used)
            document = Document(input, channels, (Entry(ConvLayer(spec, weight, bias, spec.groups)),))
            document = set_activation(document, self._options.activation or "none")
        self._refuse_other_channels(document, used)
        return document

    def _refuse_other_channels(self, document: Document, used: int) -> None:
        first = next((entry.layer for entry in document.layers if entry.on), None)
        wanted = used if first is None else first.reads(used)
        if wanted != used:
            raise ConvLabError(f"{quoted(document.source.name)} has {used} channels, the weights read {wanted}")

    def layer(self, channels: int) -> Layer:
        """Spec, weight and bias for `channels` inputs; ConvLabError when they do not fit each other."""
        if self._weights is not None:
            channels = 0  # they say it themselves
        if channels not in self._made:
            self._made = {channels: self._layer(channels)}
        return self._made[channels]

    def _layer(self, channels: int) -> Layer:
        if self._kernel is not None:
            spec, weight = self._of_kernel(self._kernel, channels)
        elif self._weights is not None:
            spec, weight = self._of_weights(self._weights)
        else:
            spec, weight = self._of_preset(channels)
        bias = np.zeros(spec.out_channels) if self._bias is None else self._bias
        if len(bias) != spec.out_channels:
            file = quoted(self._options.bias)
            raise ConvLabError(f"{file} has {len(bias)} values for {spec.out_channels} output channels")
        return replace(spec, bias=self._bias is not None), weight, bias

    # A kernel: for each channel, or for every pair of channels

    def _of_kernel(self, kernel: FloatArray, channels: int) -> tuple[ConvSpec, FloatArray]:
        options = self._options
        single = options.groups is None and options.out_channels is None
        groups = channels if single else options.groups or 1
        outputs = channels if single else options.out_channels or channels
        if groups < 1 or channels % groups or outputs % groups:
            raise ConvLabError(f"--groups {groups} must divide {channels} input and {outputs} output channels")
        extent = size(options, "kernel_size", 2) if options.kernel_size else kernel.shape
        if any(n < k for n, k in zip(extent, kernel.shape, strict=True)):
            asked, there = numbers_text(extent), numbers_text(kernel.shape)
            raise ConvLabError(f"--kernel-size {asked} is smaller than the kernel's {there}")
        check_count(outputs, channels // groups, extent, MOST_NUMBERS)
        fitted = fit_kernel(kernel, extent) if extent != kernel.shape else kernel
        spec = replace(
            layer_spec(options, 2), in_channels=channels, out_channels=outputs, kernel_size=extent, groups=groups
        )
        return spec, np.tile(fitted, (outputs, channels // groups, 1, 1, 1))

    def _of_preset(self, channels: int) -> tuple[ConvSpec, FloatArray]:
        """A whole layer."""
        assert self._preset is not None
        made = self._preset.layer(channels, **self._parameters)
        if made.dims == 3:
            raise ConvLabError(f"{self._preset.name} is of volumes: save a session in the window, and use --session")
        spec = layer_spec(self._options, self.dims)
        if made.dims is not None:
            spec = replace(spec, padding=made.padding)
        weight = in_five_axes(made.weight)
        outputs, inputs, *kernel = weight.shape
        counts = {"in_channels": inputs * made.groups, "out_channels": outputs, "groups": made.groups}
        return replace(spec, kernel_size=tuple(kernel), **counts), weight

    # Weights

    def _of_weights(self, weights: FloatArray) -> tuple[ConvSpec, FloatArray]:
        """From torch's layout to ours."""
        options, groups = self._options, self._options.groups or 1
        first, second, *kernel = weights.shape
        outputs, inputs = (second * groups, first) if options.transposed else (first, second * groups)
        if first % groups:
            which = "input" if options.transposed else "output"
            raise ConvLabError(f"--groups {groups} does not divide the {first} {which} channels")
        spec = layer_spec(options, self.dims)
        counts = {"in_channels": inputs, "out_channels": outputs, "groups": groups}
        spec = replace(spec, kernel_size=tuple(kernel), **counts)
        self._check_same(spec, weights)
        return spec, from_torch(spec, weights)

    def _check_same(self, spec: ConvSpec, weights: FloatArray) -> None:
        """What the weights have by themselves may be said once more, but not otherwise."""
        options, file = self._options, quoted(self._options.weights)
        if options.out_channels not in (None, spec.out_channels):
            raise ConvLabError(f"--out-channels {options.out_channels}, but {file} has {spec.out_channels}")
        there = spec.torch_sizes(spec.kernel_size)
        if options.kernel_size and size(options, "kernel_size", self.dims) != there:
            raise ConvLabError(
                f"--kernel-size {numbers_text(options.kernel_size)}, but {file} has {numbers_text(there)}"
            )

    # What the options name

    def _take_session(self, path: str) -> None:
        document = set_layer(session_layer(read_session(path)), device=self._options.device)
        self._session, self.dims, self.label = document, document.conv.spec.dims, stem_of(path)
        for place, conv in with_kernels(document.layers):
            if document.layers[place].on:
                refuse_impossible(conv.spec)

    def _take_weights(self, weights: FloatArray, path: str) -> None:
        self.dims, self.label = DIMS[weights.ndim], stem_of(path)
        if weights.ndim == 2:
            self._kernel = weights
        else:
            self._weights = weights

    def _take_preset(self, text: str) -> None:
        chosen, parameters = _parse_preset(text)
        self._preset, self._parameters = chosen, parameters
        self.label = "-".join([chosen.name, *(f"{name}{value:g}" for name, value in sorted(parameters.items()))])
        if chosen.kind == "kernel":
            self._kernel = chosen.kernel(**parameters)
            return
        refuse_beside(self._options, ("out_channels", "kernel_size", "groups"), f"{chosen.name} is a whole layer")
        dims = chosen.layer(3, **parameters).dims
        if dims == 1:
            self.dims = dims
            refuse_beside(self._options, ("padding",), f"{chosen.name} pads by itself")

    def _check_some_layer(self) -> None:
        """ConvLabError for options that fit no photo, whatever its channels."""
        named = self._options.channels
        usual = dict.fromkeys((*USUAL_CHANNELS, self._options.groups or 1))
        first: ConvLabError | None = None
        for channels in (len(named.split(",")),) if named else usual:
            try:
                refuse_impossible(self.layer(channels)[0])
                return
            except ConvLabError as error:
                first = first or error
        assert first is not None
        raise first


def _parse_preset(text: str) -> tuple[Preset, dict[str, float]]:
    name, _, rest = text.partition(":")
    parameters: dict[str, float] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        key = key.strip()
        try:
            number = float(value)
        except ValueError:
            equals = ""
        if not equals:
            raise ConvLabError(f"--kernel {text}: '{part}' is not PARAMETER=NUMBER")
        if key in parameters:
            raise ConvLabError(f"--kernel {text} names {key} twice")
        parameters[key] = number
    return preset(name), parameters
