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
from convlab.ui.weight_image import WeightImages

GAP, HEAD, LABEL, BIAS = 5, 20, 46, 52
MAX_CELL, FAIR_CELL, MIN_CELL = 56, 32, 22
"""Sides of a kernel: at most, with its bias beside it, at least."""
FRAME = 4
"""Logical pixels around a kernel that the chosen one's frame takes."""
Place = tuple[int, int]


class KernelGrid(QAbstractScrollArea):
    """Small heat maps on one scale: zero is neutral, the sign has a colour. Only those in sight are painted."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._images = WeightImages()
        self._side = MAX_CELL
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
        side = self._side
        x = LABEL + column * (side + GAP) - self.horizontalScrollBar().value()
        y = HEAD + output * (side + GAP) - self.verticalScrollBar().value()
        return QRect(x, y, side, side)

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if (
            old.conv.spec is not new.conv.spec
            or old.channels != new.channels
            or old.picture is not new.picture
            or old.place != new.place
        ):
            self._show_weights()
            return
        if old.conv.weight is not new.conv.weight:
            self._show_other_weights()
        if old.conv.bias is not new.conv.bias:
            for output in (old.conv.bias != new.conv.bias).nonzero()[0].tolist():
                self.viewport().update(self._bias_rect(output))

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if (old.chosen_output, old.chosen_input) != (new.chosen_output, new.chosen_input):
            self._keep_chosen_in_sight()
            self.viewport().update()

    def _show_weights(self) -> None:
        self._images.show_weights(self._session.document.conv.kernel_slices)
        self._arrange()

    def _show_other_weights(self) -> None:
        """Of the same layer: only the kernels that look different are painted."""
        different = self._images.show_weights(self._session.document.conv.kernel_slices)
        if different is None:
            self.viewport().update()
            return
        rows, columns = self._in_sight()
        for output, column in different:
            if output in rows and column in columns:
                self.viewport().update(self.cell_rect(output, column).adjusted(-1, -1, 1, 1))

    def _arrange(self) -> None:
        outputs, inputs = self._session.document.conv.kernel_slices.shape[:2]
        self._side = self._fitting_side()
        pitch, area = self._side + GAP, self.viewport().size()
        for bar, needed, there in (
            (self.verticalScrollBar(), HEAD + outputs * pitch, area.height()),
            (self.horizontalScrollBar(), LABEL + inputs * pitch, area.width()),
        ):
            bar.setRange(0, max(0, needed - there))
            bar.setPageStep(there)
            bar.setSingleStep(pitch)
        self.setMaximumHeight(max(100, HEAD + outputs * pitch + GAP))
        self.viewport().update()

    def _fitting_side(self) -> int:
        """The side of a cell, for the width that there is."""
        inputs = self._session.document.conv.kernel_slices.shape[1]
        bar = self.verticalScrollBar().sizeHint().width()  # whether shown or not, so that cells do not jump
        room = self.width() - bar - LABEL
        beside_bias = (room - BIAS) // inputs - GAP
        return int(min(MAX_CELL, max(MIN_CELL, beside_bias if beside_bias >= FAIR_CELL else room // inputs - GAP)))

    def _in_sight(self, area: QRect | None = None) -> tuple[range, range]:
        """Rows and columns of which some part is in an area of the viewport, by itself all of it."""
        outputs, inputs = self._session.document.conv.kernel_slices.shape[:2]
        pitch, area = self._side + GAP, area or self.viewport().rect()
        top, left = self.verticalScrollBar().value() - HEAD, self.horizontalScrollBar().value() - LABEL
        rows = range(max(0, (top + area.top()) // pitch), min(outputs, (top + area.bottom()) // pitch + 1))
        return rows, range(max(0, (left + area.left()) // pitch), min(inputs, (left + area.right()) // pitch + 1))

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
        outputs, inputs = self._session.document.conv.kernel_slices.shape[:2]
        chosen = min(max(output, 0), outputs - 1), min(max(column, 0), inputs - 1)
        self._session.set_view(chosen_output=chosen[0], chosen_input=chosen[1])

    def _paint_cells(self, painter: QPainter, places: list[Place]) -> None:
        rects = [self.cell_rect(*place) for place in places]
        if self._session.maps.are_signals:
            for (output, column), rect in zip(places, rects, strict=True):
                kernel = self._session.document.conv.kernel_slices[output, column]
                draw_stems(painter, QRectF(rect), kernel[0], self._images.scale, self.palette())
        else:
            for image, rect in zip(self._images.images(places, self.palette()), rects, strict=True):
                painter.drawImage(rect, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(quiet_text(self.palette()), 1))
        painter.drawRects([QRectF(rect).adjusted(-0.5, -0.5, 0.5, 0.5) for rect in rects])
        view = self._session.view
        if (view.chosen_output, view.chosen_input) in places:
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 3))
            painter.drawRect(self.cell_rect(view.chosen_output, view.chosen_input).adjusted(-2, -2, 2, 2))

    def _paint_outputs(self, painter: QPainter, rows: range) -> None:
        """Each row's output, and in a group the inputs that it reads."""
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

    def _paint_inputs(self, painter: QPainter, columns: range) -> None:
        """The names over the columns, on a ground that covers what is scrolled under them."""
        names_above, grouped = self._names(0), self._session.document.conv.weight_groups > 1
        painter.fillRect(QRect(0, 0, self.viewport().width(), HEAD - 2), self.palette().window())
        for column in columns:
            rect = self.cell_rect(0, column)
            name = str(column) if grouped else names_above[column]
            painter.setPen(quiet_text(self.palette()) if grouped else channel_color(name, self.palette()))
            painter.drawText(QRect(rect.left() - 4, 0, rect.width() + 8, HEAD - 2), Qt.AlignmentFlag.AlignCenter, name)

    def _paint_biases(self, painter: QPainter, rows: range) -> None:
        """Each output's bias at the end of its row, where there is room beside the kernels."""
        document = self._session.document
        if not document.conv.spec.bias or self._bias_rect(0).width() < BIAS - 2 * GAP:
            return
        painter.setPen(quiet_text(self.palette()))
        for output in rows:
            bias = float(document.conv.bias[output])
            text = f"{'−' if bias < 0 else '+'} {number_text(abs(bias), 2)}"
            painter.drawText(self._bias_rect(output), Qt.AlignmentFlag.AlignVCenter, text)

    def _bias_rect(self, output: int) -> QRect:
        """From the row's last kernel to the edge."""
        last = self.cell_rect(output, self._session.document.conv.kernel_slices.shape[1] - 1)
        left = last.right() + 2 * GAP
        return QRect(left, last.top(), self.viewport().width() - left, last.height())

    # Qt's names

    def sizeHint(self) -> QSize:
        """Room for some rows."""
        return QSize(280, 260)

    def minimumSizeHint(self) -> QSize:
        """Room for a row."""
        return QSize(180, 100)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the kernels in the area that is to be painted, and the texts around them where it reaches there."""
        painter = QPainter(self.viewport())
        area = event.rect().adjusted(-FRAME, -FRAME, FRAME, FRAME)
        rows, columns = self._in_sight(area)
        places = [(o, c) for o in rows for c in columns if area.intersects(self.cell_rect(o, c))]
        self._paint_cells(painter, places)
        painter.setFont(figures_font(self))
        if area.left() < LABEL - 4:
            self._paint_outputs(painter, rows)
        if area.right() >= self._bias_rect(0).left():
            self._paint_biases(painter, rows)
        if area.top() < HEAD:
            self._paint_inputs(painter, columns)
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
        kernel = self._session.document.conv.kernel_slices[output, column]
        text = self.tr("{name} → out {o}: weight[{o}, {i}], sum {total}").format(
            name=self._names(output)[column], o=output, i=column, total=number_text(float(kernel.sum()))
        )
        if self._session.document.conv.spec.bias:
            bias = number_text(float(self._session.document.conv.bias[output]))
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
