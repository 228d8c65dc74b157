"""The first look: a photo and Sobel already on screen, and the maps are torch's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.document import Document
from convlab.model.message import message
from convlab.model.view import TileKey
from convlab.ui.main_window import MainWindow

LABEL = message("edit")


def torch_maps(document: Document) -> np.ndarray:
    """The layer by torch itself, in float64, on the photo scaled to 0…1: [C_out, H, W]."""
    layer, source = document.conv.spec, document.source
    conv = torch.nn.Conv2d(
        layer.in_channels,
        layer.out_channels,
        layer.torch_sizes(layer.kernel_size),
        layer.torch_sizes(layer.stride),
        layer.padding if isinstance(layer.padding, str) else layer.torch_sizes(layer.padding),
        layer.torch_sizes(layer.dilation),
        layer.groups,
        layer.bias,
        layer.padding_mode,
        dtype=torch.float64,
    )
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(document.conv.kernel_slices))
        if layer.bias:
            conv.bias.copy_(torch.tensor(document.conv.bias))
        used = [channel.index for channel in document.input_channels]
        photo = np.array(source.pixels[:, :, used], dtype=np.float64) / source.max_value
        return conv(torch.tensor(photo).permute(2, 0, 1)[None])[0].numpy()


def gray_levels(values: np.ndarray) -> np.ndarray:
    """A map in gray, its smallest value black and its largest white."""
    return np.rint((values - values.min()) / (values.max() - values.min()) * 255)


def test_the_first_start_shows_the_photo_with_sobel_as_torch_computes_it(window: MainWindow) -> None:
    document = window.workbench.session.document
    expected = torch_maps(document)
    assert document.source.size == (512, 512)
    assert expected.shape == (2, 512, 512)
    for output in range(2):
        tile = window.maps.maps.tile(TileKey("map", output))
        assert tile is not None
        assert tile.limits is not None
        region = tile.region
        shown = expected[
            output,
            region.top : region.top + region.rows * region.step : region.step,
            region.left : region.left + region.cols * region.step : region.step,
        ]
        low, high = tile.limits
        levels = np.clip(np.rint((shown - low) / (high - low) * 255), 0, 255)
        assert tile.pixels.shape == shown.shape
        assert np.abs(tile.pixels.astype(float) - levels).max() <= 1


def test_sobel_on_screen_is_sobel_of_the_gray_photo_not_of_red_alone(window: MainWindow) -> None:
    document = window.workbench.session.document
    gray = (document.source.pixels / 255.0) @ np.array([0.299, 0.587, 0.114])
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=torch.float64)
    expected = torch.conv2d(torch.tensor(gray)[None, None], sobel[None, None], padding="same")[0, 0].numpy()
    assert np.allclose(torch_maps(document)[0], expected, atol=1e-12)


def test_a_changed_weight_changes_the_pixels_of_its_map_alone(window: MainWindow, settle: Callable[[], None]) -> None:
    grid = window.maps.maps
    before = [grid.tile(TileKey("map", o)) for o in range(2)]
    window.workbench.session.apply(lambda d: edits.set_weight(d, (1, 0, 1, 1), 5.0), LABEL)
    settle()
    after = [grid.tile(TileKey("map", o)) for o in range(2)]
    assert np.array_equal(before[0].pixels, after[0].pixels)
    assert not np.array_equal(before[1].pixels, after[1].pixels)


def test_contributions_plus_bias_are_the_map(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> None:
    session = window.workbench.session
    session.apply(lambda d: edits.set_bias(d, 0, 0.25), LABEL)
    settle()
    with qtbot.waitSignal(window.workbench.scheduler.probed, check_params_cb=lambda v: TileKey("map", 0) in v):
        session.set_view(cursor=(100.5, 200.5))
    parts = [window.maps.contributions.value(TileKey("contribution", n)) for n in range(3)]
    total = window.maps.maps.value(TileKey("map", 0))
    assert np.isclose(sum(parts) + 0.25, total, atol=1e-6)
    assert np.isclose(total, torch_maps(session.document)[0, 100, 200], atol=1e-6)
    red = session.document.source.pixels[100, 200, 0] / 255
    assert np.isclose(window.inputs.row(0).grid.value(TileKey("input", 0)), red, atol=1e-6)
    assert "(200, 100)" in window.statusBar().readout


def test_a_burst_of_edits_ends_on_the_last_one(window: MainWindow, settle: Callable[[], None]) -> None:
    session = window.workbench.session
    for step in range(200):
        session.apply(lambda d, v=step / 50: edits.set_weight(d, (0, 0, 0, 0), v), LABEL, "drag")
    settle()
    tile = window.maps.maps.tile(TileKey("map", 0))
    expected = torch_maps(session.document)[0]
    low, high = tile.limits
    levels = np.clip(np.rint((expected[:: tile.region.step, :: tile.region.step] - low) / (high - low) * 255), 0, 255)
    assert np.abs(tile.pixels.astype(float) - levels).max() <= 1


def test_an_impossible_layer_keeps_the_last_maps_and_says_why(window: MainWindow, settle: Callable[[], None]) -> None:
    session = window.workbench.session
    before = window.maps.maps.tile(TileKey("map", 0))
    session.apply(lambda d: edits.set_layer(d, groups=2), LABEL)
    settle()
    assert session.problems[0].field == "groups"
    assert window.maps.maps.tile(TileKey("map", 0)) is before
    session.undo()
    settle()
    assert not session.problems


def test_every_control_has_an_accessible_name(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit

    nameless = []
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox):
        for control in window.findChildren(kind):
            text = control.text() if isinstance(control, QAbstractButton) else ""
            own = not control.objectName().startswith("qt_") and not isinstance(control.parent(), QLineEdit)
            if own and control.isVisibleTo(window) and not (control.accessibleName() or text or control.toolTip()):
                nameless.append((type(control).__name__, control.parent()))
    assert not nameless
