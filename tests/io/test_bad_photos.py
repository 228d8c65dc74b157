"""Whatever is wrong with a file, there is one sentence that names it, and never another exception."""

import io
import lzma
import os
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from picture_files import chunk, deep_png, lzw_tiff, png_header, random, saved, tiff
from PIL import Image

from convlab.io import photos
from convlab.io.formats import pillow_reader
from convlab.io.photos import read_photo, read_photo_bytes
from convlab.model.message import ConvLabError
from convlab.model.source import Source

IMAGE = Image.fromarray(random((12, 10, 3)))
MORE = {"save_all": True, "append_images": [Image.new("RGB", (10, 12), "red"), Image.new("RGB", (10, 12), "blue")]}
EXIF = Image.Exif()
EXIF[0x0112] = 6
GOOD = {
    "png": saved(IMAGE, "PNG"),
    "palette png": saved(IMAGE.convert("P"), "PNG", transparency=3),
    "16-bit png": deep_png(random((12, 10, 3), np.uint16), extra=chunk(b"tRNS", bytes(6))),
    "16-bit la png": deep_png(random((12, 10, 2), np.uint16), interlaced=True),
    "animated png": saved(IMAGE, "PNG", **MORE),
    "jpeg": saved(IMAGE, "JPEG", exif=EXIF),
    "cmyk jpeg": saved(IMAGE.convert("CMYK"), "JPEG", progressive=True),
    "mpo": saved(IMAGE, "MPO", **MORE),
    "webp": saved(IMAGE, "WEBP", exif=EXIF),
    "animated webp": saved(IMAGE, "WEBP", **MORE),
    "bmp": saved(IMAGE, "BMP"),
    "1-bit bmp": saved(IMAGE.convert("1"), "BMP"),
    "gif": saved(IMAGE, "GIF", **MORE),
    "tiff": saved(IMAGE, "TIFF", **MORE),
    "lzw tiff": saved(IMAGE, "TIFF", compression="tiff_lzw", exif=EXIF),
    "jpeg tiff": saved(IMAGE, "TIFF", compression="jpeg"),
    "16-bit tiff": tiff(random((12, 10, 3), np.uint16), photometric="rgb"),
    "16-bit zlib tiff": tiff(random((2, 12, 10), np.uint16), compression="zlib", tile=(16, 16)),
    "16-bit lzw tiff": lzw_tiff(random((12, 10, 3), np.uint16)),
    "float tiff": tiff(np.ones((12, 10), np.float32), imagej=True),
    "bigtiff": tiff(random((12, 10), np.uint16), bigtiff=True),
}


def refusal(data: bytes, frame: int = 0, **options: int) -> str:
    with pytest.raises(ConvLabError) as caught:
        read_photo_bytes(data, "cat.png", frame, **options)
    text = str(caught.value)
    assert text.startswith("“cat.png” ")
    assert text.endswith(".")
    assert "\n" not in text
    return text


@pytest.mark.parametrize("kind", GOOD)
def test_the_files_that_are_broken_below_are_sound(kind: str) -> None:
    assert read_photo_bytes(GOOD[kind], "x").channel_count in (1, 2, 3, 4)


def test_no_file_no_image_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConvLabError, match=r"^“gone.png” is not there\.$"):
        read_photo(tmp_path / "gone.png")
    with pytest.raises(ConvLabError, match=r"“.*” is not a file\.$"):
        read_photo(tmp_path)
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ConvLabError, match=r"^“a.png” is not there\.$"):
        read_photo(tmp_path / "file" / "a.png")
    with pytest.raises(ConvLabError, match=r"cannot be read: .*null"):
        read_photo("a\0b.png")
    with pytest.raises(ConvLabError, match=r"cannot be read: File name too long"):
        read_photo("a" * 300 + ".png")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(photos, "open_regular", refuse)
    with pytest.raises(ConvLabError, match=r"^“file” cannot be read: permission denied\.$"):
        read_photo(tmp_path / "file")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ConvLabError, match=r"^“pipe.png” is not a file\.$"):
        read_photo(tmp_path / "pipe.png")


