#!/usr/bin/env python3
"""Sets ConvLab up and starts it: `python3 run.py [PHOTO …]`; `python3 run.py test` runs the tests.

Needs Python 3.11 or newer and nothing else. What it needs goes into .venv beside this file, as constraints.txt pins it,
and again only when pyproject.toml or constraints.txt have changed. Each command is printed before it is run. `--yes`
answers the one question that there may be: whether to install system libraries that Qt needs.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "convlab-installed"
LEAST = (3, 11)
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""torch's own index of builds without CUDA, a tenth of the size."""
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""What Qt loads on Linux and does not bring, and Debian's package of each."""


def main(arguments: list[str]) -> int:
    """Set up, then become the program or its tests."""
    if sys.version_info < LEAST:
        have = ".".join(map(str, sys.version_info[:3]))
        print(f"ConvLab needs Python 3.11 or newer; this is {have}. Run it as python3.11 run.py, say.")
        return 1
    agreed = "--yes" in arguments
    arguments = [argument for argument in arguments if argument != "--yes"]
    tests = arguments == ["test"]
    try:
        install(tests)
    except subprocess.CalledProcessError as error:
        print(f"This command failed: {shlex.join(map(str, error.cmd))}. Mend what it says, and run this again.")
        return 1
    if not system_libraries(agreed):
        return 1
    return become(["-m", "pytest", "-n", "auto"] if tests else ["-m", "convlab", *arguments])


def install(tests: bool) -> None:
    """Make .venv and fill it, unless that was done for these very files."""
    wanted = stamp()
    found = STAMP.read_text(encoding="ascii").split() if STAMP.exists() and PYTHON.exists() else []
    if found and found[0] == wanted and (found[1] == "dev" or not tests):
        return
    if not PYTHON.exists():
        make_venv()
    if not has_torch() and not has_nvidia() and sys.platform == "linux":
        torch_for_cpu()
    what = ".[dev]" if tests or (found and found[1:] == ["dev"]) else "."
    run([PYTHON, "-m", "pip", "install", "-c", "constraints.txt", "-e", what])
    STAMP.write_text(f"{wanted} {'dev' if what != '.' else 'app'}", encoding="ascii")


def stamp() -> str:
    """Of the files that say what is installed, and of the Python that they are installed for."""
    seen = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        seen.update((ROOT / name).read_bytes())
    return seen.hexdigest()


def make_venv() -> None:
    """Debian has what it takes in a package of its own."""
    try:
        run([sys.executable, "-m", "venv", VENV])
    except subprocess.CalledProcessError:
        if sys.platform == "linux" and shutil.which("apt-get"):
            version = ".".join(map(str, sys.version_info[:2]))
            print(f"On Debian and Ubuntu this takes the package python{version}-venv: apt install python{version}-venv")
        raise


def torch_for_cpu() -> None:
    """torch without CUDA; where its index cannot be reached, the one that is installed with the rest will do."""
    pin = next(line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch=="))
    options = ["--index-url", CPU_INDEX, "--no-deps", "--retries", "0", "--timeout", "5"]
    try:
        run([PYTHON, "-m", "pip", "install", *options, pin])
    except subprocess.CalledProcessError:
        print("torch's index of CPU builds gave none: the usual build is taken.")


def has_torch() -> bool:
    """Whether .venv has some torch."""
    return any(VENV.glob("lib/python*/site-packages/torch")) or (VENV / "Lib/site-packages/torch").exists()


def has_nvidia() -> bool:
    """Whether there is an NVIDIA driver."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def system_libraries(agreed: bool) -> bool:
    """Whether Qt finds what it loads; what is missing is named, and installed where that may be and is wanted."""
    missing = missing_libraries()
    if not missing:
        return True
    print(f"Qt needs system libraries that are not here: {', '.join(missing)}.")
    if not shutil.which("apt-get"):
        print("Install them with your system's package manager, then run this again.")
        return False
    command = ["apt-get", "install", "-y", *(LIBRARIES[name] for name in missing)]
    if os.geteuid() != 0:
        command = ["sudo", *command]
    print(f"This line brings them: {shlex.join(command)}")
    if not agreed and not (sys.stdin.isatty() and input("Run it now? [y/N] ").strip().lower() in ("y", "yes")):
        return False
    try:
        run(command)
    except (subprocess.CalledProcessError, FileNotFoundError):
        print("That did not work. `apt-get update` before it may help.")
        return False
    return not missing_libraries()


def missing_libraries() -> list[str]:
    """Those of Qt's that the loader does not find; none where it is not Linux."""
    if sys.platform != "linux":
        return []
    missing = []
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def run(command: list[object]) -> None:
    """Print a command, then run it here; CalledProcessError when it fails."""
    words = [str(word) for word in command]
    print(f"+ {shlex.join(words)}", flush=True)
    subprocess.run(words, cwd=ROOT, check=True)


def become(arguments: list[str]) -> int:
    """.venv's Python in this process's place, so that what ends this one ends it."""
    words = [str(PYTHON), *arguments]
    print(f"+ {shlex.join(words)}", flush=True)
    if arguments[:2] == ["-m", "pytest"]:
        os.chdir(ROOT)
    if os.name == "nt":
        return subprocess.run(words, check=False).returncode
    os.execv(words[0], words)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
