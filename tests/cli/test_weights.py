"""Weights of 2, 3 and 5 axes are a kernel's, Conv1d's and Conv3d's, as torch computes them; frames are chosen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from photo_files import Run, names
from PIL import Image

RNG = np.random.default_rng(4)


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """A stack of 6 gray frames of 16 bits."""
    path = tmp_path / "frames.tif"
    tifffile.imwrite(path, RNG.integers(0, 65536, (6, 20, 30), np.uint16), photometric="minisblack")
    return path


@pytest.fixture
def signal(tmp_path: Path) -> Path:
    path = tmp_path / "signal.csv"
    path.write_text("left,right\n" + "".join(f"{a},{b}\n" for a, b in RNG.normal(size=(50, 2)).tolist()))
    return path


def saved(tmp_path: Path, values: torch.Tensor) -> Path:
    np.save(tmp_path / "w.npy", values.detach().numpy())
    return tmp_path / "w.npy"


def only(out: Path) -> np.ndarray:
    (path,) = out.glob("*.npy")
    return np.load(path)


@pytest.mark.parametrize("transposed", [False, True])
def test_three_axes_are_conv1ds(apply: Run, signal: Path, out: Path, tmp_path: Path, transposed: bool) -> None:
    kind = torch.nn.ConvTranspose1d if transposed else torch.nn.Conv1d
    conv = kind(2, 4, 5, stride=2, padding=3, dilation=2, bias=False, groups=2)
    options = ["--stride", "2", "--padding", "3", "--dilation", "2", "--groups", "2", "--format", "npy"]
    options += ["--transposed"] if transposed else []
    assert apply(signal, "--weights", saved(tmp_path, conv.weight), *options) == 0
    samples = torch.from_numpy(np.loadtxt(signal, delimiter=",", skiprows=1, dtype=np.float32).T.copy())
    np.testing.assert_allclose(only(out), conv(samples[None])[0].detach().numpy(), atol=1e-5)


def test_causal_padding_is_conv1ds(apply: Run, signal: Path, out: Path, tmp_path: Path) -> None:
    weights = saved(tmp_path, torch.ones(1, 2, 3))
    assert apply(signal, "--weights", weights, "--padding", "causal", "--format", "npy") == 0
    assert only(out).shape == (1, 50)


@pytest.mark.parametrize("transposed", [False, True])
def test_five_axes_are_conv3ds(apply: Run, frames: Path, out: Path, tmp_path: Path, transposed: bool) -> None:
    kind = torch.nn.ConvTranspose3d if transposed else torch.nn.Conv3d
    conv = kind(1, 2, (3, 2, 3), stride=(1, 2, 2), padding=(1, 0, 2))
    np.save(tmp_path / "b.npy", conv.bias.detach().numpy())
    options = ["--stride", "1,2,2", "--padding", "1,0,2", "--format", "npy", "--bias", tmp_path / "b.npy"]
    options += ["--transposed"] if transposed else []
    assert apply(frames, "--weights", saved(tmp_path, conv.weight), *options) == 0
    volume = torch.from_numpy(tifffile.imread(frames).astype(np.float32) / 65535)[None, None]
    expected = conv(volume)[0].detach().numpy()
    assert only(out).shape == expected.shape
    np.testing.assert_allclose(only(out), expected, atol=1e-5)


def test_two_axes_are_one_kernel(apply: Run, photo: Path, out: Path, tmp_path: Path) -> None:
    kernel = torch.randn(3, 5, dtype=torch.float64)
    weights = saved(tmp_path, kernel)
    planes = torch.from_numpy(np.asarray(Image.open(photo)) / 255.0).permute(2, 0, 1)[None]
    assert apply(photo, "--weights", weights, "--format", "npy") == 0
    expected = torch.conv2d(planes, kernel.repeat(3, 1, 1, 1), groups=3)[0]
    np.testing.assert_allclose(only(out), expected, atol=1e-5)
    options = ("--out-channels", "2", "--kernel-size", "5", "--padding", "same", "--format", "npy", "--overwrite")
    assert apply(photo, "--weights", weights, *options) == 0
    padded = torch.nn.functional.pad(kernel, (0, 0, 1, 1)).repeat(2, 3, 1, 1)
    np.testing.assert_allclose(only(out), torch.conv2d(planes, padded, padding="same")[0], atol=1e-5)


@pytest.mark.parametrize("ndim", [1, 6])
def test_other_axes_are_refused(apply: Run, photo: Path, tmp_path: Path, ndim: int) -> None:
    np.save(tmp_path / "w.npy", np.ones((1,) * ndim))
    assert apply(photo, "--weights", tmp_path / "w.npy") == 2


def test_a_layer_of_signals_or_volumes_has_its_own_formats(
    apply: Run, signal: Path, frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(signal, "--weights", saved(tmp_path, torch.ones(1, 2, 3))) == 2
    assert "signals" in capsys.readouterr().err
    assert apply(frames, "--weights", saved(tmp_path, torch.ones(1, 1, 3, 3, 3))) == 2
    assert "npy or tiff" in capsys.readouterr().err
    assert apply(frames, "--weights", tmp_path / "w.npy", "--format", "tiff", "--frame", "2") == 2
    assert "--frame" in capsys.readouterr().err


def test_a_photo_of_one_frame_is_no_volume(
    apply: Run, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(photo, "--weights", saved(tmp_path, torch.ones(1, 3, 3, 3, 3)), "--format", "npy") == 1
    assert "has one frame" in capsys.readouterr().err


def test_the_first_frame_is_taken_and_said_or_the_one_that_is_named(
    apply: Run, frames: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--kernel", "identity:size=1", "--format", "npy", "--overwrite")
    for number, chosen in enumerate((None, 1, 6)):
        assert apply(frames, *options, *([] if chosen is None else ["--frame", chosen])) == 0
        lines = capsys.readouterr().err.splitlines()
        assert [line for line in lines if "frame 1 of 6" in line] == lines
        assert len(lines) == (number == 0)
        stored = tifffile.imread(frames)[(chosen or 1) - 1]
        np.testing.assert_allclose(only(out)[0] * 65535, stored, atol=1e-2)
    assert apply(frames, *options, "--frame", "7") == 1
    assert "no frame 7" in capsys.readouterr().err


def test_a_frame_of_a_signal_is_refused(
    apply: Run, signal: Path, photo: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert apply(signal, "--kernel", "causal-average", "--format", "csv", "--frame", "1") == 2
    assert apply(signal, photo, "--kernel", "box", "--frame", "1") == 1
    error = capsys.readouterr().err
    assert "signal.csv" in error
    assert names(out) == [f"photo_box_out{n}.png" for n in range(3)]
