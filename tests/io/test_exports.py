"""What is exported reads back, by the programs that it is meant for."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from convlab.io import exports
from convlab.io.exports import file_name, save_npy, save_png, save_text, save_tiff
from convlab.model.message import ConvLabError

MAPS = np.random.default_rng(1).normal(size=(3, 5, 7)).astype(np.float32)
MAPS[1, 2, 3] = np.nan
MAPS[2, 0, 0] = np.inf
NAMES = ["out 0", "out 1", "naïve ∗"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_npy_is_what_numpy_loads(tmp_path: Path, dtype: str) -> None:
    save_npy(tmp_path / "maps.npy", iter(MAPS), 3, (5, 7), dtype)
    loaded = np.load(tmp_path / "maps.npy", allow_pickle=False)
    assert loaded.dtype == dtype
    np.testing.assert_array_equal(loaded, MAPS)


def test_npy_takes_maps_in_any_layout(tmp_path: Path) -> None:
    save_npy(tmp_path / "maps.npy", (m.T for m in MAPS), 3, (7, 5))
    np.testing.assert_array_equal(np.load(tmp_path / "maps.npy"), MAPS.transpose(0, 2, 1))


@pytest.mark.parametrize("count", [2, 4])
def test_a_wrong_number_of_maps_leaves_no_file(tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match="announced"):
        save_npy(tmp_path / "maps.npy", iter(MAPS), count, (5, 7))
    with pytest.raises(ValueError, match="announced"):
        save_tiff(tmp_path / "maps.tif", iter(MAPS), count, (5, 7), ["a", "b", "c", "d"][:count])
    assert list(tmp_path.iterdir()) == []


def test_maps_that_cannot_be_computed_leave_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[np.ndarray]:
        yield MAPS[0]
        raise ConvLabError("out of memory")

    for save in (lambda p: save_npy(p, failing(), 3, (5, 7)), lambda p: save_tiff(p, failing(), 3, (5, 7), NAMES)):
        with pytest.raises(ConvLabError, match="out of memory"):
            save(tmp_path / "maps")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [1, 3])
def test_tiff_is_an_imagej_stack_with_labels(tmp_path: Path, count: int) -> None:
    save_tiff(tmp_path / "maps.tif", iter(MAPS[:count]), count, (5, 7), NAMES[:count])
    with tifffile.TiffFile(tmp_path / "maps.tif") as tiff:
        assert tiff.is_imagej
        assert tiff.imagej_metadata is not None
        labels = tiff.imagej_metadata["Labels"]
        assert ([labels] if isinstance(labels, str) else labels) == NAMES[:count]
        assert tiff.imagej_metadata.get("channels", 1) == count
        assert tiff.series[0].dtype == np.float32
        np.testing.assert_array_equal(tiff.asarray().reshape(count, 5, 7), MAPS[:count])
        assert len(tiff.pages) == count
    with Image.open(tmp_path / "maps.tif") as image:
        np.testing.assert_array_equal(np.asarray(image), MAPS[0])


def test_tiff_beyond_32_bits_is_ome_with_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "CLASSIC_TIFF_BYTES", 100)
    save_tiff(tmp_path / "maps.tif", iter(MAPS), 3, (5, 7), NAMES)
    with tifffile.TiffFile(tmp_path / "maps.tif") as tiff:
        assert tiff.is_bigtiff
        assert tiff.is_ome
        assert tiff.ome_metadata is not None
        assert all(name in tiff.ome_metadata for name in NAMES)
        np.testing.assert_array_equal(tiff.asarray(), MAPS)


def test_png_keeps_8_bits_colour_and_16_bits(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    for pixels in (
        generator.integers(0, 256, (5, 7), np.uint8),
        generator.integers(0, 256, (5, 7, 3), np.uint8),
        generator.integers(0, 65536, (5, 7), np.uint16),
    ):
        save_png(tmp_path / "a.png", pixels)
        with Image.open(tmp_path / "a.png") as image:
            assert image.format == "PNG"
            np.testing.assert_array_equal(np.asarray(image), pixels)
    for wrong in (np.zeros((5, 7)), np.zeros((5, 7, 3), np.uint16), np.zeros(5, np.uint8)):
        with pytest.raises(ValueError, match="no PNG"):
            save_png(tmp_path / "a.png", wrong)


def test_text_is_utf_8_with_plain_newlines(tmp_path: Path) -> None:
    save_text(tmp_path / "a.py", "w = 1\n# −1\n")
    assert (tmp_path / "a.py").read_bytes() == b"w = 1\n# \xe2\x88\x921\n"


@pytest.mark.parametrize(
    ("source", "layer", "channel", "expected"),
    [
        ("astronaut", "conv3x3", "out1", "astronaut_conv3x3_out1.png"),
        ("my photo: v1.2", "conv 3/3", "out1", "my photo- v1.2_conv 3-3_out1.png"),
        ("scan.001", "box", "out1", "scan.001_box_out1.png"),
        ("-_x", "box", "", "-_x_box.png"),
        ("../../etc/passwd", "conv", "a\x00b", "..-..-etc-passwd_conv_a-b.png"),
        ("a\u202egnp", "box", "", "a-gnp_box.png"),
        ("con", "", "", "con_.png"),
        ("con.v2", "box", "", "con_.v2_box.png"),
        ("", "", "", "map.png"),
        ("Fähre 𝒳 写真", "conv", "R", "Fähre 𝒳 写真_conv_R.png"),
        ("e\u0301", "box", "", "\u00e9_box.png"),
    ],
)
def test_file_names_are_portable(source: str, layer: str, channel: str, expected: str) -> None:
    assert file_name(source, layer, channel) == expected


def test_names_that_differ_only_late_stay_apart() -> None:
    assert file_name("x" * 200 + "1", "box", "out0") != file_name("x" * 200 + "2", "box", "out0")


def test_file_names_are_short_enough() -> None:
    assert len(file_name("写" * 500, "x" * 500, "y" * 500, ".tif").encode()) < 255
    assert len(file_name("\ud800", "conv", "out1").encode()) > 0
