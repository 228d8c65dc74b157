"""Options that contradict, that would be ignored, or that fit no photo are one sentence and status 2."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photo_files import Run, names, save_photo

from convlab.__main__ import main
from convlab.io.arrays import MOST_NUMBERS, read_array
from convlab.io.sessions import save_session
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError
from convlab.model.source import Source
from convlab.model.view import ViewState

CASES = Path(__file__).parents[1] / "fixtures" / "cases"
BOX = ("--kernel", "box")
IGNORED = [
    *[("session", *option) for option in (
        ("--activation", "relu"), ("--dtype", "float32"), ("--stride", "1"), ("--padding", "0"), ("--dilation", "1"),
        ("--output-padding", "0"), ("--transposed",), ("--groups", "1"), ("--out-channels", "3"),
        ("--kernel-size", "3"), ("--padding-mode", "zeros"), ("--bias", "b.npy"),
    )],
    ("box", "--output-padding", "1"),
    ("box", "--padding-mode", "reflect"),
    ("box", "--padding-mode", "reflect", "--padding", "valid"),
    ("box", "--range", "0,1"),
    ("box", "--percentiles", "1,99"),
    ("box", "--range", "0,1", "--normalize", "percentile"),
    ("box", "--format", "npy", "--normalize", "fixed"),
    ("box", "--format", "tiff", "--colormap", "viridis"),
    ("box", "--format", "npy", "--negatives", "clip"),
    ("box", "--format", "png16", "--colormap", "viridis"),
    ("box", "--format", "rgb", "--colormap", "gray"),
    ("sobel-bank", "--groups", "3"),
    ("sobel-bank", "--out-channels", "2"),
    ("sobel-bank", "--kernel-size", "5"),
    ("causal-average", "--padding", "1", "--format", "csv"),
]  # fmt: skip
IMPOSSIBLE = [
    ("--out-channels", "1000000000"),
    ("--kernel-size", "100000,100000"),
    ("--kernel-size", "999999999999"),
    ("--kernel-size", "2"),
    ("--kernel-size", "0"),
    ("--kernel-size", "3,3,3"),
    ("--stride", "0"),
    ("--stride", "1,2,3"),
    ("--dilation", "0,1"),
    ("--padding", "same", "--stride", "2"),
    ("--padding", "causal"),
    ("--padding", "1000000000"),
    ("--transposed", "--padding", "same"),
    ("--transposed", "--padding", "1", "--padding-mode", "reflect"),
    ("--transposed", "--output-padding", "1"),
    ("--groups", "2", "--out-channels", "3"),
    ("--groups", "5", "--channels", "R,G,B"),
    ("--channels", "R,G,r"),
    ("--channels", "R,,G"),
    ("--format", "csv"),
    ("--format", "rgb", "--channels", "R,G"),
    ("--range", "1e400,2", "--normalize", "fixed"),
    ("--frame", "0"),
    ("--overwrite", "--skip-existing"),
]


def one_sentence(error: str) -> str:
    """What was said, after argparse's usage."""
    assert "Traceback" not in error
    lines = [line for line in error.splitlines() if line.startswith("convlab")]
    assert len(lines) == 1, error
    return lines[0]


@pytest.fixture
def session(tmp_path: Path) -> Path:
    spec = ConvSpec(3, 2, padding=(0, 0))
    document = new_document(
        Source("x", np.zeros((5, 5, 3), np.uint8), ("R", "G", "B"), 255.0), spec, np.ones((2, 3, 3, 3))
    )
    save_session(tmp_path / "s.convlab", document, ViewState())
    return tmp_path / "s.convlab"


