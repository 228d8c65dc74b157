"""Presets have the figures of their sources, and do to a picture what their names say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from convlab.model import kernel_actions, kernels
from convlab.model.charts import chart_names, draw_chart
from convlab.model.layer_presets import edge_bank, sobel_bank
from convlab.model.message import ConvLabError
from convlab.model.presets import PRESETS, preset


def applied(kernel: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """Cross-correlation by torch in float64, same size."""
    weight = torch.tensor(np.ascontiguousarray(kernel))[None, None]
    return torch.conv2d(torch.tensor(picture)[None, None], weight, padding="same")[0, 0].numpy()


STEP = np.zeros((9, 10))
STEP[:, 5:] = 1.0
IMPULSE = np.zeros((9, 9))
IMPULSE[4, 4] = 1.0


@pytest.mark.parametrize(
    "name", ["identity", "box", "gaussian", "motion-blur", "sharpen", "unsharp-mask", "emboss", "shift"]
)
def test_kernels_that_keep_brightness_sum_to_1(name: str) -> None:
    assert PRESETS[name].kernel().sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, each in PRESETS.items()
        if each.kind == "kernel" and each.category in ("Edges", "Second derivative", "Lines and texture")
    ],
)
def test_derivative_kernels_sum_to_0(name: str) -> None:
    assert PRESETS[name].kernel().sum() == pytest.approx(0, abs=1e-12)


def test_sobel_x_answers_4_at_a_step_from_dark_to_bright() -> None:
    answer = applied(kernels.sobel_x(), STEP)[4]
    assert answer[4] == answer[5] == 4
    assert answer[1:4].tolist() == [0, 0, 0]
    assert np.array_equal(applied(kernels.sobel_y(), STEP)[2:-2], np.zeros((5, 10)))
    assert applied(kernels.sobel_y(), STEP.T.copy())[5, 4] == 4


def test_published_figures() -> None:
    assert kernels.sobel_x().tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert kernels.scharr_x().tolist() == [[-3, 0, 3], [-10, 0, 10], [-3, 0, 3]]
    assert kernels.prewitt_y().tolist() == [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]
    assert kernels.laplacian4().tolist() == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    assert kernels.sharpen().tolist() == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
    assert kernels.emboss().tolist() == [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
    assert kernels.compass(2).tolist() == [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    assert kernels.line(45).tolist() == [[-1, -1, 2], [-1, 2, -1], [2, -1, -1]]


@pytest.mark.parametrize(("right", "down"), [(1, 0), (-2, 0), (0, 3), (2, -1)])
def test_shift_moves_the_picture_as_it_says(right: int, down: int) -> None:
    moved = applied(kernels.shift(right, down), IMPULSE)
    assert np.argwhere(moved == 1).tolist() == [[4 + down, 4 + right]]


def test_gaussian_is_its_formula() -> None:
    kernel = kernels.gaussian(1.5)
    assert kernel.shape == (11, 11)
    assert kernel[5, 6] / kernel[5, 5] == pytest.approx(np.exp(-1 / (2 * 1.5**2)))
    variance = (kernel.sum(axis=0) * (np.arange(11) - 5) ** 2).sum()
    assert variance == pytest.approx(1.5**2, rel=0.02)


@pytest.mark.parametrize(("angle", "along"), [(0, (0, 1)), (90, (1, 0)), (45, (-1, 1)), (135, (1, 1))])
def test_motion_blur_lies_along_its_angle(angle: int, along: tuple[int, int]) -> None:
    kernel = kernels.motion_blur(7, angle)
    middle = len(kernel) // 2
    assert kernel[middle + along[0], middle + along[1]] > 5 * kernel[middle + along[1], middle - along[0]]


def test_motion_blur_along_a_row_is_a_row_of_equal_weights() -> None:
    assert kernels.motion_blur(5, 0)[2].tolist() == pytest.approx([0.2] * 5)
    assert kernels.motion_blur(5, 0).sum(axis=1).tolist() == pytest.approx([0, 0, 1, 0, 0])
    weights = [kernels.motion_blur(4, 0)[2, column] for column in range(5)]
    assert weights == pytest.approx([1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8])


def test_gabor_answers_to_waves_of_its_direction_and_length() -> None:
    y, x = np.indices((64, 64))
    kernel = kernels.gabor(8, 0, 3)
    own = np.abs(applied(kernel, np.cos(2 * np.pi * x / 8))[16:48, 16:48]).max()
    across = np.abs(applied(kernel, np.cos(2 * np.pi * y / 8))[16:48, 16:48]).max()
    longer = np.abs(applied(kernel, np.cos(2 * np.pi * x / 24))[16:48, 16:48]).max()
    assert own > 10 * across
    assert own > longer * np.exp(2 * np.pi**2 * 3**2 * (1 / 8 - 1 / 24) ** 2)  # the envelope's Fourier transform


def test_each_line_detector_answers_most_to_its_own_line() -> None:
    lines = {0: IMPULSE * 0, 45: np.eye(9)[::-1].copy(), 90: IMPULSE * 0, 135: np.eye(9)}
    lines[0][4, :], lines[90][:, 4] = 1, 1
    for angle, picture in lines.items():
        answers = {other: applied(kernels.line(other), picture)[4, 4] for other in lines}
        assert max(answers, key=answers.__getitem__) == angle
        assert answers[angle] == 6


@pytest.mark.parametrize("direction", range(8))
def test_the_compass_answers_most_where_it_points(direction: int) -> None:
    y, x = np.indices((9, 9)) - 4.0
    angle = np.radians(45 * direction)
    slope = x * np.cos(angle) - y * np.sin(angle)
    answers = [applied(kernels.compass(n), slope)[4, 4] for n in range(8)]
    assert int(np.argmax(answers)) == direction


def test_the_sobel_bank_is_sobel_of_bt601_luminance() -> None:
    weight = sobel_bank(3).weight
    assert weight.shape == (2, 3, 3, 3)
    assert np.allclose(weight.sum(axis=1)[0], kernels.sobel_x())
    assert np.allclose(weight[0, :, 1, 2], [0.598, 1.174, 0.228])
    assert edge_bank(1).weight.shape == (8, 1, 3, 3)


@pytest.mark.parametrize("channels", [1, 2, 3, 6])
@pytest.mark.parametrize("name", [name for name, each in PRESETS.items() if each.kind == "layer"])
def test_layer_presets_are_valid_weights_for_any_number_of_channels(name: str, channels: int) -> None:
    result = PRESETS[name].layer(channels)
    if result.dims == 3:
        volume = torch.rand(1, channels, 4, 9, 9, dtype=torch.float64)
        torch.conv3d(volume, torch.tensor(result.weight), groups=result.groups)
        return
    torch.conv2d(
        torch.rand(1, channels, 20, 20, dtype=torch.float64), torch.tensor(result.weight), groups=result.groups
    )


def test_every_preset_takes_the_ends_of_its_parameters() -> None:
    for each in PRESETS.values():
        assert each.description
        for end in ("minimum", "maximum"):
            values = {parameter.name: getattr(parameter, end) for parameter in each.parameters}
            if each.kind == "kernel":
                assert np.isfinite(each.kernel(**values)).all(), each.name


def test_an_unknown_preset_or_parameter_is_said() -> None:
    with pytest.raises(ConvLabError, match="did you mean 'sobel-x'"):
        preset("sobelx")
    with pytest.raises(ConvLabError, match="no parameter 'width'"):
        preset("gaussian").kernel(width=3)
    with pytest.raises(ConvLabError, match="sigma is -1"):
        preset("gaussian").kernel(sigma=-1)


def test_actions() -> None:
    kernel = np.array([[1.0, 2], [3, 4]])
    assert kernel_actions.rotate_90(kernel).tolist() == [[2, 4], [1, 3]]
    assert kernel_actions.flip_horizontal(kernel).tolist() == [[2, 1], [4, 3]]
    assert kernel_actions.flip_vertical(kernel).tolist() == [[3, 4], [1, 2]]
    assert kernel_actions.transpose(kernel).tolist() == [[1, 3], [2, 4]]
    assert kernel_actions.normalize_sum(kernel).sum() == 1
    assert np.abs(kernel_actions.normalize_absolute_sum(-kernel)).sum() == 1
    with pytest.raises(ConvLabError, match="sum to 0"):
        kernel_actions.normalize_sum(kernels.sobel_x())
    with pytest.raises(ConvLabError):
        kernel_actions.normalize_absolute_sum(kernel * 0)


def test_random_weights_are_torchs_distribution_and_come_again_from_their_seed() -> None:
    fill = kernel_actions.random_action("default", 3, fan_in=27)
    drawn = np.stack([fill(np.zeros((3, 3))) for _ in range(400)])
    assert not np.array_equal(drawn[0], drawn[1])
    again = kernel_actions.random_action("default", 3, fan_in=27)
    assert np.array_equal(again(np.zeros((3, 3))), drawn[0])
    reference = torch.nn.Conv2d(3, 400, 3).weight.detach().numpy()
    assert np.abs(drawn).max() == pytest.approx(np.abs(reference).max(), rel=0.02)
    assert drawn.std() == pytest.approx(reference.std(), rel=0.05)


@pytest.mark.parametrize("name", chart_names())
def test_charts_are_gray_sources_of_black_to_white(name: str) -> None:
    chart = draw_chart(name)
    assert chart.pixels.dtype == np.uint8
    assert chart.channel_names == ("gray",)
    assert np.ptp(chart.pixels) > 100


def test_the_impulse_shows_the_kernel_turned_by_180_degrees() -> None:
    impulse = draw_chart("impulse").pixels[:, :, 0] / 255.0
    kernel = np.arange(9.0).reshape(3, 3)
    assert np.array_equal(applied(kernel, impulse)[31:34, 31:34], kernel[::-1, ::-1])
