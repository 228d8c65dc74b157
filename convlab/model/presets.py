"""The presets that window and command line list: kernels and whole layers, with their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convlab.model import kernels, layer_presets
from convlab.model.message import QT_TRANSLATE_NOOP, ConvLabError, message


@dataclass(frozen=True, slots=True)
class Parameter:
    """A preset's number: its name, default, range and step; whole when the step and default are."""

    name: str
    default: float
    minimum: float
    maximum: float
    step: float = 1
    doc: str = ""

    @property
    def whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return isinstance(self.default, int) and isinstance(self.step, int)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named kernel or layer.

    make: for a kernel, make(**parameters) → float64 [kH, kW]; for a layer, make(channels, **parameters) →
    LayerPresetResult. title and category are marked for translation in the context "model".
    """

    name: str
    title: str
    kind: Literal["kernel", "layer"]
    category: str
    make: Callable[..., Any]
    parameters: tuple[Parameter, ...] = ()

    @property
    def description(self) -> str:
        """What it does, and where it comes from: its function's docstring."""
        return (self.make.__doc__ or "").strip()

    def kernel(self, **parameters: float) -> NDArray[np.float64]:
        """The kernel for these parameters; ConvLabError for an unknown one or one out of range."""
        return np.asarray(self.make(**self._checked(parameters)), dtype=np.float64)

    def layer(self, channels: int, **parameters: float) -> layer_presets.LayerPresetResult:
        """The layer on `channels` inputs for these parameters; ConvLabError as for `kernel`, and without a channel."""
        if channels < 1:
            text = QT_TRANSLATE_NOOP("model", "{preset} needs at least one input channel.")
            raise ConvLabError(message(text, preset=self.name))
        result: layer_presets.LayerPresetResult = self.make(channels, **self._checked(parameters))
        return result

    def _checked(self, parameters: Mapping[str, float]) -> dict[str, float]:
        known = {parameter.name: parameter for parameter in self.parameters}
        checked = {}
        for name, value in parameters.items():
            if name not in known:
                text = QT_TRANSLATE_NOOP("model", "{preset} has no parameter '{name}'; it has: {names}.")
                raise ConvLabError(message(text, preset=self.name, name=name, names=", ".join(known) or "none"))
            checked[name] = self._in_range(known[name], value)
        return checked

    def _in_range(self, parameter: Parameter, value: float) -> float:
        if not parameter.minimum <= value <= parameter.maximum or (parameter.whole and value != int(value)):
            text = QT_TRANSLATE_NOOP("model", "{preset}: {name} is {value}, but must be {kind} from {low} to {high}.")
            kind = "a whole number" if parameter.whole else "a number"
            values = {"value": value, "kind": kind, "low": parameter.minimum, "high": parameter.maximum}
            raise ConvLabError(message(text, preset=self.name, name=parameter.name, **values))
        return int(value) if parameter.whole else float(value)


def preset(name: str) -> Preset:
    """The preset of this name; ConvLabError, with the nearest name, when there is none."""
    if name in PRESETS:
        return PRESETS[name]
    near = get_close_matches(name, PRESETS, 1, 0.4)
    if near:
        text = QT_TRANSLATE_NOOP("model", "There is no preset '{name}'; did you mean '{near}'?")
        raise ConvLabError(message(text, name=name, near=near[0]))
    raise ConvLabError(message(QT_TRANSLATE_NOOP("model", "There is no preset '{name}'."), name=name))


# Ranges end where a kernel would be larger than layers.conv_parameters.MAX_KERNEL, the most the window offers.
_SIGMA = Parameter("sigma", 1.0, 0.2, 16.0, 0.1, "standard deviation in pixels")
_AMOUNT = Parameter("amount", 1.0, 0.0, 10.0, 0.1, "how strong")
_SIZE = Parameter("size", 3, 1, 51, 2, "width and height in pixels")


def _angle(default: float, doc: str) -> Parameter:
    return Parameter("angle", default, -360.0, 360.0, 5.0, doc)


