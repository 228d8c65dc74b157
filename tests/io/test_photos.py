"""Every kind of picture is read with the values that another program wrote."""

import io
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from picture_files import chunk, deep_png, lzw_tiff, random, saved, tiff
from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage

from convlab.io.photos import DEFAULT_BUDGET, read_photo, read_photo_bytes
from convlab.model.source import Source

FORMATS = ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"]
RGB = random((6, 9, 3))


def read(data: bytes, frame: int = 0) -> Source:
    source = read_photo_bytes(data, "a photo", frame)
    assert source.pixels.flags.c_contiguous
    assert not source.pixels.flags.writeable
    assert source.pixels.dtype in (np.uint8, np.uint16, np.float32)
    assert source.pixels.dtype.isnative
    return source


def check(data: bytes, expected: NDArray, names: tuple[str, ...], top: float, description: str) -> None:
    source = read(data)
    assert source.pixels.dtype == expected.dtype
    np.testing.assert_array_equal(source.pixels, expected)
    assert (source.channel_names, source.max_value, source.description) == (names, top, description)


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_opens_from_a_file_whatever_its_suffix(tmp_path: Path, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    (tmp_path / "photo.xyz").write_bytes(saved(Image.fromarray(RGB), kind, **options))
    source = read_photo(tmp_path / "photo.xyz")
    assert source.name == "photo.xyz"
    assert source.path == str(tmp_path / "photo.xyz")
    assert (source.size, source.channel_names, source.max_value) == ((6, 9), ("R", "G", "B"), 255)
    if kind in ("PNG", "TIFF", "WEBP", "BMP"):
        np.testing.assert_array_equal(source.pixels, RGB)
        assert source.description == "8-bit RGB"


def test_8_bit_kinds() -> None:
    gray, la, rgba = random((6, 9)), random((6, 9, 2)), random((6, 9, 4))
    check(saved(Image.fromarray(gray), "PNG"), gray[:, :, None], ("gray",), 255, "8-bit gray")
    check(saved(Image.fromarray(gray), "TIFF"), gray[:, :, None], ("gray",), 255, "8-bit gray")
    check(saved(Image.fromarray(la), "PNG"), la, ("gray", "A"), 255, "8-bit gray + alpha")
    check(saved(Image.fromarray(rgba), "PNG"), rgba, ("R", "G", "B", "A"), 255, "8-bit RGBA")
    check(saved(Image.fromarray(rgba), "TIFF"), rgba, ("R", "G", "B", "A"), 255, "8-bit RGBA")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
def test_1_bit_is_0_and_1(kind: str) -> None:
    bits = random((6, 9)) > 127
    expected = bits[:, :, None].astype(np.uint8)
    check(saved(Image.fromarray(bits), kind), expected, ("gray",), 1, "1-bit gray")


def test_palette_without_and_with_transparency() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    plain = np.array([[[10, 20, 30], [40, 50, 60]]], np.uint8)
    check(saved(image, "PNG"), plain, ("R", "G", "B"), 255, "8-bit palette, shown as RGB")
    seen = np.array([[[10, 20, 30, 255], [40, 50, 60, 0]]], np.uint8)
    for data in (saved(image, "PNG", transparency=1), saved(image, "GIF", transparency=1)):
        check(data, seen, ("R", "G", "B", "A"), 255, "8-bit palette, shown as RGBA")
    half = np.array([[[10, 20, 30, 128], [40, 50, 60, 255]]], np.uint8)
    data = saved(image, "PNG", transparency=b"\x80\xff")
    check(data, half, ("R", "G", "B", "A"), 255, "8-bit palette, shown as RGBA")


def test_a_transparent_colour_becomes_alpha() -> None:
    pixels = np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8)
    alpha = np.array([[[255], [0]]], np.uint8)
    rgb = saved(Image.fromarray(pixels), "PNG", transparency=(4, 5, 6))
    check(rgb, np.concatenate([pixels, alpha], 2), ("R", "G", "B", "A"), 255, "8-bit RGBA")
    gray = saved(Image.fromarray(pixels[:, :, 0]), "PNG", transparency=4)
    check(gray, np.concatenate([pixels[:, :, :1], alpha], 2), ("gray", "A"), 255, "8-bit gray + alpha")
    bits = saved(Image.fromarray(np.array([[False, True]])), "PNG", transparency=255)
    check(bits, np.array([[[0, 1], [1, 0]]], np.uint8), ("gray", "A"), 1, "1-bit gray + alpha")
    deep = np.array([[[1, 2, 3], [1, 2, 259]]], np.uint16)
    data = deep_png(deep, extra=chunk(b"tRNS", struct.pack(">HHH", 1, 2, 259)))
    alpha16 = np.array([[[65535], [0]]], np.uint16)
    check(data, np.concatenate([deep, alpha16], 2), ("R", "G", "B", "A"), 65535, "16-bit RGBA")


