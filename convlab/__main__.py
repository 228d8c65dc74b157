"""`convlab`: the window, or the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches

COMMANDS = {
    "apply": "convolve photos without a window",
    "kernels": "list the presets with their parameters",
    "bench": "measure this machine's speed",
    "help": "this text; 'convlab help apply' for a command's",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with these arguments (the process's own when None); the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["help"] and arguments[1:] and arguments[1] not in COMMANDS:
        print(f"convlab: there is no command '{arguments[1]}'; there are {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    if arguments and arguments[0] == "help":
        arguments = [*[name for name in arguments[1:2] if name in COMMANDS and name != "help"], "--help"]
    if arguments and arguments[0] in COMMANDS:
        if arguments[0] == "bench":
            from convlab.bench import main as bench

            return bench(arguments[1:])
        from convlab.cli import main as command_line

        return command_line(arguments)
    mistaken = _mistaken(arguments[0]) if arguments else ""
    if mistaken:
        print(mistaken, file=sys.stderr)
        return 2
    return _window(_parser().parse_args(arguments))


def _mistaken(word: str) -> str:
    """What to say of a word that is nearly a command, and no file; '' of all others."""
    from convlab.cli.terminal import quoted

    near = get_close_matches(word.lower(), COMMANDS, 1, 0.6) if word.isalpha() else []
    if not near or os.path.lexists(word):
        return ""
    return f"convlab: there is no command and no file {quoted(word)}; did you mean 'convlab {near[0]}'?"


def _window(options: argparse.Namespace) -> int:
    if options.grab:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    else:
        from convlab.ui.display_check import why_no_window

        reason = why_no_window()
        if reason:
            print(reason, file=sys.stderr)
            return 1
    from convlab.ui.application import Start, run

    return run(Start(options.photo, options.scheme, options.grab, options.size))


def _parser() -> argparse.ArgumentParser:
    from importlib.metadata import version

    from convlab.cli.terminal import Parser
    from convlab.io.formats.register import names
    from convlab.model.message import either

    commands = "\n".join(f"  {name:<9}{what}" for name, what in COMMANDS.items())
    parser = Parser(
        prog="convlab",
        usage="%(prog)s [COMMAND] [options] [PHOTO]",
        description="A playground for convolution. Without a command the window opens, on PHOTO or a bundled photo.",
        epilog=f"commands:\n{commands}\n\n'convlab COMMAND --help' tells of each.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    opened = f"{either(names())}; a session (.convlab) or a lesson (.json)"
    parser.add_argument("photo", nargs="?", metavar="PHOTO", help=opened)
    parser.add_argument("--grab", metavar="FILE.png", help="draw the window without a display, save its picture")
    parser.add_argument("--scale", type=_scale, default=1.0, help="with --grab: device pixels a logical pixel")
    parser.add_argument("--size", type=_size, metavar="WxH", help="the window's size in logical pixels")
    scheme = parser.add_mutually_exclusive_group()
    scheme.add_argument(
        "--light", dest="scheme", action="store_const", const="light", help="light, whatever the system"
    )
    scheme.add_argument("--dark", dest="scheme", action="store_const", const="dark", help="dark, whatever the system")
    parser.add_argument("--version", action="version", version=f"convlab {version('convlab')}")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 0 < int(width) <= 10_000 and 0 < int(height) <= 10_000):
        raise argparse.ArgumentTypeError(f"'{text}' is not like 1280x800")
    return int(width), int(height)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.5 <= scale <= 4:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number between 0.5 and 4")
    return scale


if __name__ == "__main__":
    sys.exit(main())
