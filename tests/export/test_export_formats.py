"""Every registered export format: offered, named, written, read back by another program, refused where it cannot be."""

from __future__ import annotations

import csv
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image
from pytestqt.qtbot import QtBot

from convlab.__main__ import main
from convlab.app.session import Session
from convlab.engine.evaluate import Evaluator
from convlab.export import formats as folder
from convlab.export import register
from convlab.export.format import LOOK, ExportFormat
from convlab.export.maps import save_maps
from convlab.export.pages import Pages
from convlab.export.register import FORMATS, format_of, formats
from convlab.io.saving import saving
from convlab.model.document import Document, new_document
from convlab.model.layer import ConvSpec
from convlab.model.source import Source
from convlab.ui.save_dialog import SaveDialog

Maps = NDArray[np.float32]
LOW, HIGH = -2.0, 2.0
CHOICES = {
    "normalize": "fixed",
    "range": f"{LOW},{HIGH}",
    "percentiles": "1,9",
    "negatives": "clip",
    "colormap": "PuOr",
}
"""A value for each option that says how pictures are drawn."""
OUTPUTS = 5

every = pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
every_with_its_maps = pytest.mark.parametrize(
    ("format", "axes"),
    [(each, axes) for each in FORMATS for axes in each.axes],
    ids=lambda part: getattr(part, "name", part),
)


# What another program must find in each


def levels(maps: Maps, top: int) -> NDArray[np.float64]:
    """What a picture of these values holds, by the definition of its limits."""
    return np.clip((maps.astype(np.float64) - LOW) / (HIGH - LOW), 0, 1) * top


def as_npy(paths: list[Path], maps: Maps) -> None:
    found = np.load(paths[0])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, maps, atol=1e-5)


def as_tiff(paths: list[Path], maps: Maps) -> None:
    """A page for each map, of volumes for each slice."""
    slices = ("",) if maps.ndim == 3 else tuple(f" z{z}" for z in range(maps.shape[1]))
    with tifffile.TiffFile(paths[0]) as tiff:
        assert tiff.asarray().dtype == np.float32
        np.testing.assert_allclose(tiff.asarray(), maps.reshape(-1, *maps.shape[-2:]), atol=1e-5)
        assert tiff.imagej_metadata is not None
        assert tiff.imagej_metadata["Labels"] == [f"out {n}{z}" for n in range(len(maps)) for z in slices]


def as_csv(paths: list[Path], maps: Maps) -> None:
    with open(paths[0], newline="") as file:
        titles, *rows = csv.reader(file)
    assert titles == [f"out {n}" for n in range(len(maps))]
    np.testing.assert_allclose(np.array(rows, float).T, maps, atol=1e-5)


def as_png(paths: list[Path], maps: Maps) -> None:
    for path, wanted in zip(paths, levels(maps, 255), strict=True):
        with Image.open(path) as image:
            assert image.mode == "L"
            assert np.abs(np.asarray(image) - wanted).max() <= 1


def as_png16(paths: list[Path], maps: Maps) -> None:
    for path, wanted in zip(paths, levels(maps, 65535), strict=True):
        with Image.open(path) as image:
            assert image.mode == "I;16"
            assert np.abs(np.asarray(image).astype(float) - wanted).max() <= 2


def as_rgb(paths: list[Path], maps: Maps) -> None:
    with Image.open(paths[0]) as image:
        assert image.mode == "RGB"
        assert np.abs(np.asarray(image).transpose(2, 0, 1) - levels(maps[:3], 255)).max() <= 1


def as_sheet(paths: list[Path], maps: Maps) -> None:
    """Each map, small as it is, stands on it pixel by pixel."""
    with Image.open(paths[0]) as image:
        sheet = np.asarray(image)[:, :, 0].astype(np.int16)
    places = np.lib.stride_tricks.sliding_window_view(sheet, maps.shape[1:])
    for wanted in np.rint(levels(maps, 255)).astype(np.int16):
        near = places[np.abs(places[:, :, 0, 0] - wanted[0, 0]) <= 1]
        assert np.abs(near - wanted).max(axis=(1, 2)).min() <= 1


