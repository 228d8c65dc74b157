"""Plays the sliding window: one output position after another, in row-major order."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from convlab.app.session import Session
from convlab.model.region import Region
from convlab.model.view import ViewState


class Stepper(QObject):
    """Moves the view's pinned pixel over the positions of a region. changed(): index, count or playing is new."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._region: Region | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.set_speed(4)
        session.view_changed.connect(self._view_changed)

    @property
    def count(self) -> int:
        """Steps from the first position to the last."""
        return self._region.size if self._region else 0

    @property
    def index(self) -> int:
        """The step that the pinned pixel is; 0 when it is none of them."""
        pinned, region = self._session.view.pinned, self._region
        if pinned is None or region is None:
            return 0
        row, col = ((p - start) // region.step for p, start in zip(pinned, (region.top, region.left), strict=True))
        inside = 0 <= row < region.rows and 0 <= col < region.cols
        return row * region.cols + col if inside else 0

    @property
    def region(self) -> Region | None:
        """The positions stepped over."""
        return self._region

    @property
    def first(self) -> tuple[int, int] | None:
        """The map pixel (row, column) of the first step; None without a region."""
        return None if self._region is None else (self._region.top, self._region.left)

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    def set_region(self, region: Region | None) -> None:
        """The positions to step over: those in sight."""
        if region != self._region:
            self._region = region
            self.changed.emit()

    @property
    def speed(self) -> int:
        """Steps a second while playing."""
        return self._speed

    def set_speed(self, steps_a_second: int) -> None:
        """While playing."""
        self._speed = steps_a_second
        self._timer.setInterval(max(1, 1000 // steps_a_second))

    def go_to(self, index: int) -> None:
        """Show this step, or the first or last where it lies beyond."""
        if self._region is None:
            return
        row, col = divmod(min(max(index, 0), self.count - 1), self._region.cols)
        step = self._region.step
        self._session.set_view(pinned=(self._region.top + row * step, self._region.left + col * step), stepping=True)

    def step(self, count: int) -> None:
        """Go so many steps on, or back; playing stops."""
        self.pause()
        self.go_to(self.index + count)

    def step_row(self, count: int) -> None:
        """Go to the beginning of a row, so many rows on."""
        if self._region is not None:
            self.pause()
            self.go_to((self.index // self._region.cols + count) * self._region.cols)

    def toggle(self) -> None:
        """Play, from the beginning when at the end; or pause."""
        if self.playing:
            self.pause()
        elif self._region is not None:
            self.go_to(0 if self.index >= self.count - 1 else self.index)
            self._timer.start()
            self.changed.emit()

    def pause(self) -> None:
        """Stay at this step."""
        if self._timer.isActive():
            self._timer.stop()
            self.changed.emit()

    def stop(self) -> None:
        """End stepping: the whole maps are seen again."""
        self.pause()
        self._session.set_view(stepping=False)

    @Slot()
    def _tick(self) -> None:
        if self.index >= self.count - 1:
            self.pause()
        else:
            self.go_to(self.index + 1)

    @Slot(object, object)
    def _view_changed(self, old: ViewState, new: ViewState) -> None:
        if not new.explaining or (new.stepping and new.pinned is None):
            self.pause()
        if (old.pinned, old.stepping) != (new.pinned, new.stepping):
            self.changed.emit()
