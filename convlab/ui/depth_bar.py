"""Which slice of a volume's output is looked at."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from convlab.app.session import Session
from convlab.ui.plain import PlainLabel
from convlab.ui.theme import SPACE, figures_font
from convlab.ui.tone_label import ToneLabel
from convlab.ui.typed_number import WholeBox


class DepthBar(QWidget):
    """There under a layer of volumes: a slider through depth, and the slices of the input that are read."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("slice of the output"))
        self.slider.setPageStep(1)
        self.number = WholeBox(0, 0)
        self.number.setAccessibleName(self.tr("number of the slice"))
        self.about = ToneLabel(tone="quiet")
        self.about.setFont(figures_font(self))
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE + 2, 2, SPACE + 2, 0)
        row.addWidget(PlainLabel(self.tr("slice")))
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        row.addWidget(self.about)
        self.slider.valueChanged.connect(self._set)
        self.number.valueChanged.connect(self._set)
        session.document_changed.connect(self._show)
        session.seen_changed.connect(self._show)
        self._show()

    @Slot(int)
    def _set(self, depth: int) -> None:
        self._session.set_view(depth=depth)

    @Slot()
    def _show(self) -> None:
        maps = self._session.maps
        self.setVisible(maps.are_volumes)
        if not maps.are_volumes:
            return
        last, depth = max(0, maps.depth - 1), self._session.view.depth
        for control in (self.slider, self.number):
            with QSignalBlocker(control):
                control.setRange(0, last)
                control.setValue(depth)
        self.setEnabled(maps.depth > 0)
        slices, count = maps.slices_read
        read = ", ".join(str(n) if n >= 0 else "–" for n in slices[:9])
        text = self.tr("of {out}: reads {read} of {count}")
        self.about.setText(text.format(out=max(0, maps.depth), read=read, count=count))
