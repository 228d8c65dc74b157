"""`convlab apply` destroys nothing: no input, no result, no other photo's result."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from photo_files import Run, names, save_photo

from convlab.__main__ import main
from convlab.io import saving


def test_results_are_named_by_photo_and_kernel(apply: Run, photo: Path, out: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "my.weights.npy", np.zeros((2, 3, 3, 3)))
    assert apply(photo, "--kernel", "sobel-x") == 0
    assert apply(photo, "--kernel", "sobel-y") == 0
    assert apply(photo, "--weights", tmp_path / "my.weights.npy", "--format", "npy") == 0
    assert apply(photo, "--kernel", "sobel-x", "--format", "sheet") == 0
    pictures = [f"photo_sobel-{axis}_out{n}.png" for axis in "xy" for n in range(3)]
    assert names(out) == sorted([*pictures, "photo_my.weights.npy", "photo_sobel-x_sheet.png"])


def test_dots_and_spaces_of_a_name_stay(apply: Run, out: Path, tmp_path: Path) -> None:
    photos = [tmp_path / name for name in ("scan.001.png", "scan.002.png", "scan 003.png", "blur_s1.5", "result.v2")]
    for path in photos:
        save_photo(tmp_path / "x.png")
        shutil.copy(tmp_path / "x.png", path)
    assert apply(*photos, "--kernel", "box", "--format", "npy") == 0
    wanted = ["blur_s1.5_box", "result.v2_box", "scan 003_box", "scan.001_box", "scan.002_box"]
    assert names(out) == sorted(f"{name}.npy" for name in wanted)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.png", "sub/a.png"),
        ("a.png", "a.jpg"),
        ("Scan.png", "scan.png"),
        ("a?.png", "a-.png"),
        ("é.png", "e\u0301.png"),
    ],
)
@pytest.mark.parametrize("format", ["png", "npy"])
def test_two_photos_to_one_name_are_refused_with_both(
    apply: Run, out: Path, tmp_path: Path, first: str, second: str, format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    for name in (first, second):
        save_photo(tmp_path / "x.png")
        shutil.copy(tmp_path / "x.png", tmp_path / name)
    assert apply(tmp_path / first, tmp_path / second, "--kernel", "box", "--format", format) == 2
    error = capsys.readouterr().err
    assert f"{first}”" in error
    assert f"{second}”" in error
    assert not out.exists()


def test_names_that_differ_after_60_characters_are_two(apply: Run, out: Path, tmp_path: Path) -> None:
    photos = [tmp_path / f"{'x' * 100}{n}.png" for n in range(2)]
    for path in photos:
        save_photo(path)
    assert apply(*photos, "--kernel", "box") == 0
    assert len(names(out)) == 6


@pytest.mark.parametrize("flags", [[], ["--overwrite"], ["--skip-existing"]])
def test_a_result_never_replaces_what_is_read(
    tmp_path: Path, flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    photo, weights = tmp_path / "cells_g.tif", tmp_path / "g.npy"
    other = tmp_path / "cells.png"
    save_photo(other)
    tifffile.imwrite(photo, np.zeros((9, 9), np.uint8))
    np.save(weights, np.zeros((1, 3, 3, 3)))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    options = ["--weights", str(weights), "--format", "tiff", "--out", str(tmp_path), *flags]
    assert main(["apply", str(other), str(photo), *options]) == 2
    error = capsys.readouterr().err
    assert "cells_g.tif”" in error
    assert "cells.png”" in error
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nor_the_weights_the_bias_or_the_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, weights = tmp_path / "a.png", tmp_path / "w.npy"
    save_photo(photo)
    np.save(weights, np.zeros((3, 3)))
    bias = tmp_path / "a_w.npy"
    np.save(bias, np.zeros(3))
    before = bias.read_bytes()
    options = ["--weights", str(weights), "--bias", str(bias), "--format", "npy", "--out", str(tmp_path), "--overwrite"]
    assert main(["apply", str(photo), *options]) == 2
    assert "a_w.npy”" in capsys.readouterr().err
    assert bias.read_bytes() == before


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_nor_by_a_link_to_it(apply: Run, photo: Path, out: Path, link: object) -> None:
    out.mkdir()
    link(photo, out / "photo_box_out0.png")  # type: ignore[operator]
    before = photo.read_bytes()
    assert apply(photo, "--kernel", "box", "--overwrite") == 2
    assert photo.read_bytes() == before


def test_older_results_stay_unless_they_are_to_be_replaced(
    apply: Run, photo: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out.mkdir()
    (out / "photo_box_out1.png").write_text("older")
    assert apply(photo, "--kernel", "box") == 2
    error = capsys.readouterr().err
    assert "photo_box_out1.png” is there already" in error
    assert "--overwrite" in error
    assert "--skip-existing" in error
    assert names(out) == ["photo_box_out1.png"]
    assert apply(photo, "--kernel", "box", "--skip-existing") == 0
    assert (out / "photo_box_out1.png").read_text() == "older"
    assert len(names(out)) == 3
    assert apply(photo, "--kernel", "box", "--overwrite") == 0
    assert (out / "photo_box_out1.png").read_bytes().startswith(b"\x89PNG")


def test_a_result_of_more_channels_is_no_result_of_this_photo(apply: Run, photo: Path, out: Path) -> None:
    out.mkdir()
    (out / "photo_box_out7.png").write_text("of another photo of this name")
    assert apply(photo, "--kernel", "box") == 0
    assert (out / "photo_box_out7.png").read_text() == "of another photo of this name"


def test_results_of_a_file_whose_header_says_nothing_stay_too(
    apply: Run, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "many.tif"
    tifffile.imwrite(path, np.zeros((5, 9, 9), np.uint8), photometric="minisblack", planarconfig="separate")
    out.mkdir()
    (out / "many_box_out2.png").write_text("older")
    assert apply(path, "--kernel", "box") == 2
    assert (out / "many_box_out2.png").read_text() == "older"
    assert "there already" in capsys.readouterr().err


def test_a_broken_off_batch_goes_on(apply: Run, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos = [tmp_path / f"p{n}.png" for n in range(4)]
    for path in photos:
        save_photo(path)
    assert apply(*photos[:2], "--kernel", "box") == 0
    (out / "p1_box_out2.png").unlink()
    stamps = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    photos[0].unlink()  # without it nobody knows how many results there should be
    capsys.readouterr()
    assert apply(*photos, "--kernel", "box", "--skip-existing") == 1
    assert "p0.png" in capsys.readouterr().err
    save_photo(photos[0])
    assert apply(*photos, "--kernel", "box", "--skip-existing") == 0
    assert "4 of 4 photos were done already" in capsys.readouterr().err
    assert len(names(out)) == 12
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_shared_limits_are_those_of_all_maps_also_when_some_are_there(apply: Run, photo: Path, out: Path) -> None:
    options = (photo, "--kernel", "edge-bank", "--normalize", "shared")
    assert apply(*options) == 0
    whole = (out / "photo_edge-bank_out3.png").read_bytes()
    (out / "photo_edge-bank_out3.png").unlink()
    assert apply(*options, "--skip-existing") == 0
    assert (out / "photo_edge-bank_out3.png").read_bytes() == whole


def test_what_a_killed_run_left_is_swept(apply: Run, photo: Path, out: Path) -> None:
    out.mkdir()
    dead = 2**22 + 5  # above the kernel's largest process number
    (out / f".photo_box_out0.png.{dead}-0123abcd.convlab-part").write_text("half")
    (out / f".photo_box_out0.png.{os.getpid()}-0123abcd.convlab-part").write_text("of a save under way")
    assert apply(photo, "--kernel", "box", "--format", "npy") == 0
    assert names(out) == [f".photo_box_out0.png.{os.getpid()}-0123abcd.convlab-part", "photo_box.npy"]
    assert saving  # the pattern is its


def test_a_refused_run_makes_no_folder(apply: Run, photo: Path, out: Path) -> None:
    assert apply(photo, photo, "--kernel", "box") == 2
    assert not out.exists()


def test_a_folder_of_a_results_name_is_not_touched(apply: Run, photo: Path, out: Path) -> None:
    (out / "photo_box.npy").mkdir(parents=True)
    assert apply(photo, "--kernel", "box", "--format", "npy") == 2
    assert apply(photo, "--kernel", "box", "--format", "npy", "--overwrite") == 1
    assert (out / "photo_box.npy").is_dir()


def test_another_parameter_is_another_result_also_when_a_batch_goes_on(apply: Run, photo: Path, out: Path) -> None:
    options = ("--format", "npy", "--skip-existing")
    for sigma in ("1", "2"):
        assert apply(photo, "--kernel", f"gaussian:sigma={sigma}", *options) == 0
    assert names(out) == ["photo_gaussian-sigma1.npy", "photo_gaussian-sigma2.npy"]
    assert not np.array_equal(*(np.load(out / name) for name in names(out)))
