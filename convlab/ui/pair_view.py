"""Pair: the layer and its transpose with the same weights, gather beside scatter, and two numbers that are equal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.layer import COLUMNS, ROWS
from convlab.model.message import Message
from convlab.model.numbers import format_weight
from convlab.model.pair import Pair, of_pictures, same_output_sizes, transpose_of
from convlab.ui.number_map import NumberMap, shared_limits
from convlab.ui.plain import PlainLabel, channel_text
from convlab.ui.theme import SPACE, figures_font, shown
from convlab.ui.tone_label import ToneLabel
from convlab.ui.typed_number import WholeBox


class PairView(QWidget):
    """Asks for the pair while it is visible."""

    def __init__(self, session: Session, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._scheduler = session, scheduler
        self._pair: Pair | None = None
        self.left, self.right = PlainLabel(), PlainLabel()
        for label in (self.left, self.right):
            label.setFont(figures_font(self))
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.seed = WholeBox(0, 9999)
        self.seed.setAccessibleName(self.tr("seed of y"))
        self.seed.setToolTip(self.tr("y is random, whole numbers from −2 to 2; the equation holds for every y"))
        self.seed.valueChanged.connect(self._want)
        self.sizes = ToneLabel(tone="quiet")
        self.sizes.setWordWrap(True)
        self.refusal = ToneLabel(tone="quiet")
        self.refusal.setWordWrap(True)
        self.maps = {name: NumberMap(name) for name in ("x", "A x", "y", "Aᵀ y", "counts")}
        self._titles = {name: PlainLabel() for name in self.maps}
        self._lay_out()
        scheduler.paired.connect(self._show_pair)
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._show_maps)

    @Slot(object, object)
    def _document_changed(self, _old: Document, _new: Document) -> None:
        self._want()

    @Slot()
    def _want(self) -> None:
        self._scheduler.want_pair(self.seed.value() if self.isVisible() else None)

    @Slot(object)
    def _show_pair(self, found: Pair | Message | None) -> None:
        """A pair, or why there is none."""
        self._pair = found if isinstance(found, Pair) else None
        self._inside.setVisible(self._pair is not None)
        self.refusal.setVisible(self._pair is None)
        if isinstance(found, Pair):
            self.left.setText(f"⟨A x, y⟩ = {_exactly(found.left)}")
            self.right.setText(f"⟨x, Aᵀ y⟩ = {_exactly(found.right)}")
            self.sizes.setText(self._sizes_text())
            self._show_maps()
        elif isinstance(found, Message):
            self.refusal.setText(shown(found))
        else:
            self.refusal.setText(self.tr("The pair is shown of a layer whose maps are looked at."))

    @Slot()
    def _show_maps(self) -> None:
        """The chosen output, and the input channel of the chosen kernel."""
        pair, view, maps = self._pair, self._session.view, self._session.edited
        if pair is None or view.chosen_output >= len(pair.gathered):
            return
        output = view.chosen_output
        place = maps.window.group_inputs(output)[view.chosen_input]
        if place >= len(pair.x):
            return
        name = channel_text(maps.input_names[place])
        gathers, scatters = self.tr("gather"), self.tr("scatter")
        if maps.window.transposed:
            gathers, scatters = scatters, gathers
        titles = {
            "x": f"x  {name}",
            "A x": f"{gathers}:  A x  out {output}",
            "y": f"y  out {output}",
            "Aᵀ y": f"{scatters}:  Aᵀ y  {name}",
            "counts": self.tr("kernels over each pixel"),
        }
        planes: dict[str, NDArray[np.floating]] = {
            "x": pair.x[place],
            "A x": pair.gathered[output],
            "y": pair.y[output],
            "Aᵀ y": pair.scattered[place],
            "counts": pair.counts.astype(np.float64),
        }
        for key, plane in planes.items():
            self._titles[key].setText(titles[key])
            self.maps[key].show_values(plane, shared_limits([plane]))

    def _sizes_text(self) -> str:
        """Which input sizes give the same output, and which of them output_padding picks."""
        maps = self._session.edited
        layer, back = maps.window, transpose_of(of_pictures(maps))
        if layer.transposed:
            sizes, here = same_output_sizes(back, maps.input_shape.size), maps.planar_size
            extra = layer.output_padding
        else:
            sizes, here, extra = (
                same_output_sizes(layer, maps.planar_size),
                maps.input_shape.size,
                back.output_padding,
            )
        if all(len(axis) < 2 for axis in sizes):
            return self.tr("Stride 1: one input size gives each output size, output_padding is 0.")
        parts = []
        for axis, name in ((ROWS, self.tr("heights")), (COLUMNS, self.tr("widths"))):
            text = self.tr("{name} {sizes} give the same output, output_padding {extra} picks {here}")
            listed = ", ".join(map(str, sizes[axis][:8])) + (" …" if len(sizes[axis]) > 8 else "")
            parts.append(text.format(name=name, sizes=listed, extra=extra[axis], here=here[axis]))
        return self.tr("Under Conv2d {height}; {width}.").format(height=parts[0], width=parts[1])

    def _lay_out(self) -> None:
        self._inside = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * SPACE)
        for column, name in enumerate(self.maps):
            grid.addWidget(self._titles[name], 0, column)
            grid.addWidget(self.maps[name], 1, column, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(len(self.maps), 1)
        products = QHBoxLayout()
        products.setSpacing(4 * SPACE)
        products.addWidget(self.left)
        products.addWidget(self.right)
        products.addWidget(ToneLabel(self.tr("y: seed"), tone="quiet"))
        products.addWidget(self.seed)
        products.addStretch(1)
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(products)
        inside.addWidget(self.sizes)
        inside.addLayout(grid)
        inside.addStretch(1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._inside)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(SPACE, SPACE, SPACE, 0)
        column_layout.addWidget(self.refusal)
        column_layout.addWidget(scroll, 1)

    # Qt's names

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the pair."""
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask no more."""
        super().hideEvent(event)
        self._scheduler.want_pair(None)


def _exactly(value: float) -> str:
    """As many digits as agree in float32: the two numbers are compared by eye."""
    return format_weight(float(f"{value:.9g}"), 9)
