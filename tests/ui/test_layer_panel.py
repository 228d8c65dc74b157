"""All of nn.Conv2d by keys: each control changes its parameter, undo brings it back, refusals can be mended."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.ui.link_button import LinkButton
from convlab.ui.main_window import MainWindow
from convlab.ui.pair_spin import PairSpin
from convlab.ui.problem_notice import ProblemNotice


def control(window: MainWindow, name: str) -> QWidget:
    """The control of the layer panel with this accessible name."""
    found = [
        widget
        for widget in window.layer_form.findChildren(QWidget)
        if widget.accessibleName() == name and isinstance(widget, (QAbstractSpinBox, QComboBox, QCheckBox))
    ]
    assert len(found) == 1, f"{name}: {len(found)} controls"
    return found[0]


def type_number(qtbot: QtBot, widget: QWidget, text: str) -> None:
    """Click into the field, type over what is there, press Enter."""
    assert isinstance(widget, QSpinBox)
    widget.setFocus()
    widget.selectAll()
    qtbot.keyClicks(widget, text)
    qtbot.keyClick(widget, Qt.Key.Key_Return)


def choose(qtbot: QtBot, widget: QWidget, data: str) -> None:
    """Walk through the list by keys to the entry."""
    assert isinstance(widget, QComboBox)
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_Home)
    for _ in range(widget.count()):
        if widget.currentData() == data:
            return
        qtbot.keyClick(widget, Qt.Key.Key_Down)
    raise AssertionError(f"no entry {data}")


NUMBERS = [
    ("in_channels", "2", "in_channels", 2),
    ("out_channels", "12", "out_channels", 12),
    ("groups", "3", "groups", 3),
    ("kernel_size height", "5", "kernel_size", (1, 5, 5)),
    ("stride width", "2", "stride", (1, 2, 2)),
    ("dilation height", "3", "dilation", (1, 3, 3)),
]


@pytest.mark.parametrize(("name", "typed", "field", "value"), NUMBERS)
def test_typing_changes_the_parameter_and_undo_brings_it_back(
    window: MainWindow, qtbot: QtBot, name: str, typed: str, field: str, value: object
) -> None:
    session = window.workbench.session
    before = session.document
    type_number(qtbot, control(window, name), typed)
    assert getattr(session.document.conv.spec, field) == value
    window.menus.undo.trigger()
    assert session.document == before
    shown = before.conv.spec.in_channels if field == "in_channels" else getattr(before.conv.spec, field)
    assert control(window, name).value() == (shown[1] if isinstance(shown, tuple) else shown)


CHOICES = [("padding_mode", "reflect"), ("padding_mode", "circular"), ("padding", "valid"), ("dtype", "float64")]


@pytest.mark.parametrize(("name", "value"), CHOICES)
def test_choosing_changes_the_parameter_and_the_maps(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None], name: str, value: str
) -> None:
    choose(qtbot, control(window, name), value)
    settle()
    assert getattr(window.workbench.session.document.conv.spec, name) == value
    assert not window.workbench.session.problems


def test_every_parameter_of_torch_has_its_control_and_tooltip(window: MainWindow) -> None:
    names = list(inspect.signature(torch.nn.Conv2d.__init__).parameters)[1:]
    there = {w.accessibleName(): w for w in window.layer_form.findChildren(QWidget) if w.accessibleName()}
    for name in names:
        parts = [name] if name in there else [f"{name} height", f"{name} width"]
        for part in parts:
            assert part in there, part
            assert there[part].toolTip(), part


def test_padding_in_numbers(window: MainWindow, qtbot: QtBot) -> None:
    padding = control(window, "padding")
    assert isinstance(padding, QComboBox)
    numbers = [padding.itemData(n) for n in range(padding.count()) if padding.itemData(n) not in ("same", "valid")]
    choose(qtbot, padding, numbers[0])
    type_number(qtbot, control(window, "padding height"), "4")
    assert window.workbench.session.document.conv.spec.padding == (0, 4, 4)


def test_bias_off_and_on_keeps_its_values(window: MainWindow, qtbot: QtBot) -> None:
    session = window.workbench.session
    window.kernels.bias.setFocus()
    window.kernels.bias.selectAll()
    qtbot.keyClicks(window.kernels.bias, "0.75")
    assert session.document.conv.bias[0] == 0.75
    bias = control(window, "bias")
    qtbot.mouseClick(bias, Qt.MouseButton.LeftButton, pos=QPoint(8, bias.height() // 2))
    assert not session.document.conv.spec.bias
    assert not window.kernels.bias.isEnabled()
    window.menus.undo.trigger()
    assert session.document.conv.spec.bias
    assert session.document.conv.bias[0] == 0.75


@pytest.mark.parametrize(
    ("name", "typed", "field", "mended"),
    [
        ("groups", "2", "groups", 1),
        ("in_channels", "7", "in_channels", 3),
        ("stride height", "2", "padding", (0, 1, 1)),
    ],
)
def test_a_refusal_is_explained_and_mended_by_its_button(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None], name: str, typed: str, field: str, mended: object
) -> None:
    session = window.workbench.session
    type_number(qtbot, control(window, name), typed)
    assert session.problems[0].field == field
    notice = window.layer_form.findChild(ProblemNotice)
    assert notice is not None
    button = next(b for b in notice.findChildren(QPushButton) if b.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not session.problems
    assert getattr(session.document.conv.spec, field) == mended
    settle()


def test_typing_a_large_size_digit_by_digit_loses_no_weight(window: MainWindow, qtbot: QtBot) -> None:
    session = window.workbench.session
    before = session.document
    type_number(qtbot, control(window, "kernel_size height"), "13")
    assert session.document.conv.spec.kernel_size == (1, 13, 13)
    assert abs(session.document.conv.weight).sum() == pytest.approx(abs(before.conv.weight).sum())
    window.menus.undo.trigger()
    assert session.document == before


def test_unlinked_pairs_change_apart(window: MainWindow, qtbot: QtBot) -> None:
    pair = next(
        p for p in window.layer_form.findChildren(PairSpin) if control(window, "dilation height") in p.children()
    )
    qtbot.mouseClick(pair.findChild(LinkButton), Qt.MouseButton.LeftButton)
    type_number(qtbot, control(window, "dilation height"), "4")
    assert window.workbench.session.document.conv.spec.dilation == (1, 4, 1)


def test_the_copied_code_builds_the_same_layer(window: MainWindow, qtbot: QtBot) -> None:
    window.workbench.session.apply(lambda d: edits.set_layer(d, groups=3, out_channels=6), message("edit"))
    button = next(b for b in window.layer_info.findChildren(QPushButton) if "Copy" in b.accessibleName())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    names: dict[str, object] = {}
    exec(QGuiApplication.clipboard().text(), names)
    layer = names["layer"]
    assert isinstance(layer, torch.nn.Conv2d)
    assert (layer.in_channels, layer.out_channels, layer.groups) == (3, 6, 3)
    weight = torch.tensor(window.workbench.session.document.conv.kernel_slices).float()
    assert torch.equal(layer.weight, weight)
