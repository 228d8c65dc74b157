"""A number that a box cannot hold: nothing of it is cut, nothing is changed by it, and the reason is said in place."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSpinBox
from pytestqt.qtbot import QtBot

from convlab.model import edits
from convlab.model.message import message
from convlab.ui.main_window import MainWindow
from convlab.ui.typed_number import FractionBox, RefusalNote, WholeBox

LABEL = message("edit")


def box_of(window: MainWindow, name: str) -> WholeBox:
    (found,) = (box for box in window.findChildren(WholeBox) if box.accessibleName() == name and box.isVisible())
    return found


def type_over(qtbot: QtBot, box: QAbstractSpinBox, text: str) -> None:
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, text)


def note(window: MainWindow) -> str:
    notes = [found.text() for found in window.findChildren(RefusalNote) if found.isVisible()]
    return notes[0] if notes else ""


def test_4096_outputs_are_4096_outputs(window: MainWindow, qtbot: QtBot, settle: Callable[[], None]) -> None:
    type_over(qtbot, box_of(window, "out_channels"), "4096")
    assert window.workbench.session.document.conv.spec.out_channels == 4096
    settle()
    assert not window.workbench.session.problems
    assert note(window) == ""


@pytest.mark.parametrize(
    ("name", "text", "most"),
    [
        ("out_channels", "40960", 4096),
        ("in_channels", "99999", 4096),
        ("groups", "5000", 4096),
        ("kernel_size height", "1010", 101),
        ("stride width", "2048", 1024),
        ("dilation height", "123456789012", 1024),
        ("padding height", "40960", 4096),
        ("stride height", "-2", 1024),
    ],
)
def test_what_is_not_possible_is_refused_in_place_and_nothing_is_lost(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None], name: str, text: str, most: int
) -> None:
    session = window.workbench.session
    session.apply(lambda d: edits.set_layer(d, padding=(1, 1)), LABEL)
    session.seal()
    before = session.document
    box = box_of(window, name)
    type_over(qtbot, box, text)
    assert box.text() == text  # as typed
    assert session.document == before
    said = note(window)
    assert f"{name} takes {box.minimum()} to {most}" in said
    assert text in said
    assert box.accessibleDescription() in said
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert session.document == before
    assert box.text() == str(box.value())
    assert note(window) == said  # to be read
    box.clearFocus()
    assert note(window) == ""


def test_the_kernels_are_as_they_were_after_a_refused_number(window: MainWindow, qtbot: QtBot) -> None:
    session, box = window.workbench.session, box_of(window, "kernel_size height")
    before = session.document.conv.weight.copy()
    type_over(qtbot, box, "10000")
    box_of(window, "out_channels").setFocus()
    assert (session.document.conv.weight == before).all()
    assert box.value() == before.shape[3]


def test_mending_the_number_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    session, box = window.workbench.session, box_of(window, "out_channels")
    type_over(qtbot, box, "40960")
    qtbot.keyClick(box, Qt.Key.Key_Backspace)
    assert session.document.conv.spec.out_channels == 4096
    assert note(window) == ""


def test_a_fraction_loses_no_digits(window: MainWindow, qtbot: QtBot) -> None:
    session = window.workbench.session
    (bias,) = (box for box in window.findChildren(FractionBox) if box.accessibleName() == "bias value")
    session.apply(lambda d: edits.set_layer(d, bias=True), LABEL)
    before = float(session.document.conv.bias[0])
    for text in ("0.12345", "20000000", "1e9"):
        type_over(qtbot, bias, text)
        assert bias.text() == text
        assert float(session.document.conv.bias[0]) == before
        assert text in note(window)
        qtbot.keyClick(bias, Qt.Key.Key_Return)
    type_over(qtbot, bias, "-0,25")
    assert float(session.document.conv.bias[0]) == -0.25


def test_every_box_of_whole_numbers_takes_what_is_typed(window: MainWindow) -> None:
    from PySide6.QtWidgets import QSpinBox

    assert all(isinstance(box, WholeBox) for box in window.findChildren(QSpinBox))
