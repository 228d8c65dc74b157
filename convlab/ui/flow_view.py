"""The flow view: one output value, from the input channels to the map."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.model.explanation import Explanation
from convlab.model.flow import Flow, flow_of
from convlab.model.unit import explained_unit
from convlab.model.view import ViewState
from convlab.ui.flow_layout import SMALLEST, Ems
from convlab.ui.flow_painter import paint_flow
from convlab.ui.theme import figures_font, quiet_text

MARGIN = 8


class FlowView(QWidget):
    """Follows what is explained. `fits`: never higher than there is room; else it asks for the height it needs."""

    def __init__(
        self, session: Session, scheduler: RenderScheduler, fits: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._fits = session, fits
        self._explanation: Explanation | None = None
        self._maps = session.edited
        self._flow: Flow | None = None
        self._flow_is_due = False
        self.setAccessibleName(self.tr("flow from the input to the output"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        scheduler.explained.connect(self.show_explanation)
        session.view_changed.connect(self._view_changed)

    @property
    def flow(self) -> Flow | None:
        """What is painted, or would be if the view were in sight."""
        if self._flow_is_due:
            explanation, stepping = self._explanation, self._session.view.stepping
            self._flow = None if explanation is None else flow_of(explanation, self._maps, stepping, self._unit())
            self._flow_is_due = False
        return self._flow

    @Slot(object)
    def show_explanation(self, explanation: Explanation | None) -> None:
        """What to paint, a value of the present document; None for the hint of how to get one."""
        self._explanation, self._maps = explanation, self._session.edited
        self._show_flow()

    def _show_flow(self) -> None:
        self._flow_is_due = True
        if not self.isVisible():
            return
        self.setAccessibleDescription("" if self.flow is None else self.flow.sentence)
        self._ask_height()
        self.update()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if (old.stepping, old.byte_units) != (new.stepping, new.byte_units) and self._explanation is not None:
            self._show_flow()  # of the document it was explained for: the present one may be another already

    def _unit(self) -> float:
        return explained_unit(self._maps, self._session.view)

    def _ask_height(self) -> None:
        if not self._fits:
            needed = 0 if self.flow is None else round(Ems(self.flow, self.font()).height * SMALLEST) + 2 * MARGIN
            self.setMinimumHeight(needed)

    # Qt's names

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The flow, or how to get one."""
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if self.flow is not None:
            paint_flow(painter, area, self.flow, self.palette(), figures_font(self))
            return
        painter.setPen(quiet_text(self.palette()))
        painter.drawText(area, self.tr("Point at a pixel of a map to see where its value comes from."))

    def showEvent(self, event: QShowEvent) -> None:
        """Take over what was explained meanwhile."""
        super().showEvent(event)
        self._show_flow()

    def sizeHint(self) -> QSize:
        """Some room."""
        return QSize(640, 240)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint at the new size."""
        super().resizeEvent(event)
        self.update()
