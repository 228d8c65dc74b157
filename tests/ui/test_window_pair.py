"""The pair: Conv2d and its transpose with shared weights, in the explain panel."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812  (torch's own convention)
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow

LABEL = message("test")


@pytest.fixture
def paired(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A strided layer on a small matrix, the pair in sight."""
    session = window.workbench.session
    window.workbench.opener.use_matrix(np.arange(64.0).reshape(1, 8, 8) % 7)
    weight = np.array([[[[1.0, 2, 1], [0, 1, 0], [0, -1, 2]]]])
    session.apply(lambda d: edits.set_whole_layer(d, weight), LABEL)
    session.apply(lambda d: edits.set_layer(d, stride=(2, 2), padding=(1, 1), bias=True), LABEL)
    window.menus.explain.trigger()
    with qtbot.waitSignal(window.workbench.scheduler.paired):
        window.explain.tabs.setCurrentWidget(window.explain.pair)
    qtbot.waitUntil(lambda: window.explain.pair.maps["A x"].values is not None)
    return window


def test_gather_scatter_and_the_two_numbers_are_torchs(paired: MainWindow) -> None:
    view = paired.explain.pair
    shown = {name: torch.from_numpy(np.array(each.values))[None, None] for name, each in view.maps.items()}
    weight = torch.tensor([[[[1.0, 2, 1], [0, 1, 0], [0, -1, 2]]]], dtype=torch.float64)
    torch.testing.assert_close(shown["A x"], F.conv2d(shown["x"], weight, stride=2, padding=1))
    back = F.conv_transpose2d(shown["y"], weight, stride=2, padding=1, output_padding=1)
    torch.testing.assert_close(shown["Aᵀ y"], back)
    product = float((shown["A x"] * shown["y"]).sum())
    assert view.left.text() == f"⟨A x, y⟩ = {product:g}".replace("-", "−")
    assert view.right.text() == f"⟨x, Aᵀ y⟩ = {product:g}".replace("-", "−")
    ones = F.conv_transpose2d(torch.ones_like(shown["y"]), torch.ones_like(weight), None, 2, 1, 1)
    torch.testing.assert_close(shown["counts"], ones)
    assert "7, 8 give the same output, output_padding 1 picks 8" in view.sizes.text()


def test_the_numbers_follow_a_weight_and_the_seed(paired: MainWindow, qtbot: QtBot) -> None:
    view = paired.explain.pair
    before = view.left.text()
    paired.workbench.session.apply(lambda d: edits.set_weight(d, (0, 0, 1, 1), 9.0), LABEL)
    qtbot.waitUntil(lambda: view.left.text() != before)
    assert view.left.text().split("=")[1] == view.right.text().split("=")[1]
    before = view.left.text()
    view.seed.setValue(5)
    qtbot.waitUntil(lambda: view.left.text() != before)
    assert view.left.text().split("=")[1] == view.right.text().split("=")[1]


def test_a_layer_without_a_transpose_says_why(paired: MainWindow, qtbot: QtBot) -> None:
    view = paired.explain.pair
    paired.workbench.session.apply(lambda d: edits.set_layer(d, padding_mode="reflect"), LABEL)
    qtbot.waitUntil(lambda: view.refusal.isVisible())
    assert "padding_mode 'zeros' only" in view.refusal.text()
    paired.menus.undo.trigger()
    qtbot.waitUntil(lambda: not view.refusal.isVisible())
