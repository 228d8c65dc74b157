"""`convlab apply` gives torch's numbers, says what failed, and never brings Qt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

from convlab.cli import main
from convlab.io.sessions import save_session
from convlab.model.document import new_document
from convlab.model.edits import set_activation
from convlab.model.layer import ConvSpec
from convlab.model.source import Source
from convlab.model.stack_presets import STACK_PRESETS, apply_preset
from convlab.model.view import ViewState


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (40, 50, 3), np.uint8)).save(path)
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def planes(path: Path, bands: str = "RGB") -> torch.Tensor:
    """The photo by Pillow, scaled to 0…1: [1, C, H, W] float32."""
    pixels = np.asarray(Image.open(path).convert("RGBA"), np.float32)
    return torch.from_numpy(pixels[:, :, ["RGBA".index(b) for b in bands]] / np.float32(255)).permute(2, 0, 1)[None]


def run(photo: Path, out: Path, *options: str) -> int:
    return main(["apply", str(photo), "--out", str(out), *options])


def result(out: Path) -> Path:
    """The one .npy file."""
    (path,) = out.glob("*.npy")
    return path


def test_weights_and_bias_are_applied_as_nn_conv2d_applies_them(photo: Path, out: Path, tmp_path: Path) -> None:
    conv = torch.nn.Conv2d(3, 4, (3, 5), stride=(2, 1), padding=(1, 3), dilation=(1, 2), padding_mode="reflect")
    np.save(tmp_path / "w.npy", conv.weight.detach().numpy())
    np.save(tmp_path / "b.npy", conv.bias.detach().numpy())
    options = ["--stride", "2,1", "--padding", "1,3", "--dilation", "1,2", "--padding-mode", "reflect"]
    weights = ["--weights", str(tmp_path / "w.npy"), "--bias", str(tmp_path / "b.npy")]
    assert run(photo, out, *weights, *options, "--format", "npy") == 0
    maps = np.load(result(out))
    expected = conv(planes(photo))[0].detach().numpy()
    assert maps.dtype == np.float32
    assert maps.shape == expected.shape
    assert np.abs(maps - expected).max() < 1e-5


def test_a_transposed_layer_takes_torchs_own_weight_and_output_padding(photo: Path, out: Path, tmp_path: Path) -> None:
    conv = torch.nn.ConvTranspose2d(3, 4, (3, 2), stride=2, padding=1, output_padding=(1, 0), bias=False)
    np.save(tmp_path / "w.npy", conv.weight.detach().numpy())
    options = ["--transposed", "--stride", "2", "--padding", "1", "--output-padding", "1,0", "--format", "npy"]
    assert run(photo, out, "--weights", str(tmp_path / "w.npy"), *options) == 0
    maps, expected = np.load(result(out)), conv(planes(photo))[0].detach().numpy()
    assert maps.shape == expected.shape
    np.testing.assert_allclose(maps, expected, atol=1e-5)


def test_a_preset_acts_on_each_channel_and_keeps_negative_values(photo: Path, out: Path) -> None:
    assert run(photo, out, "--kernel", "sobel-x", "--format", "npy") == 0
    maps = np.load(result(out))
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).repeat(3, 1, 1, 1)
    expected = torch.conv2d(planes(photo), sobel, groups=3)[0].numpy()
    assert maps.shape == (3, 38, 48)
    assert np.abs(maps - expected).max() < 1e-5
    assert maps.min() < -1


def test_with_out_channels_a_preset_reads_every_channel(photo: Path, out: Path) -> None:
    assert run(photo, out, "--kernel", "box", "--out-channels", "2", "--format", "npy") == 0
    expected = torch.conv2d(planes(photo), torch.full((2, 3, 3, 3), 1 / 9))[0].numpy()
    assert np.abs(np.load(result(out)) - expected).max() < 1e-5


def test_channels_are_chosen_and_ordered_and_alpha_is_left_out(out: Path, tmp_path: Path) -> None:
    path = tmp_path / "alpha.png"
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (20, 20, 4), np.uint8)).save(path)
    assert run(path, out, "--kernel", "identity:size=1", "--format", "npy") == 0
    assert np.load(result(out)).shape == (3, 20, 20)
    assert run(path, out, "--kernel", "identity:size=1", "--format", "npy", "--channels", "b,A", "--overwrite") == 0
    assert np.allclose(np.load(result(out)), planes(path, "BA")[0].numpy())


def test_the_luminance_preset_uses_all_three_channels(photo: Path, out: Path) -> None:
    assert run(photo, out, "--kernel", "luminance", "--format", "npy") == 0
    gray = (planes(photo)[0] * torch.tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0)
    assert np.allclose(np.load(result(out))[0], gray.numpy(), atol=1e-6)


def test_16_bit_photos_keep_their_bits(out: Path, tmp_path: Path) -> None:
    path = tmp_path / "deep.tif"
    pixels = np.arange(30 * 40, dtype=np.uint16).reshape(30, 40)
    tifffile.imwrite(path, pixels)
    assert run(path, out, "--kernel", "identity:size=1", "--format", "npy") == 0
    maps = np.load(result(out))
    assert len(np.unique(maps)) == 1200
    assert np.allclose(maps[0] * 65535, pixels, atol=1e-2)


def test_tiff_and_pictures(photo: Path, out: Path) -> None:
    assert run(photo, out, "--kernel", "sobel-bank", "--padding", "same", "--format", "tiff") == 0
    assert tifffile.imread(out / "photo_sobel-bank.tif").shape == (2, 40, 50)
    assert run(photo, out, "--kernel", "sobel-bank", "--format", "png", "--colormap", "PuOr") == 0
    assert sorted(p.name for p in out.glob("*.png")) == ["photo_sobel-bank_out0.png", "photo_sobel-bank_out1.png"]
    assert run(photo, out, "--kernel", "box", "--format", "rgb", "--normalize", "fixed", "--range", "0,1") == 0
    blurred = np.asarray(Image.open(out / "photo_box_rgb.png"))
    expected = torch.conv2d(planes(photo), torch.full((3, 1, 3, 3), 1 / 9), groups=3)[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(blurred - np.rint(expected)).max() <= 1


def test_a_bad_photo_is_one_line_and_the_others_are_written(
    photo: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, gone = tmp_path / "bad.png", tmp_path / "gone.png"
    bad.write_text("no picture")
    code = main(["apply", str(bad), str(photo), str(gone), "--out", str(out), "--kernel", "box", "--format", "npy"])
    assert code == 1
    assert [path.name for path in out.iterdir()] == ["photo_box.npy"]
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 2
    assert "bad.png" in lines[0]
    assert "gone.png" in lines[1]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--kernel", "sobl-x"], "did you mean 'sobel-x'"),
        (["--kernel", "gaussian:sigma=wide"], "not PARAMETER=NUMBER"),
        (["--kernel", "gaussian:sigma=-1"], "sigma is -1"),
        (["--kernel", "box", "--stride", "two"], "'two' is not a whole number"),
        (["--kernel", "box", "--range", "3,1"], "the smaller first"),
        (["--kernel", "box", "--device", "cuda:9"], "cuda:9"),
        (["--weights", "nowhere.npy"], "“nowhere.npy” cannot be read"),
        ([], "required"),
    ],
)
def test_bad_arguments_are_2_and_one_sentence(
    photo: Path, out: Path, options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, out, *options) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert "Traceback" not in error


def test_weights_from_others_are_data_never_code(photo: Path, out: Path, tmp_path: Path) -> None:
    path = tmp_path / "evil.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert run(photo, out, "--weights", str(path)) == 2
    np.save(path, np.full((1, 3, 3, 3), np.nan))
    assert run(photo, out, "--weights", str(path)) == 2
    np.save(path, np.zeros(3))
    assert run(photo, out, "--weights", str(path)) == 2


def test_weights_that_do_not_fit_the_photo_fail_that_photo(
    photo: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "w.npy", np.zeros((2, 5, 3, 3)))
    assert run(photo, out, "--weights", str(tmp_path / "w.npy")) == 1
    assert "3 channels" in capsys.readouterr().err


def test_an_impossible_layer_is_said(photo: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(photo, out, "--kernel", "box", "--padding", "45", "--padding-mode", "reflect") == 1
    assert "at most 39 works" in capsys.readouterr().err


def test_two_photos_of_one_name_do_not_overwrite_each_other(photo: Path, out: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "photo.jpg"
    other.parent.mkdir()
    Image.new("RGB", (9, 9)).save(other)
    assert main(["apply", str(photo), str(other), "--out", str(out), "--kernel", "box"]) == 2


def test_the_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kernels"]) == 0
    listed = capsys.readouterr().out
    for name in ("sobel-x", "gaussian", "gabor", "edge-bank"):
        assert f"  {name} " in listed


def test_the_command_line_never_imports_qt(photo: Path, out: Path) -> None:
    code = (
        "import sys; from convlab.__main__ import main; "
        f"code = main(['apply', {str(photo)!r}, '--out', {str(out)!r}, '--kernel', 'box']); "
        "assert not [m for m in sys.modules if m.startswith('PySide6')]; sys.exit(code)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_a_sessions_layer_is_applied_whole(photo: Path, out: Path, tmp_path: Path) -> None:
    conv = torch.nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1)
    spec = ConvSpec(3, 4, stride=(2, 2), padding=(1, 1), transposed=True, output_padding=(1, 1))
    weight = conv.weight.detach().double().numpy().swapaxes(0, 1).copy()
    pixels = np.zeros((5, 5, 3), np.uint8)
    source = Source("x", pixels, ("R", "G", "B"), 255.0)
    document = new_document(source, spec, weight, conv.bias.detach().double().numpy())
    session = tmp_path / "s.convlab"
    save_session(session, set_activation(document, "relu"), ViewState())
    assert run(photo, out, "--session", str(session), "--format", "npy") == 0
    expected = torch.relu(conv(planes(photo)))[0].detach().numpy()
    np.testing.assert_allclose(np.load(result(out)), expected, atol=1e-5)


def test_a_sessions_stack_gives_the_last_layers_maps(photo: Path, out: Path, tmp_path: Path) -> None:
    pixels = np.asarray(Image.open(photo))
    spec = ConvSpec(3, 1)
    base = new_document(Source("x", pixels.copy(), ("R", "G", "B"), 255.0), spec, np.zeros(spec.weight_shape))
    session = tmp_path / "s.convlab"
    save_session(session, apply_preset(base, STACK_PRESETS["sobel-magnitude"]), ViewState())
    assert run(photo, out, "--session", str(session), "--format", "npy") == 0
    gray = (planes(photo) * torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)
    x = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    edges = torch.nn.functional.conv2d(gray, torch.stack([x, x.T])[:, None], padding=1)
    np.testing.assert_allclose(np.load(result(out))[0], edges.square().sum(1).sqrt()[0], atol=1e-5)
    assert run(photo, out, "--session", str(session)) == 0
    assert (out / "photo_s_out0.png").is_file()


def test_a_session_beside_layer_options_is_refused(
    photo: Path, out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, out, "--session", str(tmp_path / "s.convlab"), "--stride", "2") == 2
    assert "--session has the whole layer" in capsys.readouterr().err
    assert run(photo, out, "--session", str(tmp_path / "gone.convlab")) == 2
    assert "“gone.convlab” was not opened" in capsys.readouterr().err


def test_gray_is_read_as_colour_and_colour_as_luminance_and_stderr_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(11)
    colour = Image.fromarray(rng.integers(0, 256, (9, 10, 3), dtype=np.uint8))
    colour.save(tmp_path / "colour.png")
    colour.convert("L").save(tmp_path / "gray.png")
    for inputs, photo, said in (
        (3, "gray", "“gray.png” is gray, read as R = G = B by weights of 3 inputs"),
        (1, "colour", "luminance"),
    ):
        np.save(tmp_path / "w.npy", rng.normal(size=(2, inputs, 3, 3)))
        options = ["--weights", str(tmp_path / "w.npy"), "--out", str(tmp_path / str(inputs)), "--format", "npy"]
        assert main(["apply", str(tmp_path / f"{photo}.png"), *options]) == 0
        assert said in capsys.readouterr().err
        (path,) = (tmp_path / str(inputs)).glob("*.npy")
        gray = torch.from_numpy(np.asarray(colour.convert("L")) / 255.0)
        wanted = torch.nn.functional.conv2d(
            gray.expand(1, inputs, 9, 10), torch.from_numpy(np.load(tmp_path / "w.npy"))
        )[0]
        np.testing.assert_allclose(np.load(path), wanted, atol=1e-5)
