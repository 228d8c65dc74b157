"""All kernels at once: a row for each output channel, a column for each input channel of its group."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip, QWidget

from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.view import ViewState
from convlab.ui.plain import tip_text
from convlab.ui.signal_painter import draw_stems
from convlab.ui.theme import channel_color, figures_font, number_text, quiet_text
from convlab.ui.weight_image import weight_image, weight_scale

GAP, HEAD, LABEL, BIAS = 5, 20, 46, 52
MAX_CELL, FAIR_CELL, MIN_CELL = 56, 32, 22
"""Sides of a kernel: at most, with its bias beside it, at least."""


class KernelGrid(QAbstractScrollArea):
    """Small heat maps on one scale: zero is neutral, the sign has a colour. Only those in sight are painted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._scale = 0.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("kernels"))
        self.viewport().setMouseTracking(True)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._view_changed)
        self._show_weights()

    def cell_rect(self, output: int, column: int) -> QRect:
        """Where kernel (output, input in its group) is drawn, in the viewport's pixels."""
        cell = self._cell()
        x = LABEL + column * (cell + GAP) - self.horizontalScrollBar().value()
        y = HEAD + output * (cell + GAP) - self.verticalScrollBar().value()
        return QRect(x, y, cell, cell)

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if (
            old.weight is not new.weight
            or old.channels != new.channels
            or old.source is not new.source
            or old.place != new.place
        ):
            self._show_weights()
        elif old.bias is not new.bias or old.layer.bias != new.layer.bias:
            self.viewport().update()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if (old.chosen_output, old.chosen_input) != (new.chosen_output, new.chosen_input):
            self._keep_chosen_in_sight()
            self.viewport().update()

    def _show_weights(self) -> None:
        self._scale = weight_scale(self._session.document.weight)
        self._arrange()

    def _arrange(self) -> None:
        outputs, inputs = self._session.document.kernel_slices.shape[:2]
        pitch, area = self._cell() + GAP, self.viewport().size()
        for bar, needed, there in (
            (self.verticalScrollBar(), HEAD + outputs * pitch, area.height()),
            (self.horizontalScrollBar(), LABEL + inputs * pitch, area.width()),
        ):
            bar.setRange(0, max(0, needed - there))
            bar.setPageStep(there)
            bar.setSingleStep(pitch)
        self.setMaximumHeight(max(100, HEAD + outputs * pitch + GAP))
        self.viewport().update()

    def _cell(self) -> int:
        inputs = self._session.document.kernel_slices.shape[1]
        bar = self.verticalScrollBar().sizeHint().width()  # whether shown or not, so that cells do not jump
        room = self.width() - bar - LABEL
        beside_bias = (room - BIAS) // inputs - GAP
        return int(min(MAX_CELL, max(MIN_CELL, beside_bias if beside_bias >= FAIR_CELL else room // inputs - GAP)))

    def _in_sight(self) -> tuple[range, range]:
        """Rows and columns of which some part is in sight."""
        outputs, inputs = self._session.document.kernel_slices.shape[:2]
        pitch, area = self._cell() + GAP, self.viewport().size()
        top, left = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        rows = range(max(0, (top - HEAD) // pitch), min(outputs, (top + area.height() - HEAD) // pitch + 1))
        return rows, range(max(0, (left - LABEL) // pitch), min(inputs, (left + area.width() - LABEL) // pitch + 1))

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        rows, columns = self._in_sight()
        for output in rows:
            for column in columns:
                if self.cell_rect(output, column).contains(point.toPoint()):
                    return output, column
        return None

    def _names(self, output: int) -> list[str]:
        """Names of the input channels that this output reads."""
        maps = self._session.edited
        entering = maps.input_names
        inputs = maps.convolution.weight_spec.group_inputs(output)
        return [entering[i] if i < len(entering) else "?" for i in inputs]

    def _keep_chosen_in_sight(self) -> None:
        view = self._session.view
        rect, area = self.cell_rect(view.chosen_output, view.chosen_input), self.viewport().rect()
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        if rect.top() < HEAD:
            down.setValue(down.value() + rect.top() - HEAD)
        elif rect.bottom() > area.bottom():
            down.setValue(down.value() + rect.bottom() - area.bottom() + GAP)
        if rect.left() < LABEL:
            across.setValue(across.value() + rect.left() - LABEL)
        elif rect.right() > area.right():
            across.setValue(across.value() + rect.right() - area.right() + GAP)

    def _choose(self, output: int, column: int) -> None:
        outputs, inputs = self._session.document.kernel_slices.shape[:2]
        chosen = min(max(output, 0), outputs - 1), min(max(column, 0), inputs - 1)
        self._session.set_view(chosen_output=chosen[0], chosen_input=chosen[1])

    def _paint_cell(self, painter: QPainter, output: int, column: int) -> None:
        rect = self.cell_rect(output, column)
        document = self._session.document
        kernel = document.kernel_slices[output, column]
        if document.layer.dims == 1:
            draw_stems(painter, QRectF(rect), kernel[0], self._scale, self.palette())
        else:
            painter.drawImage(rect, weight_image(kernel, self._scale, self.palette()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(quiet_text(self.palette()), 1))
        painter.drawRect(QRectF(rect).adjusted(-0.5, -0.5, 0.5, 0.5))
        view = self._session.view
        if (output, column) == (view.chosen_output, view.chosen_input):
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 3))
            painter.drawRect(rect.adjusted(-2, -2, 2, 2))

    def _paint_labels(self, painter: QPainter, rows: range, columns: range) -> None:
        painter.setFont(figures_font(self))
        grouped = self._session.document.conv.weight_groups > 1
        for output in rows:
            rect = self.cell_rect(output, 0)
            chosen = output == self._session.view.chosen_output
            role = QPalette.ColorRole.Highlight if chosen else QPalette.ColorRole.WindowText
            painter.setPen(self.palette().color(role))
            names = f" {'·'.join(self._names(output))}" if grouped else ""
            area = QRect(4, rect.top(), LABEL - 8, rect.height())
            text = painter.fontMetrics().elidedText(f"→ {output}{names}", Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        self._paint_biases(painter, rows)
        names_above = self._names(0)
        painter.fillRect(QRect(0, 0, self.viewport().width(), HEAD - 2), self.palette().window())
        for column in columns:
            rect = self.cell_rect(0, column)
            name = str(column) if grouped else names_above[column]
            painter.setPen(quiet_text(self.palette()) if grouped else channel_color(name, self.palette()))
            painter.drawText(QRect(rect.left() - 4, 0, rect.width() + 8, HEAD - 2), Qt.AlignmentFlag.AlignCenter, name)

    def _paint_biases(self, painter: QPainter, rows: range) -> None:
        """Each output's bias at the end of its row, where there is room beside the kernels."""
        document = self._session.document
        last = self.cell_rect(0, document.kernel_slices.shape[1] - 1).right() + 2 * GAP
        room = self.viewport().width() - last
        if not document.layer.bias or room < BIAS - 2 * GAP:
            return
        painter.setPen(quiet_text(self.palette()))
        for output in rows:
            rect = self.cell_rect(output, 0)
            bias = float(document.bias[output])
            text = f"{'−' if bias < 0 else '+'} {number_text(abs(bias), 2)}"
            painter.drawText(QRect(last, rect.top(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, text)

    # Qt's names

    def sizeHint(self) -> QSize:
        """Room for some rows."""
        return QSize(280, 260)

    def minimumSizeHint(self) -> QSize:
        """Room for a row."""
        return QSize(180, 100)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the kernels in sight."""
        painter = QPainter(self.viewport())
        rows, columns = self._in_sight()
        for output in rows:
            for column in columns:
                self._paint_cell(painter, output, column)
        self._paint_labels(painter, rows, columns)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew; the chosen kernel stays in sight."""
        view = self._session.view
        area = QRect(QPoint(0, 0), event.oldSize())
        seen = area.intersects(self.cell_rect(view.chosen_output, view.chosen_input))
        super().resizeEvent(event)
        self._arrange()
        if seen:
            self._keep_chosen_in_sight()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Paint what comes into sight."""
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the kernel that is pressed."""
        found = self._at(event.position())
        if found is not None:
            self._choose(*found)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which kernel this is."""
        found = self._at(event.position())
        if found is None:
            QToolTip.hideText()
            return
        output, column = found
        kernel = self._session.document.kernel_slices[output, column]
        text = self.tr("{name} → out {o}: weight[{o}, {i}], sum {total}").format(
            name=self._names(output)[column], o=output, i=column, total=number_text(float(kernel.sum()))
        )
        if self._session.document.layer.bias:
            bias = number_text(float(self._session.document.bias[output]))
            text += "\n" + self.tr("bias of out {o}: {bias}").format(o=output, bias=bias)
        QToolTip.showText(
            event.globalPosition().toPoint(), tip_text(text), self.viewport(), self.cell_rect(output, column)
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a kernel."""
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_PageUp: (-8, 0),
            Qt.Key.Key_PageDown: (8, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        view = self._session.view
        self._choose(view.chosen_output + step[0], view.chosen_input + step[1])

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new palette."""
        super().changeEvent(event)
        self.viewport().update()
