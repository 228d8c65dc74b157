"""The command line: `convlab apply` and `convlab kernels`; no Qt."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from convlab.cli.arguments import parser, with_signs
from convlab.cli.terminal import line


def main(arguments: Sequence[str]) -> int:
    """Run a subcommand: 0 when all went well, 1 when some photo failed, 2 on bad arguments, 130 on Ctrl-C."""
    from convlab.model.message import ConvLabError

    try:
        options = parser().parse_args(with_signs(arguments))
        if options.command == "kernels":
            from convlab.cli.kernels import list_presets

            print(list_presets(), flush=True)
            return 0
        from convlab.cli.apply import apply

        return apply(options)
    except SystemExit as stop:  # argparse: --help is 0, bad arguments are 2
        return stop.code if isinstance(stop.code, int) else 2
    except ConvLabError as error:
        print(line(f"convlab {arguments[0]}: {error}"), file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader, head say, has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
