"""The sliding window's controls: play, step, scrub."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from convlab.app.session import Session
from convlab.app.stepper import Stepper
from convlab.model.view import ViewState
from convlab.ui.plain import PlainLabel
from convlab.ui.step_keys import step_keys
from convlab.ui.theme import SPACE, figures_font
from convlab.ui.typed_number import WholeBox

MOST_SPEED = 60


class StepBar(QWidget):
    """Space plays and pauses, the arrows and a presenter's PageUp and PageDown step, Home and End go to the ends."""

    def __init__(self, session: Session, stepper: Stepper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._stepper = session, stepper
        self.on = QToolButton()
        self.on.setText(self.tr("Step"))
        self.on.setCheckable(True)
        self.on.setToolTip(self.tr("Watch the window slide: maps fill in as it passes"))
        self.on.clicked.connect(self._turn)
        self.back = self._button("◀", self.tr("one step back"), lambda: stepper.step(-1))
        self.play = self._button("▶", self.tr("play or pause"), stepper.toggle)
        self.forward = self._button("▶|", self.tr("one step on"), lambda: stepper.step(1))
        self.row_back = self._button("▲", self.tr("one row up"), lambda: stepper.step_row(-1))
        self.row_forward = self._button("▼", self.tr("one row down"), lambda: stepper.step_row(1))
        self.scrubber = QSlider(Qt.Orientation.Horizontal)
        self.scrubber.setAccessibleName(self.tr("step"))
        self.scrubber.valueChanged.connect(self._scrubbed)
        self.speed = WholeBox(1, MOST_SPEED)
        self.speed.setValue(4)
        self.speed.setSuffix(self.tr(" steps/s"))
        self.speed.setAccessibleName(self.tr("speed"))
        self.speed.valueChanged.connect(stepper.set_speed)
        self.about = PlainLabel()
        self.about.setFont(figures_font(self))
        self.about.setMinimumWidth(self.fontMetrics().horizontalAdvance("000000 / 000000"))
        self.about.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, 2, SPACE, 2)
        for widget in (self.on, self.row_back, self.back, self.play, self.forward, self.row_forward):
            row.addWidget(widget)
        row.addWidget(self.scrubber, 1)
        row.addWidget(self.about)
        row.addWidget(self.speed)
        self.shortcuts = self._make_shortcuts()
        stepper.changed.connect(self._show)
        session.view_changed.connect(self._view_changed)
        self._show()

    def _button(self, text: str, name: str, run: object) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        assert callable(run)
        button.clicked.connect(lambda: run())
        return button

    def _make_shortcuts(self) -> list[QShortcut]:
        shortcuts = []
        for key, run in step_keys(self._stepper).items():
            shortcut = QShortcut(QKeySequence(key), self, enabled=False)
            shortcut.activated.connect(run)
            shortcuts.append(shortcut)
        return shortcuts

    def _turn(self, on: bool) -> None:
        if on:
            self._stepper.go_to(self._stepper.index)
        else:
            self._stepper.stop()

    def _scrubbed(self, index: int) -> None:
        if index != self._stepper.index:
            self._stepper.pause()
            self._stepper.go_to(index)

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if old.stepping != new.stepping:
            for shortcut in self.shortcuts:
                shortcut.setEnabled(new.stepping)
            self._show()

    @Slot()
    def _show(self) -> None:
        stepper, stepping = self._stepper, self._session.view.stepping
        self.on.setChecked(stepping)
        self.on.setEnabled(stepper.count > 0)
        self.play.setText("‖" if stepper.playing else "▶")
        for widget in (self.back, self.play, self.forward, self.row_back, self.row_forward, self.scrubber, self.speed):
            widget.setEnabled(stepping and stepper.count > 0)
        self.scrubber.blockSignals(True)
        self.scrubber.setRange(0, max(0, stepper.count - 1))
        self.scrubber.setPageStep(max(1, stepper.count // 20))
        self.scrubber.setValue(stepper.index)
        self.scrubber.blockSignals(False)
        self.about.setText(f"{stepper.index + 1} / {stepper.count}" if stepping else "")