def test_cmyk_is_shown_as_rgb_and_says_so() -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 255, 0], [0, 0, 0, 255]]], np.uint8)
    light = np.array([[[255, 255, 255], [0, 255, 255], [255, 0, 0], [0, 0, 0]]], np.uint8)
    image = Image.frombytes("CMYK", (4, 1), inks.tobytes())
    check(saved(image, "TIFF"), light, ("R", "G", "B"), 255, "8-bit CMYK, shown as RGB")
    deep = tiff(inks.astype(np.uint16) * 257, photometric="separated")
    check(deep, light.astype(np.uint16) * 257, ("R", "G", "B"), 65535, "16-bit CMYK, shown as RGB")
    jpeg = read(saved(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), "JPEG", quality=100))
    assert jpeg.description == "8-bit CMYK, shown as RGB"
    assert np.abs(jpeg.pixels.astype(int) - [0, 255, 255]).max() < 8


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("size", [(11, 13), (1, 1), (3, 20)])
def test_16_bit_png_keeps_every_bit(interlaced: bool, size: tuple[int, int]) -> None:
    """The hand-made encoder is proved by Pillow on gray, the one kind whose 16 bits Pillow keeps."""
    kinds = {1: ("gray", "gray"), 2: ("gray A", "gray + alpha"), 3: ("R G B", "RGB"), 4: ("R G B A", "RGBA")}
    for count, (names, text) in kinds.items():
        pixels = random((*size, count), np.uint16)
        data = deep_png(pixels, interlaced)
        if count == 1:
            with Image.open(io.BytesIO(data)) as image:
                np.testing.assert_array_equal(np.asarray(image), pixels[:, :, 0])
        check(data, pixels, tuple(names.split()), 65535, f"16-bit {text}")


@pytest.mark.parametrize("alpha", [True, False])
def test_16_bit_png_written_by_qt(alpha: bool) -> None:
    pixels = random((20, 30, 4), np.uint16)
    pixels[:, :, 3] |= 0 if alpha else 65535
    kind = QImage.Format.Format_RGBA64 if alpha else QImage.Format.Format_RGBX64
    image = QImage(pixels.tobytes(), 30, 20, 240, kind)
    data, buffer = QByteArray(), QBuffer()
    buffer.setBuffer(data)
    assert buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")  # type: ignore[call-overload]
    source = read(bytes(data.data()))
    assert source.pixels.dtype == np.uint16
    np.testing.assert_array_equal(source.pixels[:, :, :3], pixels[:, :, :3])
    if alpha:
        np.testing.assert_array_equal(source.pixels[:, :, 3], pixels[:, :, 3])


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzma"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_16_bit_tiff_keeps_every_bit(byteorder: str, compression: str | None, planar: str) -> None:
    for count, names in ((3, "R G B"), (4, "R G B A")):
        pixels = random((20, 30, count), np.uint16)
        stored = pixels if planar == "contig" else np.moveaxis(pixels, 2, 0).copy()
        options = {"byteorder": byteorder, "compression": compression, "predictor": compression == "zlib"}
        data = tiff(stored, photometric="rgb", planarconfig=planar, **options)
        check(data, pixels, tuple(names.split()), 65535, f"16-bit {names.replace(' ', '')}")


