"""The one form on layers of other kinds: what holds of a convolution's fields holds of theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.model import edits, stack_edits
from convlab.model.layers.base import Layer
from convlab.model.layers.norm import BatchNorm, GroupNorm, InstanceNorm
from convlab.model.layers.pad import MODES, Pad
from convlab.model.layers.pointwise import Pointwise, PReLU
from convlab.model.layers.pool import Pool
from convlab.model.layers.register import LAYERS
from convlab.model.layers.upsample import Upsample
from convlab.model.message import message
from convlab.ui.form_scroll import FormScroll
from convlab.ui.layer_form import LayerForm
from convlab.ui.tone_label import ToneLabel

LABEL = message("edit")
LEFT = Qt.MouseButton.LeftButton
EVERY = [layer for kind in LAYERS for layer in kind.offered()]


@pytest.fixture
def form(qtbot: QtBot, session: Session) -> Iterator[LayerForm]:
    form = LayerForm(session)
    window: QScrollArea = FormScroll(form)
    qtbot.addWidget(window)
    window.resize(300, 500)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    yield form
    window.close()


def add(session: Session, layer: Layer) -> int:
    """Behind all others, and in focus; its place."""
    place = len(session.document.layers)
    session.apply(lambda d: stack_edits.add_layer(d, layer, place), LABEL)
    session.choose_layer(place)
    return place


def control(form: LayerForm, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    (found,) = (w for w in form.findChildren(kind) if w.accessibleName() == name and w.isVisible())
    return found


def type_number(qtbot: QtBot, form: LayerForm, name: str, text: str) -> None:
    box = control(form, name, QAbstractSpinBox)
    box.setFocus()
    box.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(box, text)


def shown_controls(form: LayerForm) -> list[str]:
    kinds = (QAbstractSpinBox, QComboBox, QCheckBox)
    return [w.accessibleName() for kind in kinds for w in form.findChildren(kind) if w.isVisible()]


def marked(form: LayerForm) -> list[str]:
    labels = (label for label in form.findChildren(ToneLabel) if label.isVisible() and label.buddy())
    return [label.text() for label in labels if label.text().startswith("⚠ ")]


def test_typing_is_one_step_and_what_was_typed_on_the_way_leaves_no_trace(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    place = add(session, Pool())
    before = session.document
    type_number(qtbot, form, "kernel_size height", "11")
    layer = session.document.layers[place].layer
    assert layer.value("kernel_size") == (1, 11, 11)
    assert session.history.past[-1].document == before
    session.undo()
    assert session.document == before
    assert control(form, "kernel_size height").value() == 2  # type: ignore[attr-defined]


def test_a_convolution_before_it_gets_its_kernels_back_when_its_outputs_pass_through_one(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    add(session, Pool())
    session.choose_layer(0)
    before = session.document.conv.weight
    type_number(qtbot, form, "kernel_size height", "11")
    assert (session.document.conv.weight[..., 4:7, 4:7] == before).all()


def test_what_torch_would_refuse_is_marked_explained_and_mended(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    place = add(session, Pool())
    type_number(qtbot, form, "padding height", "3")
    assert marked(form) == ["⚠ padding"]
    assert "half of kernel_size" in form.notice.sentence.text()
    assert "half of kernel_size" in form.fields["padding"].accessibleDescription()
    qtbot.mouseClick(form.notice.button, LEFT)
    assert session.document.layers[place].layer.value("padding") == (0, 1, 1)
    assert not marked(form)
    assert not form.notice.isVisible()
    assert form.fields["padding"].accessibleDescription() == ""


def test_a_layer_before_it_that_does_not_fit_is_named_and_mended_there(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    pool = add(session, Pool(padding=(3, 3)))
    last = add(session, Pointwise("relu"))
    assert "Layer 2, MaxPool2d" in form.notice.sentence.text()
    assert not marked(form)
    qtbot.mouseClick(form.notice.button, LEFT)
    assert session.document.layers[pool].layer.value("padding") == (0, 1, 1)
    assert session.document.focus == last
    assert not form.notice.isVisible()


def test_what_is_marked_of_one_layer_is_not_of_the_next(form: LayerForm, session: Session) -> None:
    session.apply(lambda d: edits.set_layer(d, groups=2), LABEL)
    assert marked(form) == ["⚠ groups"]
    add(session, Pool())
    assert not marked(form)
    session.choose_layer(0)
    assert marked(form) == ["⚠ groups"]


def test_each_layer_has_its_own_fields_and_a_convolution_its_activation(form: LayerForm, session: Session) -> None:
    at_first = shown_controls(form)
    assert {"layer", "in_channels follows input", "activation"} < set(at_first)
    add(session, BatchNorm())
    assert shown_controls(form) == ["eps"]
    assert form.table.isVisible()
    assert form.table.numbers.rowCount() == session.document.layers[0].layer.out_channels(3)
    add(session, Pointwise("leaky_relu"))
    assert sorted(shown_controls(form)) == ["function", "negative_slope"]
    assert not form.table.isVisible()
    session.choose_layer(0)
    assert shown_controls(form) == at_first


def test_a_second_layer_of_a_kind_shows_its_own_values(form: LayerForm, session: Session) -> None:
    first = add(session, Pool(kernel_size=(3, 2)))
    second = add(session, Pool(kernel_size=(2, 2)))
    for place, sizes, linked in ((first, (3, 2), False), (second, (2, 2), True)):
        session.choose_layer(place)
        assert form.fields["kernel_size"].value == sizes  # type: ignore[union-attr]
        assert control(form, "kernel_size linked", QAbstractButton).isChecked() == linked  # type: ignore[attr-defined]


def test_rows_of_numbers_follow_the_channels_before(form: LayerForm, session: Session) -> None:
    place = add(session, BatchNorm())
    session.apply(lambda d: stack_edits.set_parameter(d, 0, "out_channels", 5), LABEL)
    assert session.document.focus == place
    assert form.table.numbers.rowCount() == 5


def test_another_class_takes_the_whole_stack_with_it(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    pool = add(session, Pool("max", (3, 2), (3, 2)))
    session.choose_layer(0)
    before = session.document
    box = control(form, "layer", QComboBox)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    kinds = [entry.layer.kind for entry in session.document.layers]
    assert kinds == ["LazyConvTranspose3d", *("MaxPool3d" if n == pool else "" for n in range(1, len(kinds)))]
    session.choose_layer(pool)
    assert session.document.layers[pool].layer.value("kernel_size") == (3, 3, 2)
    depth = control(form, "stride depth", QSpinBox)
    assert depth.isVisible()
    type_number(qtbot, form, "stride depth", "1")
    assert session.document.layers[pool].layer.value("stride") == (1, 3, 2)
    session.undo()
    session.undo()
    assert session.document.layers == before.layers


def test_a_class_that_is_locked_is_not_shown_as_chosen(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    """After the sentence that says so the box still showed the other class."""
    before = session.document
    session.set_locks(frozenset({"source"}))
    box = control(form, "layer", QComboBox)
    box.setFocus()
    with qtbot.waitSignal(session.refused):
        qtbot.keyClick(box, Qt.Key.Key_End)
    assert session.document == before
    assert box.currentText() == "Conv2d"  # type: ignore[attr-defined]


def test_a_lock_is_of_the_convolution_alone(form: LayerForm, session: Session) -> None:
    session.set_locks(frozenset({"stride", "activation"}))
    assert not form.fields["stride"].isEnabled()
    assert not control(form, "activation").isEnabled()
    add(session, Pool())
    assert form.fields["stride"].isEnabled()
    session.choose_layer(0)
    assert not form.fields["stride"].isEnabled()
    session.set_locks(frozenset())
    assert form.fields["stride"].isEnabled()


@pytest.mark.parametrize("layer", EVERY, ids=lambda layer: layer.kind)
def test_no_kind_is_cut_at_its_sides(qtbot: QtBot, form: LayerForm, session: Session, layer: Layer) -> None:
    scroll = form.window()
    assert isinstance(scroll, QScrollArea)
    scroll.resize(scroll.minimumWidth(), 60)  # as narrow as it goes, with its bar
    add(session, layer)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().isVisible())
    qtbot.waitUntil(lambda: scroll.viewport().width() >= form.minimumSizeHint().width())
    for name in shown_controls(form):
        box = control(form, name)
        assert box.mapTo(form, box.rect().topLeft()).x() >= 0
        assert box.mapTo(form, box.rect().topRight()).x() < scroll.viewport().width()


def test_a_wider_form_than_the_first_one_is_not_cut(qtbot: QtBot, session: Session) -> None:
    """A program that starts with a narrow form in sight: BatchNorm2d's one number."""
    add(session, BatchNorm())
    form = LayerForm(session)
    scroll = FormScroll(form)
    qtbot.addWidget(scroll)
    with qtbot.waitExposed(scroll):
        scroll.show()
    scroll.resize(scroll.minimumWidth(), 60)
    narrow = form.minimumSizeHint().width()
    session.choose_layer(0)
    qtbot.waitUntil(lambda: scroll.viewport().width() >= form.minimumSizeHint().width() > narrow)
    scroll.close()