READERS: dict[str, Callable[[list[Path], Maps], None]] = {
    "png": as_png,
    "png16": as_png16,
    "tiff": as_tiff,
    "csv": as_csv,
    "npy": as_npy,
    "rgb": as_rgb,
    "sheet": as_sheet,
}


# Files for the command line, and documents for the dialog


def layer_files(path: Path, axes: int, outputs: int = OUTPUTS) -> tuple[list[str], Maps]:
    """Options that apply a layer of one tap to noise, written by other programs; and its maps, by numpy.

    axes: 1 a signal of three channels, 2 a picture of three, 3 a volume of six slices.
    """
    noise = np.random.default_rng(0).normal(size=((90, 3), (30, 40, 3), (6, 20, 30))[axes - 1]).astype(np.float32)
    if axes == 1:
        np.savetxt(path / "noise.csv", noise, delimiter=",")
    else:
        tifffile.imwrite(path / "noise.tif", noise, photometric="rgb" if axes == 2 else "minisblack")
    channels = noise[..., None] if axes == 3 else noise
    weights = np.random.default_rng(1).normal(size=(outputs, channels.shape[-1]))
    np.save(path / "w.npy", weights.reshape(*weights.shape, *(1,) * axes))
    maps = np.moveaxis(channels.astype(np.float64) @ weights.T, -1, 0).astype(np.float32)
    name = "noise.csv" if axes == 1 else "noise.tif"
    return [str(path / name), "--weights", str(path / "w.npy"), "--out", str(path / "out")], maps


def document(axes: int, outputs: int = OUTPUTS) -> Document:
    """A signal or a picture under a layer of so many maps."""
    rows = 1 if axes == 1 else 9
    source = Source("a.tif", np.zeros((rows, 12, 3), np.float32), ("a", "b", "c"), 1.0, signal=axes == 1)
    spec = ConvSpec(out_channels=outputs, kernel_size=(min(rows, 3), 3), dims=axes)
    return new_document(source, spec, np.zeros(spec.weight_shape))


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> Callable[..., SaveDialog]:
    """dialog(axes, outputs): for a layer of so many axes and maps."""

    def make(axes: int, outputs: int = OUTPUTS) -> SaveDialog:
        made = SaveDialog(Session(document(axes, outputs)), str(tmp_path))
        qtbot.addWidget(made)
        return made

    return make


@every_with_its_maps
def test_what_is_written_is_what_another_program_reads(format: ExportFormat, axes: int, tmp_path: Path) -> None:
    arguments, maps = layer_files(tmp_path, axes)
    look = ["--normalize", "fixed", "--range", CHOICES["range"]] if format.options else []
    assert main(["apply", *arguments, *look, "--format", format.name]) == 0
    paths = sorted((tmp_path / "out").iterdir())
    assert len(paths) == (OUTPUTS if format.per_map else 1)
    assert all(path.name.startswith("noise_w") and path.name.endswith(format.suffix) for path in paths)
    READERS[format.name](paths, maps)


@every
@pytest.mark.parametrize("axes", [1, 2])
def test_the_dialog_offers_it_where_it_takes_the_maps(
    format: ExportFormat, axes: int, dialog: Callable[..., SaveDialog]
) -> None:
    found = dialog(axes)
    number = found._format.findData(format.name)
    assert (number >= 0) == (axes in format.axes)
    if number >= 0:
        found._format.setCurrentIndex(number)
        assert found._format.currentText() == format.title
        assert found.plan().format is format
        assert f"{format.suffix}\n" in found._files.text()


def test_what_needs_several_maps_is_offered_with_as_many(dialog: Callable[..., SaveDialog]) -> None:
    few = dialog(2, outputs=2)
    offered = [few._format.itemData(n) for n in range(few._format.count())]
    assert offered == [each.name for each in formats(2) if each.least <= 2]
    assert any(each.least > 2 for each in FORMATS)


