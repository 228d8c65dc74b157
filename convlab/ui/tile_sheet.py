"""Tiles in rows, painted where they have changed; only those in sight are asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.tiles import Panel, RenderResult, Tile, photo_view, shown_view
from convlab.model.document import Document
from convlab.model.explanation import Explanation
from convlab.model.unit import shown_unit
from convlab.model.view import TileKey, ViewState
from convlab.model.viewport import Viewport
from convlab.ui.theme import figures_font
from convlab.ui.tile_cell import Cell, TileSpec, paint_cell
from convlab.ui.tile_layout import TileLayout, arrange
from convlab.ui.tile_marks import Marks, marks_on
from convlab.ui.tile_painter import Place, tile_image


class TileSheet(QAbstractScrollArea):
    """Shows the tiles of a panel; what the mouse and the keys do to them is its heirs'.

    moved(): other pixels may lie under a mouse that rests.
    """

    moved = Signal()

    def __init__(
        self,
        name: str,
        session: Session,
        scheduler: RenderScheduler,
        smallest: int = 150,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._session, self._scheduler, self._smallest = name, session, scheduler, smallest
        self._specs: tuple[TileSpec, ...] = ()
        self._tiles: dict[TileKey, tuple[Tile, QImage]] = {}
        self._values: dict[TileKey, float] = {}
        self._explanation: Explanation | None = None
        self._marked: TileKey | None = None
        self._dimmed = bool(session.problems)
        self._layout = arrange(1, 100, 100, 1.0, smallest)
        self._figures = figures_font(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._view_changed)
        session.limits_changed.connect(self.viewport().update)
        session.seen_changed.connect(self._seen_changed)
        scheduler.rendered.connect(self._show_result)
        scheduler.probed.connect(self._show_values)
        scheduler.explained.connect(self._show_explanation)

    def show_tiles(self, specs: tuple[TileSpec, ...], marked: TileKey | None = None) -> None:
        """The tiles to show, in order; `marked` has a frame."""
        if specs == self._specs and marked == self._marked:
            return
        moved = marked != self._marked
        self._specs, self._marked = specs, marked
        keys = {spec.key for spec in specs}
        self._tiles = {key: shown for key, shown in self._tiles.items() if key in keys}
        self._arrange()
        if moved and marked in keys:
            self._scroll_to([spec.key for spec in specs].index(marked))

    def place_of(self, key: TileKey) -> Place | None:
        """Where the tile is drawn, in the viewport's logical pixels; None when it is not shown."""
        for index, spec in enumerate(self._specs):
            if spec.key == key:
                return self._place(index)
        return None

    def tile(self, key: TileKey) -> Tile | None:
        """The tile last drawn for `key`."""
        found = self._tiles.get(key)
        return found[0] if found else None

    def marks(self, key: TileKey) -> Marks:
        """What is drawn over the tile."""
        return marks_on(key, self.tile(key), self._session, self._explanation)

    def value(self, key: TileKey) -> float | None:
        """The value under the cursor that the tile's caption shows."""
        return self._values.get(key)

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        another_line = new.source is old.source and None not in (old.reading.line, new.reading.line)
        if new.picture is not old.picture and another_line:
            self.viewport().update()
        elif new.picture is not old.picture:
            self._tiles.clear()
            self._arrange()
        if old.conv.spec != new.conv.spec:
            self.viewport().update()
        self._seen_changed()

    @Slot()
    def _seen_changed(self) -> None:
        if bool(self._session.problems) != self._dimmed:  # else the new tiles bring the change
            self._dimmed = bool(self._session.problems)
            self.viewport().update()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        self.viewport().update()
        if old.viewport != new.viewport:
            self.moved.emit()

    @Slot(object)
    def _show_result(self, result: RenderResult) -> None:
        for index in self._in_sight():
            key = self._specs[index].key
            tile, before = result.tiles.get(key), self._tiles.get(key)
            if tile is not None and (before is None or before[0] is not tile):
                self._tiles[key] = (tile, tile_image(tile))
                self._repaint(self._layout.tile_rect(index))
            elif tile is None and result.with_maps and before is not None:
                del self._tiles[key]
                self._repaint(self._layout.tile_rect(index))

    def _repaint(self, rect: QRectF) -> None:
        """Paint a tile or a caption anew, where the layout has it."""
        self.viewport().update(rect.translated(0, -self.verticalScrollBar().value()).toAlignedRect())

    @Slot(object)
    def _show_values(self, values: dict[TileKey, float]) -> None:
        if values == self._values:
            return
        before, self._values = self._values, values
        for index in self._in_sight():
            key = self._specs[index].key
            if before.get(key) != values.get(key):
                self._repaint(self._layout.caption_rect(index))

    @Slot(object)
    def _show_explanation(self, explanation: Explanation | None) -> None:
        self._explanation = explanation
        self.viewport().update()

    # Layout

    def _arrange(self) -> None:
        document = self._session.document
        height, width = (document.source if self._name == "photo" else document.picture).size
        aspect = min(max(height / width, 0.4), 1.6)
        area = self.viewport().size()
        self._layout = arrange(len(self._specs), area.width(), area.height(), aspect, self._smallest)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - area.height()) if self._specs else 0)
        bar.setPageStep(area.height())
        bar.setSingleStep(self._layout.pitch // 4)
        self._report()
        self.viewport().update()
        self.moved.emit()

    def _wanted(self) -> tuple[TileKey, ...]:
        return tuple(self._specs[place].key for place in self._in_sight())

    def _in_sight(self) -> range:
        top = self.verticalScrollBar().value()
        return self._layout.places_between(top, top + self.viewport().height()) if self._specs else range(0)

    def _report(self) -> None:
        """Tell the scheduler what is in sight."""
        ratio = self.devicePixelRatioF()
        tile = (round(self._layout.tile_height * ratio), round(self._layout.tile_width * ratio))
        keys = self._wanted() if self.isVisible() else ()
        self._scheduler.set_panel(self._name, Panel(tile, keys))

    def _scroll_to(self, index: int) -> None:
        rect = self._layout.tile_rect(index)
        bar = self.verticalScrollBar()
        top, bottom = int(rect.top()) - 30, int(rect.bottom()) + 8
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())

    def _place(self, index: int, view: Viewport | None = None) -> Place:
        """Where a tile is drawn; of several the view, which is the same for all, need not be found for each."""
        rect = self._layout.tile_rect(index).translated(0, -self.verticalScrollBar().value())
        ratio = self.devicePixelRatioF()
        return Place(rect, ratio, view or self._shown_view(self._layout, ratio))

    def _shown_view(self, layout: TileLayout, ratio: float) -> Viewport:
        tile = (round(layout.tile_height * ratio), round(layout.tile_width * ratio))
        shown = photo_view if self._name == "photo" else shown_view
        return shown(self._session.maps, self._session.view, tile)

    def _index_at(self, point: QPointF) -> int | None:
        for index in self._in_sight():
            rect = self._layout.tile_rect(index).united(self._layout.caption_rect(index))
            if rect.translated(0, -self.verticalScrollBar().value()).contains(point):
                return index
        return None

    # Painting

    def _paint_cell(self, painter: QPainter, index: int, shown: Viewport | None, region: QRegion) -> None:
        spec, view = self._specs[index], self._session.view
        of_layer = spec.key.kind not in ("photo", "input")
        place = self._place(index, shown)
        caption = self._layout.caption_rect(index).translated(0, -self.verticalScrollBar().value())
        cell = Cell(
            spec=spec,
            place=place,
            caption=caption if region.intersects(caption.toAlignedRect()) else None,
            shown=self._tiles.get(spec.key) if region.intersects(place.rect.toAlignedRect()) else None,
            value=self._values.get(spec.key),
            unit=1.0 if of_layer else shown_unit(self._session.maps.picture, view),
            marks=self.marks(spec.key),
            veiled=spec.faded or (of_layer and bool(self._session.problems)),
            marked=spec.key == self._marked,
        )
        paint_cell(painter, cell, self.palette(), self._figures)

    # Qt's names

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles that have changed."""
        painter = QPainter(self.viewport())
        offset, region = -self.verticalScrollBar().value(), event.region()
        shown = self._shown_view(self._layout, self.devicePixelRatioF()) if self._specs else None
        for index in self._in_sight():
            cell = self._layout.tile_rect(index).united(self._layout.caption_rect(index)).translated(0, offset)
            if region.intersects(cell.adjusted(-4, -4, 4, 4).toAlignedRect()):
                self._paint_cell(painter, index, shown, region)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), 1, Qt.PenStyle.DotLine))
            painter.drawRect(QRectF(self.viewport().rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._arrange()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """Ask for what comes into sight."""
        self._report()
        self.viewport().update()
        self.moved.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Repaint in the colours of a new palette, or in another font."""
        super().changeEvent(event)
        self._figures = figures_font(self)
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for tiles."""
        super().showEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for none."""
        super().hideEvent(event)
        self._report()
