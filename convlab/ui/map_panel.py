"""The feature maps, and under them what the chosen one is the sum of."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.model.document import Document
from convlab.model.view import TileKey, ViewState
from convlab.ui.depth_bar import DepthBar
from convlab.ui.display_bar import DisplayBar
from convlab.ui.histogram_view import HistogramView
from convlab.ui.numbers_only import numbers_only
from convlab.ui.plain import PlainLabel, channel_text
from convlab.ui.theme import number_text
from convlab.ui.tile_cell import TileSpec
from convlab.ui.tile_grid import TileGrid
from convlab.ui.tone_label import ToneLabel

LEAST_CONTRIBUTIONS = 132
"""Logical pixels: a row of small tiles with their captions."""


class MapPanel(QWidget):
    """MAPS: one tile an output channel, the RGB picture where there are three, contributions, histogram."""

    def __init__(self, session: Session, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown_place = session.seen_place
        self.maps = TileGrid("maps", session, scheduler, smallest=128)
        self.maps.setAccessibleName(self.tr("feature maps"))
        self.maps.chosen.connect(self._choose)
        self.maps.clicked.connect(self._pin)
        self.contributions = TileGrid("contributions", session, scheduler, smallest=90)
        self.contributions.setAccessibleName(self.tr("contributions of the input channels"))
        self.contributions.chosen.connect(self._choose_input)
        self.contributions.setMinimumHeight(LEAST_CONTRIBUTIONS)
        self._whose = ToneLabel(tone="quiet")
        self._whose.setContentsMargins(8, 2, 8, 0)
        self._sum = PlainLabel()
        self._sum.setTextFormat(Qt.TextFormat.PlainText)
        self._sum.setContentsMargins(8, 2, 8, 0)
        self.display = DisplayBar(session)
        self.slices = DepthBar(session)
        self.histogram = HistogramView(session, scheduler)
        self._lay_out()
        session.document_changed.connect(self._document_changed)
        session.seen_changed.connect(self._show)
        session.view_changed.connect(self._view_changed)
        session.limits_changed.connect(self._show)
        self._show()

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if not numbers_only(old, new) or self._session.problems != self._problems:
            self._show()
        elif self._session.sees_edited and not self._problems:
            self._show_sum()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        fields = ("chosen_output", "chosen_input", "chosen_map")
        if any(getattr(old, name) != getattr(new, name) for name in fields):
            self._show()

    @Slot()
    def _show(self) -> None:
        maps, view = self._session.maps, self._session.maps_view
        self._problems = self._session.problems
        self._show_whose()
        place = self._session.seen_place
        if self._problems:  # the last good maps stay, dimmed, where they are of this layer
            if place != self._shown_place:
                self.maps.show_tiles(())
            return
        self._shown_place = place
        specs = [TileSpec(TileKey("map", o), self.tr("out {o}").format(o=o)) for o in range(maps.count)]
        if maps.count == 3 and not maps.are_signals:
            specs.append(TileSpec(TileKey("composite"), self.tr("outputs 0, 1, 2 as RGB")))
        self.maps.show_tiles(tuple(specs), TileKey("map", view.chosen_output))
        self._below.setVisible(self._session.sees_edited)
        if self._session.sees_edited:
            self._show_contributions()

    def _show_whose(self) -> None:
        """Which layer's maps these are, where there are several layers."""
        entries, place = self._session.document.layers, self._session.seen_place
        self._whose.setVisible(len(entries) > 1)
        text = self.tr("maps of layer {n}, {kind}").format(n=place + 1, kind=entries[place].layer.kind)
        self._whose.setText(text if entries[place].on else self.tr("{maps}, which is off").format(maps=text))

    def _show_contributions(self) -> None:
        maps, view = self._session.edited, self._session.view
        output = view.chosen_output
        names = maps.input_names
        inputs = maps.window.group_inputs(output)
        specs = [
            TileSpec(TileKey("contribution", n), f"{channel_text(names[i])} ∗ w[{output}, {n}]", names[i])
            for n, i in enumerate(inputs)
        ]
        self.contributions.show_tiles(tuple(specs), TileKey("contribution", view.chosen_input))
        self._show_sum()

    def _show_sum(self) -> None:
        """The chosen map as the sum of its contributions."""
        maps, convolution = self._session.edited, self._session.document.conv
        output, names = self._session.view.chosen_output, maps.input_names
        inputs = maps.window.group_inputs(output)
        terms = " + ".join(f"{channel_text(names[i])}∗w" for i in inputs) if len(inputs) <= 8 else f"Σ ({len(inputs)})"
        bias = f" + b ({number_text(float(convolution.bias[output]))})" if convolution.spec.bias else ""
        functions = self._session.maps.functions if self._session.sees_edited else ()
        after = "".join(f", {function.kind.lower()}" for function in functions)
        self._sum.setText(f"out {output} = {terms}{bias}{after}")

    @Slot(object)
    def _choose(self, key: TileKey) -> None:
        if key.kind == "map":
            self._session.choose_map(key.index)

    @Slot(object, object)
    def _pin(self, key: TileKey, position: tuple[float, float]) -> None:
        """While values are explained a click keeps a pixel; a click on the kept one lets it go."""
        usable = self._session.sees_edited and not self._session.problems
        if not self._session.view.explaining or key.kind != "map" or not usable:
            return
        maps = self._session.edited
        size = maps.output_size
        row, col = (floor(n) for n in maps.geometry.from_input(*position))
        if 0 <= row < size[0] and 0 <= col < size[1]:
            view = self._session.view
            keep = view.stepping or view.pinned != (row, col)
            self._session.set_view(pinned=(row, col) if keep else None)

    @Slot(object)
    def _choose_input(self, key: TileKey) -> None:
        self._session.set_view(chosen_input=key.index)

    def _lay_out(self) -> None:
        below = self._below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._sum)
        column.addWidget(self.contributions, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.maps)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([320, 210])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._whose)
        outer.addWidget(self.slices)
        outer.addWidget(splitter, 1)
        outer.addWidget(self.display)
        outer.addWidget(self.histogram)
