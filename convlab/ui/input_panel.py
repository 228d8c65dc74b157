"""The photo, and its channels one by one."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.model import edits
from convlab.model.document import Document
from convlab.model.maps import LayerMaps
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.unit import BYTES, shown_unit, unit_refusal
from convlab.model.view import TileKey, ViewState
from convlab.ui.channel_row import ChannelRow
from convlab.ui.line_bar import LineBar
from convlab.ui.plain import PlainLabel, one_line
from convlab.ui.theme import SPACE, shown
from convlab.ui.tile_cell import TileSpec
from convlab.ui.tile_grid import TileGrid
from convlab.ui.tile_layout import CAPTION, GAP

ROW_HEIGHT = 108
FIRST_WIDTH = 200
_LABELS = {
    "used": QT_TRANSLATE_NOOP("model", "use {name}"),
    "muted": QT_TRANSLATE_NOOP("model", "mute {name}"),
    "solo": QT_TRANSLATE_NOOP("model", "solo {name}"),
}


class InputPanel(QWidget):
    """INPUT: the photo as it is, under it one row for each channel, in the layer's order."""

    def __init__(self, session: Session, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._scheduler = session, scheduler
        self._rows: dict[int, ChannelRow] = {}
        self.photo = TileGrid("photo", session, scheduler, smallest=40)
        self.photo.setAccessibleName(self.tr("photo"))
        self.photo.setToolTip(self.tr("Shift and drag: explore these pixels, 64 × 64 at most"))
        self.photo.clicked.connect(self._pin)
        self.line = LineBar(session)
        self.photo.picked.connect(lambda point: self.line.move_to(*point))
        self._about = PlainLabel()
        self._about.setWordWrap(True)
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._tint = QCheckBox(self.tr("in their colour"))
        self._tint.setToolTip(self.tr("Draw R, G and B in their own colour"))
        self._tint.clicked.connect(lambda on: session.set_view(tinted=on))
        self._bytes = QCheckBox("0…255")
        self._bytes.setAccessibleName(self.tr("values as 0…255"))
        self._bytes.clicked.connect(lambda on: session.set_view(byte_units=on))
        self._channels = QWidget()
        self._list = QVBoxLayout(self._channels)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        self._lay_out()
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._view_changed)
        session.seen_changed.connect(self._seen_changed)
        self._show_document()

    @Slot(object, object)
    def _pin(self, _key: TileKey, position: tuple[float, float]) -> None:
        """While values are explained a click keeps an input pixel; a click on the kept one lets it go."""
        view, (height, width) = self._session.view, self._session.maps.picture.size
        row, col = floor(position[0]), floor(position[1])
        if view.explaining and self._reversible() and 0 <= row < height and 0 <= col < width:
            kept = view.pinned_input == (row, col)
            self._session.set_view(pinned_input=None if kept else (row, col), stepping=False)

    def _reversible(self) -> bool:
        """Whether the maps looked at are made of the input itself, so that a pixel's way to them can be shown."""
        session = self._session
        return not session.problems and session.sees_edited and session.document.reads_source

    def row(self, index: int) -> ChannelRow:
        """The row of the source channel `index`."""
        return self._rows[index]

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        another = self._session.maps.picture is not self._picture
        if another or old.channels != new.channels or old.conv.spec != new.conv.spec:
            self._show_document()

    @Slot()
    def _seen_changed(self) -> None:
        """Another slice of a volume."""
        if self._session.maps.are_volumes:
            self._show_document()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if (old.tinted, old.byte_units) != (new.tinted, new.byte_units):
            self._tint.setChecked(new.tinted)
            self._show_unit()

    def _show_document(self) -> None:
        maps = self._session.maps
        self._picture = maps.picture
        source, (height, width) = maps.picture, maps.photo.size
        frame = self.tr(", frame {n} of {count}").format(n=source.frame + 1, count=source.frames)
        size = self.tr("{n} samples").format(n=width) if source.signal else f"{width} × {height}"
        text = f"{one_line(source.name)}\n{size}, {source.description}{frame if source.frames > 1 else ''}"
        self.photo.setVisible(not maps.are_signals or maps.document.reading.line is not None)
        self._about.setText(text)
        self.photo.show_tiles((TileSpec(TileKey("photo"), self.tr("x: the input")),))
        self._match_rows(maps)
        self._size_photo()
        self._show_unit()

    def _show_unit(self) -> None:
        """The unit's box, off with its reason where the source has no such unit; the person's choice is kept."""
        source, view = self._session.maps.picture, self._session.view
        refusal = unit_refusal(source)
        about = self.tr("Show input values as 0…255 instead of 0…1") if refusal is None else shown(refusal)
        self._bytes.setEnabled(refusal is None)
        self._bytes.setChecked(shown_unit(source, view) == BYTES)
        self._bytes.setToolTip(about)
        self._bytes.setAccessibleDescription(about)

    def _match_rows(self, maps: LayerMaps) -> None:
        wanted = [channel.index for channel in maps.channels]
        for index in [i for i in self._rows if i not in wanted]:
            row = self._rows.pop(index)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for place, channel in enumerate(maps.channels):
            if channel.index not in self._rows:
                self._rows[channel.index] = self._new_row(channel.index)
            row = self._rows[channel.index]
            if self._list.indexOf(row) != place:
                self._list.insertWidget(place, row)
            row.show_channel(maps, channel, place)

    def _new_row(self, index: int) -> ChannelRow:
        row = ChannelRow(index, self._session, self._scheduler)
        row.setFixedHeight(ROW_HEIGHT)
        row.switched.connect(self._switch)
        row.moved.connect(self._move)
        return row

    @Slot(int, str, bool)
    def _switch(self, index: int, field: str, on: bool) -> None:
        name, place = self._session.maps.picture.channel_names[index], self._of_document(index)
        label = message(_LABELS[field], name=name)
        self._session.apply(lambda document: edits.change_channel(document, place, **{field: on}), label)
        self._show_document()  # the button follows the document when the edit was refused

    @Slot(int, int)
    def _move(self, index: int, offset: int) -> None:
        name, place = self._session.maps.picture.channel_names[index], self._of_document(index)
        label = message(QT_TRANSLATE_NOOP("model", "move {name}"), name=name)
        self._session.apply(lambda document: edits.move_channel(document, place, offset), label)

    def _of_document(self, index: int) -> int:
        """The source's channel that a row is of: under a layer of volumes there is a row for each slice read."""
        maps = self._session.maps
        return maps.document.channels[index // len(maps.source_slices)].index if maps.are_volumes else index

    def _size_photo(self) -> None:
        height, width = self._session.document.source.size
        aspect = min(max(height / width, 0.4), 1.6)
        width = self.width() if self.isVisible() else FIRST_WIDTH
        self.photo.setFixedHeight(int((width - 2 * GAP) * min(aspect, 0.9)) + CAPTION + 2 * GAP)

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._channels)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        options = QHBoxLayout()
        options.addWidget(self._tint)
        options.addWidget(self._bytes)
        options.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, 0, 0, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.photo)
        column.addWidget(self.line)
        column.addWidget(self._about)
        column.addLayout(options)
        column.addWidget(scroll, 1)

    # Qt's names

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the photo its share of the height."""
        super().resizeEvent(event)
        self._size_photo()
