"""torch's threads hardly spin while they wait, whoever brings torch in, unless the user wants it so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from convlab.engine import SPINS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="torch brings GNU's OpenMP on Linux alone")

ENGINE = "import convlab.engine.device"
ENTRIES = {
    "engine": ENGINE,
    "apply": "from convlab.__main__ import main; main(['apply', 'a.png', '--out', 'out', '--kernel', 'sobel-x'])",
    "window": "from convlab.__main__ import main; main(['--grab', 'window.png'])",
    "bench": "from convlab.bench.full_size import ours; ours('dense', 0.01)",
}
MINE = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def settings_of_openmp(program: str, folder: Path, **of_user: str) -> dict[str, str]:
    """What OpenMP itself says that it is set to, as it is loaded."""
    others = {name: value for name, value in os.environ.items() if name not in MINE}
    environment = {**others, "QT_QPA_PLATFORM": "offscreen", "OMP_DISPLAY_ENV": "verbose", **of_user}
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=110, check=True
    )
    pairs = (line.partition("=") for line in done.stderr.splitlines() if "=" in line)
    return {name.strip(): value.strip(" '") for name, _, value in pairs}


@pytest.mark.parametrize("entry", ENTRIES)
def test_threads_hardly_spin(entry: str, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
    assert settings_of_openmp(ENTRIES[entry], tmp_path)["GOMP_SPINCOUNT"] == SPINS


def test_a_users_own_number_stays(tmp_path: Path) -> None:
    assert settings_of_openmp(ENGINE, tmp_path, GOMP_SPINCOUNT="77")["GOMP_SPINCOUNT"] == "77"


def test_threads_that_a_user_wants_active_are(tmp_path: Path) -> None:
    """Then OpenMP's own number holds, as if torch were alone."""
    found, own = (
        settings_of_openmp(program, tmp_path, OMP_WAIT_POLICY="active") for program in (ENGINE, "import torch")
    )
    assert found["OMP_WAIT_POLICY"] == own["OMP_WAIT_POLICY"] == "ACTIVE"
    assert found["GOMP_SPINCOUNT"] == own["GOMP_SPINCOUNT"] != SPINS
