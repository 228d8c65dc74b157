"""Height × width: linked, apart, and quiet when it is only shown something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convlab.ui.pair_spin import PairSpin


@pytest.fixture
def pair(qtbot: QtBot) -> Iterator[PairSpin]:
    pair = PairSpin("stride", 1, 1024, "Pixels from one window to the next")
    qtbot.addWidget(pair)
    pair.show_value((3, 3))
    with qtbot.waitExposed(pair):
        pair.show()
    yield pair
    pair.close()


def wheel_up(pair: PairSpin) -> QWheelEvent:
    centre = pair.height_spin.rect().center()
    event = QWheelEvent(
        QPointF(centre),
        QPointF(pair.height_spin.mapToGlobal(centre)),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    QApplication.sendEvent(pair.height_spin, event)
    return event


def test_linked_boxes_change_together_at_each_keystroke(qtbot: QtBot, pair: PairSpin) -> None:
    seen: list[object] = []
    pair.value_changed.connect(seen.append)
    pair.height_spin.selectAll()
    qtbot.keyClicks(pair.height_spin, "12")
    assert seen == [(1, 1), (12, 12)]
    assert pair.width_spin.value() == 12


def test_the_chain_parts_the_boxes_and_joins_them_again(qtbot: QtBot, pair: PairSpin) -> None:
    qtbot.mouseClick(pair.link, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(pair.value_changed) as parted:
        qtbot.keyClick(pair.width_spin, Qt.Key.Key_Up)
    assert parted.args == [(3, 4)]
    with qtbot.waitSignal(pair.value_changed) as joined:
        qtbot.mouseClick(pair.link, Qt.MouseButton.LeftButton)
    assert joined.args == [(3, 3)]
    assert pair.value == (3, 3)


def test_the_chain_is_reached_and_pressed_by_keys(qtbot: QtBot, pair: PairSpin) -> None:
    pair.width_spin.setFocus()
    qtbot.keyClick(pair.width_spin, Qt.Key.Key_Tab)
    assert pair.link.hasFocus()
    qtbot.keyClick(pair.link, Qt.Key.Key_Space)
    assert not pair.link.isChecked()


def test_a_pair_that_differs_is_shown_unlinked_and_nothing_is_announced(qtbot: QtBot, pair: PairSpin) -> None:
    with qtbot.assertNotEmitted(pair.value_changed):
        pair.show_value((2, 5))
    assert pair.value == (2, 5)
    assert not pair.link.isChecked()


def test_a_value_out_of_reach_for_typing_is_shown_as_it_is(pair: PairSpin) -> None:
    pair.show_value((0, 5000))
    assert pair.value == (0, 5000)


def test_what_is_being_typed_stays_as_typed(qtbot: QtBot, pair: PairSpin) -> None:
    pair.height_spin.selectAll()
    qtbot.keyClicks(pair.height_spin, "03")
    pair.show_value((3, 3))
    assert pair.height_spin.text() == "03"


def test_the_wheel_turns_only_the_box_that_has_the_focus(qtbot: QtBot, pair: PairSpin) -> None:
    pair.link.setFocus()
    with qtbot.assertNotEmitted(pair.value_changed):
        assert not wheel_up(pair).isAccepted()
    pair.height_spin.setFocus()
    with qtbot.waitSignal(pair.value_changed) as turned:
        wheel_up(pair)
    assert turned.args == [(4, 4)]


def test_leaving_a_box_says_that_the_change_has_ended(qtbot: QtBot, pair: PairSpin) -> None:
    pair.height_spin.setFocus()
    with qtbot.waitSignal(pair.finished):
        qtbot.keyClick(pair.height_spin, Qt.Key.Key_Tab)


def test_names_and_tips(pair: PairSpin) -> None:
    assert pair.height_spin.accessibleName() == "stride height"
    assert pair.width_spin.accessibleName() == "stride width"
    assert all(part.toolTip() for part in (pair.height_spin, pair.width_spin, pair.link))


def test_the_chain_follows_a_value_that_is_shown_anew(qtbot: QtBot, pair: PairSpin) -> None:
    """A scene with a 2 × 5 kernel, then one with 3 × 3: the chain was left open for good."""
    pair.show_value((2, 5))
    pair.show_value((4, 4))
    assert pair.link.isChecked()
    pair.set_dims(3)
    assert not pair.link.isChecked()
    pair.set_dims(2)
    assert pair.link.isChecked()


def test_the_chain_that_the_person_opened_stays_open_while_the_boxes_are_changed(qtbot: QtBot, pair: PairSpin) -> None:
    qtbot.mouseClick(pair.link, Qt.MouseButton.LeftButton)
    qtbot.keyClick(pair.width_spin, Qt.Key.Key_Up)
    pair.show_value((3, 4))
    qtbot.keyClick(pair.width_spin, Qt.Key.Key_Down)
    pair.show_value((3, 3))
    assert not pair.link.isChecked()
