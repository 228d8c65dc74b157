"""Runs the code that is shown for a layer or a stack, as if it were pasted into a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from convlab.model.document import Document
from convlab.model.stack_code import CodeStyle, layer_code, network_code

RUN = """
import numpy, sys
names = {}
exec(compile(open(sys.argv[1] + "/code.py").read(), "code.py", "exec"), names)
torch = names["torch"]
x = torch.from_numpy(numpy.load(sys.argv[1] + "/in.npy"))
with torch.no_grad():
    numpy.save(sys.argv[1] + "/out.npy", names.get("model", names.get("layer"))(x)[0].numpy())
"""


def layer_output(document: Document, x: np.ndarray, folder: Path) -> np.ndarray:
    """What `layer` makes of x [1, C, …], without the batch."""
    return _output(layer_code(document), x, folder)


def network_output(document: Document, style: CodeStyle, x: np.ndarray, folder: Path) -> np.ndarray:
    """What `model` makes of it."""
    return _output(network_code(document, style), x, folder)


def _output(code: str, x: np.ndarray, folder: Path) -> np.ndarray:
    (folder / "code.py").write_text(code)
    np.save(folder / "in.npy", x)
    subprocess.run([sys.executable, "-c", RUN, str(folder)], check=True)
    return np.asarray(np.load(folder / "out.npy"))
