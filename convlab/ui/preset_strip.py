"""A preset's parameters under the kernel: the maps follow while they change."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convlab.app.session import Session
from convlab.model import edits
from convlab.model.document import Document
from convlab.model.edits import Edit, Scope
from convlab.model.message import QT_TRANSLATE_NOOP, message
from convlab.model.presets import Parameter, Preset
from convlab.ui.plain import PlainLabel, bold
from convlab.ui.theme import SPACE, shown
from convlab.ui.typed_number import FractionBox, WholeBox


class PresetStrip(QFrame):
    """Hidden until a preset with parameters is applied. Everything until Done or Cancel is one undo step.

    Each change starts from the document as it was before the preset, so that a kernel that grew for a large
    sigma shrinks again for a small one.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._keys = count()
        self._before: Document | None = None
        self._edit: Callable[[dict[str, float]], Edit] | None = None
        self._label = message("")
        self._key = ""
        self._applying = False
        self._values: dict[str, WholeBox | FractionBox] = {}
        self._title = bold(PlainLabel())
        self._form = QFormLayout()
        self._form.setVerticalSpacing(3)
        self._done = QPushButton(self.tr("Done"))
        self._done.clicked.connect(self._finish)
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.clicked.connect(self.cancel)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._lay_out()
        session.document_changed.connect(self._document_changed)
        self.hide()

    def start(self, preset: Preset, scope: Scope, chosen: tuple[int, int]) -> None:
        """Apply the preset with its defaults, and show its parameters when it has some."""
        self._finish()
        self._before = self._session.document
        self._edit = lambda values: preset_edit(preset, scope, chosen, values)
        title = shown(message(preset.title))
        self._label = message(QT_TRANSLATE_NOOP("model", "preset {name}"), name=title)
        self._key = f"preset {next(self._keys)}"
        self._title.setText(title)
        self.setToolTip(preset.description)
        self._show_parameters(preset.parameters)
        self._apply()
        if preset.parameters:
            self.show()
            next(iter(self._values.values())).setFocus()
        else:
            self._finish()

    @Slot()
    def cancel(self) -> None:
        """Take the preset back."""
        before = self._before
        self._finish()
        if before is not None and self._session.document != before:
            self._session.undo()

    @Slot()
    def _finish(self) -> None:
        self._before = self._edit = None  # its key is never used again, which ends its undo step
        self.hide()

    @Slot()
    def _document_changed(self) -> None:
        """Another edit, or an undo, has the last word: going on from `_before` would take it back."""
        if self._before is not None and not self._applying:
            self._finish()

    @Slot()
    def _apply(self) -> None:
        before, edit = self._before, self._edit
        if before is None or edit is None:
            return
        values = {name: box.value() for name, box in self._values.items()}
        self._applying = True
        try:
            self._session.apply(lambda _: edit(values)(before), self._label, self._key)
        finally:
            self._applying = False

    def _show_parameters(self, parameters: tuple[Parameter, ...]) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self._values = {parameter.name: self._box(parameter) for parameter in parameters}
        for parameter in parameters:
            self._form.addRow(parameter.name, self._values[parameter.name])

    def _box(self, parameter: Parameter) -> WholeBox | FractionBox:
        box: WholeBox | FractionBox
        if parameter.whole:
            box = WholeBox(int(parameter.minimum), int(parameter.maximum))
            box.setSingleStep(int(parameter.step))
            box.setValue(int(parameter.default))
        else:
            box = FractionBox(parameter.minimum, parameter.maximum)
            box.setSingleStep(parameter.step)
            box.setValue(parameter.default)
        box.setAccessibleName(parameter.name)
        box.setToolTip(parameter.doc)
        box.valueChanged.connect(self._apply)
        return box

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._done)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self._title)
        column.addLayout(self._form)
        column.addLayout(buttons)

    # Qt's names

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes the preset back, Enter keeps it."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
        else:
            super().keyPressEvent(event)


def preset_edit(preset: Preset, scope: Scope, chosen: tuple[int, int], values: dict[str, float]) -> Edit:
    """The edit that puts the preset, with these parameters, in its place."""
    if preset.kind == "kernel":
        return lambda document: edits.act_on_kernels(document, scope, chosen, lambda _: preset.kernel(**values))

    def whole_layer(document: Document) -> Document:
        return edits.use_layer_preset(document, preset.layer(_channels(document, preset), **values))

    return whole_layer


def _channels(document: Document, preset: Preset) -> int:
    """How many channels the preset will read: the photo's are the slices of one under a preset of volumes."""
    dims = preset.layer(1).dims
    return document.input_count if dims is None else edits.in_dims(document, dims).input_count
