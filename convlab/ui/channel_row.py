"""One channel of the source: its tile, and the switches beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.model.document import Channel
from convlab.model.maps import LayerMaps
from convlab.model.view import TileKey
from convlab.ui.plain import PlainLabel, bold, channel_text, tip_text
from convlab.ui.theme import channel_color
from convlab.ui.tile_cell import TileSpec
from convlab.ui.tile_grid import TileGrid

MOST_NAME = 9
"""Characters beside a channel's picture; its tip has them all."""


class ChannelRow(QWidget):
    """A channel's tile with use, mute, solo and move.

    switched(index, field, on) and moved(index, offset) say what the person wants; index is the channel's in
    the source.
    """

    switched = Signal(int, str, bool)
    moved = Signal(int, int)

    def __init__(self, index: int, session: Session, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._index = index
        self.grid = TileGrid(f"input {index}", session, scheduler, smallest=24)
        self.grid.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.grid.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._name = bold(PlainLabel())
        self._use = QCheckBox(self.tr("use"))
        self._use.setToolTip(self.tr("Whether this channel enters the layer"))
        self._use.clicked.connect(lambda on: self.switched.emit(self._index, "used", on))
        self._mute = self._switch(self.tr("M"), "muted", self.tr("Mute: the layer reads zeros for this channel"))
        self._solo = self._switch(self.tr("S"), "solo", self.tr("Solo: the layer reads zeros for all other channels"))
        self._up = self._mover("↑", -1, self.tr("Earlier in the layer's input"))
        self._down = self._mover("↓", 1, self.tr("Later in the layer's input"))
        self._lay_out()

    def show_channel(self, maps: LayerMaps, channel: Channel, place: int) -> None:
        """Show the channel's state; `place` counts in the order they are read."""
        name = maps.picture.channel_names[channel.index]
        entering = channel in maps.input_channels
        short = channel_text(name, MOST_NAME)
        title = short if not entering else f"{maps.input_channels.index(channel)} · {short}"
        colors = self._name.palette()
        colors.setColor(QPalette.ColorRole.WindowText, channel_color(name, self.palette()))
        self._name.setPalette(colors)
        self._name.setText(title)
        self._name.setToolTip(tip_text(name) if short != name else "")
        self._use.setChecked(channel.used)
        self._mute.setChecked(channel.muted)
        self._solo.setChecked(channel.solo)
        self._mute.setEnabled(entering)
        self._solo.setEnabled(entering)
        self._up.setEnabled(place > 0)
        self._down.setEnabled(place < len(maps.channels) - 1)
        for control, what in self._names().items():
            control.setAccessibleName(f"{what} {name}")
        self.grid.setAccessibleName(self.tr("input channel {name}").format(name=name))
        faded = not entering or maps.is_silent(channel)
        self.grid.show_tiles((TileSpec(TileKey("input", channel.index), name, name, faded),))

    def _names(self) -> dict[QAbstractButton, str]:
        return {
            self._use: self.tr("use"),
            self._mute: self.tr("mute"),
            self._solo: self.tr("solo"),
            self._up: self.tr("move up"),
            self._down: self.tr("move down"),
        }

    def _switch(self, text: str, field: str, tip: str) -> QToolButton:
        button = self._button(text, tip)
        button.setCheckable(True)
        button.clicked.connect(lambda on: self.switched.emit(self._index, field, on))
        return button

    def _mover(self, text: str, offset: int, tip: str) -> QToolButton:
        button = self._button(text, tip)
        button.clicked.connect(lambda: self.moved.emit(self._index, offset))
        return button

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedSize(24, 22)
        return button

    def _lay_out(self) -> None:
        buttons = QGridLayout()
        buttons.setSpacing(3)
        buttons.addWidget(self._mute, 0, 0)
        buttons.addWidget(self._solo, 0, 1)
        buttons.addWidget(self._up, 1, 0)
        buttons.addWidget(self._down, 1, 1)
        side = QVBoxLayout()
        side.setSpacing(3)
        side.addStretch(1)
        side.addWidget(self._name)
        side.addWidget(self._use)
        side.addLayout(buttons)
        side.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(2)
        row.addWidget(self.grid, 1)
        row.addLayout(side)
