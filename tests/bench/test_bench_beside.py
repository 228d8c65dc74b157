"""Programs beside each other: arguments, turns, ratios, scenes, and the stopwatch on this checkout's own program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from convlab.__main__ import main
from convlab.bench import stopwatch
from convlab.bench.beside import busy, compare, figures
from convlab.bench.beside.figures import FIGURES, Figure
from convlab.bench.beside.ratios import Comparison, Measured, comparison, comparison_table
from convlab.bench.beside.scenes import LIVE, Scene, write_scene
from convlab.bench.beside.sides import Program, Side, in_turns, pairs_of, this_program
from convlab.bench.beside.timed import NotMeasuredError, Stopwatch
from convlab.bench.command import COMPARED
from convlab.bench.stopwatch.sight import changed_size
from convlab.io.sessions import open_session

ROOT = Path(__file__).parents[2]


# What is asked for


@pytest.mark.parametrize("name", ["nowhere", "empty", ""])
def test_a_folder_without_a_program_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    assert main(["bench", "--against", name]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith("convlab bench: ")
    assert "no convlab/__main__.py" in streams.err
    assert len(streams.err.splitlines()) == 1
    assert not streams.out


def test_a_section_that_cannot_be_compared_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--against", str(ROOT), "--only", "full", "start"]) == 2
    error = capsys.readouterr().err
    assert error == "convlab bench: --against and --busy measure live, drag, full, batch, but not start.\n"


def test_help_tells_of_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--help"]) == 0
    printed = capsys.readouterr().out
    assert "--against FOLDER" in printed
    assert "spins on one core" in " ".join(printed.split())


def test_what_can_be_compared_is_what_has_figures() -> None:
    assert tuple(FIGURES) == COMPARED


def test_pairs_of_the_options(tmp_path: Path) -> None:
    (tmp_path / "convlab").mkdir()
    (tmp_path / "convlab" / "__main__.py").touch()
    old, new, this = Program("old", tmp_path), Program("new", ROOT), Program("this", ROOT)
    idle, beside = {}, {}
    for program in (old, new, this):
        idle[program.name], beside[program.name] = Side(program), Side(program, busy=True)
    assert [pair.sides for pair in pairs_of(None, True)] == [(idle["this"], beside["this"])]
    assert [pair.sides for pair in pairs_of(str(tmp_path), False)] == [(idle["old"], idle["new"])]
    assert [pair.sides for pair in pairs_of(str(tmp_path), True)] == [
        (idle["old"], idle["new"]),
        (beside["old"], beside["new"]),
        (idle["old"], beside["old"]),
        (idle["new"], beside["new"]),
    ]


# Turns and ratios


def test_sides_are_measured_in_turns_forwards_and_backwards() -> None:
    assert "".join(in_turns("ab", 4)) == "abbaabba"
    assert "".join(in_turns("abc", 3)) == "abccbaabc"


def test_each_side_is_measured_as_often_and_its_own_program_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Recorded:
        def __init__(self, program: Program, *_: str) -> None:
            self.program = program

        def __enter__(self) -> Recorded:
            return self

        def __exit__(self, *_: object) -> None:
            asked.append(f"end-{self.program.name}")

        def turn(self) -> stopwatch.turn.Turn:
            asked.append(self.program.name)
            return stopwatch.turn.Turn((float(len(asked)),), {"tile": (len(asked), 3)})

    monkeypatch.setattr(compare, "Stopwatch", Recorded)
    sides = [Side(Program("old", ROOT)), Side(Program("new", ROOT))]
    found = compare.measured(Figure("full", "what", "ms", "", 2, 3), sides)
    first, second = "old new new old old new", "new old old new new old"
    assert " ".join(asked) == f"{first} end-new end-old {second} end-old end-new"
    assert found[sides[0]].rounds == ((1.0,), (4.0,), (5.0,), (10.0,), (11.0,), (14.0,))
    assert found[sides[1]].made == {"tile": (13, 3)}


def measured(*rounds: float, made: tuple[int, ...] = (264, 198), later: tuple[str, ...] = ()) -> Measured:
    return Measured(tuple((seconds, seconds * 2, seconds * 3) for seconds in rounds), {"tile": made}, later)


def test_the_ratio_is_the_median_of_the_rounds_own() -> None:
    """A machine that is ten times slower in the last round changes nothing."""
    row = comparison("live", "edit", "ms", measured(0.01, 0.01, 0.1), measured(0.005, 0.006, 0.05))
    assert (row.first, row.second) == (pytest.approx(30.0), pytest.approx(15.0))
    assert row.ratio == pytest.approx(0.5)
    assert (row.low, row.high) == (pytest.approx(0.5), pytest.approx(0.55))
    assert row.note == "tile 264 × 198"


def test_one_round_is_its_own_spread() -> None:
    row = comparison("batch", "files", "s", measured(1.0), measured(3.0))
    assert (row.first, row.second, row.ratio, row.low, row.high) == (2.0, 6.0, 3.0, 3.0, 3.0)


@pytest.mark.parametrize("made", [(240, 180), (264, 190), (264, 198, 1)])
def test_other_sizes_have_no_ratio_and_are_told(made: tuple[int, ...]) -> None:
    row = comparison("live", "edit", "ms", measured(1.0), measured(1.0, made=made))
    assert row.ratio is None
    assert row.first == row.second == 2000.0
    assert row.note == f"not the same: tile 264 × 198 and tile {' × '.join(map(str, made))}"


def test_a_border_pixel_makes_no_other_size() -> None:
    assert comparison("live", "edit", "ms", measured(1.0), measured(1.0, made=(263, 199))).ratio == 1.0


def test_what_only_the_second_paints_later_is_told() -> None:
    first, second = measured(1.0, later=("kernels",)), measured(1.0, later=("kernels", "histogram"))
    assert comparison("live", "edit", "ms", first, second).note.endswith("; histogram painted later")


def test_the_table_has_old_new_and_ratio() -> None:
    rows = [
        comparison("live", "edit", "ms", measured(0.01), measured(0.005)),
        Comparison("full", "maps", "ms", note="not measured: it broke"),
    ]
    head, _, first, second = comparison_table(("old", "new"), rows).splitlines()
    assert head.split()[:6] == ["what", "old", "new", "new", ":", "old"]
    assert first.split()[:7] == ["edit", "20", "ms", "10", "ms", "0.50", "×"]
    assert second.split() == ["maps", "–", "–", "–", "not", "measured:", "it", "broke"]


def test_the_painted_size_is_that_of_the_pixels_that_differ() -> None:
    before = np.zeros((20, 30), np.uint32)
    after = before.copy()
    assert changed_size(before, after) == (0, 0)
    after[3:9, 10] = after[5, 7:12] = 1
    assert changed_size(before, after) == (5, 6)
    assert changed_size(before, np.zeros((10, 15), np.uint32)) == (15, 10)


# Scenes


def test_every_scene_is_a_session_that_opens(tmp_path: Path) -> None:
    for large in LIVE:
        scene = Scene(0.01, large.outputs, large.kernel, large.edited, large.actual_size)
        document, view = open_session(write_scene(scene, tmp_path))
        assert document.problems() == ()
        assert [e.layer.spec.out_channels for e in document.layers[::2]] == list(scene.outputs)  # type: ignore[union-attr]
        assert document.focus == 2 * scene.edited
        assert document.conv.spec.kernel_size[-2:] == (scene.kernel, scene.kernel)
        assert (view.viewport is not None) == scene.actual_size
        assert view.watched_layer == (4 if len(scene.outputs) == 3 else None)


# The stopwatch itself, on this checkout's program


def test_the_busy_process_ends_with_who_started_it() -> None:
    assert subprocess.run([sys.executable, "-c", busy.SPIN], stdin=subprocess.DEVNULL, timeout=60).returncode == 0


def test_a_live_edit_is_timed_until_it_is_painted(tmp_path: Path) -> None:
    path = write_scene(Scene(0.05), tmp_path)
    with Stopwatch(this_program("this"), "live", str(path)) as watch:
        found = watch.turn()
    assert len(found.seconds) == 20
    assert min(found.seconds) > 0
    assert found.made["window"] == (1600, 1000)
    width, height = found.made["tiles that changed"]
    assert width > 100
    assert width / height == pytest.approx(4 / 3, rel=0.02)
    assert found.later == ()


def test_a_program_that_cannot_start_is_a_row_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "convlab"
    broken.mkdir(parents=True)
    (broken / "__init__.py").touch()
    (broken / "__main__.py").write_text("raise OSError('no such thing')", encoding="utf-8")
    photos = tmp_path / "photos"
    photos.mkdir()
    monkeypatch.setitem(figures.FIGURES, "batch", lambda _: iter([Figure("batch", "files", "s", str(photos), 1, 1)]))
    saved = tmp_path / "figures.json"
    assert main(["bench", "--against", str(broken.parent), "--only", "batch", "--json", str(saved)]) == 1
    assert "not measured: OSError: no such thing" in capsys.readouterr().out
    (pair,) = json.loads(saved.read_text(encoding="utf-8"))["pairs"]
    assert pair["rows"][0]["ratio"] is None
    assert pair["pair"][0].startswith(f"old: {broken.parent}")


def test_a_stopwatch_that_dies_says_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "convlab").mkdir()
    (tmp_path / "convlab" / "__init__.py").write_text("import os, sys; print('gone', file=sys.stderr); os._exit(3)")
    with pytest.raises(NotMeasuredError, match="ended with status 3: gone"):
        Stopwatch(Program("old", tmp_path), "full", "dense:1")


def test_full_size_in_both_ways(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """This checkout against itself, beside a busy process too, at the smallest size."""
    monkeypatch.setitem(figures.FIGURES, "full", lambda _: iter([Figure("full", "maps", "ms", "dense:0.01", 1, 1)]))
    assert main(["bench", "--against", str(ROOT), "--busy", "--only", "full"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("maps 6 × 86 × 115") == 4
    assert "beside a process that spins on one core" in printed
