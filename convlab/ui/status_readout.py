"""The status bar: what is under the cursor, and what is on screen."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QStatusBar, QWidget

from convlab.app.scheduler import RenderScheduler
from convlab.app.session import Session
from convlab.app.tiles import RenderResult
from convlab.model.document import Document
from convlab.model.numbers import value_text
from convlab.model.unit import shown_unit, shown_value
from convlab.model.view import TileKey, ViewState
from convlab.ui.later import Later
from convlab.ui.numbers_only import numbers_only
from convlab.ui.plain import PlainLabel, channel_text
from convlab.ui.steady_label import LabelRoom, SteadyLabel
from convlab.ui.theme import figures_font


class StatusReadout(QStatusBar):
    """Left the position with its values; right busy sign, time, zoom, size, device and dtype."""

    def __init__(self, session: Session, scheduler: RenderScheduler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._readout, self._busy = PlainLabel(), PlainLabel()
        self._time = SteadyLabel(self.tr("preview") + " · 999 ms")
        self._tell_time = Later(self._show_time, self)
        self._result: RenderResult | None = None
        self._zoom, self._size, self._device = PlainLabel(), PlainLabel(), PlainLabel()
        self._readout.setAccessibleName(self.tr("values under the cursor"))
        self.setFont(figures_font(self))
        self._time.setAccessibleName(self.tr("preview or exact, and the time it took"))
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addWidget(LabelRoom(self._readout), 1)
        for label in (self._busy, self._time, self._zoom, self._size, self._device):
            self.addPermanentWidget(label)
        scheduler.probed.connect(self._show_values)
        scheduler.busy.connect(self._show_busy)
        scheduler.rendered.connect(self._show_result)
        session.document_changed.connect(self._document_changed)
        session.view_changed.connect(self._view_changed)
        self._show_document()

    @property
    def what_is_shown(self) -> str:
        """'preview' or 'exact', translated, with the time it took."""
        self._tell_time.now()
        return self._time.text()

    @property
    def readout(self) -> str:
        """The text at the left."""
        return self._readout.text()

    @Slot(object)
    def _show_values(self, values: dict[TileKey, float]) -> None:
        cursor, maps = self._session.view.cursor, self._session.edited
        if cursor is None or not values:
            self._readout.setText("")
            return
        unit = shown_unit(maps.picture, self._session.view)
        parts = [f"({floor(cursor[1])}, {floor(cursor[0])})"]
        for channel in maps.channels:
            value = values.get(TileKey("input", channel.index))
            if value is not None:
                name = channel_text(maps.picture.channel_names[channel.index])
                parts.append(f"{name} {shown_value(value, unit)}")
        chosen = values.get(TileKey("map", self._session.view.chosen_output))
        if chosen is not None:
            parts.append(f"→ out {self._session.view.chosen_output}: {value_text(chosen)}")
        self._readout.setText("  ".join(parts))

    @Slot(bool)
    def _show_busy(self, busy: bool) -> None:
        self._busy.setText(self.tr("⏳ computing…") if busy else "")

    @Slot(object)
    def _show_result(self, result: RenderResult) -> None:
        same, self._result = _same_kind(self._result, result), result
        if not same:
            self._tell_time.stop()
            self._show_time()
            self._time.setToolTip(self._meaning(result))
        elif not self._tell_time.isActive():  # now and then while the hand moves
            self._tell_time.start()

    @Slot()
    def _show_time(self) -> None:
        result = self._result
        if result is None or not result.with_maps:
            self._time.setText("" if self._session.problems else self.tr("starting torch…"))
        else:
            what = self.tr("exact") if result.exact else self.tr("preview")
            self._time.setText(f"{what} · {result.seconds * 1000:.0f} ms")

    def _meaning(self, result: RenderResult) -> str:
        if not result.with_maps:
            return ""
        if result.exact:
            return self.tr(
                "Every pixel was evaluated: where the view is zoomed out each pixel is the mean of the area it covers; "
                "contrast and histogram are the whole map's."
            )
        return self.tr(
            "Each pixel is the layer's exact value at its place; contrast and histogram are of a sample. "
            "All pixels are evaluated when the hand rests."
        )

    @Slot(object, object)
    def _document_changed(self, old: Document, new: Document) -> None:
        if not numbers_only(old, new):
            self._show_document()

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if old.viewport != new.viewport:
            self._show_document()

    def _show_document(self) -> None:
        document, view = self._session.document, self._session.view.viewport
        height, width = document.picture.size
        megapixels = f" · {height * width / 1e6:.3g} MP" if height * width >= 100_000 else ""
        signal = self.tr("{n} samples").format(n=width)
        self._size.setText(signal if self._session.maps.are_signals else f"{width} × {height}{megapixels}")
        self._zoom.setText(self.tr("fit") if view is None else f"{view.zoom * 100:.0f} %")
        self._device.setText(f"{document.conv.spec.device.upper()} · {document.conv.spec.dtype}")


def _same_kind(old: RenderResult | None, new: RenderResult) -> bool:
    """Whether only the time that they took can differ."""
    return old is not None and old.with_maps and new.with_maps and old.exact == new.exact
