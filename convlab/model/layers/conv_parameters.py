"""The parameters of convolutions, without numpy: the command line's help reads them too, and comes at once."""

from __future__ import annotations

from collections.abc import Iterable

from convlab.model.layer import DTYPES, KINDS, PADDING_MODES
from convlab.model.layers.parameters import AxisSizes, Choice, Flag, Parameter, WholeNumber
from convlab.model.message import QT_TRANSLATE_NOOP

MOST_CHANNELS, MAX_KERNEL, MOST_STEP, MOST_PADDING = 4096, 101, 1024, 4096
"""Of a layer, in files and in the form."""


def _same_text(words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Choices shown by torch's own words, which are not translated."""
    return tuple((word, word) for word in words)


CONV_PARAMETERS: tuple[Parameter, ...] = (
    Choice(
        "kind",
        QT_TRANSLATE_NOOP(
            "model",
            "Conv2d gathers: each output is a sum over a window of the input. ConvTranspose2d scatters: each input "
            "pixel adds the kernel, times its value, to the output; with stride 2 the map gets twice the size. "
            "The lazy classes take in_channels from their first input",
        ),
        _same_text(KINDS),
        title="layer",
    ),
    WholeNumber(
        "in_channels",
        QT_TRANSLATE_NOOP("model", "How many channels the layer reads: the first ones of the input"),
        1,
        MOST_CHANNELS,
    ),
    WholeNumber(
        "out_channels",
        QT_TRANSLATE_NOOP("model", "How many feature maps the layer makes; each has kernels and a bias of its own"),
        1,
        MOST_CHANNELS,
    ),
    AxisSizes("kernel_size", QT_TRANSLATE_NOOP("model", "Rows and columns of each kernel"), 1, MAX_KERNEL, paired=True),
    AxisSizes(
        "stride",
        QT_TRANSLATE_NOOP("model", "Pixels from one window to the next: 2 gives a map of half the height and width"),
        1,
        MOST_STEP,
        paired=True,
    ),
    AxisSizes(
        "padding",
        QT_TRANSLATE_NOOP(
            "model",
            "Rows and columns added around the input: in numbers, 'same' (the map gets the input's size) or "
            "'valid' (none)",
        ),
        0,
        MOST_PADDING,
        ("same", "valid", "causal"),
        paired=True,
    ),
    AxisSizes(
        "output_padding",
        QT_TRANSLATE_NOOP(
            "model",
            "Rows and columns more at the bottom and right of the output: which of the sizes that a strided Conv2d "
            "maps to this input is meant",
        ),
        0,
        MOST_STEP,
        paired=True,
        when=("transposed", True),
    ),
    AxisSizes(
        "dilation",
        QT_TRANSLATE_NOOP("model", "Pixels from one kernel element to the next: 2 leaves out every other pixel"),
        1,
        MOST_STEP,
        paired=True,
    ),
    WholeNumber(
        "groups",
        QT_TRANSLATE_NOOP(
            "model",
            "Parts that the channels are split into; each output reads only its own part. "
            "As many groups as channels: a depthwise layer",
        ),
        1,
        MOST_CHANNELS,
    ),
    Flag(
        "bias",
        QT_TRANSLATE_NOOP("model", "Whether a number of its own is added to each feature map"),
        text=QT_TRANSLATE_NOOP("model", "one per output"),
    ),
    Choice(
        "padding_mode",
        QT_TRANSLATE_NOOP(
            "model",
            "What the added rows and columns hold: zeros, the picture mirrored (reflect), its edge repeated "
            "(replicate), or its other side (circular)",
        ),
        _same_text(PADDING_MODES),
    ),
    Choice(
        "device",
        QT_TRANSLATE_NOOP("model", "Where torch computes: the processor (cpu) or a graphics card (cuda)"),
        (),
    ),
    Choice("dtype", QT_TRANSLATE_NOOP("model", "Type of the numbers that torch computes with"), _same_text(DTYPES)),
)
