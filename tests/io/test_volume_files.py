"""Frames of a file, of several files, and of a folder as the slices of a volume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from convlab.io.inputs import frames_in, read_input, stacked_frames
from convlab.io.photos import read_photo
from convlab.io.stacking import scaled_alike
from convlab.model.message import ConvLabError


def test_a_tiffs_pages_are_slices_bit_by_bit(tmp_path: Path) -> None:
    pages = np.random.default_rng(0).integers(0, 65536, (5, 6, 7)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pages, photometric="minisblack")
    found = read_input(str(tmp_path / "a.tif"), deep=True)
    assert found.volume is not None
    np.testing.assert_array_equal(found.volume[..., 0], pages)
    np.testing.assert_array_equal(found.pixels[..., 0], pages[2])
    assert read_input(str(tmp_path / "a.tif")).volume is None


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(tmp_path / f"frame{number}.png")
    (tmp_path / "notes.txt").write_text("no picture")
    paths = frames_in(str(tmp_path))
    assert [Path(path).name for path in paths] == ["frame1.png", "frame2.png", "frame10.png"]
    found = stacked_frames(scaled_alike([read_photo(path) for path in paths]), "frames")
    assert found.volume is not None
    assert found.volume[:, 0, 0, 0].tolist() == [1, 2, 10]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConvLabError, match="no pictures in the folder"):
        frames_in(str(tmp_path / "empty"))


def test_photos_of_other_sizes_are_scaled_and_other_channels_refused(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(tmp_path / "a.png")
    Image.fromarray(np.full((8, 12, 3), 200, np.uint8)).save(tmp_path / "b.png")
    Image.fromarray(np.zeros((4, 6), np.uint8)).save(tmp_path / "c.png")
    a, b, c = (read_photo(tmp_path / f"{name}.png") for name in "abc")
    found = stacked_frames(scaled_alike([a, b]), "both")
    assert found.volume is not None
    assert found.volume.shape == (2, 4, 6, 3)
    assert (found.volume[1] == 200).all()
    with pytest.raises(ConvLabError, match="other channels"):
        scaled_alike([a, c])


def test_frames_beyond_the_memory_there_is_are_refused_before_they_are_read(tmp_path: Path) -> None:
    pictures = [Image.fromarray(np.full((40, 50), n, np.uint8)) for n in range(20)]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:])
    with pytest.raises(ConvLabError, match="20 frames"):
        read_input(str(tmp_path / "a.gif"), budget_bytes=40_000, deep=True)
