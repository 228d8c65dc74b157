"""The options of the command line, named as torch names them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from functools import partial

from convlab.cli.format_texts import read_formats, written_formats
from convlab.cli.parameter_options import add_parameters, whole_from
from convlab.cli.terminal import Parser
from convlab.export.register import formats
from convlab.io.formats.register import names
from convlab.model.layer import ACTIVATIONS
from convlab.model.message import either, every
from convlab.model.view import COLORMAPS, NEGATIVES, NORMALIZE

APPLY = """Apply one convolution layer to photos, exactly as torch.nn.Conv2d (with --transposed ConvTranspose2d) does
to the photo scaled to 0…1. Weights of 3 axes are Conv1d's and read signals, of 5 axes Conv3d's and read all frames.

A preset of one kernel, and weights of 2 axes, are applied to each channel by themselves (groups = in_channels),
unless --out-channels or --groups is given: then they go into every (output, input) pair. A preset's parameters
follow its name: --kernel gaussian:sigma=2.5,size=15. `convlab kernels` lists the presets. What is not given is
torch's default, padding 0 included.

Results are named by photo and kernel: astronaut_sobel-x_out0.png. What is there already is never replaced unasked."""
READ, WRITTEN = "files that are read:", "--format:"

_NUMBERS = re.compile(r"-[\d.][\d.,eE+-]*")


def parser() -> argparse.ArgumentParser:
    """Both subcommands. An option that is not given is None, so that one given in vain can be told."""
    top = Parser(prog="convlab")
    commands = top.add_subparsers(dest="command", required=True)
    commands.add_parser("kernels", help="list the presets with their parameters")
    apply = commands.add_parser(
        "apply",
        help="convolve photos",
        description=APPLY,
        epilog="\n\n".join((_listed(READ, read_formats()), _listed(WRITTEN, written_formats()))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    read = f"{either(names('picture'))}; under layers of signals {either(names('signal'))}"
    apply.add_argument("photos", nargs="+", metavar="PHOTO", help=read)
    apply.add_argument(
        "--frame", type=partial(whole_from, 1), metavar="N", help="of a file with several frames, from 1"
    )
    _add_weights(apply)
    _add_layer(apply)
    _add_output(apply)
    return top


def with_signs(arguments: Sequence[str]) -> list[str]:
    """The arguments with '--range', '-2,2' as one: argparse takes what begins with a minus for an option."""
    joined: list[str] = []
    for argument in arguments:
        last = joined[-1] if joined else ""
        if last.startswith("--") and len(last) > 2 and "=" not in last and _NUMBERS.fullmatch(argument):
            joined[-1] = f"{last}={argument}"
        else:
            joined.append(argument)
    return joined


def _add_weights(apply: argparse.ArgumentParser) -> None:
    group = apply.add_argument_group("weights")
    source = group.add_mutually_exclusive_group(required=True)
    source.add_argument("--kernel", metavar="NAME[:PARAMETER=VALUE,…]", help="a preset")
    source.add_argument("--session", metavar="S.convlab", help="a session's layers; the maps are the last one's")
    weights = "[out_channels, in_channels / groups, kH, kW] or one kernel [kH, kW]; Conv1d's [.., .., kW], Conv3d's"
    source.add_argument("--weights", metavar="W.npy", help=f"{weights} [.., .., kD, kH, kW]")
    group.add_argument("--bias", metavar="B.npy", help="[out_channels]; without it there is no bias")


def _add_layer(apply: argparse.ArgumentParser) -> None:
    group = apply.add_argument_group("layer (torch.nn.Conv2d or ConvTranspose2d)")
    transposed = "ConvTranspose2d; W.npy has its first axes exchanged"
    group.add_argument("--transposed", action="store_const", const=True, help=transposed)
    add_parameters(group)
    group.add_argument("--activation", choices=ACTIVATIONS, help="applied after the layer")
    group.add_argument("--channels", metavar="R,G,B", help="which channels, in which order; alpha only when named")


def _add_output(apply: argparse.ArgumentParser) -> None:
    group = apply.add_argument_group("output")
    group.add_argument("--out", required=True, metavar="DIR", help="folder for the results, made when missing")
    there = group.add_mutually_exclusive_group()
    there.add_argument("--overwrite", action="store_true", help="replace results that are there already")
    there.add_argument("--skip-existing", action="store_true", help="keep them: go on with a batch that broke off")
    unscaled = every(sorted(each.name for each in formats() if each.unscaled))
    choices = tuple(each.name for each in formats())
    group.add_argument("--format", choices=choices, default=choices[0], help=f"{unscaled} hold unscaled values")
    group.add_argument(
        "--normalize", choices=NORMALIZE, help="what is black and white in pictures; robust unless given"
    )
    group.add_argument("--range", type=_numbers, metavar="LOW,HIGH", help="of --normalize fixed; -1,1 unless given")
    percentiles = "of --normalize percentile; 1,99 unless given"
    group.add_argument("--percentiles", type=_percentiles, metavar="LOW,HIGH", help=percentiles)
    group.add_argument("--negatives", choices=NEGATIVES)
    group.add_argument("--colormap", choices=COLORMAPS)


def _listed(title: str, lines: Iterable[tuple[str, str]]) -> str:
    """Under each other, as argparse sets options."""
    return "\n".join((title, *(f"  {name:<8}{what}" for name, what in lines)))


def _numbers(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = 0.0
    if not -1e38 <= low < high <= 1e38:
        raise argparse.ArgumentTypeError(f"'{text}' is not two numbers like -1,1, the smaller first")
    return low, high


def _percentiles(text: str) -> tuple[float, float]:
    low, high = _numbers(text)
    if low < 0 or high > 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not within 0,100")
    return low, high
