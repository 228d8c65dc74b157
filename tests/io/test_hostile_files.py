"""No regular file, no path out of the samples, names that are no UTF-8; and how much memory a refusal takes."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from picture_files import chunk, png_header
from PIL import Image

from convlab.io.decoders import Decoders
from convlab.io.photos import read_photo
from convlab.io.reader import HERE, Reader
from convlab.io.sessions import open_session, save_session
from convlab.io.wire import read_message, read_source, source_data
from convlab.model.document import Document, default_channels, new_document
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError, message
from convlab.model.source import Source
from convlab.model.view import ViewState

BAD_NAME = os.fsdecode(b"caf\xe9.png")
MOST_MB = 300


@pytest.fixture(params=["here", "away"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Both ways to read: in this process and in the decoder's."""
    decoders = Decoders()
    yield HERE if request.param == "here" else decoders.reader(lambda: None)
    decoders.close()


def document(source: Source) -> Document:
    count = len([each for each in default_channels(source) if each.used])
    layer = ConvSpec(in_channels=count, out_channels=1, kernel_size=(1, 1), padding=(0, 0))
    return new_document(source, layer, np.ones((1, count, 1, 1)))


@pytest.mark.parametrize("name", ["f.png", "f.csv", "f.wav", "f.tif"])
@pytest.mark.parametrize("kind", ["pipe", "device", "link to a device"])
def test_what_is_no_regular_file_is_refused(reader: Reader, tmp_path: Path, name: str, kind: str) -> None:
    path = tmp_path / name
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(ConvLabError, match=r"not a (regular )?file"):
        reader.input(str(path))
    with pytest.raises(OSError, match=r"not a (regular )?file"):
        list(reader.pieces(str(path), 1000))


def test_a_read_source_is_the_same_both_ways(reader: Reader, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "b.csv").write_text("x,ü\n1,2\n3,4.5\n")
    pictures = [Image.fromarray(np.full((4, 5), n, np.uint8)) for n in range(3)]
    pictures[0].save(tmp_path / "c.tif", save_all=True, append_images=pictures[1:])
    for name, deep in (("a.png", False), ("b.csv", False), ("c.tif", True), ("c.tif", False)):
        found = reader.input(str(tmp_path / name), deep=deep)
        wanted = HERE.input(str(tmp_path / name), deep=deep)
        assert source_data(found) == source_data(wanted)
        np.testing.assert_array_equal(found.pixels, wanted.pixels)
        assert not found.pixels.flags.writeable
        if deep:
            assert found.volume is not None
            assert wanted.volume is not None
            np.testing.assert_array_equal(found.volume, wanted.volume)
    encoded = reader.encoded((tmp_path / "a.png").read_bytes(), "clip")
    assert (encoded.name, encoded.path) == ("clip", None)
    assert reader.listing(str(tmp_path), ".csv") == ["b.csv"]
    assert reader.missing([str(tmp_path / "a.png"), "/no/such"]) == ["/no/such"]
    with pytest.raises(ConvLabError, match=r"^“gone.png” is not there\.$"):
        reader.input(str(tmp_path / "gone.png"))
    with pytest.raises(FileNotFoundError):
        list(reader.pieces(str(tmp_path / "gone.json"), 10))


def test_a_photo_whose_name_is_no_utf_8_is_opened_and_kept(reader: Reader, tmp_path: Path) -> None:
    Image.new("RGB", (4, 3), "red").save(tmp_path / BAD_NAME)
    found = reader.input(str(tmp_path / BAD_NAME))
    assert found.path == str(tmp_path / BAD_NAME)
    for folder in (tmp_path, tmp_path / "elsewhere"):
        folder.mkdir(exist_ok=True)
        save_session(folder / "s.convlab", document(found), ViewState())
        (folder / "s.convlab").read_bytes().decode()
        again, _ = open_session(folder / "s.convlab", reader=reader)
        assert again.source.path == str(tmp_path / BAD_NAME)
    assert str(message("“{name}”", name=BAD_NAME)) == "“caf\\xe9.png”"


def test_a_session_names_its_photo_from_its_own_folder_or_says_where_it_is(tmp_path: Path) -> None:
    for folder in ("s", "s/in", "other"):
        (tmp_path / folder).mkdir()
        Image.new("RGB", (4, 3), "red").save(tmp_path / folder / "a.png")
    session = tmp_path / "s" / "a.convlab"

    def saved(photo: Path) -> tuple[dict[str, object], object]:
        said = save_session(session, document(read_photo(photo)), ViewState())
        return json.loads(session.read_text())["input"], said

    for inside in ("a.png", "in/a.png"):
        named, said = saved(tmp_path / "s" / inside)
        assert (named["path"], named["relative"], said) == ("", inside, None)
        assert open_session(session)[0].source.path == str(tmp_path / "s" / inside)
    named, said = saved(tmp_path / "other" / "a.png")
    assert named["path"] == str(tmp_path / "other" / "a.png")
    assert "its photo is in another folder" in str(said)
    assert "\n" not in str(said)
    session.rename(tmp_path / "moved.convlab")
    assert open_session(tmp_path / "moved.convlab")[0].source.path == str(tmp_path / "other" / "a.png")