def test_empty_and_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"")
    with pytest.raises(ConvLabError, match=r"^“cat.png” is empty\.$"):
        read_photo(tmp_path / "cat.png")
    assert refusal(b"") == "“cat.png” is empty."
    eps = saved(IMAGE, "EPS")
    for data in (b"hello", b"\0" * 5000, eps, b"II*\0", b"\x89PNG\r\n\x1a\n", saved(IMAGE, "PPM"), saved(IMAGE, "ICO")):
        assert "“cat.png” is " in refusal(data)
    assert refusal(eps) == "“cat.png” is not a sound PNG, JPEG, TIFF, WebP, BMP or GIF picture."


@pytest.mark.parametrize("kind", sorted(set(GOOD) - {"mpo"}))
def test_truncated_files(kind: str) -> None:
    data = GOOD[kind]
    for part in (0.3, 0.6, 0.8):
        cut = data[: int(len(data) * part)]
        if kind in ("gif", "animated png", "tiff", "bigtiff", "16-bit zlib tiff", "float tiff"):
            readable(cut)  # the first frame may be whole
        else:
            assert "damaged" in refusal(cut) or "not a sound" in refusal(cut)


@pytest.mark.parametrize("kind", ["gif", "animated png", "tiff", "animated webp", "png", "float tiff"])
@pytest.mark.parametrize("frame", [-1, 3, 10**9])
def test_a_frame_that_is_not_there(kind: str, frame: int) -> None:
    assert "has no frame" in refusal(GOOD[kind], frame)


def test_kinds_that_are_not_supported_say_which() -> None:
    data = tiff(random((12, 10, 3), np.uint16), photometric="cielab")
    assert refusal(data) == "“cat.png” cannot be read: 16-bit CIELAB TIFF pictures are not supported."
    assert "complex" in refusal(tiff(np.ones((4, 4), np.complex64)))


def bomb(kind: str) -> bytes:
    """50 000 × 50 000 pixels by the header, in a few bytes."""
    size = 50_000
    if kind.startswith("png"):
        depth = int(kind.split()[1])
        return png_header(size, size, depth, 2) + chunk(b"IDAT", b"x\x9c" + bytes(100)) + chunk(b"IEND", b"")
    if kind == "bmp":
        data = bytearray(GOOD["bmp"])
        data[18:26] = struct.pack("<ii", size, size)
        return bytes(data)
    if kind == "gif":
        data = bytearray(GOOD["gif"])
        data[6:10] = struct.pack("<HH", size, size)
        return bytes(data)
    if kind == "jpeg":
        data = bytearray(GOOD["jpeg"])
        start = data.index(b"\xff\xc0")
        data[start + 5 : start + 9] = struct.pack(">HH", size, size)
        return bytes(data)
    data = bytearray(GOOD[kind])
    for tag in (256, 257):
        for code in (3, 4):
            found = data.find(struct.pack("<HHI", tag, code, 1))
            if found >= 0:
                data[found : found + 12] = struct.pack("<HHII", tag, 4, 1, size)
    return bytes(data)


@pytest.mark.parametrize(
    "kind", ["png 8", "png 16", "bmp", "gif", "jpeg", "tiff", "lzw tiff", "16-bit tiff", "16-bit lzw tiff"]
)
def test_too_large_is_refused_from_the_header(kind: str) -> None:
    data = bomb(kind)
    tracemalloc.start()
    started = time.perf_counter()
    text = refusal(data)
    spent, (_, peak) = time.perf_counter() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "is too large: to decode 50000 × 50000 pixels takes " in text
    assert "the budget for a photo is 1.5 GB" in text
    assert spent < 1
    assert peak < 5_000_000