@pytest.mark.parametrize("case", IGNORED, ids=" ".join)
def test_what_would_be_ignored_is_refused(
    apply: Run, photo: Path, out: Path, session: Path, case: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    what, *options = case
    weights = ("--session", session) if what == "session" else ("--kernel", what)
    assert apply(photo, *weights, *options) == 2
    said = one_sentence(capsys.readouterr().err)
    assert any(option in said for option in options if option.startswith("--"))
    assert not out.exists()


@pytest.mark.parametrize("options", IMPOSSIBLE, ids=" ".join)
def test_what_no_photo_could_satisfy_is_said_once(
    apply: Run, photo: Path, out: Path, tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    save_photo(tmp_path / "other.png", channels=1)
    assert apply(photo, tmp_path / "other.png", *BOX, *options) == 2
    one_sentence(capsys.readouterr().err.replace("convlab apply: error", "convlab apply"))
    assert not out.exists()


def test_what_depends_on_the_photo_is_its_own_line(
    apply: Run, photo: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small, gray = tmp_path / "small.png", tmp_path / "gray.png"
    save_photo(small, (5, 5))
    save_photo(gray, channels=1)
    options = ("--kernel-size", "9", "--groups", "3", "--out-channels", "3", "--format", "npy")
    assert apply(small, photo, gray, *BOX, *options) == 1
    lines = capsys.readouterr().err.splitlines()
    assert ["small.png" in lines[0], "gray.png" in lines[1], len(lines)] == [True, True, 2]
    assert names(out) == ["photo_box.npy"]


def test_a_range_with_a_minus_is_taken_as_written(apply: Run, photo: Path, out: Path) -> None:
    assert apply(photo, *BOX, "--normalize", "fixed", "--range", "-2,2") == 0
    assert apply(photo, "--kernel", "sobel-x", "--normalize", "fixed", "--range", "-.5,1e1") == 0
    assert len(names(out)) == 6


# Files of weights


def test_a_header_that_is_no_python_is_one_sentence(
    apply: Run, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(photo, "--weights", CASES / "cut-header.npy") == 2
    assert "“" in one_sentence(capsys.readouterr().err)


def test_a_sessions_range_of_one_number_is_one_sentence(
    apply: Run, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(photo, "--session", CASES / "one-number-range.convlab") == 2
    assert "shown_range" in one_sentence(capsys.readouterr().err)


def seeds() -> list[bytes]:
    import io

    found = []
    for array in (np.arange(54.0).reshape(2, 3, 3, 3), np.asfortranarray(np.ones((4, 3, 3, 3), np.float16)), np.eye(3)):
        for version in ((1, 0), (2, 0), (3, 0)):
            file = io.BytesIO()
            np.lib.format.write_array(file, array, version)
            found.append(file.getvalue())
    return [*found, (CASES / "cut-header.npy").read_bytes()]


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_npy_files_are_read_or_refused_in_one_sentence(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(data.draw(st.sampled_from(seeds())))
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.one_of(st.integers(0, min(len(raw), 130)), st.integers(0, len(raw))))
        change = data.draw(st.sampled_from(["set", "cut", "insert", "drop"]))
        some = data.draw(st.binary(max_size=8))
        if change == "set":
            raw[place : place + len(some)] = some
        elif change == "cut":
            del raw[place:]
        elif change == "insert":
            raw[place:place] = some
        else:
            del raw[place : place + 1 + len(some)]
    path = tmp_path_factory.getbasetemp() / "mutated.npy"
    path.write_bytes(bytes(raw))
    found, refusal = np.zeros(1), "mutated.npy"
    try:
        found = read_array(path, (2, 3, 4, 5))
    except ConvLabError as error:
        refusal = str(error)
    assert np.isfinite(found).all()
    assert "mutated.npy" in refusal
    assert "\n" not in refusal


@pytest.mark.parametrize(
    ("dtype", "count"), [("uint8", 900_000_000), ("float32", MOST_NUMBERS - 9), ("float16", 2**40)]
)
def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path, dtype: str, count: int) -> None:
    path = tmp_path / "large.npy"
    with open(path, "wb") as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": (1, 1, 1, count)}
        np.lib.format.write_array_header_1_0(file, header)
        start = file.tell()
        if count < 2**31:
            file.truncate(start + count * np.dtype(dtype).itemsize)  # sparse
            if count < MOST_NUMBERS:
                file.seek(-4, os.SEEK_END)
                file.write(b"\xff\xff\xff\x7f")  # NaN
    code = (
        "import resource, sys; from convlab.io.arrays import read_array\n"
        "from convlab.model.message import ConvLabError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: read_array(sys.argv[1], (4,))\n"
        "except ConvLabError: print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 300


@pytest.mark.parametrize("option", ["--weights", "--bias", "--session"])
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_what_is_no_regular_file_is_refused_at_once(
    apply: Run, photo: Path, tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    for path in (tmp_path / "pipe.npy", Path("/dev/zero"), tmp_path):
        options = [option, path] if option != "--bias" else [*BOX, option, path]
        status: list[int] = []
        thread = threading.Thread(target=lambda given=options, to=status: to.append(apply(photo, *given)), daemon=True)
        thread.start()
        thread.join(20)
        assert status == [2]
        assert path.name in one_sentence(capsys.readouterr().err)


def test_weights_beyond_float32_are_refused(apply: Run, photo: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.full((1, 3, 1, 1), 1e300))
    assert apply(photo, "--weights", tmp_path / "w.npy") == 2


def test_the_command_is_known_or_the_nearest_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["aply", "photo.png", "--out", "o"]) == 2
    assert "did you mean 'convlab apply'?" in capsys.readouterr().err
    for arguments in (["--help"], ["help"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
        listed = capsys.readouterr().out
        assert all(f"  {name} " in listed for name in ("apply", "kernels", "bench", "help"))
    assert main(["help", "apply"]) == 0
    assert "--skip-existing" in capsys.readouterr().out
