"""Presentation mode: the flow of one value and its formula on the whole screen, driven by keys or a clicker."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from convlab.app.workbench import Workbench
from convlab.model.explanation import Explanation
from convlab.model.view import ViewState
from convlab.ui.flow_view import FlowView
from convlab.ui.step_keys import step_keys
from convlab.ui.theme import figures_font, shown
from convlab.ui.tone_label import ToneLabel

FORMULA_SHARE = 26
"""The formula's text is this part of the window's height."""


class Presentation(QWidget):
    """A window of its own, so that the main window's layout is as it was. left(): it was closed."""

    left = Signal()

    def __init__(self, workbench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("Presentation – ConvLab"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session, self._stepper = workbench.session, workbench.stepper
        self._scheduler = workbench.scheduler
        self._before = self._session.view
        self.flow = FlowView(workbench.session, workbench.scheduler, fits=True)
        self.formula = _Formula(self.tr("the sum in numbers"))
        self.place = QProgressBar(textVisible=False)
        self.place.setFixedHeight(4)
        self.place.setAccessibleName(self.tr("step"))
        self.keys = ToneLabel(self._keys_text(), tone="quiet")
        self.keys.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.keys.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 10)
        column.addWidget(self.flow, 1)
        for widget in (self.formula, self.place, self.keys):
            column.addWidget(widget)
        workbench.scheduler.explained.connect(self._show_explanation)
        self._stepper.changed.connect(self._show_step)
        self._session.view_changed.connect(self._view_changed)

    def begin(self) -> None:
        """Show a value: the one that was kept, else the first in sight."""
        view = self._session.view
        start = view.resting or self._stepper.first
        self._session.set_view(explaining=True, pinned=start)
        self._scheduler.explain_again()
        self._show_step()

    def sizeHint(self) -> QSize:
        """A projector's size."""
        return QSize(1280, 800)

    def _keys_text(self) -> str:
        return self.tr(
            "Space: play    ← →, Page Up, Page Down: step    ↑ ↓: row    Home, End    Tab: next output    Esc: leave"
        )

    @Slot(object)
    def _show_explanation(self, _explanation: Explanation | None) -> None:
        self._show_formula()

    def _show_formula(self) -> None:
        flow = self.flow.flow
        if flow is not None:
            self.formula.show_text(flow.sentence)
        elif self._session.problems:
            self.formula.show_text(shown(self._session.problems[0].message))

    @Slot()
    def _show_step(self) -> None:
        stepping = self._session.view.stepping
        self.place.setRange(0, max(1, self._stepper.count - 1))
        self.place.setValue(self._stepper.index if stepping else 0)

    @Slot(object, object)
    def _view_changed(self, _old: ViewState, new: ViewState) -> None:
        self._show_step()
        self._show_formula()  # of the flow, which has heard it first
        if not new.explaining or new.pinned is None:  # a lesson was opened, or Esc pressed in the main window
            self._session.set_view(explaining=True, pinned=new.pinned or self._stepper.first)

    def _next_output(self, offset: int) -> None:
        outputs = self._session.edited.count
        self._session.set_view(chosen_output=(self._session.view.chosen_output + offset) % outputs)

    # Qt's names

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the keys do is written at the foot of the window."""
        leave = {Qt.Key.Key_Escape: self.close, Qt.Key.Key_F11: self.close}
        keys: dict[Qt.Key, Callable[[], object]] = {**step_keys(self._stepper), **leave}
        run = keys.get(Qt.Key(event.key()))
        if run is None:
            super().keyPressEvent(event)
        else:
            run()

    def event(self, event: QEvent) -> bool:
        """Tab would go to the next control, of which there is none."""
        offsets = {Qt.Key.Key_Tab.value: 1, Qt.Key.Key_Backtab.value: -1}
        if not isinstance(event, QKeyEvent) or event.key() not in offsets:
            return super().event(event)
        if event.type() == QEvent.Type.KeyPress:
            self._next_output(offsets[event.key()])
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        """Put back whether values are explained, and which."""
        self._session.view_changed.disconnect(self._view_changed)
        self._stepper.pause()
        before = self._before
        self._session.set_view(explaining=before.explaining, pinned=before.pinned, stepping=before.stepping)
        super().closeEvent(event)
        self.left.emit()


class _Formula(QWidget):
    """One line, as large as the window's height and its length allow; broken into two when it is long."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self.setAccessibleName(name)

    def show_text(self, text: str) -> None:
        """Change it."""
        self.text = text
        self.setAccessibleDescription(text)
        self.update()

    def _font_size(self) -> int:
        return max(16, self.window().height() // FORMULA_SHARE)

    # Qt's names

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(400, round(self._font_size() * 2.9))

    def minimumSizeHint(self) -> QSize:
        """The same height: nothing above moves when the text gets longer."""
        return QSize(100, round(self._font_size() * 2.9))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text in the largest size that fits."""
        painter = QPainter(self)
        font = QFont(figures_font(self))
        area = QRectF(self.rect())
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        font.setPixelSize(self._largest(font, area, flags))
        painter.setFont(font)
        painter.drawText(area, flags, self.text)

    def _largest(self, font: QFont, area: QRectF, flags: int) -> int:
        """The largest size in pixels with which the text fits, in one line where that costs a quarter at most."""
        top = self._font_size() * 3 // 2
        font = QFont(font)
        for size in range(top, 11, -1):
            font.setPixelSize(size)
            metrics = QFontMetricsF(font)
            in_line = metrics.horizontalAdvance(self.text) <= area.width()
            needed = metrics.boundingRect(area, flags, self.text)
            fits = needed.height() <= area.height() and needed.width() <= area.width()
            if in_line or (fits and size <= self._font_size() * 3 // 4):
                return size
        return 12
