"""Promises of the session: one writer, undo, nothing announced for nothing."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convlab.app.session import Session
from convlab.model import edits, opening
from convlab.model.document import new_document
from convlab.model.layer import ConvSpec
from convlab.model.message import ConvLabError, message
from convlab.model.source import Source
from convlab.model.viewport import Viewport

LABEL = message("edit")


@pytest.fixture
def session(qtbot: QtBot) -> Session:
    source = Source("photo", np.zeros((20, 30, 3), np.uint8), ("R", "G", "B"), 255)
    return Session(new_document(source, ConvSpec(), np.zeros((2, 3, 3, 3))))


def test_an_edit_that_changes_nothing_announces_nothing(qtbot: QtBot, session: Session) -> None:
    with qtbot.assertNotEmitted(session.document_changed), qtbot.assertNotEmitted(session.history_changed):
        session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), 0.0), LABEL)
        session.set_view(chosen_output=0)
    assert not session.history.past


def test_a_drag_is_one_undo_step(session: Session) -> None:
    for value in range(1, 50):
        session.apply(lambda d, v=value: edits.set_weight(d, (0, 0, 0, 0), v), LABEL, "drag 1")
    session.seal()
    session.apply(lambda d: edits.set_weight(d, (0, 0, 0, 0), 7.0), LABEL, "drag 1")
    session.undo()
    assert session.document.conv.kernel_slices[0, 0, 0, 0] == 49
    session.undo()
    assert session.document.conv.kernel_slices[0, 0, 0, 0] == 0
    session.redo()
    assert session.document.conv.kernel_slices[0, 0, 0, 0] == 49


def test_a_refused_edit_leaves_everything_and_says_why(qtbot: QtBot, session: Session) -> None:
    def refuse(_: object) -> None:
        raise ConvLabError("The kernel's sum is 0.")

    before = session.document
    with qtbot.waitSignal(session.refused) as refusal:
        session.apply(refuse, LABEL)  # type: ignore[arg-type]
    assert str(refusal.args[0]) == "The kernel's sum is 0."
    assert session.document is before


def test_the_chosen_kernel_stays_inside_when_the_layer_shrinks(session: Session) -> None:
    session.set_view(chosen_output=1, chosen_input=2)
    session.apply(lambda d: edits.set_layer(d, out_channels=1), LABEL)
    assert (session.view.chosen_output, session.view.chosen_input) == (0, 2)


def test_a_photo_of_another_size_is_shown_whole(session: Session) -> None:
    session.set_view(viewport=Viewport(5, 5, 3))
    other = Source("other", np.zeros((7, 9, 3), np.uint8), ("R", "G", "B"), 255)
    session.apply(lambda d: opening.set_source(d, other), LABEL)
    assert session.view.viewport is None
    session.undo()
    assert session.document.source.name == "photo"
