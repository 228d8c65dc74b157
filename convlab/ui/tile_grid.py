"""A panel of tiles that share one zoom: the mouse and the keys on it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.tiles import fitted_view
from convlab.model.viewport import Viewport
from convlab.ui.rectangle import Rectangle
from convlab.ui.tile_sheet import TileSheet

WHEEL_STEP = 1.25


class TileGrid(TileSheet):
    """Tiles of one kind. Zoom, pan and cursor are the session's, so that all grids move together.

    chosen(TileKey): a tile was clicked, or reached by the arrow keys. clicked(TileKey, (y, x)): where, on the input.
    selected(Region): with Shift a rectangle of input pixels was drawn on the photo. picked((y, x)): the mouse is drawn
    over a photo of which one line is the input.
    """

    chosen = Signal(object)
    clicked = Signal(object, object)
    selected = Signal(object)
    picked = Signal(object)

    def __init__(
        self,
        name: str,
        session: Session,
        scheduler: RenderScheduler,
        smallest: int = 150,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, session, scheduler, smallest, parent)
        self._press: QPointF | None = None
        self._under: QPointF | None = None  # the mouse, also when it rests
        self._moved_below = QTimer(self, singleShot=True, interval=0)
        self._moved_below.timeout.connect(self._point_again)
        self._panned = False
        self._rectangle: Rectangle | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.moved.connect(self._moved_below.start)

    def _picks_line(self) -> bool:
        """Whether the tile is a photo of which one line is the input, so that the mouse moves that line."""
        return self._name == "photo" and self._session.document.reading.line is not None

    # Zoom and pan

    @property
    def zooms_at_pointer(self) -> bool:
        """Whether the mouse is on a tile that can be zoomed."""
        return self._under is not None and self._tile_at(self._under) is not None and not self._picks_line()

    def zoom_by(self, factor: float) -> None:
        """Zoom every tile about the mouse, or about its centre where the mouse is on no tile."""
        self._zoom(factor, self._under if self.zooms_at_pointer else None)

    def zoom_to(self, zoom: float) -> None:
        """The same to so many device pixels per input pixel."""
        if self._specs and not self._picks_line():
            factor = zoom / self._place(0).view.zoom
            self._session.set_view(viewport=self._zoomed(factor, self._under if self.zooms_at_pointer else None))

    def _zoom(self, factor: float, point: QPointF | None) -> None:
        if not self._specs or self._picks_line():
            return
        view = self._zoomed(factor, point)
        whole = fitted_view(self._session.maps, self._session.view.explaining, self._place(0).device_size)
        self._session.set_view(viewport=None if view.zoom <= whole.zoom * 1.001 and factor < 1 else view)

    def _zoomed(self, factor: float, point: QPointF | None) -> Viewport:
        """The view in which what is under the point stays there."""
        place = self._place((self._index_at(point) if point is not None else None) or 0)
        anchor = QPointF(0, 0) if point is None else (point - place.rect.center()) * place.ratio
        return place.view.zoomed(factor, anchor.y(), anchor.x()).kept_inside(*self._session.document.picture.size)

    def _tile_at(self, point: QPointF) -> int | None:
        """The place of the tile, without its caption, under a point."""
        index = self._index_at(point)
        return index if index is not None and self._place(index).rect.contains(point) else None

    def _point_at(self, point: QPointF) -> None:
        """Report what is under the mouse."""
        index = None if self._picks_line() else self._tile_at(point)
        if index is None:
            self._session.set_view(cursor=None, cursor_on=None)
        else:
            kind = self._specs[index].key.kind
            self._session.set_view(cursor=self._place(index).to_input(point), cursor_on=kind)

    @Slot()
    def _point_again(self) -> None:
        """The pixels have moved under a mouse that rests."""
        if self._under is not None and self._press is None:
            self._point_at(self._under)

    def _choose(self, offset: int) -> None:
        keys = [spec.key for spec in self._specs]
        if self._marked in keys:
            place = min(max(keys.index(self._marked) + offset, 0), len(keys) - 1)
            self.chosen.emit(keys[place])

    # Qt's names

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the mouse; with Shift, scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            delta = event.angleDelta()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - (delta.y() or delta.x()))
        elif event.angleDelta().y():
            self._zoom(WHEEL_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a pan, a click, or with Shift on the photo a rectangle."""
        self._press, self._panned = event.position(), False
        index = self._index_at(event.position())
        on_photo = index is not None and self._specs[index].key.kind == "photo"
        if on_photo and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._rectangle = Rectangle(event.position(), self.viewport())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan while a button is down; else report the position under the mouse."""
        self._under = point = event.position()
        if self._rectangle is not None:
            self._rectangle.draw_to(point)
            return
        if self._press is not None and event.buttons() and not self._picks_line():
            self._pan(point)
            return
        index = self._index_at(point)
        if self._picks_line() and self._press is not None and event.buttons() and index is not None:
            self.picked.emit(self._place(index).to_input(point))
        self._point_at(point)

    def _pan(self, point: QPointF) -> None:
        assert self._press is not None
        moved = point - self._press
        index = self._index_at(self._press)
        if index is None or (not self._panned and moved.manhattanLength() < 4):
            return
        self._panned, self._press = True, point
        place = self._place(index)
        view = place.view.panned(moved.y() * place.ratio, moved.x() * place.ratio)
        if self._session.view.viewport is not None:
            self._session.set_view(viewport=view.kept_inside(*self._session.document.picture.size))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the tile that was clicked, or end the rectangle."""
        if self._rectangle is not None:
            self._end_rectangle(event.position())
            return
        index = self._index_at(event.position())
        if self._picks_line() and index is not None:
            self.picked.emit(self._place(index).to_input(event.position()))
            self._session.seal()
        elif self._press is not None and not self._panned and index is not None:
            key, place = self._specs[index].key, self._place(index)
            self.chosen.emit(key)
            if place.rect.contains(event.position()):
                self.clicked.emit(key, place.to_input(event.position()))
        self._press = None

    def _end_rectangle(self, end: QPointF) -> None:
        assert self._press is not None
        assert self._rectangle is not None
        index, size = self._index_at(self._press), self._session.document.source.size
        region = None if index is None else self._rectangle.region(end, self._place(index), size)
        self._rectangle.hide()
        self._rectangle.deleteLater()
        self._rectangle = self._press = None
        if region is not None:
            self.selected.emit(region)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Change between the whole picture and one device pixel a pixel."""
        index = self._index_at(event.position())
        if index is None:
            return
        if self._session.view.viewport is not None:
            self._session.set_view(viewport=None)
        else:
            self._zoom(1 / self._place(index).view.zoom, event.position())

    def leaveEvent(self, _event: QEvent) -> None:
        """No position under the mouse any more."""
        self._under = None
        self._session.set_view(cursor=None, cursor_on=None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a tile, Shift and arrows pan, Escape lets the kept pixel go."""
        columns = self._layout.columns
        steps = {
            Qt.Key.Key_Left: (-1, QPoint(60, 0)),
            Qt.Key.Key_Right: (1, QPoint(-60, 0)),
            Qt.Key.Key_Up: (-columns, QPoint(0, 60)),
            Qt.Key.Key_Down: (columns, QPoint(0, -60)),
        }
        found = steps.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and (self._session.view.resting or self._session.view.pinned_input):
            self._session.set_view(pinned=None, pinned_input=None, offered=None, stepping=False)
        elif found is None or not self._specs:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            view = self._place(0).view.panned(found[1].y(), found[1].x())
            self._session.set_view(viewport=view.kept_inside(*self._session.document.picture.size))
        else:
            self._choose(found[0])

    def viewportEvent(self, event: QEvent) -> bool:
        """Pinch on a touchpad zooms."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1 + event.value(), event.position())
            return True
        return super().viewportEvent(event)
