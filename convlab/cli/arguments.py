"""The options of the command line, named as torch names them."""

from __future__ import annotations

import argparse

from convlab.model.layer import ACTIVATIONS, DTYPES, PADDING_MODES
from convlab.model.view import COLORMAPS, NEGATIVES, NORMALIZE

APPLY = """Apply one convolution layer to photos, exactly as torch.nn.Conv2d (with --transposed ConvTranspose2d) does
to the photo scaled to 0…1.

A preset of one kernel is applied to each channel by itself (groups = in_channels), unless --out-channels or
--groups is given: then it goes into every (output, input) pair. Its parameters follow the name:
--kernel gaussian:sigma=2.5,size=15. `convlab kernels` lists the presets. What is not given is torch's
default, padding 0 included."""


def parser() -> argparse.ArgumentParser:
    """Both subcommands."""
    top = argparse.ArgumentParser(prog="convlab")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("kernels", help="list the presets with their parameters")
    apply = commands.add_parser(
        "apply", help="convolve photos", description=APPLY, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    apply.add_argument("photos", nargs="+", metavar="PHOTO")
    apply.add_argument("--out", required=True, metavar="DIR", help="folder for the results, made when missing")
    _add_weights(apply)
    _add_layer(apply)
    _add_output(apply)
    return top


def _add_weights(apply: argparse.ArgumentParser) -> None:
    group = apply.add_argument_group("weights")
    either = group.add_mutually_exclusive_group(required=True)
    either.add_argument("--kernel", metavar="NAME[:PARAMETER=VALUE,…]", help="a preset")
    either.add_argument("--session", metavar="S.convlab", help="a session's layers; the maps are the last one's")
    either.add_argument("--weights", metavar="W.npy", help="[out_channels, in_channels / groups, kH, kW]")
    group.add_argument("--bias", metavar="B.npy", help="[out_channels]; without it there is no bias")


def _add_layer(apply: argparse.ArgumentParser) -> None:
    group = apply.add_argument_group("layer (torch.nn.Conv2d or ConvTranspose2d)")
    group.add_argument("--transposed", action="store_true", help="ConvTranspose2d; W.npy has its first axes exchanged")
    group.add_argument("--out-channels", type=_positive, metavar="N")
    group.add_argument("--kernel-size", type=_sizes, metavar="N|H,W", help="pads a preset about its centre")
    group.add_argument("--stride", type=_sizes, default=(1, 1), metavar="N|H,W")
    group.add_argument("--padding", type=_padding, default=(0, 0), metavar="N|H,W|same|valid")
    group.add_argument("--output-padding", type=_sizes, default=(0, 0), metavar="N|H,W", help="of --transposed")
    group.add_argument("--dilation", type=_sizes, default=(1, 1), metavar="N|H,W")
    group.add_argument("--groups", type=_positive, metavar="N")
    group.add_argument("--padding-mode", choices=PADDING_MODES, default="zeros")
    group.add_argument("--device", default="cpu", metavar="cpu|cuda:0")
    group.add_argument("--dtype", choices=tuple(DTYPES), default="float32")
    group.add_argument("--activation", choices=ACTIVATIONS, default="none", help="applied after the layer")
    group.add_argument("--channels", metavar="R,G,B", help="which channels, in which order; alpha only when named")


def _add_output(apply: argparse.ArgumentParser) -> None:
    group = apply.add_argument_group("output")
    formats = ("png", "png16", "tiff", "npy", "rgb", "sheet", "csv")
    group.add_argument(
        "--format", choices=formats, default="png", help="npy, tiff and csv (of signals) hold unscaled values"
    )
    group.add_argument("--normalize", choices=NORMALIZE, default="per-map", help="what is black and white in pictures")
    group.add_argument("--range", type=_numbers, default=(-1.0, 1.0), metavar="LOW,HIGH", help="of --normalize fixed")
    group.add_argument("--percentiles", type=_percentiles, default=(1.0, 99.0), metavar="LOW,HIGH")
    group.add_argument("--negatives", choices=NEGATIVES, default="keep")
    group.add_argument("--colormap", choices=COLORMAPS, default="gray")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 on")
    return int(text)


def _sizes(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) not in (1, 2) or not all(part.strip().isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number or two like 3,5")
    return int(parts[0]), int(parts[-1])


def _padding(text: str) -> tuple[int, int] | str:
    return text if text in ("same", "valid") else _sizes(text)


def _numbers(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = 0.0
    if not low < high:
        raise argparse.ArgumentTypeError(f"'{text}' is not two numbers like -1,1, the smaller first")
    return low, high


def _percentiles(text: str) -> tuple[float, float]:
    low, high = _numbers(text)
    if low < 0 or high > 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not within 0,100")
    return low, high