_BLUR = QT_TRANSLATE_NOOP("model", "Blur")
_SHARPEN = QT_TRANSLATE_NOOP("model", "Sharpen")
_EDGES = QT_TRANSLATE_NOOP("model", "Edges")
_SECOND = QT_TRANSLATE_NOOP("model", "Second derivative")
_TEXTURE = QT_TRANSLATE_NOOP("model", "Lines and texture")
_GEOMETRY = QT_TRANSLATE_NOOP("model", "Identity and shift")
_LAYERS = QT_TRANSLATE_NOOP("model", "Whole layer")

_GABOR = (
    Parameter("wavelength", 6.0, 2.0, 40.0, 0.5, "pixels a wave"),
    _angle(0.0, "direction in which the wave runs, degrees"),
    Parameter("sigma", 2.5, 0.5, 8.0, 0.1, "standard deviation of the envelope in pixels"),
    Parameter("gamma", 0.7, 0.5, 2.0, 0.05, "aspect of the envelope"),
    Parameter("phase", 0.0, -180.0, 180.0, 15.0, "degrees; 0 even, 90 odd"),
)
_SHIFT = (
    Parameter("right", 1, -25, 25, 1, "pixels to the right"),
    Parameter("down", 0, -25, 25, 1, "pixels down"),
)
_MOTION = (
    Parameter("length", 9.0, 1.0, 51.0, 1.0, "pixels"),
    _angle(0.0, "direction of the motion, degrees"),
)


def _line_preset(angle: int, title: str) -> Preset:
    def make() -> NDArray[np.float64]:
        return kernels.line(angle)

    make.__doc__ = kernels.line.__doc__
    return Preset(f"line-{angle}", title, "kernel", _TEXTURE, make)