@pytest.mark.parametrize("name", ["../x", "../../../../etc/passwd", "/etc/hostname"])
def test_a_sessions_sample_is_no_path(tmp_path: Path, name: str) -> None:
    save_session(tmp_path / "s.convlab", document(HERE.input("assets/photos/camera.png")), ViewState())
    data = json.loads((tmp_path / "s.convlab").read_text())
    data["input"] = {"sample": name}
    (tmp_path / "s.convlab").write_text(json.dumps(data))
    with pytest.raises(ConvLabError, match="There is no sample"):
        open_session(tmp_path / "s.convlab")


GOOD = json.loads(json.dumps(source_data(Source("x", np.zeros((2, 3, 1), np.uint8), ("gray",), 255.0))))


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [2, 3]},
        {"shape": [2, 3, 2]},
        {"shape": [0, 3, 1]},
        {"shape": [-2, 3, 1]},
        {"shape": [1e6, 1e6, 1]},
        {"shape": "x"},
        {"dtype": "object"},
        {"dtype": "float64"},
        {"channel_names": [1]},
        {"max_value": "1"},
        {"frames": 0},
        {"shown_range": [0, 1, 2]},
        {"surprise": 1},
    ],
)
def test_an_answer_is_checked_before_memory_is_taken(changes: dict[str, object]) -> None:
    assert read_source(GOOD, 6).shape == (2, 3, 1)
    with pytest.raises((ConvLabError, ValueError)):
        read_source(GOOD | changes, 1_000_000)
    with pytest.raises(ConvLabError):
        read_source(GOOD, 5)


@pytest.mark.parametrize("template", ["{x.__class__}", "{x!r}", "{x:>99999999}", "{x[0]}", "{y}", "{", "{0}"])
def test_a_refusal_only_names_its_values(template: str) -> None:
    with pytest.raises(ConvLabError):
        read_message({"template": template, "values": [["x", 1]]})


def large_png() -> bytes:
    """20 000 × 20 000 of RGB in a megabyte."""
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(60_001)) for _ in range(20_000)) + rows.flush()
    return png_header(20_000, 20_000, 8, 2) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def hostile(kind: str, folder: Path) -> Path:
    """A file that used to take gigabytes."""
    path = folder / {"csv": "a.csv", "link": "b.csv", "png": "a.png"}.get(kind, "a.convlab")
    if kind == "png":
        path.write_bytes(large_png())
    elif kind == "csv":
        path.write_bytes(b"1\n" * 20_000_000)
    elif kind == "link":
        path.symlink_to("/dev/zero")
    elif kind == "brackets":
        path.write_bytes(b"[" + b"[]," * 33_000_000 + b"[]]")
    elif kind == "deep":
        path.write_bytes(b'{"a": [' + (b"[" * 500 + b"null" + b"]" * 500 + b",") * 90_000 + b"1]}")
    elif kind == "numbers":
        path.write_bytes(b'{"weight": [' + b"0," * 50_000_000 + b"1]}")
    else:
        bomb = base64.b64encode(zlib.compress(bytes(1_000_000_000), 9))
        path.write_bytes(b'{"input": {"pixels": "' + bomb + b'"}}')
    return path


MEASURE = """
import resource, sys
from convlab.io.reader import HERE
from convlab.io.sessions import open_session
from convlab.model.message import ConvLabError
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1000
before = peak()
try:
    (open_session if sys.argv[1].endswith("convlab") else HERE.input)(sys.argv[1])
    print("read")
except ConvLabError as error:
    print(error)
print(peak() - before)
"""


@pytest.mark.parametrize("kind", ["png", "csv", "link", "brackets", "deep", "numbers", "bomb"])
def test_a_refused_file_takes_little_memory(tmp_path: Path, kind: str) -> None:
    """In one process here; the decoder's has the same readers, and the window's takes only what was read."""
    path = hostile(kind, tmp_path)
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    *said, grown = done.stdout.splitlines()
    assert "“" in said[0]
    assert len(said) == 1
    assert int(grown) < MOST_MB / 2
    path.unlink()
