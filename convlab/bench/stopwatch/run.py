"""`python -P run.py TASK ARGUMENT`, with the measured program on PYTHONPATH: starts the stopwatch beside it.

`import convlab` is that program; this folder is taken by its place, under a name of its own.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

NAME = "stopwatch"


def main() -> None:
    """Load the folder that this file is in as the package `stopwatch`, and serve."""
    folder = Path(__file__).parent
    spec = spec_from_file_location(NAME, folder / "__init__.py", submodule_search_locations=[str(folder)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules[NAME] = package = module_from_spec(spec)
    spec.loader.exec_module(package)
    import_module(f"{NAME}.worker").main(sys.argv[1:])


if __name__ == "__main__":
    main()
