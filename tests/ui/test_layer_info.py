"""The figures under the form, against torch; the code, run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.app.settings import Settings
from convlab.model import edits
from convlab.model.code import torch_repr
from convlab.model.layer import KINDS, PADDING_MODES, SIZES
from convlab.model.layers.pool import Pool
from convlab.model.message import message
from convlab.model.problems import Limits
from convlab.model.stack import Entry
from convlab.model.stack_code import CODE_STYLES, network_code
from convlab.ui.layer_info import LayerInfo

LABEL = message("edit")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def info(qtbot: QtBot, session: Session, settings: Settings) -> Iterator[LayerInfo]:
    info = LayerInfo(session, settings)
    qtbot.addWidget(info)
    info.resize(300, 400)
    with qtbot.waitExposed(info):
        info.show()
    yield info
    info.close()


def text(info: LayerInfo, name: str) -> str:
    label = info.findChild(QLabel, name)
    assert label is not None
    return label.text().replace("\u00a0", " ").replace("\u202f", " ")


def code(info: LayerInfo) -> str:
    """What somebody finds who turns to the code."""
    QApplication.processEvents()
    view = code_view(info)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Enter))
    return view.toPlainText()


def code_view(info: LayerInfo) -> QPlainTextEdit:
    view = info.findChild(QPlainTextEdit)
    assert view is not None
    return view


def built(program: str) -> torch.nn.Module:
    names: dict[str, object] = {}
    exec(program, names)
    layer = names["layer"]
    assert isinstance(layer, torch.nn.Module)
    return layer


def change(session: Session, **changes: object) -> None:
    session.apply(lambda d: edits.set_layer(d, **changes), LABEL)


def test_the_formula_has_this_layers_numbers(info: LayerInfo, session: Session) -> None:
    assert text(info, "height") == "H_out = ⌊(12 + 1 + 1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 12"
    change(session, padding=(2, 0), stride=(2, 3), dilation=(1, 2), kernel_size=(4, 3))
    assert text(info, "height") == "H_out = ⌊(12 + 2·2 − 1·(4 − 1) − 1) / 2⌋ + 1 = 7"
    assert text(info, "width") == "W_out = ⌊(16 + 2·0 − 2·(3 − 1) − 1) / 3⌋ + 1 = 4"


def test_same_with_an_even_kernel_shows_both_pads(info: LayerInfo, session: Session) -> None:
    change(session, kernel_size=(4, 4))
    assert text(info, "height") == "H_out = ⌊(12 + 1 + 2 − 1·(4 − 1) − 1) / 1⌋ + 1 = 12"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"groups": 3, "padding": "valid"},
        {"stride": (2, 3), "padding": (2, 1), "dilation": (2, 1), "bias": False},
        {"kernel_size": (1, 4), "out_channels": 40, "padding_mode": "reflect"},
    ],
)
def test_shapes_and_parameters_are_torchs(info: LayerInfo, session: Session, changes: dict[str, object]) -> None:
    change(session, **changes)
    layer = built(code(info))
    output = layer(torch.zeros(1, 3, 12, 16))
    weights = sum(p.numel() for p in layer.parameters())
    assert text(info, "input_shape") == "(1, 3, 12, 16)"
    assert text(info, "output_shape") == str(tuple(output.shape))
    assert text(info, "weight_shape") == str(tuple(layer.weight.shape))
    assert text(info, "parameters").split(" = ")[0].replace(" ", "") == str(weights)
    macs = layer.weight.numel() * output.shape[2] * output.shape[3]
    assert text(info, "multiply_accumulates").replace(" ", "") == str(macs)


def test_what_no_window_reaches_is_named(info: LayerInfo, session: Session) -> None:
    assert text(info, "unreached") == "nothing"
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0), stride=(5, 4)), message("edit"))  # 12 × 16, 3 × 3
    assert text(info, "unreached") == "rows 4, columns 1"
    session.apply(lambda d: edits.set_layer(d, padding=(1, 1)), message("edit"))
    assert text(info, "unreached") == "rows 0, columns 2"


def test_the_receptive_field_counts_the_dilation(info: LayerInfo, session: Session) -> None:
    change(session, kernel_size=(3, 4), dilation=(2, 3))
    assert text(info, "receptive_field") == "5 × 10"


def test_the_code_run_gives_the_layer(info: LayerInfo, session: Session) -> None:
    change(session, padding=(1, 2), stride=(1, 2), groups=3, dtype="float64", padding_mode="circular")
    session.apply(lambda d: edits.set_activation(d, "relu"), LABEL)
    session.apply(lambda d: edits.set_weight(d, (0, 0, 1, 1), 1 / 3), LABEL)
    layer, activation = built(code(info))
    document = session.document
    assert isinstance(activation, torch.nn.ReLU)
    assert np.array_equal(layer.weight.detach().numpy(), document.conv.kernel_slices)
    assert np.array_equal(layer.bias.detach().numpy(), document.conv.bias)
    for name in (
        "in_channels",
        "out_channels",
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
    ):
        value = getattr(document.conv.spec, name)
        own = document.conv.spec.torch_sizes(value) if isinstance(value, tuple) else value
        assert getattr(layer, name) == own


def test_the_code_of_a_transposed_layer_has_torchs_weight(info: LayerInfo, session: Session) -> None:
    change(session, transposed=True, stride=(2, 2), groups=3, output_padding=(1, 0), dtype="float64")
    layer = built(code(info))
    document = session.document
    assert isinstance(layer, torch.nn.ConvTranspose2d)
    assert layer.output_padding == (1, 0)
    assert tuple(layer.weight.shape) == (3, 2, 3, 3)
    x = torch.randn(1, 3, 12, 16, dtype=torch.float64)
    assert tuple(layer(x).shape) == (1, 6, *document.output_size)
    weight = layer.weight.detach().numpy()
    for output in range(6):
        np.testing.assert_array_equal(weight[output // 2, output % 2], document.conv.kernel_slices[output, 0])
    assert text(info, "weight_shape") == "(3, 2, 3, 3)"
    assert text(info, "height").replace("\xa0", " ") == "H_out = (12 − 1)·2 − 2·1 + 1·(3 − 1) + 1 + 1 = 24"


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize(
    "changes",
    [
        {"padding": (1, 2), "stride": (2, 3), "output_padding": (1, 2), "groups": 3},
        {"dilation": (2, 1), "bias": False, "padding": (0, 0)},
    ],
)
def test_torch_reports_what_is_shown_and_the_code_makes_it(
    info: LayerInfo, session: Session, kind: str, changes: dict[str, object]
) -> None:
    session.apply(lambda d: edits.set_kind(d, kind), LABEL)
    if KINDS[kind][2] == 3:  # whose input is the photo's channels as slices of one channel
        changes = changes | {"groups": 1, "depth": dict(zip(SIZES, (2, 3, 2, 1, 2), strict=True))}
    change(session, **changes)
    layer = built(code(info))
    assert repr(layer) == torch_repr(session.document.conv.spec)
    shown = text(info, "module")
    assert repr(layer) in shown
    arguments = code(info).split("layer = ")[1].splitlines()[0]
    assert repr(eval(arguments, {"nn": torch.nn})) in shown  # as it is before it is called


@pytest.mark.parametrize("mode", PADDING_MODES)
def test_a_lazy_layers_first_call_is_small_and_accepted(info: LayerInfo, session: Session, mode: str) -> None:
    session.apply(lambda d: edits.set_kind(d, "LazyConv2d"), LABEL)
    change(session, padding_mode=mode, padding=(3, 5), kernel_size=(5, 3))
    layer = built(code(info))
    assert type(layer) is torch.nn.Conv2d
    assert np.array_equal(layer.weight.detach().numpy(), session.document.conv.kernel_slices.astype(np.float32))
    assert "torch.zeros(1, 3, " in code(info)


def test_a_lazy_layer_follows_its_input(session: Session) -> None:
    change(session, in_channels=2)
    session.apply(lambda d: edits.set_kind(d, "LazyConv2d"), LABEL)
    assert session.document.conv.spec.in_channels == 3
    session.apply(lambda d: edits.change_channel(d, 0, used=False), LABEL)
    assert session.document.conv.spec.in_channels == 2


def test_copy_puts_the_code_on_the_clipboard(qtbot: QtBot, info: LayerInfo, session: Session) -> None:
    button = info.findChild(QPushButton)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == code(info)
    pasted = built(QGuiApplication.clipboard().text())
    assert np.array_equal(pasted.weight.detach().numpy(), session.document.conv.kernel_slices.astype(np.float32))


def style_choice(info: LayerInfo) -> QComboBox:
    (box,) = (box for box in info.findChildren(QComboBox) if box.accessibleName() == "Style of the code")
    return box


def test_a_chosen_style_is_shown_copied_and_remembered(
    qtbot: QtBot, info: LayerInfo, session: Session, settings: Settings
) -> None:
    session.apply(lambda d: d.with_layers((*d.layers, Entry(Pool())), d.focus), LABEL)
    assert "model = nn.Sequential(" in code(info)
    style_choice(info).setFocus()
    qtbot.keyClick(style_choice(info), Qt.Key.Key_Down)
    shown = code_view(info).toPlainText()
    assert shown == network_code(session.document, "class")
    button = info.findChild(QPushButton)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == shown
    again = LayerInfo(session, settings)
    qtbot.addWidget(again)
    assert code_view(again).toPlainText() == shown
    assert style_choice(again).currentData() == "class"


def test_every_style_can_be_chosen(info: LayerInfo) -> None:
    box = style_choice(info)
    assert tuple(box.itemData(at) for at in range(box.count())) == CODE_STYLES
    assert box.toolTip()


def test_the_style_is_a_choice_of_several_layers_and_nothing_moves_for_it(info: LayerInfo, session: Session) -> None:
    box, view = style_choice(info), code_view(info)
    assert not box.isVisible()
    before = view.mapTo(info, view.rect().topLeft())
    session.apply(lambda d: edits.set_activation(d, "relu"), LABEL)
    QApplication.processEvents()
    assert box.isVisible()
    assert view.mapTo(info, view.rect().topLeft()) == before
    session.undo()
    assert not box.isVisible()


def test_no_figures_while_torch_would_refuse(info: LayerInfo, session: Session) -> None:
    change(session, groups=2)
    assert text(info, "height") == "H_out = —"
    assert text(info, "output_shape") == text(info, "parameters") == text(info, "receptive_field") == code(info) == "—"
    button = info.findChild(QPushButton)
    assert button is not None
    assert not button.isEnabled()
    session.undo()
    assert text(info, "output_shape") == "(1, 6, 12, 16)"
    assert button.isEnabled()


def test_new_limits_count(info: LayerInfo, session: Session) -> None:
    session.set_limits(Limits(memory_bytes=100))
    assert text(info, "parameters") == "—"


def test_code_of_many_weights_follows_a_moment_later(qtbot: QtBot, info: LayerInfo, session: Session) -> None:
    change(session, out_channels=128)
    assert text(info, "parameters") == "3 584 = 3 456 weights + 128 bias"
    qtbot.waitUntil(lambda: "nn.Conv2d(3, 128" in code(info))
    assert np.array_equal(
        built(code(info)).weight.detach().numpy(), session.document.conv.kernel_slices.astype(np.float32)
    )


def test_code_waits_for_the_hand_and_not_for_who_reads_it(qtbot: QtBot, info: LayerInfo, session: Session) -> None:
    view, button = code_view(info), info.findChild(QPushButton)
    assert button is not None
    before = code(info)

    def drag() -> None:
        for value in (0.125, 0.25, 0.375):
            session.apply(lambda d, value=value: edits.set_weight(d, (0, 0, 0, 0), value), LABEL, "drag")  # type: ignore[misc]  # mypy cannot type a lambda's default

    drag()
    QApplication.processEvents()
    assert view.toPlainText() == before
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "0.375" in copied
    qtbot.waitUntil(lambda: view.toPlainText() == copied)
    session.undo()
    drag()
    assert view.toPlainText() == copied
    view.setFocus()
    assert view.toPlainText() == code(info) == copied
    session.undo()
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.toPlainText() == before


def test_an_edit_leaves_the_place_scrolled_to(info: LayerInfo, session: Session) -> None:
    view = info.findChild(QPlainTextEdit)
    assert view is not None
    view.verticalScrollBar().setValue(5)
    session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), 0.25), LABEL)
    assert "0.25" in code(info)
    assert view.verticalScrollBar().value() == 5


def test_figures_can_be_selected_by_mouse_and_keys_and_explain_themselves(info: LayerInfo) -> None:
    flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    labels = [label for label in info.findChildren(QLabel) if label.objectName()]
    assert len(labels) == 11
    assert all(label.textInteractionFlags() & flags == flags and label.toolTip() for label in labels)