@pytest.mark.parametrize("compression", ["zlib", "lzma"])
def test_a_tiff_that_unpacks_to_more_than_its_pixels(compression: str) -> None:
    """300 MB behind the header of a 4 × 4 picture."""
    small = tiff(random((4, 4), np.uint16), compression=compression, byteorder="<")
    packed = {"zlib": zlib.compress, "lzma": lzma.compress}[compression](bytes(300_000_000))
    with tifffile.TiffFile(io.BytesIO(small)) as file:
        entries = [file.pages.first.tags[name].offset for name in ("StripOffsets", "StripByteCounts")]
    data = bytearray(small + packed)
    for entry, value in zip(entries, (len(small), len(packed)), strict=True):
        struct.pack_into("<HII", data, entry + 2, 4, 1, value)
    tracemalloc.start()
    assert "damaged" in refusal(bytes(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150_000_000


def test_the_budget_is_all_that_decoding_takes() -> None:
    """Pillow's own picture has four bytes a pixel for three of ours; both are there at once."""
    exact = 12 * 10 * (3 + 4)
    assert read_photo_bytes(GOOD["png"], "x", budget_bytes=exact).size == (12, 10)
    assert "takes 840 B, the budget for a photo is 839 B" in refusal(GOOD["png"], budget_bytes=exact - 1)
    assert "takes 1.44 kB" in refusal(GOOD["16-bit tiff"], budget_bytes=exact)
    assert "takes 1.92 kB" in refusal(GOOD["16-bit png"], budget_bytes=exact)  # two of Pillow's; an alpha for its key


def test_pillows_own_limit_does_not_matter() -> None:
    """200 megapixels, more than Pillow lets pass: 1 bit each, so that the test stays small."""
    data = saved(Image.new("1", (20_000, 10_000)), "PNG")
    assert read_photo_bytes(data, "x").size == (10_000, 20_000)


def test_what_does_not_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_much(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pillow_reader, "read_with_pillow", too_much)
    assert refusal(GOOD["png"]) == "“cat.png” does not fit into memory."


def readable(data: bytes, frame: int = 0) -> None:
    """Either a picture or a refusal."""
    try:
        outcome: Source | str = read_photo_bytes(data, "cat.png", frame, budget_bytes=20_000_000)
    except ConvLabError as error:
        outcome = str(error)
    if isinstance(outcome, Source):
        assert outcome.pixels.size > 0
    else:
        assert outcome.startswith("“cat.png” ")


@st.composite
def mutations(draw: st.DrawFn, data: bytes) -> bytes:
    """A few bytes changed, mostly in the header; sometimes a piece cut out or doubled."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        end = draw(st.sampled_from([min(64, len(changed) - 1), len(changed) - 1]))
        place = draw(st.integers(0, end))
        changed[place] = draw(st.one_of(st.sampled_from([0, 1, 127, 128, 255]), st.integers(0, 255)))
    if draw(st.booleans()):
        start, length = draw(st.integers(0, len(changed) - 1)), draw(st.integers(1, 40))
        changed[start : start + length] = changed[start : start + length] * draw(st.sampled_from([0, 2]))
    return bytes(changed)


@pytest.mark.parametrize("kind", GOOD)
def test_mutated_files_are_read_or_refused(kind: str) -> None:
    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(mutations(GOOD[kind]), st.integers(0, 2))
    def run(data: bytes, frame: int) -> None:
        readable(data, frame)

    run()


@given(st.sampled_from([b"", b"II*\0", b"MM\0*", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF89a", b"\xff\xd8\xff"]), st.binary())
@example(b"II*\0", b"\x08\0\0\0" + bytes(100))
@settings(max_examples=200, deadline=None, database=None)
def test_random_bytes_are_refused(start: bytes, data: bytes) -> None:
    readable(start + data)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """On standard error too, where C libraries write; only libjpeg inside libtiff cannot be silenced."""
    for kind, data in GOOD.items():
        if kind == "jpeg tiff":
            continue
        for part in (0.3, 0.7):
            readable(data[: int(len(data) * part)])
        readable(data[:-20] + bytes(20))
        readable(bomb(kind) if kind in ("bmp", "gif", "jpeg", "tiff") else data)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
