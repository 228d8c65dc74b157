"""Comparisons in a place that scrolls."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QStyle, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convlab.model.comparison import Compared
from convlab.model.message import message
from convlab.ui.compare_view import GAP, MIN_WIDTH, CompareView


class Resizes(QObject):
    """Counts how often a widget gets another size."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Resize
        return False


@pytest.mark.parametrize("height", range(180, 320, 20))
def test_a_scroll_bar_that_comes_and_takes_a_column_does_not_go_and_bring_it_back(qtbot: QtBot, height: int) -> None:
    """One long sentence in one of two columns is higher than in a column of its own above a short one."""
    area, inside, view = QScrollArea(), QWidget(), CompareView()
    QVBoxLayout(inside).addWidget(view)
    inside.layout().setContentsMargins(0, 0, 0, 0)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(inside)
    qtbot.addWidget(area)
    bar = area.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
    area.resize(2 * MIN_WIDTH + GAP + bar // 2, height)
    with qtbot.waitExposed(area):
        area.show()
    resized = Resizes(view)
    for text in ("long ", "word "):
        view.show_compared((Compared("a", problem=message(60 * text)), Compared("b", problem=message("short"))))
        for _ in range(100):
            QApplication.processEvents()
    assert resized.count < 20
