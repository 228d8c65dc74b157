"""The form driven as a person would: every parameter, every refusal, undo."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import message
from convlab.model.problems import Limits
from convlab.ui.layer_form import LayerForm
from convlab.ui.problem_notice import ProblemNotice
from convlab.ui.tone_label import ToneLabel

LABEL = message("edit")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def form(qtbot: QtBot, session: Session) -> Iterator[LayerForm]:
    window = QScrollArea()
    form = LayerForm(session)
    window.setWidget(form)
    window.setWidgetResizable(True)
    qtbot.addWidget(window)
    window.resize(300, 500)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    yield form
    window.close()


def control(form: LayerForm, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    return next(w for w in form.findChildren(kind) if w.accessibleName() == name)


def spin(form: LayerForm, name: str) -> QSpinBox:
    found = control(form, name, QSpinBox)
    assert isinstance(found, QSpinBox)
    return found


def type_number(qtbot: QtBot, form: LayerForm, name: str, text: str) -> None:
    box = spin(form, name)
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)


def choose(qtbot: QtBot, form: LayerForm, name: str, text: str) -> None:
    """Choose an entry by the arrow keys."""
    box = control(form, name, QComboBox)
    assert isinstance(box, QComboBox)
    box.setFocus()
    steps = box.findText(text) - box.currentIndex()
    for _ in range(abs(steps)):
        qtbot.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)


def unlink(qtbot: QtBot, form: LayerForm, name: str) -> None:
    qtbot.mouseClick(control(form, f"{name} linked"), LEFT)


def notice(form: LayerForm) -> tuple[str, QPushButton]:
    found = form.findChild(ProblemNotice)
    assert found is not None
    assert found.isVisible()
    return found.sentence.text(), found.button


def marked(form: LayerForm) -> list[str]:
    return [label.text() for label in form.findChildren(ToneLabel) if label.text().startswith("⚠ ") and label.buddy()]


@pytest.mark.parametrize("field", ["in_channels", "out_channels", "groups"])
def test_a_number_is_in_the_document_as_typed_and_undo_brings_it_back(
    qtbot: QtBot, form: LayerForm, session: Session, field: str
) -> None:
    before = getattr(session.document.conv.spec, field)
    type_number(qtbot, form, field, "12")
    assert getattr(session.document.conv.spec, field) == 12
    session.undo()
    assert getattr(session.document.conv.spec, field) == before
    assert spin(form, field).value() == before
    assert not session.history.past


@pytest.mark.parametrize("field", ["kernel_size", "stride", "padding", "dilation"])
def test_a_pair_linked_and_apart(qtbot: QtBot, form: LayerForm, session: Session, field: str) -> None:
    session.apply(lambda d: edits.set_layer(d, padding=(0, 0)), LABEL)
    before = getattr(session.document.conv.spec, field)
    type_number(qtbot, form, f"{field} height", "2")
    assert session.document.conv.spec.torch_sizes(getattr(session.document.conv.spec, field)) == (2, 2)
    unlink(qtbot, form, field)
    type_number(qtbot, form, f"{field} width", "13")
    assert session.document.conv.spec.torch_sizes(getattr(session.document.conv.spec, field)) == (2, 13)
    for _ in range(2):
        session.undo()
    assert getattr(session.document.conv.spec, field) == before
    assert (spin(form, f"{field} height").value(), spin(form, f"{field} width").value()) == before[1:]


@pytest.mark.parametrize(
    ("field", "text"),
    [("padding", "valid"), ("padding_mode", "replicate"), ("padding_mode", "circular"), ("dtype", "bfloat16")],
)
def test_a_choice(qtbot: QtBot, form: LayerForm, session: Session, field: str, text: str) -> None:
    before = session.document
    choose(qtbot, form, field, text)
    assert getattr(session.document.conv.spec, field) == text
    session.undo()
    assert session.document == before
    assert control(form, field, QComboBox).currentText() == getattr(before.conv.spec, field)


def test_a_cuda_device_can_be_chosen_once_it_is_known(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    session.set_limits(Limits(devices=("cpu", "cuda:0")))
    choose(qtbot, form, "device", "cuda:0")
    assert session.document.conv.spec.device == "cuda:0"
    assert not session.problems


def test_a_device_of_another_machine_is_shown_and_mended(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    session.apply(lambda d: edits.set_layer(d, device="cuda:3"), LABEL)
    box = control(form, "device", QComboBox)
    assert box.currentText() == "cuda:3"  # type: ignore[attr-defined]
    assert marked(form) == ["⚠ device"]
    qtbot.mouseClick(notice(form)[1], LEFT)
    assert session.document.conv.spec.device == "cpu"


def test_bias_is_switched_by_a_click(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    box = control(form, "bias", QCheckBox)
    qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert not session.document.conv.spec.bias
    session.undo()
    assert session.document.conv.spec.bias
    assert box.isChecked()  # type: ignore[attr-defined]


def test_the_activation_after_the_layer(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    choose(qtbot, form, "activation", "Tanh")
    assert session.document.activation == "tanh"
    session.undo()
    assert session.document.activation == "none"
    assert control(form, "activation", QComboBox).currentText() == "none"  # type: ignore[attr-defined]


def test_in_channels_by_hand_stops_following_until_asked_again(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    box = control(form, "in_channels follows input", QCheckBox)
    assert isinstance(box, QCheckBox)
    assert box.isChecked()
    type_number(qtbot, form, "in_channels", "2")
    assert not session.document.conv.in_channels_follows
    assert not box.isChecked()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert session.document.conv.in_channels_follows
    assert session.document.conv.spec.in_channels == spin(form, "in_channels").value() == 3
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert not session.document.conv.in_channels_follows


def test_typing_a_larger_kernel_keeps_the_weights_although_it_passes_through_a_smaller_one(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    before = session.document.conv.weight
    type_number(qtbot, form, "kernel_size height", "11")
    assert np.array_equal(session.document.conv.weight[..., 4:7, 4:7], before)
    assert len(session.history.past) == 1


def test_changes_of_one_field_are_one_step_until_the_focus_leaves(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    box = spin(form, "out_channels")
    box.setFocus()
    for _ in range(3):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    assert len(session.history.past) == 1
    qtbot.keyClick(box, Qt.Key.Key_Tab)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert [step.document.conv.spec.out_channels for step in session.history.past] == [6, 9]


def test_the_undo_key_in_a_box_undoes_the_document(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), form.window())
    shortcut.activated.connect(session.undo)
    type_number(qtbot, form, "groups", "3")
    qtbot.keySequence(spin(form, "groups"), QKeySequence(QKeySequence.StandardKey.Undo))
    assert session.document.conv.spec.groups == 1
    assert spin(form, "groups").text() == "1"


def test_the_numbers_of_same_are_shown_and_become_the_padding(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    type_number(qtbot, form, "kernel_size height", "5")
    assert spin(form, "padding height").value() == 2
    assert not spin(form, "padding height").isEnabled()
    choose(qtbot, form, "padding", "numbers")
    assert session.document.conv.spec.padding == (0, 2, 2)
    assert spin(form, "padding height").isEnabled()


def test_groups_that_do_not_divide_are_marked_explained_and_mended(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    type_number(qtbot, form, "groups", "2")
    sentence, button = notice(form)
    assert sentence == "⚠ groups 2 must divide in_channels 3 and out_channels 6: 1 does."
    assert marked(form) == ["⚠ groups"]
    assert "must divide" in spin(form, "groups").accessibleDescription()
    assert button.text() == "Use groups 1"
    qtbot.mouseClick(button, LEFT)
    assert session.document.conv.spec.groups == spin(form, "groups").value() == 1
    assert not session.problems
    assert not marked(form)
    assert form.findChild(ProblemNotice).isHidden()
    assert spin(form, "groups").accessibleDescription() == ""


def test_same_with_a_stride_is_mended_by_the_nearest_numbers(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    type_number(qtbot, form, "stride height", "2")
    sentence, button = notice(form)
    assert "only with stride 1" in sentence
    assert marked(form) == ["⚠ padding"]
    qtbot.mouseClick(button, LEFT)
    assert session.document.conv.spec.padding == (0, 1, 1)
    assert not session.problems
    assert control(form, "padding", QComboBox).currentText() == "numbers"  # type: ignore[attr-defined]


def test_reflect_padding_as_large_as_the_photo(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    choose(qtbot, form, "padding", "numbers")
    choose(qtbot, form, "padding_mode", "reflect")
    type_number(qtbot, form, "padding height", "12")
    sentence, button = notice(form)
    assert "at most 11 works" in sentence
    qtbot.mouseClick(button, LEFT)
    assert session.document.conv.spec.padding == (0, 11, 12)
    assert not session.problems


def test_a_kernel_larger_than_the_padded_input(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    choose(qtbot, form, "padding", "valid")
    type_number(qtbot, form, "kernel_size height", "15")
    sentence, button = notice(form)
    assert "The kernel spans 15" in sentence
    assert marked(form) == ["⚠ kernel_size"]
    qtbot.mouseClick(button, LEFT)
    assert session.document.conv.spec.kernel_size == (1, 12, 15)
    assert not session.problems
    session.undo()
    assert session.document.conv.spec.kernel_size == (1, 15, 15)
    assert notice(form)[0] == sentence


def test_nothing_moves_under_the_hand_when_a_sentence_appears(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    controls = [*form.findChildren(QAbstractSpinBox), *form.findChildren(QComboBox), *form.findChildren(QCheckBox)]
    before = [(c.mapTo(form, c.rect().topLeft()), c.size()) for c in controls]
    type_number(qtbot, form, "groups", "2")
    button = notice(form)[1]
    qtbot.waitUntil(lambda: button.mapTo(form, button.rect().topLeft()).y() > 300)
    assert [(c.mapTo(form, c.rect().topLeft()), c.size()) for c in controls] == before


def test_names_are_torchs_and_every_control_has_a_tip(form: LayerForm) -> None:
    kinds = (torch.nn.Conv2d, torch.nn.ConvTranspose2d)
    parameters = {name for kind in kinds for name in inspect.signature(kind.__init__).parameters} - {"self"}
    controls = [*form.findChildren(QAbstractSpinBox), *form.findChildren(QComboBox), *form.findChildren(QCheckBox)]
    names = {c.accessibleName() for c in controls}
    for axis in (" depth", " height", " width"):
        names = {name.removesuffix(axis) for name in names}
    assert names == parameters | {"layer", "activation", "in_channels follows input"}
    assert all(c.toolTip() for c in controls)


def test_showing_a_document_makes_no_edit(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    changes = {
        "stride": (1, 2, 3),
        "padding": (0, 4, 5),
        "groups": 3,
        "bias": False,
        "dtype": "float64",
        "kernel_size": (1, 5, 7),
    }
    with qtbot.waitSignals([session.document_changed]):
        session.apply(lambda d: edits.set_layer(d, **changes), LABEL)
    assert len(session.history.past) == 1
    assert all(getattr(session.document.conv.spec, name) == value for name, value in changes.items())
    assert spin(form, "padding width").value() == 5


def test_the_panel_is_usable_at_280_pixels(form: LayerForm) -> None:
    assert form.minimumSizeHint().width() <= 270


def test_the_chains_follow_what_is_no_edit_of_the_person(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    """After a lesson on volumes all chains stayed open: 'stride to 1' was 1 × 2."""
    session.apply(lambda d: edits.set_layer(d, stride=(2, 2), padding=(0, 0)), LABEL)
    unlink(qtbot, form, "stride")
    type_number(qtbot, form, "out_channels", "7")
    link = control(form, "stride linked", QAbstractButton)
    assert not link.isChecked()  # the person's own edit beside it changes nothing
    session.apply(lambda d: edits.set_layer(d, kernel_size=(5, 5)), LABEL)  # a preset, a scene
    assert link.isChecked()
    type_number(qtbot, form, "stride height", "1")
    assert session.document.conv.spec.stride == (1, 1, 1)
    session.apply(lambda d: edits.in_dims(d, 3), LABEL)
    session.apply(lambda d: edits.in_dims(d, 2), LABEL)
    names = ("kernel_size", "stride", "padding", "dilation")
    assert all(control(form, f"{name} linked", QAbstractButton).isChecked() for name in names)