@pytest.mark.parametrize(
    ("count", "extra", "names"),
    [(1, None, "gray"), (3, None, "R G B"), (4, None, "R G B A"), (4, 2, "R G B A"), (4, 0, "R G B")],
)
def test_16_bit_lzw_tiff_keeps_every_bit(count: int, extra: int | None, names: str) -> None:
    pixels = random((20, 30, count), np.uint16)
    source = read(lzw_tiff(pixels, extra))
    assert (source.max_value, source.channel_names) == (65535, tuple(names.split()))
    np.testing.assert_array_equal(source.pixels, pixels[:, :, : len(names.split())])


def test_16_bit_lzw_gray_written_by_pillow() -> None:
    pixels = random((20, 30), np.uint16)
    data = saved(Image.fromarray(pixels), "TIFF", compression="tiff_lzw")
    check(data, pixels[:, :, None], ("gray",), 65535, "16-bit gray")


def test_other_depths_of_tiff() -> None:
    floats = np.array([[0, 0.5, -2], [np.nan, np.inf, 1e30]], np.float32)
    cube = floats[:, :, None]
    check(tiff(floats), cube, ("gray",), 1, "32-bit float gray")
    check(saved(Image.fromarray(floats), "TIFF"), cube, ("gray",), 1, "32-bit float gray")
    check(saved(Image.fromarray(floats), "TIFF", compression="tiff_lzw"), cube, ("gray",), 1, "32-bit float gray")
    check(tiff(floats.astype(np.float64)), cube, ("gray",), 1, "64-bit float gray")
    huge = np.array([[1e300, -1e300]])
    check(tiff(huge), np.array([[[np.inf], [-np.inf]]], np.float32), ("gray",), 1, "64-bit float gray")
    rgb = random((4, 5, 3)).astype(np.float32) / 7
    check(tiff(rgb, photometric="rgb"), rgb, ("R", "G", "B"), 1, "32-bit float RGB")
    for kind, text in (("uint32", "32-bit gray"), ("int32", "32-bit signed gray"), ("int16", "16-bit signed gray")):
        whole = random((4, 5), np.dtype(kind))
        expected = whole.astype(np.float32)[:, :, None]
        check(tiff(whole), expected, ("gray",), float(np.iinfo(kind).max), text)


def test_32_bit_integers_behind_lzw() -> None:
    whole = random((4, 5), np.int32)
    data = saved(Image.fromarray(whole), "TIFF", compression="tiff_lzw")
    check(data, whole.astype(np.float32)[:, :, None], ("gray",), 2**31 - 1, "32-bit signed gray")


def test_white_is_zero_is_turned_round() -> None:
    gray = random((4, 5), np.uint16)
    data = tiff(gray, photometric="miniswhite")
    check(data, 65535 - gray[:, :, None], ("gray",), 65535, "16-bit gray")


def test_tiff_with_any_number_of_channels() -> None:
    bands = random((5, 6, 7), np.uint16)
    data = tiff(bands, photometric="minisblack", planarconfig="separate")
    names = tuple("12345")
    check(data, np.moveaxis(bands, 0, 2), names, 65535, "16-bit gray, 5 channels")
    five = random((6, 7, 5))
    data = tiff(five, photometric="rgb", extrasamples=("unassalpha", "unspecified"))
    check(data, five, ("R", "G", "B", "A", "5"), 255, "8-bit RGB, 5 channels")
    la = random((6, 7, 2), np.uint16)
    data = tiff(la, photometric="minisblack", planarconfig="contig", extrasamples=("unassalpha",))
    check(data, la, ("gray", "A"), 65535, "16-bit gray + alpha")