@every
def test_the_command_lines_help_tells_of_it(format: ExportFormat, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--help"]) == 0
    text = capsys.readouterr().out
    assert format.name in text.partition("--format {")[2].partition("}")[0].split(",")
    assert f"{format.title}: {format.about}" in text


@every
def test_options_that_would_change_nothing_are_refused(
    format: ExportFormat, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, _ = layer_files(tmp_path, format.axes[0])
    assert format.unscaled == (not format.options)
    assert tuple(CHOICES) == LOOK
    for option in set(LOOK) - set(format.options):
        assert main(["apply", *arguments, "--format", format.name, f"--{option}", CHOICES[option]]) == 2
        error = capsys.readouterr().err
        assert f"--format {format.name} h" in error
        assert f"leave out --{option}" in error
        assert not (tmp_path / "out").exists()


@every
def test_maps_that_it_does_not_take_are_refused_before_anything_is_written(
    format: ExportFormat, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = [(axes, OUTPUTS) for axes in (1, 2, 3) if axes not in format.axes]
    for axes, outputs in refused + [(format.axes[0], format.least - 1)] * (format.least > 1):
        arguments, _ = layer_files(tmp_path, axes, outputs)
        assert main(["apply", *arguments, "--format", format.name]) == 2
        assert format.name in capsys.readouterr().err.partition("--format")[2]
        assert not (tmp_path / "out").exists()


def test_no_format_is_left_out_of_the_register() -> None:
    modules = [import_module(f"{folder.__name__}.{each.name}") for each in pkgutil.iter_modules(folder.__path__)]
    described = [value for each in modules for value in vars(each).values() if isinstance(value, ExportFormat)]
    assert sorted(each.name for each in described) == sorted(each.name for each in FORMATS) == sorted(READERS)


@pytest.mark.parametrize("arguments", [["--help"], ["apply", "--help"]])
def test_help_needs_no_numpy(arguments: list[str]) -> None:
    """It comes at once: formats are described without what reads and writes them."""
    code = "import atexit, sys; from convlab.__main__ import main; "
    code += "atexit.register(lambda: print({'numpy', 'PIL', 'tifffile'} & set(sys.modules), file=sys.stderr)); "
    done = subprocess.run([sys.executable, "-c", code + "main(sys.argv[1:])", *arguments], capture_output=True)
    assert done.stderr == b"set()\n"


# A format that nobody knew before: its description with its writer, and a line in the register


def _write_sums(path: Path, maps: Pages) -> None:
    with saving(path) as file:
        for name, values in zip(maps.names, maps.pages, strict=True):
            file.write(f"{name} {values.sum()}\n".encode())


SUMS = ExportFormat(
    name="sums", suffix=".txt", title="Sums as text", about="a line a map", axes=(1, 2), write=_write_sums
)


def test_a_new_format_is_on_the_command_line_and_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, maps = layer_files(tmp_path, 2)
    arguments = ["apply", *arguments, "--format", "sums"]
    assert main(arguments) == 2
    assert "invalid choice" in capsys.readouterr().err
    monkeypatch.setattr(register, "FORMATS", (*FORMATS, SUMS))
    assert main(["apply", "--help"]) == 0
    assert "Sums as text: a line a map" in capsys.readouterr().out
    assert main(arguments) == 0
    (path,) = (tmp_path / "out").iterdir()
    assert path.name == "noise_w.txt"
    found = [float(line.split()[-1]) for line in path.read_text().splitlines()]
    np.testing.assert_allclose(found, maps.sum(axis=(1, 2), dtype=np.float64), rtol=1e-3)
    assert main(arguments) == 2
    assert "noise_w.txt” is there already" in capsys.readouterr().err
    assert main([*arguments, "--colormap", "viridis"]) == 2
    assert "--format sums holds unscaled values: leave out --colormap" in capsys.readouterr().err


def test_a_new_format_is_in_the_dialog_and_is_written(
    dialog: Callable[..., SaveDialog], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register, "FORMATS", (*FORMATS, SUMS))
    found = dialog(2)
    found._format.setCurrentIndex(found._format.findData("sums"))
    assert found._format.currentText() == "Sums as text"
    (path,) = save_maps(found.plan(), Evaluator())
    assert path.name == "a_conv3x3_maps.txt"
    assert path.read_text().splitlines() == [f"out {n} 0.0" for n in range(OUTPUTS)]
    assert format_of("sums") is SUMS