_ALL = (
    Preset("identity", QT_TRANSLATE_NOOP("model", "Identity"), "kernel", _GEOMETRY, kernels.identity, (_SIZE,)),
    Preset("shift", QT_TRANSLATE_NOOP("model", "Shift"), "kernel", _GEOMETRY, kernels.shift, _SHIFT),
    Preset("box", QT_TRANSLATE_NOOP("model", "Box"), "kernel", _BLUR, kernels.box, (_SIZE,)),
    Preset("gaussian", QT_TRANSLATE_NOOP("model", "Gaussian"), "kernel", _BLUR, kernels.gaussian,
           (_SIGMA, Parameter("size", 0, 0, 101, 1, "width and height in pixels; 0: 2⌈3σ⌉ + 1"))),
    Preset("motion-blur", QT_TRANSLATE_NOOP("model", "Motion blur"), "kernel", _BLUR, kernels.motion_blur, _MOTION),
    Preset("sharpen", QT_TRANSLATE_NOOP("model", "Sharpen"), "kernel", _SHARPEN, kernels.sharpen, (_AMOUNT,)),
    Preset("unsharp-mask", QT_TRANSLATE_NOOP("model", "Unsharp mask"), "kernel", _SHARPEN, kernels.unsharp_mask,
           (_SIGMA, _AMOUNT)),
    Preset("emboss", QT_TRANSLATE_NOOP("model", "Emboss"), "kernel", _SHARPEN, kernels.emboss,
           (_angle(135.0, "where the light comes from, degrees"),)),
    Preset("sobel-x", QT_TRANSLATE_NOOP("model", "Sobel x"), "kernel", _EDGES, kernels.sobel_x),
    Preset("sobel-y", QT_TRANSLATE_NOOP("model", "Sobel y"), "kernel", _EDGES, kernels.sobel_y),
    Preset("scharr-x", QT_TRANSLATE_NOOP("model", "Scharr x"), "kernel", _EDGES, kernels.scharr_x),
    Preset("scharr-y", QT_TRANSLATE_NOOP("model", "Scharr y"), "kernel", _EDGES, kernels.scharr_y),
    Preset("prewitt-x", QT_TRANSLATE_NOOP("model", "Prewitt x"), "kernel", _EDGES, kernels.prewitt_x),
    Preset("prewitt-y", QT_TRANSLATE_NOOP("model", "Prewitt y"), "kernel", _EDGES, kernels.prewitt_y),
    Preset("roberts-1", QT_TRANSLATE_NOOP("model", "Roberts ↘"), "kernel", _EDGES, kernels.roberts_1),
    Preset("roberts-2", QT_TRANSLATE_NOOP("model", "Roberts ↗"), "kernel", _EDGES, kernels.roberts_2),
    Preset("laplacian-4", QT_TRANSLATE_NOOP("model", "Laplacian (4)"), "kernel", _SECOND, kernels.laplacian4),
    Preset("laplacian-8", QT_TRANSLATE_NOOP("model", "Laplacian (8)"), "kernel", _SECOND, kernels.laplacian8),
    Preset("log", QT_TRANSLATE_NOOP("model", "Laplacian of Gaussian"), "kernel", _SECOND,
           kernels.laplacian_of_gaussian, (Parameter("sigma", 1.4, 0.5, 8.0, 0.1, "standard deviation in pixels"),)),
    Preset("dog", QT_TRANSLATE_NOOP("model", "Difference of Gaussians"), "kernel", _SECOND,
           kernels.difference_of_gaussians,
           (Parameter("sigma", 1.0, 0.3, 4.0, 0.1, "the narrower standard deviation in pixels"),
            Parameter("ratio", 1.6, 1.05, 4.0, 0.05, "wider over narrower"))),
    Preset("gabor", QT_TRANSLATE_NOOP("model", "Gabor"), "kernel", _TEXTURE, kernels.gabor, _GABOR),
    _line_preset(0, QT_TRANSLATE_NOOP("model", "Line —")),
    _line_preset(45, QT_TRANSLATE_NOOP("model", "Line ╱")),
    _line_preset(90, QT_TRANSLATE_NOOP("model", "Line │")),
    _line_preset(135, QT_TRANSLATE_NOOP("model", "Line ╲")),
    Preset("sobel-bank", QT_TRANSLATE_NOOP("model", "Sobel x and y"), "layer", _LAYERS, layer_presets.sobel_bank),
    Preset("edge-bank", QT_TRANSLATE_NOOP("model", "Eight edge directions"), "layer", _LAYERS,
           layer_presets.edge_bank),
    Preset("luminance", QT_TRANSLATE_NOOP("model", "Luminance"), "layer", _LAYERS, layer_presets.luminance),
    Preset("opponent", QT_TRANSLATE_NOOP("model", "Opponent colours"), "layer", _LAYERS, layer_presets.opponent),
    Preset("channel-swap", QT_TRANSLATE_NOOP("model", "Channel swap"), "layer", _LAYERS, layer_presets.channel_swap),
    Preset("each-channel", QT_TRANSLATE_NOOP("model", "Each channel as it is"), "layer", _LAYERS,
           layer_presets.each_channel),
    Preset("depthwise-blur", QT_TRANSLATE_NOOP("model", "Blur each channel (depthwise)"), "layer", _LAYERS,
           layer_presets.depthwise_blur, (Parameter("sigma", 2.0, 0.2, 10.0, 0.1, "standard deviation in pixels"),)),
    Preset("depthwise-sharpen", QT_TRANSLATE_NOOP("model", "Sharpen each channel (depthwise)"), "layer", _LAYERS,
           layer_presets.depthwise_sharpen, (_AMOUNT,)),
    Preset("unfold", QT_TRANSLATE_NOOP("model", "Unfold: a map for each tap"), "layer", _LAYERS,
           layer_presets.unfold, (Parameter("size", 3, 1, 5, 1, "rows and columns of the window"),)),
    Preset("causal-average", QT_TRANSLATE_NOOP("model", "Causal moving average (Conv1d)"), "layer", _LAYERS,
           layer_presets.causal_average, (Parameter("size", 4, 1, 101, 1, "samples"),)),
    Preset("temporal-difference", QT_TRANSLATE_NOOP("model", "Temporal difference (Conv3d)"), "layer", _LAYERS,
           layer_presets.temporal_difference),
)  # fmt: skip

PRESETS: dict[str, Preset] = {each.name: each for each in _ALL}
"""Every preset by its name, in the order of the menus."""
