"""A preset's parameters beside other edits, and the bias field."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QSpinBox
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.message import message
from convlab.model.presets import PRESETS
from convlab.ui.bias_field import BiasField
from convlab.ui.preset_strip import PresetStrip

EDIT = message("edit")


@pytest.fixture
def strip(qtbot: QtBot, session: Session) -> PresetStrip:
    strip = PresetStrip(session)
    qtbot.addWidget(strip)
    strip.start(PRESETS["gaussian"], "row", (0, 0))
    return strip


def set_sigma(strip: PresetStrip, sigma: float) -> None:
    strip._values["sigma"].setValue(sigma)  # type: ignore[arg-type]


def test_all_changes_of_a_preset_are_one_step(strip: PresetStrip, session: Session) -> None:
    for sigma in (0.5, 2.0, 0.7):
        set_sigma(strip, sigma)
    assert session.document.conv.spec.kernel_size == (1, 7, 7)
    assert len(session.history.past) == 1


def test_another_edit_ends_the_preset_and_is_kept(strip: PresetStrip, session: Session) -> None:
    session.apply(lambda d: edits.set_weight(d, (3, 0, 0, 0), 9.0), EDIT)
    assert strip.isHidden()
    set_sigma(strip, 2.0)
    strip.cancel()
    assert session.document.conv.kernel_slices[3, 0, 0, 0] == 9.0


def test_undo_ends_the_preset(strip: PresetStrip, session: Session) -> None:
    session.undo()
    start = session.document
    set_sigma(strip, 2.0)
    strip.cancel()
    assert session.document is start


def test_two_presets_are_two_steps(strip: PresetStrip, session: Session) -> None:
    assert isinstance(strip._values["size"], QSpinBox)
    strip.start(PRESETS["sharpen"], "row", (1, 0))
    assert len(session.history.past) == 2


def test_the_bias_has_a_real_minus_sign_and_takes_either(qtbot: QtBot, session: Session) -> None:
    field = BiasField(session)
    qtbot.addWidget(field)
    for typed, value, shown in (("-0,25", -0.25, "−0.25"), ("−1.5", -1.5, "−1.5"), ("2", 2.0, "2")):
        field.lineEdit().selectAll()
        field.lineEdit().insert(typed)
        assert session.document.conv.bias[0] == value
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert field.text() == shown


def test_undo_keys_in_the_bias_field_mean_the_document(qtbot: QtBot, session: Session) -> None:
    field = BiasField(session)
    qtbot.addWidget(field)
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QApplication.sendEvent(field, event)
    assert not event.isAccepted()
