"""EXPLAIN: where the value under the cursor comes from, as sums and as a table."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.stepper import Stepper
from convlab.app.tiles import RenderResult
from convlab.model.explanation import Explanation, algebra, ledger
from convlab.model.view import TileKey, ViewState
from convlab.ui.explain_view import ExplainView
from convlab.ui.flow_view import FlowView
from convlab.ui.ledger_model import LedgerModel
from convlab.ui.step_bar import StepBar
from convlab.ui.theme import SPACE, figures_font


class ExplainPanel(QWidget):
    """Follows the cursor, or the pixel that was clicked. save_wanted(Explanation): the person wants its CSV file."""

    save_wanted = Signal(object)

    def __init__(
        self, session: Session, scheduler: RenderScheduler, stepper: Stepper, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._stepper = session, stepper
        self.steps = StepBar(session, stepper)
        self._explanation: Explanation | None = None
        self.view = ExplainView()
        self.flow = FlowView(session, scheduler)
        self.formula = QPlainTextEdit(readOnly=True)
        self.formula.setAccessibleName(self.tr("the sum as one line"))
        self.formula.setFrameShape(QFrame.Shape.NoFrame)
        self.model = LedgerModel(self)
        self.table = QTableView()
        self.table.setAccessibleName(self.tr("every tap as a table"))
        self.table.setModel(self.model)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().hide()
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.pin = QCheckBox(self.tr("keep this pixel"))
        self.pin.setToolTip(self.tr("A click on a map keeps its pixel; Esc lets it go"))
        self.pin.clicked.connect(self._pin)
        self.copy = QPushButton(self.tr("Copy table"))
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton(self.tr("Save as CSV…"))
        self.save.clicked.connect(lambda: self.save_wanted.emit(self._explanation))
        self._lay_out()
        scheduler.explained.connect(self._show_explanation)
        scheduler.rendered.connect(self._show_region)
        session.view_changed.connect(self._view_changed)
        self._show_explanation(None)

    @property
    def explanation(self) -> Explanation | None:
        """What is shown."""
        return self._explanation

    @Slot(object)
    def _show_explanation(self, explanation: Explanation | None) -> None:
        self._explanation = explanation
        self.view.show_explanation(explanation)
        self.model.show_explanation(explanation)
        self.formula.setPlainText("" if explanation is None else algebra(explanation))
        self.copy.setEnabled(explanation is not None)
        self.save.setEnabled(explanation is not None)
        self.pin.setEnabled(explanation is not None or self._session.view.pinned is not None)
        if explanation is None:
            self._title.setText(self.tr("no pixel of a map"))
        else:
            row, col = explanation.position
            text = self.tr("out {o} at row {row}, column {col}")
            self._title.setText(text.format(o=explanation.output, row=row, col=col))

    @Slot(object, object)
    def _view_changed(self, _old: ViewState, new: ViewState) -> None:
        self.pin.setChecked(new.pinned is not None)

    @Slot(object)
    def _show_region(self, result: RenderResult) -> None:
        """The steps are the positions of the chosen map in sight."""
        tile = result.tiles.get(TileKey("map", result.request.view.chosen_output))
        if tile is not None:
            self._stepper.set_region(tile.region)

    def _pin(self, on: bool) -> None:
        position = None if self._explanation is None else self._explanation.position
        self._session.set_view(pinned=position if on else None, stepping=self._session.view.stepping and on)

    def _copy(self) -> None:
        if self._explanation is not None:
            text = "\n".join("\t".join(row) for row in ledger(self._explanation))
            QApplication.clipboard().setText(text)

    def _lay_out(self) -> None:
        tabs = QTabWidget()
        tabs.addTab(_scrolled(self.view), self.tr("Sums"))
        tabs.addTab(_scrolled(self.flow), self.tr("Flow"))
        tabs.addTab(self.formula, self.tr("Formula"))
        tabs.addTab(self.table, self.tr("Table"))
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, SPACE, 0)
        self._title.setFont(figures_font(self))
        for widget in (self._title, self.pin, self.copy, self.save):
            row.addWidget(widget)
        tabs.setCornerWidget(corner)
        self.tabs = tabs
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(tabs, 1)
        outer.addWidget(self.steps)


def _scrolled(widget: QWidget) -> QScrollArea:
    """The widget in an area that scrolls up and down."""
    scroll = QScrollArea()
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(widget)
    return scroll
