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
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.stepper import Stepper
from convlab.app.tiles import RenderResult
from convlab.model.document import Document
from convlab.model.explanation import Explanation, ledger
from convlab.model.formula import algebra
from convlab.model.plain_text import inert
from convlab.model.pointing import reversed_position
from convlab.model.shown_sums import shown_sums
from convlab.model.unit import explained_unit
from convlab.model.view import TileKey, ViewState
from convlab.ui.columns_view import ColumnsView
from convlab.ui.explain_view import ExplainView
from convlab.ui.flow_view import FlowView
from convlab.ui.ledger_model import LedgerModel
from convlab.ui.pair_view import PairView
from convlab.ui.plain import PlainLabel
from convlab.ui.reverse_view import ReverseView
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
        self._maps = session.edited
        self.steps = StepBar(session, stepper)
        self._explanation: Explanation | None = None
        self.view = ExplainView()
        self.flow = FlowView(session, scheduler)
        self.reverse = ReverseView()
        self.columns = ColumnsView(session)
        self.columns.chosen.connect(lambda position: session.set_view(pinned=position))
        self.pair = PairView(session, scheduler)
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
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 4)
        self._title = PlainLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.pin = QCheckBox(self.tr("keep"))
        self.pin.setAccessibleName(self.tr("keep this pixel"))
        self.pin.setToolTip(self.tr("A click on a map keeps its pixel; Esc lets it go"))
        self.pin.clicked.connect(self._pin)
        self.copy = QPushButton(self.tr("Copy"))
        self.copy.setToolTip(self.tr("Copy the table of every tap"))
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton(self.tr("CSV…"))
        self.save.setToolTip(self.tr("Save the table of every tap"))
        self.save.clicked.connect(lambda: self.save_wanted.emit(self._explanation))
        self._lay_out()
        scheduler.explained.connect(self._show_explanation)
        scheduler.rendered.connect(self._show_region)
        session.view_changed.connect(self._view_changed)
        session.document_changed.connect(self._document_changed)
        self._show_explanation(None)

    @property
    def explanation(self) -> Explanation | None:
        """What is shown."""
        return self._explanation

    @Slot(object)
    def _show_explanation(self, explanation: Explanation | None) -> None:
        self._explanation, self._maps = explanation, self._session.edited
        self._show_sums()
        self.save.setEnabled(explanation is not None)
        self._show_reverse()

    def _show_sums(self) -> None:
        """The explanation in the unit that the person wants, of the document that it was worked out for."""
        explanation, unit = self._explanation, explained_unit(self._maps, self._session.view)
        sums = None if explanation is None else shown_sums(explanation, unit)
        self.view.show_sums(sums)
        self.model.show_sums(sums)
        self.formula.setPlainText("" if sums is None else algebra(sums))

    def _show_reverse(self) -> None:
        """The first tab shows the way back while an input pixel or a weight is pointed at."""
        session, view = self._session, self._session.view
        usable = not session.problems and session.sees_edited and session.edited.reads_source
        position = reversed_position(session.edited, view) if usable else None
        back = view.explaining and usable and (position is not None or view.tap is not None)
        if back and view.tap is not None:
            self.reverse.show_touched(session.edited, view)
        elif back and position is not None:
            unit = explained_unit(session.edited, view)
            self.reverse.show_feeding(session.edited, view.chosen_output, position, unit)
        self._first.setCurrentIndex(int(back))
        self._show_title(position)

    def _show_title(self, position: tuple[int, int] | None) -> None:
        explanation, view = self._explanation, self._session.view
        place = explanation.position if explanation is not None else position
        if place is None:
            self._title.setText(self.tr("no pixel"))
        else:
            text = self.tr("in  [{row}, {col}]") if explanation is None else ""
            text = text or self.tr("out {o}  [{row}, {col}]")
            if self._session.maps.are_signals:
                text = self.tr("in  [{col}]") if explanation is None else self.tr("out {o}  [{col}]")
            self._title.setText(text.format(o=view.chosen_output, row=place[0], col=place[1]))
        self.pin.setEnabled(place is not None)
        self.copy.setEnabled(place is not None)

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        self.pin.setChecked(new.pinned is not None or new.pinned_input is not None)
        if old.byte_units != new.byte_units:
            self._show_sums()
            self._show_reverse()
        fields = ("cursor", "cursor_on", "pinned", "pinned_input", "tap", "chosen_output", "chosen_input", "explaining")
        if any(getattr(old, name) != getattr(new, name) for name in fields):
            self._show_reverse()

    @Slot(object, object)
    def _document_changed(self, _old: Document, _new: Document) -> None:
        if self._session.view.explaining:
            self._show_reverse()

    @Slot(object)
    def _show_region(self, result: RenderResult) -> None:
        """The steps are the positions of the chosen map in sight."""
        tile = result.tiles.get(TileKey("map", result.request.view.chosen_output))
        if tile is not None:
            self._stepper.set_region(tile.region)
            self.columns.show_tile(tile)

    def _pin(self, on: bool) -> None:
        session, explanation = self._session, self._explanation
        if not on:
            session.set_view(pinned=None, pinned_input=None, stepping=False)
        elif explanation is not None:
            session.set_view(pinned=explanation.position)
        else:
            session.set_view(pinned_input=reversed_position(session.edited, session.view))

    def _copy(self) -> None:
        rows = self.reverse.rows if self._explanation is None else ledger(self._explanation)
        QApplication.clipboard().setText("\n".join("\t".join(map(inert, row)) for row in rows))

    def _lay_out(self) -> None:
        tabs = QTabWidget()
        self._first = QStackedWidget()
        self._first.addWidget(_scrolled(self.view))
        self._first.addWidget(self.reverse)
        tabs.addTab(self._first, self.tr("Sums"))
        tabs.addTab(_scrolled(self.flow), self.tr("Flow"))
        tabs.addTab(self.formula, self.tr("Formula"))
        tabs.addTab(self.table, self.tr("Table"))
        tabs.addTab(self.columns, self.tr("Unfold"))
        tabs.addTab(self.pair, self.tr("Pair"))
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
