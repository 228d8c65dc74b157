"""From a step of the hand to painted pixels, and the longest pause of a fast drag."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from .hand import Hand
from .heartbeat import Heartbeat
from .sight import Sight, changed_size
from .turn import Turn
from .window import LIMIT_S, NothingCameError, OpenWindow

WARM_UP, EDITS = 5, 20
DRAG_EDITS, DRAG_S = 200, 2.0
MAPS = "feature maps"
AWAITED = (MAPS, "contributions of the input channels")
"""The time ends when these show other pixels, as far as they are in sight and the edit changes them at all."""
NOTICED = ("kernel weights", "kernels", "histogram of the chosen map")
"""Of these it is said when they are painted only later."""


class Live:
    """Edits one after the other, each as soon as the one before is seen."""

    def __init__(self, session: str) -> None:
        self._open = OpenWindow(session)
        self._hand = Hand(self._open)
        self._loop = QEventLoop()
        self._soon = QTimer(singleShot=True, interval=0)  # after the whole window is painted
        self._soon.timeout.connect(self._look)
        self._late = QTimer(singleShot=True, interval=int(LIMIT_S * 1000))
        self._late.timeout.connect(self._loop.quit)
        self._wanted: list[Sight] = []
        self._seen = 0.0
        self._awaited = self._sights(AWAITED, self._soon.start)
        self._noticed = self._sights(NOTICED)
        self._drop_unchanging()

    def turn(self) -> Turn:
        """Some edits that do not count, then those that do."""
        self._hand.press()
        self._forget()
        for _ in range(WARM_UP):
            self._edit()
        before = self._awaited[MAPS].shot
        later = dict.fromkeys(self._noticed, 0)
        seconds = []
        for _ in range(EDITS):
            seconds.append(self._edit())
            for name, sight in self._noticed.items():
                later[name] += not sight.painted
                sight.painted = False
        painted = changed_size(before, self._awaited[MAPS].shot)
        self._hand.release()
        self._open.rest()
        made = {"window": self._open.window.size().toTuple(), "tiles that changed": painted}
        return Turn(tuple(seconds), made, tuple(name for name, count in later.items() if count > EDITS / 2))

    def _edit(self) -> float:
        """Seconds from a step of the hand until it is seen and no event is left."""
        self._wanted = list(self._awaited.values())
        self._late.start()
        start = perf_counter()
        self._hand.move()
        self._loop.exec()
        left = perf_counter()
        QApplication.processEvents()
        if self._wanted:
            raise NothingCameError("an edit's maps did not come")
        return self._seen - start + perf_counter() - left

    def _look(self) -> None:
        """Whether all that is awaited is seen; looking itself is not timed."""
        if self._wanted:
            self._seen = perf_counter()
            self._wanted = [sight for sight in self._wanted if not sight.differs()]
        if not self._wanted:
            self._loop.quit()

    def _sights(self, names: tuple[str, ...], tell: Callable[[], None] = lambda: None) -> dict[str, Sight]:
        found = {name: self._open.find(name) for name in names}
        return {name: Sight(widget, tell) for name, widget in found.items() if widget is not None}

    def _forget(self) -> None:
        QApplication.processEvents()
        for sight in (*self._awaited.values(), *self._noticed.values()):
            sight.forget()

    def _drop_unchanging(self) -> None:
        """Wait for nothing that one edit, seen to its end, leaves as it is."""
        self._hand.press()
        self._forget()
        self._hand.move()
        self._hand.release()
        self._open.rest()
        self._awaited = {name: sight for name, sight in self._awaited.items() if sight.differs()}
        self._noticed = {name: sight for name, sight in self._noticed.items() if sight.painted}


class Drag:
    """200 edits in 2 seconds."""

    def __init__(self, session: str) -> None:
        self._open = OpenWindow(session)
        self._hand = Hand(self._open)
        self.turn()

    def turn(self) -> Turn:
        """The longest pause of the window's thread."""
        self._hand.press()
        QApplication.processEvents()
        heart, loop, left = Heartbeat(), QEventLoop(), iter(range(DRAG_EDITS))
        timer = QTimer(interval=int(DRAG_S / DRAG_EDITS * 1000), timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(lambda: loop.quit() if next(left, None) is None else self._hand.move())
        timer.start()
        loop.exec()
        timer.stop()
        heart.stop()
        self._hand.release()
        self._open.rest()
        return Turn((heart.longest,), {"window": self._open.window.size().toTuple()})


live_task, drag_task = Live, Drag