TURNED = {  # what the pixels 1 2 3 / 4 5 6 look like, by the EXIF standard's "row 0 is …, column 0 is …"
    1: [[1, 2, 3], [4, 5, 6]],
    2: [[3, 2, 1], [6, 5, 4]],
    3: [[6, 5, 4], [3, 2, 1]],
    4: [[4, 5, 6], [1, 2, 3]],
    5: [[1, 4], [2, 5], [3, 6]],
    6: [[4, 1], [5, 2], [6, 3]],
    7: [[6, 3], [5, 2], [4, 1]],
    8: [[3, 6], [2, 5], [1, 4]],
}


@pytest.mark.parametrize("orientation", TURNED)
def test_exif_orientation_is_applied(orientation: int) -> None:
    gray = np.array(TURNED[1], np.uint8) * 40
    turned = np.array(TURNED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(gray)
    files = {
        "PNG": saved(image, "PNG", exif=exif),
        "TIFF": saved(image, "TIFF", exif=exif),
        "LZW": saved(image, "TIFF", exif=exif, compression="tiff_lzw"),
        "WebP": saved(image, "WEBP", exif=exif, lossless=True),
    }
    for kind, data in files.items():
        np.testing.assert_array_equal(read(data).pixels[:, :, 0], turned * 40, err_msg=kind)
    deep = tiff(gray.astype(np.uint16) * 200, extratags=[(274, 3, 1, orientation, True)])
    np.testing.assert_array_equal(read(deep).pixels[:, :, 0], turned * 8000)
    coarse = read(saved(image.resize((48, 32), Image.Resampling.NEAREST), "JPEG", exif=exif, quality=100))
    np.testing.assert_allclose(coarse.pixels[8::16, 8::16, 0], turned * 40, atol=4)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0", b"MM\0*\0\0\0\x08"]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_garbage_exif_is_ignored(exif: bytes, kind: str) -> None:
    assert read(saved(Image.fromarray(RGB), kind, exif=exif)).size == (6, 9)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(read(saved(Image.fromarray(RGB), "PNG", exif=exif)).pixels, RGB)


def test_frames_of_gif_tiff_webp_and_png() -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    images = [Image.new("RGB", (5, 4), colour) for colour in colours]
    more = {"save_all": True, "append_images": images[1:]}
    for kind in ("GIF", "TIFF", "WEBP", "PNG"):
        data = saved(images[0], kind, **more, **({"lossless": True} if kind == "WEBP" else {}))
        for frame, colour in enumerate(colours):
            source = read(data, frame)
            assert (source.frame, source.frames) == (frame, 3)
            assert (source.pixels[:, :, :3] == colour).all(), (kind, frame)
    stack = random((3, 4, 5), np.uint16)
    for frame in range(3):
        np.testing.assert_array_equal(read(tiff(stack, photometric="minisblack"), frame).pixels[:, :, 0], stack[frame])


def test_an_animated_16_bit_png_says_that_it_was_cut() -> None:
    image = Image.new("RGB", (3, 2), (1, 2, 3))
    data = saved(image, "PNG", save_all=True, append_images=[Image.new("RGB", (3, 2), (4, 5, 6))])
    header = data.index(b"IHDR") - 4
    deep = deep_png(random((2, 3, 3), np.uint16))
    control = data[data.index(b"acTL") - 4 : data.index(b"IDAT") - 4]
    mixed = deep[: header + 25] + control + deep[header + 25 :]
    assert read(mixed).description == "16-bit RGB, cut to 8 bits (animated)"


def test_a_cameras_multi_picture_jpeg_opens_as_its_first_picture() -> None:
    images = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    data = saved(images[0], "MPO", save_all=True, append_images=images[1:])
    source = read(data)
    assert source.frames == 1
    assert source.pixels[:, :, 0].min() > 250


def test_reading_needs_no_qt_no_torch_and_tifffile_only_for_tiff(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(saved(Image.fromarray(RGB), "PNG"))
    code = (
        "import sys; from convlab.io import exports, photos, samples, saving, stacking;"
        "photos.read_photo(sys.argv[1]); print({'tifffile', 'torch', 'PySide6'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a.png"], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_default_budget_holds_100_megapixels() -> None:
    assert DEFAULT_BUDGET >= 100_000_000 * 3 * 4
