"""`convlab bench`: sections are measured, what is not there is said, the figures can be saved."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convlab.__main__ import main
from convlab.bench import batch, command, peers
from convlab.bench.cuda import device_rows
from convlab.bench.full_size import AT_LEAST
from convlab.bench.noise import noise_document
from convlab.bench.peers import Work, contestants
from convlab.bench.rows import Row, limit_row, table, timed_row


def test_a_section_without_its_device_says_so_and_the_figures_are_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    file = tmp_path / "figures.json"
    assert main(["bench", "--only", "cuda", "--json", str(file)]) == 0
    assert "no CUDA device" in capsys.readouterr().out
    figures = json.loads(file.read_text(encoding="utf-8"))
    assert figures["machine"]["versions"]["torch"]
    assert figures["rows"][0]["value"] is None


def test_a_section_that_fails_is_named_and_the_others_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(command.SECTIONS, "broken", "a section that does not exist")
    assert main(["bench", "--only", "broken", "cuda"]) == 1
    streams = capsys.readouterr()
    assert "broken: ended with status 1" in streams.err
    assert "on CUDA" in streams.out


def test_a_place_that_cannot_be_written_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "cuda", "--json", "/nowhere/figures.json"]) == 2
    assert capsys.readouterr().err.startswith("convlab bench: ")


def test_what_is_measured_on_a_gpu_runs_on_any_device() -> None:
    rows = list(device_rows("cpu", 0.3))
    assert [row.section for row in rows] == ["cuda", "cuda"]
    assert all(row.value is not None and row.value > 0 for row in rows)


def test_the_peers_do_the_same_work() -> None:
    document = noise_document(0.05)
    work = Work(document.source.pixels, document.conv.kernel_slices.astype("float32"), 1)
    assert set(AT_LEAST) == set(peers.PEERS)
    found = contestants(work)
    assert "torch F.conv2d, tensor ready before the clock" in found
    for run in found.values():
        assert run().shape == (6, *document.output_size)


def test_a_bar_is_met_by_median_and_late_percentile_both() -> None:
    assert timed_row("s", "what", [0.005] * 20, 10, 20).holds
    assert not timed_row("s", "what", [0.015] * 20, 10, 20).holds
    assert not timed_row("s", "what", [0.005] * 15 + [0.05] * 5, 10, 20).holds
    assert timed_row("s", "what", [0.005] * 20, None).holds is None
    assert not limit_row("s", "what", 17, "ms", 16).holds


def test_the_table_says_what_was_not_measured() -> None:
    text = table([Row("s", "first", 1234.5), Row("s", "second", None, note="not installed")])
    assert "1234 ms" in text
    assert text.splitlines()[-1].split() == ["second", "not", "installed"]


def test_libvips_makes_the_same_pictures_of_a_batch(tmp_path: Path) -> None:
    pytest.importorskip("pyvips")
    photos = batch.make_photos(tmp_path, 2, (60, 80))
    batch.by_convlab(photos, tmp_path / "ours")
    batch.by_libvips(photos, tmp_path / "theirs")
    names = sorted(path.name for path in (tmp_path / "ours").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "theirs").iterdir())
    assert len(names) == 6
    for name in names:
        pictures = [np.asarray(Image.open(tmp_path / who / name), int) for who in ("ours", "theirs")]
        assert np.abs(pictures[0] - pictures[1]).max() <= 1


def test_a_batch_is_timed_from_file_to_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PHOTOS", 2), ("SIZE", (60, 80)), ("ROUNDS", 1)):
        monkeypatch.setattr(batch, name, value)
    rows = list(batch.batch_rows())
    assert [row.section for row in rows] == ["batch"] * len(rows)
    assert rows[0].value is not None
    assert rows[0].value > 0