@pytest.mark.parametrize("layer", EVERY, ids=lambda layer: layer.kind)
def test_what_is_said_under_the_fields_is_of_the_layer(form: LayerForm, session: Session, layer: Layer) -> None:
    add(session, layer)
    texts = [label.text() for label in form.findChildren(QWidget) if hasattr(label, "text") and label.isVisible()]
    channels = session.document.layers[0].layer.out_channels(3)
    code = [step.text for step in layer.steps(channels, session.document.conv.spec)]
    assert "\n".join(code) in texts


def test_a_layer_that_does_not_fit_still_says_what_it_reads(form: LayerForm, session: Session) -> None:
    channels = session.document.conv.spec.out_channels
    add(session, GroupNorm(channels + 1))
    shown = [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    assert f"nn.GroupNorm({channels + 1}, {channels})" in shown
    assert any(text.startswith(f"{channels} × ") for text in shown)


def test_each_side_of_a_pad_is_typed_by_itself_below_0_too(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    place = add(session, Pad("zeros", (1, 1, 1, 1)))
    before = session.document
    type_number(qtbot, form, "padding top", "-2")
    assert session.document.layers[place].layer == Pad("zeros", (1, 1, -2, 1))
    box = control(form, "padding top", QAbstractSpinBox)
    box.clearFocus()
    assert box.text() == "−2"  # type: ignore[attr-defined]
    assert box.valueFromText("−2") == box.valueFromText("-2") == -2  # type: ignore[attr-defined]
    assert session.history.past[-1].document == before
    type_number(qtbot, form, "padding right", "3")
    assert session.document.layers[place].layer == Pad("zeros", (1, 3, -2, 1))


def test_a_pad_has_the_sides_of_its_axes(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    place = add(session, Pad("zeros", (1, 2, 3, 4)))
    sides = {"Conv1d": "left right", "Conv3d": "left right top bottom front back", "Conv2d": "left right top bottom"}
    for kind, named in sides.items():
        session.apply(lambda d, kind=kind: edits.set_kind(d, kind), LABEL)
        assert session.document.layers[place].layer.kind == f"ZeroPad{kind[-2:]}"
        shown = [name for name in shown_controls(form) if name.startswith("padding ")]
        assert shown == [f"padding {side}" for side in named.split()]
        choice = control(form, "mode", QComboBox)
        texts = [choice.itemText(n) for n in range(choice.count())]  # type: ignore[attr-defined]
        assert texts[0] == f"ZeroPad{kind[-2:]}"
        assert texts == [Pad(mode).in_dims(int(kind[-2])).kind for mode in MODES]
        type_number(qtbot, form, f"padding {shown[-1].split()[-1]}", "5")
        assert session.document.layers[place].layer.value("padding")[-1] == 5
        assert len(session.document.layers[place].layer.value("padding")) == len(shown)


def test_values_between_have_torchs_word_and_a_size_for_each_axis(
    qtbot: QtBot, form: LayerForm, session: Session
) -> None:
    place = add(session, Upsample("bilinear", (1, 1)))
    for kind, word in (("Conv1d", "linear"), ("Conv3d", "trilinear"), ("Conv2d", "bilinear")):
        session.apply(lambda d, kind=kind: edits.set_kind(d, kind), LABEL)
        choice = control(form, "mode", QComboBox)
        assert [choice.itemText(n) for n in range(choice.count())] == ["nearest", word]  # type: ignore[attr-defined]
        assert choice.currentText() == word  # type: ignore[attr-defined]
        names = [name.split()[-1] for name in shown_controls(form) if name.startswith("scale_factor ")]
        assert names == ["depth", "height", "width"][3 - int(kind[-2]) :]
        choice.activated.emit(0)  # type: ignore[attr-defined]
        assert session.document.layers[place].layer.value("mode") == "nearest"
        choice.activated.emit(1)  # type: ignore[attr-defined]
        assert session.document.layers[place].layer.value("mode") == word
    session.apply(lambda d: edits.set_kind(d, "Conv3d"), LABEL)
    type_number(qtbot, form, "scale_factor depth", "3")
    assert session.document.layers[place].layer == Upsample("trilinear", (3, 1, 1), 3)


def test_weights_of_channels_are_shown_where_there_are_such(qtbot: QtBot, form: LayerForm, session: Session) -> None:
    place = add(session, PReLU())
    assert not form.table.isVisible()
    type_number(qtbot, form, "init", "0.5")
    assert session.document.layers[place].layer == PReLU(init=0.5)
    type_number(qtbot, form, "num_parameters", "6")
    assert form.table.isVisible()
    assert "init" not in shown_controls(form)
    numbers = form.table.numbers
    assert [numbers.index(row, 0).data() for row in range(numbers.rowCount())] == ["0.5"] * 6
    assert numbers.setData(numbers.index(2, 0), "-1")
    assert session.document.layers[place].layer == PReLU(6, 0.5, (0.5, 0.5, -1.0, 0.5, 0.5, 0.5))
    other = add(session, InstanceNorm())
    assert not form.table.isVisible()
    control(form, "affine", QCheckBox).click()  # type: ignore[attr-defined]
    assert session.document.layers[other].layer == InstanceNorm(True)
    assert form.table.isVisible()
