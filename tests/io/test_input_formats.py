"""Every registered input format: told from others, decoded in both processes, named in help, refused if too large."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from input_files import NEARLY, NOISE, WRITERS
from PIL import Image

from convlab.__main__ import main
from convlab.io import formats as folder
from convlab.io.decoders import Decoders
from convlab.io.formats import register
from convlab.io.formats.decoded import Decoded, Request, check_budget
from convlab.io.formats.format import InputFormat
from convlab.io.formats.register import FORMATS, formats
from convlab.io.headers import channel_count
from convlab.io.inputs import frames_in, read_input
from convlab.io.photos import read_photo, read_photo_bytes
from convlab.io.reader import HERE, Reader
from convlab.model.message import ConvLabError

every = pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
every_picture = pytest.mark.parametrize("format", formats("picture"), ids=lambda format: format.name)


@pytest.fixture(params=["here", "away"])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Both ways to read: in this process and in the decoder's."""
    decoders = Decoders()
    yield HERE if request.param == "here" else decoders.reader(lambda: None)
    decoders.close()


@every
def test_what_another_program_has_written_is_read(format: InputFormat, reader: Reader, tmp_path: Path) -> None:
    for suffix in format.suffixes:
        wanted = WRITERS[format.name](tmp_path / f"a{suffix}")
        found = reader.input(str(tmp_path / f"a{suffix}"))
        assert found.signal == (format.holds == "signal")
        assert found.pixels.dtype == wanted.dtype
        difference = np.abs(found.pixels.astype(np.float64) - wanted.astype(np.float64)).max()
        assert difference <= NEARLY.get(format.name, 0)


@every_picture
def test_a_picture_is_told_by_its_first_bytes_whatever_its_name(format: InputFormat, tmp_path: Path) -> None:
    wanted = WRITERS[format.name](tmp_path / "a.txt")
    assert read_photo(tmp_path / "a.txt").pixels.shape == wanted.shape
    assert read_photo_bytes((tmp_path / "a.txt").read_bytes(), "clipboard").pixels.shape == wanted.shape


@every_picture
def test_it_has_several_frames_or_one(format: InputFormat, tmp_path: Path) -> None:
    frames = [Image.fromarray(NOISE // 64 * 64), Image.new("RGB", NOISE.shape[1::-1], "red")]
    try:
        frames[0].save(tmp_path / "a", format.name, save_all=True, append_images=frames[1:])
    except (KeyError, ValueError):  # Pillow knows none of several
        frames[0].save(tmp_path / "a", format.name)
    assert read_photo(tmp_path / "a").frames == (2 if format.frames else 1)


@every
def test_the_header_tells_the_channels_or_nothing(format: InputFormat, tmp_path: Path) -> None:
    path = tmp_path / f"a{format.suffixes[0]}"
    wanted = WRITERS[format.name](path)
    assert channel_count(str(path)) in (None, wanted.shape[2])


@every
def test_the_command_lines_help_tells_of_it(format: InputFormat, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--help"]) == 0
    text = capsys.readouterr().out
    assert f"{', '.join(format.suffixes)}: {format.about}" in text
    with pytest.raises(SystemExit):
        main(["--help"])
    for shown in (text, capsys.readouterr().out):
        about = shown.partition("positional arguments:\n")[2].partition("\n\n")[0]
        assert re.search(rf"\b{format.name}\b", about)


@every
def test_the_command_line_applies_layers_to_it(format: InputFormat, tmp_path: Path) -> None:
    path = tmp_path / f"a{format.suffixes[0]}"
    channels = WRITERS[format.name](path).shape[2]
    signal = format.holds == "signal"
    np.save(tmp_path / "w.npy", np.ones((1, channels, 1) if signal else (1, channels, 1, 1)))
    arguments = ["apply", str(path), "--weights", str(tmp_path / "w.npy"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--format", "npy"]) == 0
    if signal:
        assert main([*arguments, "--format", "npy", "--frame", "1", "--overwrite"]) == 2


@every_picture
def test_a_folder_of_frames_finds_it(format: InputFormat, tmp_path: Path) -> None:
    for suffix in format.suffixes:
        (tmp_path / f"frame{suffix.upper()}").write_bytes(b"x")
    (tmp_path / "notes.txt").write_bytes(b"x")
    assert sorted(frames_in(str(tmp_path))) == sorted(str(tmp_path / f"frame{end.upper()}") for end in format.suffixes)


@every_picture
def test_a_picture_beyond_the_budget_is_refused(format: InputFormat, tmp_path: Path) -> None:
    WRITERS[format.name](tmp_path / "a")
    with pytest.raises(ConvLabError, match=r"“a” is too large: to decode 30 × 20 pixels"):
        read_photo(tmp_path / "a", budget_bytes=1000)


@every_picture
def test_what_is_no_picture_is_told_which_ones_are_read(format: InputFormat, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(ConvLabError, match=rf"“a.png” is not a sound .*\b{format.name}\b.* picture\.$"):
        read_photo(tmp_path / "a.png")


def test_a_signal_is_no_photo(tmp_path: Path) -> None:
    for format in formats("signal"):
        path = tmp_path / f"a{format.suffixes[0]}"
        WRITERS[format.name](path)
        with pytest.raises(ConvLabError, match="is not a sound"):
            read_photo(path)


def test_no_format_is_left_out_of_the_register() -> None:
    modules = [import_module(f"{folder.__name__}.{each.name}") for each in pkgutil.iter_modules(folder.__path__)]
    described = [value for each in modules for value in vars(each).values() if isinstance(value, InputFormat)]
    assert sorted(each.name for each in described) == sorted(each.name for each in FORMATS) == sorted(WRITERS)
    endings = register.suffixes()
    assert len(set(endings)) == len(endings)
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)


# A format that nobody knew before: its description with its reader, and a line in the register


def _grid(stream: BinaryIO, request: Request) -> Decoded:
    height, width = stream.read(6)[4:]
    check_budget(request, height, width, 1)
    values = np.frombuffer(stream.read(height * width), np.uint8)
    return Decoded(values.reshape(height, width, 1), ("gray",), 255.0, "grid")


GRID = InputFormat(
    name="Grid",
    suffixes=(".grid",),
    holds="picture",
    about="gray",
    decode=_grid,
    start=re.compile(rb"GRID"),
    count=lambda _: 1,
)


def test_a_new_format_is_read_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.grid"
    path.write_bytes(b"GRID\x02\x03" + bytes(range(6)))
    with pytest.raises(ConvLabError, match="is not a sound"):
        read_input(str(path))
    monkeypatch.setattr(register, "FORMATS", (*FORMATS, GRID))
    assert read_input(str(path)).pixels[..., 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert frames_in(str(tmp_path)) == [str(path)]
    with pytest.raises(ConvLabError, match="too large"):
        read_input(str(path), budget_bytes=3)
    with pytest.raises(ConvLabError, match=r"is not a sound PNG, .* GIF or Grid picture"):
        read_photo_bytes(b"nothing", "x")
    assert main(["apply", "--help"]) == 0
    assert ".grid: gray" in capsys.readouterr().out
    assert main(["apply", str(path), "--kernel", "box", "--padding", "1", "--out", str(tmp_path / "out")]) == 0
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["a_box_out0.png"]
