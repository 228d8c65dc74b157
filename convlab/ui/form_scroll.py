"""A form that scrolls up and down, and is never cut at its sides."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class FormScroll(QScrollArea):
    """As wide as the form needs, its bar included; once widened it stays so, whichever form is shown."""

    def __init__(self, form: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(form)
        self._widen()

    def _widen(self) -> None:
        form = self.widget()
        if form is not None:
            needed = form.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width() + 4
            self.setMinimumWidth(max(self.minimumWidth(), needed))

    # Qt's names

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The form has been laid out anew: another kind of layer."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._widen()
        return super().eventFilter(watched, event)
