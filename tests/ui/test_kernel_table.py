"""The table of the chosen kernel by itself: how much a cell holds, the wheel, what is left alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import message
from convlab.ui.kernel_table import WIDE, KernelTable

EDIT = message("edit")


@pytest.fixture
def table(qtbot: QtBot, session: Session) -> Iterator[KernelTable]:
    table = KernelTable(session)
    qtbot.addWidget(table)
    table.resize(260, 260)
    table.show()
    table.setFocus()
    yield table
    table.hide()


def set_size(session: Session, side: int) -> None:
    session.apply(lambda d: edits.set_layer(d, kernel_size=(side, side)), EDIT)


def center(table: KernelTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.model().index(row, column)).center()


def wheel(table: KernelTable, angle: int) -> None:
    point = center(table, 1, 1)
    event = QWheelEvent(
        QPointF(point),
        QPointF(table.viewport().mapToGlobal(point)),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(table.viewport(), event)


@pytest.mark.parametrize("side", [1, 2, 3, 5, 7, WIDE + 2, 51])
def test_a_kernel_is_seen_without_scrolling(table: KernelTable, session: Session, qtbot: QtBot, side: int) -> None:
    set_size(session, side)
    table.resize(table.width(), table.sizeHint().height())
    qtbot.waitUntil(lambda: table.rowHeight(0) * side <= table.viewport().height())
    assert table.columnWidth(0) * side <= table.viewport().width()


@pytest.mark.parametrize("side", [3, 5, 7, 11, 15])
def test_every_number_fits_its_cell(table: KernelTable, session: Session, side: int) -> None:
    set_size(session, side)
    for scale in (1.0, 0.01, 30.0):
        weight = np.random.default_rng(0).normal(0, scale, session.document.conv.weight.shape)
        session.apply(lambda d, weight=weight: edits.set_weights(d, weight), EDIT)
        texts = [table.model().index(row, column).data() for row in range(side) for column in range(side)]
        widest = max(table.fontMetrics().horizontalAdvance(text) for text in texts)
        assert widest <= table.columnWidth(0)


def test_a_tiny_cell_has_an_editor_wide_enough_to_type_in(table: KernelTable, session: Session, qtbot: QtBot) -> None:
    set_size(session, 51)
    last = table.model().index(50, 50)
    table.resize(table.width(), table.sizeHint().height())
    table.setCurrentIndex(last)
    table.edit(last)
    editor = table.findChild(QLineEdit)
    assert editor.width() >= 60
    assert table.viewport().rect().contains(editor.geometry())
    qtbot.keyClicks(editor, "-2,5")
    assert session.document.conv.kernel_slices[0, 0, 50, 50] == -2.5
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not table.findChildren(QLineEdit))


def test_just_typing_replaces_the_current_weight(table: KernelTable, session: Session, qtbot: QtBot) -> None:
    table.setCurrentIndex(table.model().index(1, 1))
    qtbot.keyClicks(table, "7")
    assert session.document.conv.kernel_slices[0, 0, 1, 1] == 7
    qtbot.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not table.findChildren(QLineEdit))


@pytest.mark.parametrize("text", ["1/0", "abc", "NaN", "1e400", ""])
def test_bad_text_is_refused_with_a_sentence(table: KernelTable, session: Session, qtbot: QtBot, text: str) -> None:
    start = session.document
    index = table.model().index(0, 0)
    with qtbot.waitSignal(table.refused) as refusal:
        assert not table.model().setData(index, text)
    assert refusal.args[0].endswith(".")
    assert session.document is start


def test_parts_of_a_wheel_step_add_up_to_steps(table: KernelTable, session: Session) -> None:
    session.apply(lambda d: edits.set_weight(d, (0, 0, 1, 1), 0.0), EDIT)
    table.setCurrentIndex(table.model().index(1, 1))
    for _ in range(7):
        wheel(table, 40)
    assert session.document.conv.kernel_slices[0, 0, 1, 1] == 0.2


def test_the_wheel_over_another_cell_changes_nothing(table: KernelTable, session: Session) -> None:
    table.setCurrentIndex(table.model().index(0, 0))
    start = session.document
    wheel(table, 120)
    assert session.document is start


def test_a_kernel_that_shrinks_under_a_drag_is_left_alone(table: KernelTable, session: Session, qtbot: QtBot) -> None:
    point = center(table, 2, 2)
    qtbot.mousePress(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
    set_size(session, 1)
    small = session.document
    qtbot.mouseMove(table.viewport(), point - QPoint(0, 60))
    qtbot.mouseRelease(table.viewport(), Qt.MouseButton.LeftButton, pos=point - QPoint(0, 60))
    assert session.document is small
